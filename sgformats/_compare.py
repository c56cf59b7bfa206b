"""Compares two payloads and reports each difference with its location in both.

Replies are compared, not bytes: format, order of fields, layout and encoding do not matter.
"""

from __future__ import annotations

from datetime import tzinfo
from functools import cached_property
from typing import Any, Literal

import msgspec

from sgformats._model.zones import Fold
from sgformats._options import CheckedOptions, Mode, check_options
from sgformats._reading.findings import ValuePlaces
from sgformats._scan.document import find_places, read_as, read_document, read_payload
from sgformats._text.payload import MAX_BYTES, Payload
from sgformats._text.positions import Text
from sgformats.errors import Location, quote
from sgformats.operations import Operation, OperationName
from sgformats.records import Count, ErrorDetail, Failure, Json, Listing, Reply, Success

Kind = Literal["changed", "missing", "extra"]


class Difference(msgspec.Struct, frozen=True):
    """One value that differs between two payloads.

    `path` is its path in the first reply, or in the second if only that has the value. `kind` is
    `changed`, `missing` (from the second) or `extra` (only in the second). `a` and `b` are the
    values as text, or None; the location for None is that of the part that lacks the value.
    """

    path: str
    kind: Kind
    a: str | None
    b: str | None
    location_a: Location
    location_b: Location

    @property
    def message(self) -> str:
        """The difference in words."""
        if self.kind == "changed":
            return f"expected {quote(self.a or '')}, found {quote(self.b or '')}"
        if self.kind == "missing":
            return f"missing {quote(self.a or '')}"
        return f"unexpected {quote(self.b or '')}"

    def __str__(self) -> str:
        return f"{self.path or 'the reply'}: {self.message} ({self.location_a}; {self.location_b})"


def compare(
    a: Payload,
    b: Payload,
    operation: OperationName | Operation | None = None,
    *,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> list[Difference]:
    """The differences between the replies of two payloads, in the order of the first payload.

    The payloads may have different formats. The options are those of `parse`; `zone` is the zone of
    timestamps without one, needed to compare them with `json-v3`. Raises what `parse` raises.

    >>> [str(d.message) for d in compare(b'{"message":"success"}', b"<result>success</result>")]
    []
    """
    options = check_options(operation, None, mode, zone, fold, max_bytes)
    one, other = _Side(a, options), _Side(b, options)
    if one.reply == other.reply:
        return []
    kind_a, kind_b = _kind(one.reply), _kind(other.reply)
    if kind_a != kind_b:
        return [Difference("", "changed", kind_a, kind_b, one.place(""), other.place(""))]
    if isinstance(one.reply, Listing):
        return _lists(one, other)
    return _values(one, other, _parts(one.reply), _parts(other.reply), "", "")


class _Side:
    """One of the payloads: its reply, and the location of each value."""

    def __init__(self, data: Payload, options: CheckedOptions) -> None:
        self.reply: Reply = read_payload(data, options)
        self._given = data, options

    @cached_property
    def _read(self) -> tuple[Text, ValuePlaces]:
        """The text and the place of every value; needed only if the replies differ."""
        data, options = self._given
        document = read_document(data, None, options.max_bytes)
        reading = read_as(document, options)
        return document.text, find_places(document, reading.operation)

    def place(self, path: str) -> Location:
        """The location of a value, or of the nearest part around it."""
        names = {"message": ("message", "error.message", "error"), "code": ("error.code",)}
        around = path.partition(".")[0], path.partition("[")[0], ""
        text, places = self._read
        name, (index, native) = next(
            (name, place)
            for name in (*names.get(path, (path,)), *around)
            if (place := places.get(name)) is not None
        )
        return text.location(index, name, native)


def _kind(reply: Reply) -> str:
    if isinstance(reply, Listing):
        return f"a list of {reply.method}"
    return {Success: "a success", Failure: "a failure", Count: "a count"}[type(reply)]


def _parts(reply: Any) -> dict[str, str]:
    """The values of a result or a record as text, by name."""
    parts = {}
    for name in reply.__struct_fields__:
        value = getattr(reply, name)
        if name == "details":
            for number, detail in enumerate(value):
                texts = _parts(detail).items()
                parts.update({f"errors[{number}].{key}": text for key, text in texts})
        elif isinstance(value, ErrorDetail):
            parts.update(_parts(value))
        elif isinstance(value, Json):
            parts[name] = value.text
        elif isinstance(value, tuple):
            parts.update({f"{name}[{number}]": item for number, item in enumerate(value)})
        elif value is not None:
            parts[name] = value if isinstance(value, str) else str(value)
    return parts


def _lists(one: _Side, other: _Side) -> list[Difference]:
    """Pair the records that are equal at the start and the end, then the rest one by one."""
    assert isinstance(one.reply, Listing) and isinstance(other.reply, Listing)
    a, b = one.reply.records, other.reply.records
    most = min(len(a), len(b))
    begin = 0
    while begin < most and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < most - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    found = []
    for number in range(begin, max(len(a), len(b)) - end):
        path = f"[{number}]"
        if number >= len(b) - end:
            there, here = one.place(path), other.place("")
            found.append(Difference(path, "missing", _in_words(a[number]), None, there, here))
        elif number >= len(a) - end:
            here, there = one.place(""), other.place(path)
            found.append(Difference(path, "extra", None, _in_words(b[number]), here, there))
        else:
            found += _values(one, other, _record(a[number]), _record(b[number]), path, path)
    return found


def _record(record: Any) -> dict[str, str]:
    return {f".{name}": text for name, text in _parts(record).items()}


def _in_words(record: Any) -> str:
    return " · ".join(_parts(record).values())


def _values(
    one: _Side,
    other: _Side,
    a: dict[str, str],
    b: dict[str, str],
    path_a: str,
    path_b: str,
) -> list[Difference]:
    found = []
    for name in (*a, *(name for name in b if name not in a)):
        here, there = a.get(name), b.get(name)
        if here == there:
            continue
        kind: Kind = "missing" if there is None else "extra" if here is None else "changed"
        place_a, place_b = one.place(path_a + name), other.place(path_b + name)
        found.append(Difference(path_a + name, kind, here, there, place_a, place_b))
    return found
