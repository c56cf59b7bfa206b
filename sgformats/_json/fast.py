"""JSON by typed decoding, proven to hold nothing else than what was read.

msgspec refuses unknown fields and other types, but of two fields of one name it takes the last, and it
reads more forms of a timestamp than the wire's. So what was read is added up against the payload: a
byte, or a quote, that nothing accounts for leaves the payload to whoever reads thoroughly.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from sgformats._model.scalars import LARGEST_SECONDS, read_timestamps
from sgformats._model.shapes import read_outcome
from sgformats.operations import Method, Operation
from sgformats.records import NO_DETAIL, Count, ErrorDetail, Failure, Listing, Reply, Success

_SMALL = 1024  # Bytes of a payload that is sooner written again than taken apart.
_HINTS: Mapping[str, tuple[Any, ...]] = {
    "text": (str, str | None),
    "timestamp": (datetime, datetime | None),
}
_ITEM = re.compile(r"\$\[([0-9]+)\]")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_write = msgspec.json.Encoder().encode


class _Coded(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    code: int
    message: str


class _Result(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A result in any of its forms; what is not there is UNSET."""

    message: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[str] | msgspec.UnsetType = msgspec.UNSET
    error: _Coded | str | msgspec.UnsetType = msgspec.UNSET
    count: int | msgspec.UnsetType = msgspec.UNSET


