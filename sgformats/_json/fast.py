"""The fast reader of JSON: decodes typed values, then proves that the payload holds nothing else.

msgspec refuses unknown fields and wrong types. But it takes the last of several fields of one name,
and it accepts more forms of a timestamp than the API has. So the answer is None unless the payload
has exactly the quotes that its fields need, and the API's form in every timestamp.
"""

from __future__ import annotations

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
_MOST_READERS = 64
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


def decode(data: bytes, operation: Operation) -> Reply | None:
    """The reply of a payload that is certainly valid; quickly None for all others."""
    try:
        if data[:1] == b"[":
            return LISTS[operation.method].read(data) if operation.task == "get" else None
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


def decode_v3(data: bytes, operation: Operation) -> Reply | None:
    """Like `decode`, for answers of API v3. An empty list is the same in both versions.

    "DELETE … HTTP 204 with an empty body": a success.
    """
    if not data and operation.task == "delete":
        return Success()
    try:
        if data[:1] == b"{":
            return None if _may_be_too_large(data) else _decode_v3_failure(data)
        return V3_LISTS[operation.method].read(data) if operation.task == "get" else None
    except _UNREADABLE:
        return None


def _may_be_too_large(data: bytes) -> bool:
    """Whether an answer that is no list may have more values than the full reader accepts."""
    return len(data) > MAX_VALUES and data.count(b'"') > MAX_VALUES


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


class ListReader:
    """Reads the lists of a method."""

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
        rows: Any = list[row]  # type: ignore[valid-type]
        self._method = method
        self._name = method.name
        self._v3 = v3
        self._times = tuple(map(method.names.index, times))
        self._decode_rows: Callable[[bytes], list[Any]] = msgspec.json.Decoder(rows).decode
        self.decode: Callable[[bytes], Any] = self._decode_rows
        self._direct = not v3 and len(times) == 1 and _has_wire_types(method)
        if self._direct:
            records: Any = tuple[method.record, ...]  # type: ignore[name-defined]
            self.decode = msgspec.json.Decoder(records).decode
            self._quotes = _QUOTES * len(required)
            self._time_of = attrgetter(times[0])
            self._others = [attrgetter(name) for name in types if name not in (*required, times[0])]
            # What a payload with timestamps contains if all digits are 0: the field in two usual
            # layouts, and as the last one of a record.
            self._compact = f'"{times[0]}":"0000-00-00 00:00:00"'.encode()
            self._spaced = self._compact.replace(b":", b": ", 1)
            self._closing = self._compact + b"}"
            self._spaced_closing = self._spaced + b"}"

    def read(self, data: bytes) -> Listing[Any] | None:
        """A list that is certainly valid; quickly None for all others.

        The records are decoded directly if all timestamps have the form of the API and no field
        occurs twice. The first quote of a name is never escaped, because a longer name would be
        unknown. So what looks like the field of a timestamp is one, and msgspec has accepted its
        value.
        """
        if not self._direct:
            return self._read_rows(data)
        try:
            records = self.decode(data)
        except _UNREADABLE:
            # Only an empty timestamp is valid and not a value of the record.
            return self._read_rows(data) if b'""' in data else None
        count = len(records)
        more = data.count(b'"') - self._quotes * count
        if more:  # Otherwise no record has more than the required fields.
            shown = data.translate(_ZEROS)
            given = shown.count(self._closing) or shown.count(self._spaced_closing)
            if given != count:
                given = _count_given(list(map(self._time_of, records)))
                if given not in (shown.count(self._compact), shown.count(self._spaced)):
                    return self._read_rows(data)
            if more != _QUOTES * given:
                for read in self._others:
                    given += _count_given(list(map(read, records)))
                if not _are_escaped(data, more - _QUOTES * given):
                    return None
        return Listing(self._name, records)

    def _read_rows(self, data: bytes) -> Listing[Any] | None:
        try:
            columns = self._method.columns(self._decode_rows(data))
        except _UNREADABLE:
            return None
        strings = 0
        for place, column in enumerate(columns):
            integers = self._v3 and place in self._times
            strings += len(column) if integers else 2 * _count_given(column)
        for place in self._times:
            read = _read_seconds if self._v3 else read_timestamps
            moments = read(columns[place])
            if moments is None:
                return None
            columns[place] = moments
        if not _has_strings(data, strings):
            return None
        return Listing(self._name, self._method.records(columns))


class _Readers(dict[Method, ListReader]):
    """The readers of the lists of methods, made at their first use."""

    def __init__(self, v3: bool) -> None:
        super().__init__()
        self._v3 = v3

    def __missing__(self, method: Method) -> ListReader:
        if len(self) >= _MOST_READERS:
            self.clear()
        self[method] = reader = ListReader(method, self._v3)
        return reader


LISTS = _Readers(v3=False)
V3_LISTS = _Readers(v3=True)


def count_ordinary(data: bytes, operation: Operation, v3: bool) -> int | None:
    """The number of items before the first with wrong names or types; None if there is none."""
    try:
        (V3_LISTS if v3 else LISTS)[operation.method].decode(data)
    except msgspec.ValidationError as error:
        found = re.search(r"\$\[([0-9]+)\]", str(error))
        return int(found[1]) if found else 0
    except (msgspec.DecodeError, RecursionError):
        return 0
    return None


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
