"""Count operations, formats, dialects, fields, reasons and dates, by file and in total.

`take_census` reads captures once and keeps only counters, each of at most `DISTINCT` values.
Further values are counted as `others`, so that every tally adds up.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from datetime import datetime
from functools import partial
from itertools import chain
from typing import BinaryIO

import msgspec

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.build import CaptureOptions
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.captures.pieces import (
    Piece,
    PieceSource,
    list_pieces,
    read_in_parallel,
    read_source,
    source_name,
)
from sgformats.census.figures import Census, Figures, Span, Tally
from sgformats.census.observing import QUESTIONS, Observed, observe, plain
from sgformats.errors import CaptureError
from sgformats.operations import Operation, find_operation

DISTINCT = 1_000
"""The number of values of a question that are counted separately."""
FILES = 1_000
"""The number of files with figures of their own; the total includes all."""


def take_census(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    *,
    operation: str | None = None,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
    most: int = 20,
    workers: int = 1,
    tell: Callable[[int], object] = lambda read: None,
) -> Census:
    """Count what occurs in captures (files, folders, binary streams).

    `operation` is the operation of answers whose call is unknown; `kind`, `fields`, `max_bytes` and
    `unpacking` are those of `read_captures`. `most` limits the values listed for each question.
    Several `workers` processes share the files, and long files of JSON lines; `tell` is called with
    the number of bytes of each part they have read.

    A capture that cannot be read to its end is counted as far as it can be. Raises `ArgumentError`
    for invalid arguments.
    """
    if operation is not None:
        find_operation(operation)
    reading = CaptureOptions(max_bytes, fields or {}, unpacking)
    count = partial(_count, operation, kind, reading)
    found = read_in_parallel(
        list_pieces(paths, kind, fields, workers),
        count,
        lambda piece: iter((count(piece),)),
        workers,
        lambda piece: tell(piece.bytes),
    )
    total = _Counting("")
    files: list[Figures] = []
    unlisted = unread = 0
    current: _Counting | None = None
    with closing(found):
        for first, counting in chain(found, [(True, None)]):
            if first and current is not None:
                unread += current.unread is not None
                if len(files) < FILES:
                    files.append(current.figures(most))
                else:
                    unlisted += 1
                current = None
            if counting is not None:
                total.merge(counting)
                current = counting if current is None else current.merge(counting)
    return Census(total.figures(most), tuple(files), unlisted, unread)


def _count(
    operation: str | Operation | None,
    kind: str | None,
    reading: CaptureOptions,
    source: PieceSource,
) -> tuple[bool, _Counting]:
    """Whether a piece is the first of its capture, and its counts."""
    counting = _Counting(source_name(source))
    for found in read_source(source, kind, reading):
        if isinstance(found, CaptureError):
            counting.unread = plain(found.reason)
        else:
            counting.add(observe(found, operation, reading.max_bytes))
    return not isinstance(source, Piece) or source.start == 0, counting


class _Counting:
    """The counters of a file, or of all."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.unread: str | None = None
        self._exchanges = self._skipped = self._records = self._undated = 0
        self._counters = {question: _Counter() for question in QUESTIONS}
        self._local = Span()
        self._utc = Span()

    def add(self, observed: Observed) -> None:
        """Count an exchange."""
        self._exchanges += 1
        self._skipped += observed.skipped
        self._records += observed.records
        self._undated += observed.undated
        for (question, answer), number in observed.answers.items():
            self._counters[question].add(answer, number)
        self._local = _extended(self._local, [m for m in observed.created if m.tzinfo is None])
        self._utc = _extended(self._utc, [m for m in observed.created if m.tzinfo is not None])

    def merge(self, other: _Counting) -> _Counting:
        """Add the counts of another; return this one."""
        self._exchanges += other._exchanges
        self._skipped += other._skipped
        self._records += other._records
        self._undated += other._undated
        for question, counter in other._counters.items():
            self._counters[question].merge(counter)
        self._local, self._utc = _merged(self._local, other._local), _merged(self._utc, other._utc)
        self.unread = self.unread or other.unread
        return self

    def figures(self, most: int) -> Figures:
        """The counts so far."""
        return Figures(
            self.file,
            self._exchanges,
            self._exchanges - self._skipped,
            self._skipped,
            self._records,
            {name: counter.tally(most) for name, counter in self._counters.items()},
            self._local,
            self._utc,
            self._undated,
            self.unread,
        )


class _Counter:
    """Counts values; if there are too many, the rarest are counted as others."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._others = 0

    def add(self, value: str, number: int = 1) -> None:
        """Add to the count of a value."""
        self._counts[value] = self._counts.get(value, 0) + number
        if len(self._counts) > 2 * DISTINCT:
            kept = heapq.nlargest(DISTINCT, self._counts.items(), key=lambda item: item[1])
            self._others += sum(self._counts.values()) - sum(count for _, count in kept)
            self._counts = dict(kept)

    def merge(self, other: _Counter) -> None:
        """Add the counts of another."""
        self._others += other._others
        for value, number in other._counts.items():
            self.add(value, number)

    def tally(self, most: int) -> Tally:
        """The most frequent values; those with equal counts in alphabetical order."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        rest = sum(count for _, count in ordered[most:])
        return Tally(tuple(ordered[:most]), self._others + rest)


def _extended(span: Span, moments: list[datetime]) -> Span:
    if not moments:
        return span
    known = [moment for moment in (span.earliest, span.latest) if moment is not None]
    return Span(span.count + len(moments), min(known + moments), max(known + moments))


def _merged(one: Span, other: Span) -> Span:
    ends = [moment for moment in (other.earliest, other.latest) if moment is not None]
    return msgspec.structs.replace(_extended(one, ends), count=one.count + other.count)
