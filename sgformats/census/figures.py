"""The result of a census: figures of each file and in total, as data, rows and an HTML page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from sgformats.census.observing import QUESTIONS
from sgformats.report.page import hash_of, page_template, part


class Tally(msgspec.Struct, frozen=True):
    """The counts of values, the most frequent first; `others` counts all that are not listed."""

    counts: tuple[tuple[str, int], ...] = ()
    others: int = 0

    @property
    def total(self) -> int:
        """The count of all values."""
        return sum(count for _, count in self.counts) + self.others


class Span(msgspec.Struct, frozen=True):
    """The number of timestamps, the earliest and the latest."""

    count: int = 0
    earliest: datetime | None = None
    latest: datetime | None = None

    def __str__(self) -> str:
        return f"{self.earliest} – {self.latest}" if self.count else ""


class Figures(msgspec.Struct, frozen=True):
    """What occurred in a file, or in all of them.

    exchanges = read + skipped. `tallies` has an entry for every question of
    `sgformats.census.observing.QUESTIONS`. `created` are timestamps without a zone, `created_utc`
    those of v3; `undated` counts the records without one. `unread` is why a capture could not be
    read to its end.
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
    """The figures of each file, in reading order, and in total.

    `unlisted` counts the files that are only in the total.
    """

    total: Figures
    files: tuple[Figures, ...] = ()
    unlisted: int = 0
    unread: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The census as values for JSON: numbers, texts, lists and objects."""
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
        """The census as a table: one row for each value of each question, in total and by file.

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


def census_html(census: Census) -> str:
    """The census as one self-contained HTML page, without a script and without requests.

    Text from captures is escaped and visible.

    Raises `MissingPackageError` without Jinja2.
    """
    style = part("report.css") + part("census.css", "sgformats.census")
    template = page_template(part("census.html.j2", "sgformats.census"), "the census as HTML", {})
    return template.render(
        census=census,
        files=len(census.files) + census.unlisted,
        questions=QUESTIONS,
        style=style,
        style_hash=hash_of(style),
    )


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
