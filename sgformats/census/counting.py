"""Which operations, formats, dialects, fields, reasons and dates occur in captures: per file, and in all.

`take_census` reads captures once and holds no more than counters, each of at most `DISTINCT` values.
What a counter has no room for is counted as `others`, so that every tally adds up.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, BinaryIO

import msgspec

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.captures.reading import find_captures, read_capture
from sgformats.census.observing import QUESTIONS, Observed, observe, plain
from sgformats.errors import CaptureError, MissingPackageError
from sgformats.operations import find_operation
from sgformats.report.page import count_of, hash_of, part, visibly

DISTINCT = 1_000
"""How many values of a question are counted apart."""
FILES = 1_000
"""How many files have figures of their own; all are in the total."""


class Tally(msgspec.Struct, frozen=True):
    """How often which values occurred, most frequent first; `others` counts those that are not told."""

    counts: tuple[tuple[str, int], ...] = ()
    others: int = 0

    @property
    def total(self) -> int:
        """All that was counted."""
        return sum(count for _, count in self.counts) + self.others


class Span(msgspec.Struct, frozen=True):
    """From when to when, and how many timestamps that are."""

    count: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None

    def __str__(self) -> str:
        return f"{self.earliest} – {self.latest}" if self.count else ""


class Figures(msgspec.Struct, frozen=True):
    """What occurred in a file, or in all of them.

    exchanges = read + skipped. `tallies` has an entry for every question of
    `sgformats.census.observing.QUESTIONS`. `created` are timestamps without a zone, `created_utc` the
    successor's; `undated` counts the records that have neither. `unread` is why a capture ended early.
    """

    file: str
    exchanges: int = 0
    read: int = 0
    skipped: int = 0
    records: int = 0
    tallies: Mapping[str, Tally] = {}
    created: Span = Span()
    created_utc: Span = Span()
    undated: int = 0
    unread: str | None = None


class Census(msgspec.Struct, frozen=True):
    """The figures of each file, in the order in which they were read, and of all together.

    `unlisted` counts the files that are in the total only.
    """

    total: Figures
    files: tuple[Figures, ...] = ()
    unlisted: int = 0
    unread: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The census as JSON has it: numbers, texts, lists and objects alone."""
        return {
            "summary": {
                "files": len(self.files) + self.unlisted,
                "unlisted": self.unlisted,
                "unread": self.unread,
            },
            "total": _figures_dict(self.total),
            "files": [_figures_dict(figures) for figures in self.files],
        }

    def rows(self) -> Iterator[dict[str, Any]]:
        """The census as a table: one row for each value of each question, in each file and in all.

        The total's `file` is empty. Spans have the questions `created` and `created_utc`.
        """
        for figures in (self.total, *self.files):
            for question, tally in figures.tallies.items():
                for value, count in tally.counts:
                    yield _row(figures.file, question, value, count)
                if tally.others:
                    yield _row(figures.file, question, "(others)", tally.others)
            for question, span in (
                ("created", figures.created),
                ("created_utc", figures.created_utc),
            ):
                if span.count:
                    yield _row(figures.file, question, str(span), span.count)
            if figures.undated:
                yield _row(figures.file, "created", "(none)", figures.undated)


def take_census(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    *,
    operation: str | None = None,
    kind: str | None = None,
    fields: Mapping[str, str] | None = None,
    max_bytes: int = MAX_BYTES,
    unpacking: Unpacking = UNPACKING,
    most: int = 20,
) -> Census:
    """What occurs in the captures at some paths (files, folders, binary streams).

    `operation` is what an answer is held against where the capture tells no call; `kind`, `fields`,
    `max_bytes` and `unpacking` are those of `read_captures`. `most` is how many values
    of each question are told.

    A capture that cannot be read to its end is in the census as far as it goes. Raises `ArgumentError`
    for arguments that cannot be.
    """
    if operation is not None:
        find_operation(operation)
    total = _Counting("")
    files: list[Figures] = []
    unlisted = unread = 0
    for source, name in _sources(paths):
        counting = _Counting(name)
        try:
            if isinstance(source, CaptureError):
                raise source
            for exchange in read_capture(
                source,
                name=name,
                kind=kind,
                fields=fields,
                max_bytes=max_bytes,
                unpacking=unpacking,
            ):
                observed = observe(exchange, operation, max_bytes)
                counting.add(observed)
                total.add(observed)
        except (CaptureError, MissingPackageError) as error:
            counting.unread = plain(error.reason if isinstance(error, CaptureError) else str(error))
            unread += 1
        if len(files) < FILES:
            files.append(counting.figures(most))
        else:
            unlisted += 1
    return Census(total.figures(most), tuple(files), unlisted, unread)