class _V3Error(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    message: str
    field: str | msgspec.UnsetType | None = msgspec.UNSET


class _V3Failure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    errors: list[_V3Error]


_read_result = msgspec.json.Decoder(_Result).decode
_read_v3_failure = msgspec.json.Decoder(_V3Failure).decode
# A number as the API writes it, which is read as the same by everybody.
_WHOLE = re.compile(rb'"(?:code|count)"[ \t\r\n]*:[ \t\r\n]*(?:0|[1-9][0-9]{0,14})[ \t\r\n]*[,}]')
_FIRST_OF_V3 = b'{"created"'
_BEGINS_AS_V3 = re.compile(rb'\{"created"[ \t\r\n]*:[ \t\r\n]*[-0-9]')
_FAILURE_OF_V3 = re.compile(rb'\{[ \t\r\n]*"errors"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\{')


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    if isinstance(data, str):
        return None  # It begins as XML does.
    if data.startswith(b"["):
        return _decode_list(data, operation, v3=False)
    if data.startswith(b'{"message"') and data.count(b'"') == 4:
        try:
            message: Any = _read_result(data).message
            return read_outcome(message, (), operation)
        except (msgspec.DecodeError, UnicodeError):
            return None
    return _decode_result(data, operation) if data.startswith(b"{") else None


def looks_like_v3(data: bytes) -> bool:
    """Whether every object begins with a `created`, the first in seconds, as the successor's records do.

    Its failures begin with a list of objects.
    """
    if data.startswith(b"{") and _FAILURE_OF_V3.match(data):
        return True
    first = max(data.find(b"{"), 0)
    if _BEGINS_AS_V3.match(data, first) is None:
        return False
    return data.count(_FIRST_OF_V3) == data.count(b"{")


def decode_v3(data: bytes | str, operation: Operation) -> Reply | None:
    """The same for what the successor answers; an empty list is either's.

    "DELETE … HTTP 204 with an empty body": the delete was done.
    """
    if not data and operation.task == "delete":
        return Success()
    if isinstance(data, str):
        return None
    if data.startswith(b"{"):
        return _decode_v3_failure(data)
    return _decode_list(data, operation, v3=True)


def _decode_list(data: bytes, operation: Operation, v3: bool) -> Listing[Any] | None:
    if operation.task != "get":
        return None
    try:
        records = read_list(data, operation.method, v3)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return None if records is None else Listing(operation.method.name, records)


def _decode_result(data: bytes, operation: Operation) -> Reply | None:
    try:
        found = _read_result(data)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    message, errors, error, count = found.message, found.errors, found.error, found.count
    reply: Reply | None
    if isinstance(message, str):  # Each name and each text is a string of the payload.
        strings, numbers = 2, 0
        texts: tuple[str, ...] = ()
        if errors is not msgspec.UNSET:
            texts = tuple(errors)
            strings += 1 + len(texts)
        reply = read_outcome(message, texts, operation)
    elif isinstance(error, _Coded):
        strings, numbers, reply = 4, 1, Failure(error.message, (), error.code)
    elif isinstance(error, str):
        strings, numbers, reply = 2, 0, Failure(error)
    elif isinstance(count, int) and operation.task == "count":
        strings, numbers, reply = 1, 1, Count(count)
    else:
        return None
    if not _has_no_more(data, strings) or (numbers and len(_WHOLE.findall(data)) != numbers):
        return None
    return reply


def _decode_v3_failure(data: bytes) -> Failure | None:
    try:
        errors = _read_v3_failure(data).errors
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    fields = [error.field for error in errors]
    strings = 1 + sum(2 + (f is not msgspec.UNSET) + isinstance(f, str) for f in fields)
    if not errors or not _has_no_more(data, strings):
        return None
    details = tuple(ErrorDetail(f) if isinstance(f, str) else NO_DETAIL for f in fields)
    told = details if any(isinstance(f, str) for f in fields) else ()
    return Failure("error", tuple(error.message for error in errors), None, told)


class _Shape:
    """What reading the lists of a method needs, looked up once."""

    def __init__(self, method: Method, v3: bool) -> None:
        required = method.required(v3=v3)
        times = [field.name for field in method.fields if field.scalar == "timestamp"]
        kinds = {name: int if v3 and name in times else str for name in method.names}
        row = msgspec.defstruct(
            method.item,
            [
                *((name, kinds[name]) for name in required),
                *((name, kind, None) for name, kind in kinds.items() if name not in required),
            ],
            forbid_unknown_fields=True,
            gc=False,
        )
        # Records as the wire has them, every value still text, unknown fields refused.
        self.decode = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
        # Where texts stand, whether in every record, and what each takes beside itself: quotes for
        # its name and for itself, a colon, and a comma or brace.
        self.texts = tuple(
            (place, name in required, len(name) + 6)
            for place, name in enumerate(method.names)
            if kinds[name] is str
        )
        self.times = tuple(map(method.names.index, times))
        self.few = _Few(method, times[0]) if not v3 and _says_it_all(method, times) else None


def _says_it_all(method: Method, times: list[str]) -> bool:
    """Whether a record class says of itself what the wire's fields are, one timestamp among them."""
    config = method.record.__struct_config__
    if not (config.forbid_unknown_fields and config.omit_defaults):
        return False
    hints = get_type_hints(method.record)
    return len(times) == 1 and all(
        hints[field.name] in _HINTS[field.scalar] for field in method.fields
    )


class _Few:
    """What reading straight into the records of a method needs, looked up once."""

    def __init__(self, method: Method, time: str) -> None:
        kind: Any = tuple[method.record, ...]  # type: ignore[name-defined]
        self.decode: Callable[[bytes], tuple[Any, ...]] = msgspec.json.Decoder(kind).decode
        self.moment: Callable[[Any], Any] = attrgetter(time)


_shape = functools.lru_cache(maxsize=64)(_Shape)


def read_list(data: bytes, method: Method, v3: bool) -> tuple[Any, ...] | None:
    """The records of a list that certainly is valid; None, or an error of msgspec's, for others."""
    shape = _shape(method, v3)
    if shape.few is not None:
        try:
            records = _decode_few(data, shape.few) if _could_be_written(data, shape.few) else None
        except msgspec.ValidationError:
            if b'""' not in data:
                raise  # Only an empty timestamp is valid but not a value of the record.
            records = None
        if records is not None:
            return records
    rows = shape.decode(data)
    columns = method.columns(rows)
    size = 2 * len(rows) + 1 if rows else 2
    strings = 0
    texts = []
    for place, required, around in shape.texts:
        column = columns[place]
        given = column if required or all(column) else [text for text in column if text is not None]
        text = "".join(given)
        size += len(given) * around + (len(text) if text.isascii() else len(text.encode()))
        strings += 2 * len(given)
        texts.append(text)
    for place in shape.times:
        if v3:
            strings += len(rows)
            moments = _moments(columns[place])
        else:
            moments = read_timestamps(columns[place])
        if moments is None:
            return None
        columns[place] = moments
    if not _adds_up(data, size, texts) and not _has_no_more(data, strings):
        return None
    return method.records(columns)


def _could_be_written(data: bytes, few: _Few) -> bool:
    """Whether it is worth a try to write a payload's records again: a long one is tried by its first."""
    if len(data) < _SMALL:
        return True
    end = data.find(b"}") + 1
    return b"\\" not in data and _decode_few(data[:end] + b"]", few) is not None


def count_usual(data: bytes, operation: Operation, v3: bool) -> int | None:
    """How many items of a list come before the first whose names or types are wrong; None for all."""
    shape = _shape(operation.method, v3)
    try:
        (shape.few or shape).decode(data)
    except msgspec.ValidationError as error:
        found = _ITEM.search(str(error))
        return int(found[1]) if found else 0
    except (msgspec.DecodeError, RecursionError):
        return 0
    return None


def _decode_few(data: bytes, few: _Few) -> tuple[Any, ...] | None:
    """The records of a payload that is what writing them gives, but for the marks in timestamps.

    Written, a timestamp has a T where the wire's has a space, so the payload has one space more for
    each, and where no text has a T, spaces for all; a fraction or a zone would be written as well,
    and is looked for.
    """
    records = few.decode(data)
    written = _write(records)
    moments = [at for at in map(few.moment, records) if at is not None]
    given = len(moments)
    if len(_write(moments)) != max(22 * given, 1) + 1:
        return None
    if written.replace(b"T", b" ") == data:
        return records
    if written.replace(b" ", b"T") != data.replace(b" ", b"T"):
        return None
    return records if data.count(b" ") == written.count(b" ") + given else None


def _moments(seconds: list[int]) -> list[Any] | None:
    if seconds and not 0 <= min(seconds) <= max(seconds) <= LARGEST_SECONDS:
        return None
    return [_EPOCH + timedelta(seconds=value) for value in seconds]


def _adds_up(data: bytes, size: int, texts: list[str]) -> bool:
    """Whether a compact payload is as long as the names, marks and values that were read.

    An escape adds what it has more of bytes than of backslashes; only an escaped backslash has less.
    """
    if b"\\" not in data:
        return len(data) == size
    return len(data) == size + data.count(b"\\") and not any("\\" in text for text in texts)


def _has_no_more(data: bytes, strings: int) -> bool:
    """Whether the strings that were read account for every quote but the escaped ones.

    Each has two that are not escaped, so there may be no other if there are just as many. Without its
    escaped backslashes, a backslash before a quote escapes it.
    """
    more = data.count(b'"') - 2 * strings
    return not more or data.replace(b"\\\\", b"").count(b'\\"') == more
