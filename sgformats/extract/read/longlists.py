"""Read long lists in two scans, one to validate and one for the rows, to hold few records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
"""Bytes from which on the records of an answer are not all held at once."""

_HEAD = 1 << 16


class Rows(NamedTuple):
    """Some records, and their numbers in their list."""

    records: Sequence[Record]
    indexes: Sequence[int]


class LongList(NamedTuple):
    """A scanned list: its outcome, and a second scan for its rows."""

    outcome: Extracted
    rows: Callable[[], Iterator[Rows]]


def read_long_list(exchange: Exchange, options: Options) -> LongList | None:
    """The outcome of a body that is a list; None if it is not, or if its call is unknown."""
    request, body = exchange.request, exchange.body or b""
    name = options.operation if request is None else request.operation
    if skip_reason(exchange) or name is None or find_operation(name).task != "get":
        return None
    operation = find_operation(name)
    asked: Format | None = "json-v3" if request and request.format == "json-v3" else None
    head = body[:_HEAD]
    opening = _open(head)
    if opening is None:
        return None
    chars = head[opening.mark :].decode(opening.encoding, "replace")
    if opening.format == "json" and (asked or (operation.in_v3 and shows_v3(chars))):
        opening = opening._replace(format="json-v3")
    source = _LongSource(body, operation, opening, options)
    try:
        outcome = source.survey(exchange.fault)
    except NotAListError:
        return None
    return LongList(outcome, source.rows if outcome.kept else lambda: iter(()))


class _Opening(NamedTuple):
    format: Format
    encoding: str
    mark: int


def _open(head: bytes) -> _Opening | None:
    """The format and encoding at the start of a body; None if it is not a list."""
    try:
        opening = _Opening(*find_encoding(head))
    except DecodeError:
        damaged = open_damaged(head)
        if damaged is None:
            return None
        opening = _Opening(damaged[0], damaged[1].encoding, damaged[1].mark)
    chars = head[opening.mark :].decode(opening.encoding, "replace")
    if opening.format == "json" and not chars.lstrip(WHITE).startswith("["):
        return None
    return opening


class _LongSource:
    def __init__(
        self, body: bytes, operation: Operation, opening: _Opening, options: Options
    ) -> None:
        self._body = body
        self._operation = operation
        self._opening = opening
        self._options = options
        self._zone = find_zone(options.zone, options.fold)

    def survey(self, fault: Problem | None) -> Extracted:
        """The outcome of the list, without its records; a `fault` is one of the capture."""
        costly = None
        problems = lost = records = 0
        strict = self._options.mode == "strict"
        for found in self._scan():
            if isinstance(found, Broken):
                if found.state == BEFORE and costly is None and self._is_told():
                    # The encoding declaration is lost: only ASCII is certain.
                    self._opening = self._opening._replace(encoding="US-ASCII")
                    return self.survey(fault)
                costly = costly or found.problem
                problems += 1
            elif isinstance(found, Single):
                bad = [each for each in found.problems if strict or not each.tolerable]
                costly = costly or next(iter(bad), None)
                problems += len(bad)
            elif isinstance(found, Lost):
                lost += found.size
            records += len(_rows_of(found, strict).records)
        name, format = self._operation.name, self._opening.format
        if costly is None and fault is None:
            reply: Listing[Any] = Listing(self._operation.method.name)
            return Extracted("whole", name, format, reply, kept=records)
        outcome = Extracted("partial" if records else "rejected", name, format, kept=records)
        problems += fault is not None
        return outcome._replace(problem=fault or costly, problems=problems, lost=lost)

    def rows(self) -> Iterator[Rows]:
        """The records, group by group."""
        strict = self._options.mode == "strict"
        for found in self._scan():
            rows = _rows_of(found, strict)
            if rows.records:
                yield rows

    def _is_told(self) -> bool:
        """Whether the encoding came from a declaration that may be damaged."""
        told = self._opening.encoding
        return self._opening.format == "xml" and told != "US-ASCII" and not self._opening.mark

    def _scan(self) -> Iterator[Found]:
        format, encoding, mark = self._opening
        body = memoryview(self._body)
        chunks = (bytes(body[at : at + _HEAD]) for at in range(mark, len(body), _HEAD))
        window = Window(
            Text("", encoding, mark), Decoding(iter(chunks), encoding, error_handler(encoding))
        )
        window.more()
        return scan(window, self._operation, format, self._zone, max_chars=self._options.max_bytes)


def _rows_of(found: Found, strict: bool) -> Rows:
    if isinstance(found, Group):
        return Rows(found.records, range(found.first, found.first + len(found.records)))
    if isinstance(found, Single) and found.record is not None and found.number is not None:
        refused = strict and found.problems
        return Rows((), ()) if refused else Rows((found.record,), (found.number,))
    return Rows((), ())
