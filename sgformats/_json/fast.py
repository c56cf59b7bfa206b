"""The fast reader of JSON: decodes typed values, then proves that the payload holds nothing else.

msgspec refuses unknown fields and wrong types. But it takes the last of several fields of one name,
and it accepts more forms of a timestamp than the API has. So the answer is None unless the payload
has exactly the quotes that its fields need, and the API's form in every timestamp.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec

from sgformats._model.outcomes import read_outcome
from sgformats._model.scalars import EPOCH, LARGEST_SECONDS, read_timestamps
from sgformats._text.payload import MAX_VALUES
from sgformats.operations import Method, Operation
from sgformats.records import NO_DETAIL, Count, ErrorDetail, Failure, Listing, Reply, Success

_TYPES: Mapping[str, Any] = {"text": str, "timestamp": datetime}
_QUOTES = 4  # Of a field: two around its name, and two around its value.
_ZEROS = bytes.maketrans(b"123456789", b"000000000")


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
        self.times = tuple(map(method.names.index, times))
        self.direct = None
        if not v3 and len(times) == 1 and _has_wire_types(method):
            self.direct = _RecordDecoder(method, times[0])


def _has_wire_types(method: Method) -> bool:
    """Whether a record class accepts exactly the fields of a payload, with their types."""
    expected = {
        name: (_TYPES[scalar], True) if required else (_TYPES[scalar] | None, None)
        for name, scalar, required in map(msgspec.structs.astuple, method.fields)
    }
    found = {
        field.name: (field.type, field.required or field.default)
        for field in msgspec.structs.fields(method.record)
    }
    return method.record.__struct_config__.forbid_unknown_fields and found == expected


class _RecordDecoder:
    """Decodes the lists of a method directly to its records.

    `closing`, `compact` and `spaced` are what a payload with timestamps contains if all digits are
    0: the field as the last one of a record, and anywhere in two usual layouts.
    """

    def __init__(self, method: Method, time: str) -> None:
        type_: Any = tuple[method.record, ...]  # type: ignore[name-defined]
        self.decode: Callable[[bytes], tuple[Any, ...]] = msgspec.json.Decoder(type_).decode
        self.quotes = _QUOTES * len(method.required())
        self.time_of: Callable[[Any], Any] = attrgetter(time)
        self.others = [
            attrgetter(field.name)
            for field in method.fields
            if not field.required and field.name != time
        ]
        self.compact = f'"{time}":"0000-00-00 00:00:00"'.encode()
        self.spaced = self.compact.replace(b":", b": ", 1)
        self.closing = self.compact + b"}"


_decoder = functools.lru_cache(maxsize=64)(_RowDecoder)


def read_list(data: bytes, method: Method, v3: bool) -> tuple[Any, ...] | None:
    """The records of a list that is certainly valid; None, or an error of msgspec, for others."""
    decoder = _decoder(method, v3)
    if decoder.direct is not None:
        try:
            records = _decode_directly(data, decoder.direct)
        except msgspec.ValidationError:
            if b'""' not in data:
                raise  # Only an empty timestamp is valid and not a value of the record.
            records = None
        if records is not None:
            return records
    columns = method.columns(decoder.decode(data))
    strings = 0
    for place, column in enumerate(columns):
        strings += len(column) if v3 and place in decoder.times else 2 * _count_given(column)
    for place in decoder.times:
        moments = _read_seconds(columns[place]) if v3 else read_timestamps(columns[place])
        if moments is None:
            return None
        columns[place] = moments
    return method.records(columns) if _has_strings(data, strings) else None


def count_ordinary(data: bytes, operation: Operation, v3: bool) -> int | None:
    """The number of items before the first with wrong names or types; None if there is none."""
    decoder = _decoder(operation.method, v3)
    try:
        (decoder.direct or decoder).decode(data)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\[([0-9]+)\]", str(error))
        return int(found[1]) if found else 0
    except (msgspec.DecodeError, RecursionError):
        return 0
    return None


def _decode_directly(data: bytes, direct: _RecordDecoder) -> tuple[Any, ...] | None:
    """The records, if all timestamps have the form of the API and no field occurs twice.

    The first quote of a name is never escaped, because a longer name would be unknown. So what
    looks like the field of a timestamp is one, and msgspec has accepted its value.
    """
    records = direct.decode(data)
    more = data.count(b'"') - direct.quotes * len(records)
    if not more:
        return records  # No record has more than the required fields.
    shown = data.translate(_ZEROS)
    given = shown.count(direct.closing)
    if given != len(records):
        given = _count_given(list(map(direct.time_of, records)))
        if given not in (shown.count(direct.compact), shown.count(direct.spaced)):
            return None
    for read in direct.others:
        given += _count_given(list(map(read, records)))
    return records if _are_escaped(data, more - _QUOTES * given) else None


def _count_given(column: list[Any]) -> int:
    """How many values are not None."""
    return len(column) if all(column) else len(column) - column.count(None)


def _read_seconds(seconds: list[int]) -> list[Any] | None:
    if seconds and not 0 <= min(seconds) <= max(seconds) <= LARGEST_SECONDS:
        return None
    return [EPOCH + timedelta(seconds=value) for value in seconds]


def _has_strings(data: bytes, strings: int) -> bool:
    """Whether a payload holds exactly so many strings: each has two quotes, all others are escaped."""
    return _are_escaped(data, data.count(b'"') - 2 * strings)


def _are_escaped(data: bytes, quotes: int) -> bool:
    """Whether exactly so many quotes are escaped.

    Once escaped backslashes are removed, a backslash before a quote escapes it.
    """
    return not quotes or data.replace(b"\\\\", b"").count(b'\\"') == quotes
