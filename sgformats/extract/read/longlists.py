"""Read a long list in two scans, for its outcome and for its rows, and hold few records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sgformats._model.items import NotAListError
from sgformats._model.zones import find_zone
from sgformats._scan.found import BEFORE, Broken, Found, Group, Lost, Single
from sgformats._scan.sampling import shows_v3
from sgformats._scan.scan import scan
from sgformats._text.damaged import open_damaged
from sgformats._text.encodings import find_encoding
from sgformats._text.payload import WHITE, Format
from sgformats._text.positions import Text, error_handler
from sgformats._text.window import Decoding, Window
from sgformats.captures.exchange import Exchange
from sgformats.captures.skipping import skip_reason
from sgformats.errors import DecodeError, Problem
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import Extracted
from sgformats.operations import Operation, find_operation
from sgformats.records import Listing, Record

LONG = 1 << 20
"""The size in bytes from which a list is read in two scans."""

_HEAD = 1 << 16


class Rows(NamedTuple):
    """Some records of a list, and their positions in it."""

    records: Sequence[Record]
    indexes: Sequence[int]


class LongList(NamedTuple):
    """The outcome of a list, and a function that scans it again for its rows."""

    outcome: Extracted
    rows: Callable[[], Iterator[Rows]]


def read_long_list(exchange: Exchange, options: Options) -> LongList | None:
    """Scan a body that is a list; None if it is not a list, or if its call is unknown."""
    request, body = exchange.request, exchange.body or b""
    name = options.operation if request is None else request.operation
    if skip_reason(exchange) or name is None or find_operation(name).task != "get":
        return None
    operation = find_operation(name)
    head = body[:_HEAD]
    opening = _find_opening(head)
    if opening is None:
        return None
    if opening.format == "json":
        is_v3 = request is not None and request.format == "json-v3"
        if is_v3 or (operation.in_v3 and shows_v3(opening.decode(head))):
            opening = opening._replace(format="json-v3")
    source = _LongSource(body, operation, opening, options)
    try:
        outcome = source.find_outcome(exchange.fault)
    except NotAListError:
        return None
    return LongList(outcome, source.rows if outcome.kept else lambda: iter(()))


class _Opening(NamedTuple):
    """The format and encoding of a body; `mark` is the size of its byte-order mark."""

    format: Format
    encoding: str
    mark: int

    def decode(self, head: bytes) -> str:
        return head[self.mark :].decode(self.encoding, "replace")


def _find_opening(head: bytes) -> _Opening | None:
    """How a body begins; None if it is not a list."""
    try:
        opening = _Opening(*find_encoding(head))
    except DecodeError:
        damaged = open_damaged(head)
        if damaged is None:
            return None
        opening = _Opening(damaged[0], damaged[1].encoding, damaged[1].mark)
    if opening.format == "json" and not opening.decode(head).lstrip(WHITE).startswith("["):
        return None
    return opening


@dataclass
class _LongSource:
    _body: bytes
    _operation: Operation
    _opening: _Opening
    _options: Options

    def find_outcome(self, fault: Problem | None) -> Extracted:
        """The outcome of the list, without its records; `fault` is a problem of the capture."""
        first = None
        problems = lost = records = 0
        strict = self._options.mode == "strict"
        for found in self._scan():
            if isinstance(found, Broken):
                if found.state == BEFORE and first is None and self._depends_on_declaration():
                    # The encoding declaration is damaged: only ASCII is certain.
                    self._opening = self._opening._replace(encoding="US-ASCII")
                    return self.find_outcome(fault)
                first = first or found.problem
                problems += 1
            elif isinstance(found, Single):
                costly = [each for each in found.problems if strict or not each.tolerable]
                first = first or next(iter(costly), None)
                problems += len(costly)
            elif isinstance(found, Lost):
                lost += found.size
            records += len(_rows_of(found, strict).records)
        name, format = self._operation.name, self._opening.format
        if first is None and fault is None:
            reply: Listing[Any] = Listing(self._operation.method.name)
            return Extracted("whole", name, format, reply, kept=records)
        return Extracted(
            "partial" if records else "rejected",
            name,
            format,
            kept=records,
            problem=fault or first,
            problems=problems + (fault is not None),
            lost=lost,
        )

    def rows(self) -> Iterator[Rows]:
        """The records, group by group."""
        strict = self._options.mode == "strict"
        return (
            rows for rows in (_rows_of(found, strict) for found in self._scan()) if rows.records
        )

    def _depends_on_declaration(self) -> bool:
        """Whether the encoding may come from an XML declaration."""
        format, encoding, mark = self._opening
        return format == "xml" and encoding != "US-ASCII" and not mark

    def _scan(self) -> Iterator[Found]:
        format, encoding, mark = self._opening
        body = memoryview(self._body)
        chunks = (bytes(body[at : at + _HEAD]) for at in range(mark, len(body), _HEAD))
        window = Window(
            Text("", encoding, mark), Decoding(iter(chunks), encoding, error_handler(encoding))
        )
        window.more()
        zone = find_zone(self._options.zone, self._options.fold)
        return scan(window, self._operation, format, zone, max_chars=self._options.max_bytes)


def _rows_of(found: Found, strict: bool) -> Rows:
    if isinstance(found, Group):
        return Rows(found.records, range(found.first, found.first + len(found.records)))
    if isinstance(found, Single) and found.record is not None and found.number is not None:
        is_refused = strict and found.problems
        return Rows((), ()) if is_refused else Rows((found.record,), (found.number,))
    return Rows((), ())
