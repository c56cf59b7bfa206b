"""Answers that are too large to be held: their lists are scanned, once to judge and once for the rows."""

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
from sgformats._text.positions import Text, kept
from sgformats._text.window import Decoding, Window
from sgformats.captures.exchange import Exchange
from sgformats.errors import DecodeError, Problem
from sgformats.extract.options import Options
from sgformats.extract.outcome import Extracted
from sgformats.operations import Operation, find_operation
from sgformats.records import Listing, Record

HOLD = 1 << 20
"""Bytes of a payload, or of a line, that are held as a whole."""

HEAD = 1 << 16
"""Bytes of a body that show whether it is a list."""


class Huge(NamedTuple):
    """A body of `size` bytes that comes in `chunks`, as often as is wanted."""

    size: int
    chunks: Callable[[], Iterator[bytes]]

    def whole(self) -> bytes:
        """All of it."""
        return b"".join(self.chunks())

    def part(self, start: int, stop: int) -> bytes:
        """The bytes from an index up to another."""
        found, at = b"", 0
        for chunk in self.chunks():
            if at >= stop:
                break
            found += chunk[max(0, start - at) : stop - at]
            at += len(chunk)
        return found


class Rows(NamedTuple):
    """Some records, and their numbers in their list."""

    records: Sequence[Record]
    indexes: Sequence[int]


class HugeReading(NamedTuple):
    """A list that is scanned: what is known of it, and its rows, once more from the beginning."""

    outcome: Extracted
    rows: Callable[[], Iterator[Rows]]


def read_huge(exchange: Exchange, body: Huge, options: Options) -> HugeReading | None:
    """What a body comes to that is a list; None for one that is not, or whose call nobody names."""
    request = exchange.request
    name = options.operation if request is None else request.operation
    if name is None or find_operation(name).task != "get":
        return None
    operation = find_operation(name)
    asked: Format | None = "json-v3" if request and request.format == "json-v3" else None
    head = body.part(0, HEAD)
    opening = _open(head)
    if opening is None:
        return None
    chars = head[opening.mark :].decode(opening.encoding, "replace")
    if opening.format == "json" and (asked or (operation.in_v3 and shows_v3(chars))):
        opening = opening._replace(format="json-v3")
    source = _Source(body, operation, opening, options)
    try:
        outcome = source.survey()
    except NotAListError:
        return None
    return HugeReading(outcome, source.rows if outcome.kept else lambda: iter(()))


class _Opening(NamedTuple):
    format: Format
    encoding: str
    mark: int


def may_be_list(head: bytes) -> bool:
    """Whether `read_huge` may read a body that begins with these bytes."""
    return _open(head) is not None


def _open(head: bytes) -> _Opening | None:
    """The format and encoding that a body begins in; None where it is no list."""
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


class _Source:
    def __init__(
        self, body: Huge, operation: Operation, opening: _Opening, options: Options
    ) -> None:
        self._body = body
        self._operation = operation
        self._opening = opening
        self._options = options
        self._zone = find_zone(options.zone, options.fold)

    def survey(self) -> Extracted:
        """What the list comes to, all but its records."""
        costly: list[Problem] = []
        problems = lost = records = 0
        strict = self._options.mode == "strict"
        for found in self._scan():
            if isinstance(found, Broken):
                if found.state == BEFORE and not costly and self._is_told():
                    # What says the encoding is lost: ASCII alone is certain.
                    self._opening = self._opening._replace(encoding="US-ASCII")
                    return self.survey()
                costly = costly or [found.problem]
                problems += 1
            elif isinstance(found, Single):
                bad = [each for each in found.problems if strict or not each.tolerable]
                costly = costly or bad[:1]
                problems += len(bad)
            elif isinstance(found, Lost):
                lost += found.size
            records += len(_rows_of(found, strict).records)
        name, format = self._operation.name, self._opening.format
        if not costly:
            reply: Listing[Any] = Listing(self._operation.method.name)
            return Extracted("whole", name, format, reply, kept=records)
        outcome = Extracted("partial" if records else "rejected", name, format, kept=records)
        return outcome._replace(problem=costly[0], problems=problems, lost=lost)

    def rows(self) -> Iterator[Rows]:
        """The records, group by group."""
        strict = self._options.mode == "strict"
        for found in self._scan():
            rows = _rows_of(found, strict)
            if rows.records:
                yield rows

    def _is_told(self) -> bool:
        """Whether the encoding was told by what may be damaged."""
        told = self._opening.encoding
        return self._opening.format == "xml" and told != "US-ASCII" and not self._opening.mark

    def _scan(self) -> Iterator[Found]:
        format, encoding, mark = self._opening
        chunks = _behind(mark, self._body.chunks())
        window = Window(Text("", encoding, mark), Decoding(chunks, encoding, kept(encoding)))
        window.more()
        return scan(window, self._operation, format, self._zone, max_chars=self._options.max_bytes)


def _behind(mark: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    for chunk in chunks:
        yield chunk[mark:]
        mark = max(0, mark - len(chunk))


def _rows_of(found: Found, strict: bool) -> Rows:
    if isinstance(found, Group):
        return Rows(found.records, range(found.first, found.first + len(found.records)))
    if isinstance(found, Single) and found.record is not None and found.number is not None:
        refused = strict and found.problems
        return Rows((), ()) if refused else Rows((found.record,), (found.number,))
    return Rows((), ())
