"""The fast reader of JSON: decodes typed values, then proves that the payload holds nothing else.

msgspec refuses unknown fields and wrong types. But it takes the last of several fields of one name,
and it accepts more forms of a timestamp than the API has. So the size of the values, or the number
of their quotes, is compared with the payload; if they differ, the answer is None.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, get_type_hints

import msgspec

from sgformats._model.scalars import EPOCH, LARGEST_SECONDS, read_timestamps
from sgformats._model.shapes import read_outcome
from sgformats._text.payload import MAX_VALUES
from sgformats.operations import Method, Operation
from sgformats.records import NO_DETAIL, Count, ErrorDetail, Failure, Listing, Reply, Success

_SMALL = 1024  # Up to so many bytes, writing the records again is the fastest proof.
_TYPES: Mapping[str, tuple[Any, ...]] = {
    "text": (str, str | None),
    "timestamp": (datetime, datetime | None),
}
_FEW = 8  # Up to so many timestamps, looking at each is the fastest check.
_ITEM = re.compile(r"\$\[([0-9]+)\]")
_write = msgspec.json.Encoder().encode


class _ErrorWithCode(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    code: int
    message: str


class _Result(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """A result in any of its forms; missing members are UNSET."""

    message: str | msgspec.UnsetType = msgspec.UNSET
    errors: list[str] | msgspec.UnsetType = msgspec.UNSET
    error: _ErrorWithCode | str | msgspec.UnsetType = msgspec.UNSET
    count: int | msgspec.UnsetType = msgspec.UNSET


class _V3Error(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    message: str
    field: str | msgspec.UnsetType | None = msgspec.UNSET


class _V3Failure(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    errors: list[_V3Error]


_read_result = msgspec.json.Decoder(_Result).decode
_read_v3_failure = msgspec.json.Decoder(_V3Failure).decode
_UNREADABLE = (msgspec.DecodeError, UnicodeError, RecursionError)
# A number as the API writes it; all JSON parsers read the same value.
_NUMBER = re.compile(rb'"(?:code|count)"[ \t\r\n]*:[ \t\r\n]*(?:0|[1-9][0-9]{0,14})[ \t\r\n]*[,}]')
_V3_RECORD_START = b'{"created"'
_V3_RECORD = re.compile(rb'\{"created"[ \t\r\n]*:[ \t\r\n]*[-0-9]')
_V3_FAILURE = re.compile(rb'\{[ \t\r\n]*"errors"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*\{')


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply of a payload that is certainly valid; quickly None for all others."""
    if isinstance(data, str):
        return None  # It begins like XML.
    try:
        if data[:1] == b"[":
            return _decode_list(data, operation, v3=False)
        if data[:1] != b"{" or _may_be_too_large(data):
            return None
        if data.startswith(b'{"message"') and data.count(b'"') == 4:
            message: Any = _read_result(data).message
            return read_outcome(message, (), operation)
        return _decode_result(data, operation)
    except _UNREADABLE:
        return None


def looks_like_v3(data: bytes) -> bool:
    """Whether all objects begin with `created`, the first in seconds, or errors are objects."""
    if data.startswith(b"{") and _V3_FAILURE.match(data):
        return True
    first = max(data.find(b"{"), 0)
    if _V3_RECORD.match(data, first) is None:
        return False
    return data.count(_V3_RECORD_START) == data.count(b"{")


def decode_v3(data: bytes | str, operation: Operation) -> Reply | None:
    """Like `decode`, for answers of API v3. An empty list is the same in both versions.

    "DELETE … HTTP 204 with an empty body": a success.
    """
    if not data and operation.task == "delete":
        return Success()
    if isinstance(data, str):
        return None
    try:
        if data[:1] == b"{":
            return None if _may_be_too_large(data) else _decode_v3_failure(data)
        return _decode_list(data, operation, v3=True)
    except _UNREADABLE:
        return None