def census_html(census: Census) -> str:
    """The census as one HTML page that needs nothing else: no script, and no request ever leaves it.

    Whatever it shows of a capture is escaped and visible.

    Raises `MissingPackageError` without Jinja2.
    """
    try:
        import jinja2
    except ImportError:
        raise MissingPackageError("the census as HTML", "Jinja2", "reports") from None
    environment = jinja2.Environment(
        autoescape=True, finalize=visibly, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(count="{:,}".format, of=count_of)
    style = part("report.css") + part("census.css", "sgformats.census")
    return environment.from_string(part("census.html.j2", "sgformats.census")).render(
        census=census,
        files=len(census.files) + census.unlisted,
        questions=QUESTIONS,
        style=style,
        style_hash=hash_of(style),
    )


def _sources(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
) -> Iterator[tuple[str | BinaryIO | CaptureError, str]]:
    """Every file and stream, with its name; in place of a folder that cannot be listed, the error."""
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            name = getattr(path, "name", None)
            yield path, name if isinstance(name, str) else "<stream>"
            continue
        try:
            for file in find_captures(path):
                yield file, file
        except CaptureError as error:
            yield error, error.file


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
        """One more exchange."""
        self._exchanges += 1
        self._skipped += observed.skipped
        self._records += observed.records
        self._undated += observed.undated
        for question, answer in observed.answers:
            self._counters[question].add(answer)
        self._local = _extended(self._local, [m for m in observed.created if m.tzinfo is None])
        self._utc = _extended(self._utc, [m for m in observed.created if m.tzinfo is not None])

    def figures(self, most: int) -> Figures:
        """What was counted so far."""
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
    """Counts values; once there are too many, the rarest go to the others."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._others = 0

    def add(self, value: str) -> None:
        """One more."""
        self._counts[value] = self._counts.get(value, 0) + 1
        if len(self._counts) > 2 * DISTINCT:
            kept = heapq.nlargest(DISTINCT, self._counts.items(), key=lambda item: item[1])
            self._others += sum(self._counts.values()) - sum(count for _, count in kept)
            self._counts = dict(kept)

    def tally(self, most: int) -> Tally:
        """The most frequent ones; of equals the one that sorts first."""
        ordered = sorted(self._counts.items(), key=lambda item: (-item[1], item[0]))
        rest = sum(count for _, count in ordered[most:])
        return Tally(tuple(ordered[:most]), self._others + rest)


def _extended(span: Span, moments: list[datetime]) -> Span:
    if not moments:
        return span
    known = [moment for moment in (span.earliest, span.latest) if moment is not None]
    return Span(span.count + len(moments), min(known + moments), max(known + moments))


def _row(file: str, question: str, value: str, count: int) -> dict[str, Any]:
    return {"file": file, "question": question, "value": value, "count": count}


def _figures_dict(figures: Figures) -> dict[str, Any]:
    return {
        "file": figures.file or None,
        "exchanges": figures.exchanges,
        "read": figures.read,
        "skipped": figures.skipped,
        "records": figures.records,
        **{
            question: {
                "counts": [{"value": value, "count": count} for value, count in tally.counts],
                "others": tally.others,
            }
            for question, tally in figures.tallies.items()
        },
        "created": _span_dict(figures.created),
        "created_utc": _span_dict(figures.created_utc),
        "undated": figures.undated,
        "unread": figures.unread,
    }


def _span_dict(span: Span) -> dict[str, Any]:
    return {
        "count": span.count,
        "earliest": None if span.earliest is None else str(span.earliest),
        "latest": None if span.latest is None else str(span.latest),
    }