def _may_be_too_large(data: bytes) -> bool:
    """Whether an answer that is no list may have more values than the full reader accepts."""
    return len(data) > MAX_VALUES and data.count(b'"') > MAX_VALUES


def _decode_list(data: bytes, operation: Operation, v3: bool) -> Listing[Any] | None:
    records = read_list(data, operation.method, v3) if operation.task == "get" else None
    return None if records is None else Listing(operation.method.name, records)


def _decode_result(data: bytes, operation: Operation) -> Reply | None:
    found = _read_result(data)
    message, errors, error, count = found.message, found.errors, found.error, found.count
    reply: Reply | None
    strings, numbers = 2, 0  # How many keys and texts, and how many numbers, the payload holds.
    if isinstance(message, str):
        texts: tuple[str, ...] = ()
        if errors is not msgspec.UNSET:
            texts = tuple(errors)
            strings += 1 + len(texts)
        reply = read_outcome(message, texts, operation)
    elif isinstance(error, _ErrorWithCode):
        strings, numbers, reply = 4, 1, Failure(error.message, (), error.code)
    elif isinstance(error, str):
        reply = Failure(error)
    elif isinstance(count, int) and operation.task == "count":
        strings, numbers, reply = 1, 1, Count(count)
    else:
        return None
    if not _has_strings(data, strings) or (numbers and len(_NUMBER.findall(data)) != numbers):
        return None
    return reply


def _decode_v3_failure(data: bytes) -> Failure | None:
    errors = _read_v3_failure(data).errors
    fields = [error.field for error in errors]
    strings = 1 + sum(2 + (f is not msgspec.UNSET) + isinstance(f, str) for f in fields)
    if not errors or not _has_strings(data, strings):
        return None
    details = tuple(ErrorDetail(f) if isinstance(f, str) else NO_DETAIL for f in fields)
    if all(detail is NO_DETAIL for detail in details):
        details = ()
    return Failure("error", tuple(error.message for error in errors), None, details)


class _RowDecoder:
    """Decodes the lists of a method to rows of plain values."""

    def __init__(self, method: Method, v3: bool) -> None:
        required = method.required(v3=v3)
        times = [field.name for field in method.fields if field.scalar == "timestamp"]
        types = {name: int if v3 and name in times else str for name in method.names}
        row = msgspec.defstruct(
            method.item,
            [
                *((name, types[name]) for name in required),
                *((name, type_, None) for name, type_ in types.items() if name not in required),
            ],
            forbid_unknown_fields=True,
            gc=False,
        )
        self.decode = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
        # For each text field: its place, whether it is required, and the size of what is around its
        # value: its name, four quotes, a colon, and a comma or brace.
        self.texts = tuple(
            (place, name in required, len(name) + 6)
            for place, name in enumerate(method.names)
            if types[name] is str
        )
        self.times = tuple(map(method.names.index, times))
        self.direct = None
        if not v3 and _has_wire_types(method, times):
            self.direct = _RecordDecoder(method, times[0])


def _has_wire_types(method: Method, times: list[str]) -> bool:
    """Whether a record class has the types of the payload's fields, one of them a timestamp."""
    config = method.record.__struct_config__
    if not (config.forbid_unknown_fields and config.omit_defaults):
        return False
    hints = get_type_hints(method.record)
    return len(times) == 1 and all(
        hints[field.name] in _TYPES[field.scalar] for field in method.fields
    )


class _RecordDecoder:
    """Decodes the lists of a method directly to its records."""

    def __init__(self, method: Method, time: str) -> None:
        type_: Any = tuple[method.record, ...]  # type: ignore[name-defined]
        self.decode: Callable[[bytes], tuple[Any, ...]] = msgspec.json.Decoder(type_).decode
        self.time_of: Callable[[Any], Any] = attrgetter(time)


_decoder = functools.lru_cache(maxsize=64)(_RowDecoder)


def read_list(data: bytes, method: Method, v3: bool) -> tuple[Any, ...] | None:
    """The records of a list that is certainly valid; None, or an error of msgspec, for others."""
    decoder = _decoder(method, v3)
    direct = decoder.direct
    if direct is not None:
        try:
            plain = data
            if b"\\" in data and b"\\\\" not in data:
                plain = data.replace(b"\\/", b"/")  # PHP writes every slash with an escape.
            is_worth_it = len(data) < _SMALL or _begins_usually(plain, direct)
            records = _decode_directly(plain, direct) if is_worth_it else None
        except msgspec.ValidationError:
            if b'""' not in data:
                raise  # Only an empty timestamp is valid and not a value of the record.
            records = None
        if records is not None:
            return records
    rows = decoder.decode(data)
    columns = method.columns(rows)
    size = 2 * len(rows) + 1 if rows else 2
    strings = 0
    texts = []
    for place, required, around in decoder.texts:
        column = columns[place]
        given = column if required or all(column) else [text for text in column if text is not None]
        text = "".join(given)
        size += len(given) * around + (len(text) if text.isascii() else len(text.encode()))
        strings += 2 * len(given)
        texts.append(text)
    for place in decoder.times:
        if v3:
            strings += len(rows)
            moments = _read_seconds(columns[place])
        else:
            moments = read_timestamps(columns[place])
        if moments is None:
            return None
        columns[place] = moments
    if not _has_size(data, size, texts) and not _has_strings(data, strings):
        return None
    return method.records(columns)


def _begins_usually(data: bytes, direct: _RecordDecoder) -> bool:
    """Whether `_decode_directly` is likely to succeed with a long list, by its first record."""
    end = data.find(b"}") + 1
    return b"\\" not in data and _decode_directly(data[:end] + b"]", direct) is not None


def count_ordinary(data: bytes, operation: Operation, v3: bool) -> int | None:
    """The number of items before the first with wrong names or types; None if there is none."""
    decoder = _decoder(operation.method, v3)
    try:
        (decoder.direct or decoder).decode(data)
    except msgspec.ValidationError as error:
        found = _ITEM.search(str(error))
        return int(found[1]) if found else 0
    except (msgspec.DecodeError, RecursionError):
        return 0
    return None


def _decode_directly(data: bytes, direct: _RecordDecoder) -> tuple[Any, ...] | None:
    """The records, if writing them again gives the payload, apart from the timestamps.

    msgspec writes a timestamp with a T, the API with a space. So the payload has one more space for
    each or, if no text has a T, spaces instead of all Ts. A fraction or a zone would be written too,
    so the size of the timestamps is checked.
    """
    records = direct.decode(data)
    written = _write(records)
    moments = [at for at in map(direct.time_of, records) if at is not None]
    if len(moments) > _FEW:
        if len(_write(moments)) != 22 * len(moments) + 1:
            return None
    else:
        for at in moments:
            if at.microsecond or at.tzinfo is not None:
                return None
    if written.replace(b"T", b" ") == data:
        return records
    if written.replace(b" ", b"T") != data.replace(b" ", b"T"):
        return None
    more = data.count(b" ") - written.count(b" ")
    return records if more == len(moments) else None


def _read_seconds(seconds: list[int]) -> list[Any] | None:
    if seconds and not 0 <= min(seconds) <= max(seconds) <= LARGEST_SECONDS:
        return None
    return [EPOCH + timedelta(seconds=value) for value in seconds]


def _has_size(data: bytes, size: int, texts: list[str]) -> bool:
    """Whether a payload without white space has the size of the values that were read.

    An escape adds as many bytes as it has backslashes, except an escaped backslash, which has two.
    """
    if b"\\" not in data:
        return len(data) == size
    return len(data) == size + data.count(b"\\") and not any("\\" in text for text in texts)


def _has_strings(data: bytes, strings: int) -> bool:
    """Whether a payload holds exactly so many strings.

    Each has two quotes; every other quote must be escaped. Once escaped backslashes are removed, a
    backslash before a quote escapes it.
    """
    more = data.count(b'"') - 2 * strings
    return not more or data.replace(b"\\\\", b"").count(b'\\"') == more
