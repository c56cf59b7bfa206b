"""The tasks to measure: several contenders on one payload, or one contender on two sizes.

The payloads of a task are made just before it is measured, so that only one task holds payloads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

import sgformats
from benchmarks.contender import FORMATS, OPERATION, OURS, Contender, Work, rows_of
from benchmarks.payloads import SPELLINGS, Payload, every_bad, imperfect, invalid, valid
from benchmarks.peers import contenders

FULL = (3, 1_000, 100_000)
QUICK = (3, 100)
LARGE = 10_000

Make = Callable[[str, int], Payload]
_GROWING: tuple[tuple[Work, Make, str], ...] = (
    ("parse", valid, "strict parse of {}"),
    ("validate", every_bad, "validation of {}, every record bad"),
)
"""The work whose time is compared for two sizes, and whose memory is measured."""


class Part(NamedTuple):
    """One row of a task: a contender, and how to make its payload."""

    name: str
    contender: Contender
    make: Make
    spelling: str
    size: int


class Task(NamedTuple):
    """The first part is the floor of the others. `long` tasks get fewer rounds.

    In the report, tasks with one `kind` and `title` form a table, each with a column or a row.
    """

    name: str
    kind: Literal["peers", "spelling", "growth", "memory"]
    title: str
    long: bool
    parts: Sequence[Part]

    @property
    def column(self) -> str:
        """The size of its largest payload."""
        return column_of(self.parts[-1].size)


class Entry(NamedTuple):
    """What to time: a function and its argument, which means a number of records."""

    name: str
    run: Callable[[Any], Any]
    subject: Any
    records: int


class DisagreementError(Exception):
    """A contender gives a wrong result."""


def column_of(size: int) -> str:
    """A number of records in words."""
    return f"{size:,} records"


def tasks(sizes: Sequence[int]) -> list[Task]:
    """All tasks, in the order of the report. Kinds with one size use the second of `sizes`."""
    middle = sizes[1:2]
    return [
        *_side_by_side("parse", sizes, valid, "Strict parse of {0}"),
        *_spellings(sizes[1]),
        *_side_by_side("lax", middle, imperfect, "Lax parse of {0} with one unknown field"),
        *_side_by_side("validate", middle, invalid, "Validation of {0} with one bad record"),
        *_side_by_side("encode", sizes, valid, "Encoding as {0}"),
        *_side_by_side("convert", sizes, valid, "Conversion of {0} to {1}"),
        *_growth(sizes[-2:]),
        *_memory(sizes[-1]),
    ]


def _side_by_side(work: Work, sizes: Sequence[int], make: Make, title: str) -> Iterator[Task]:
    """All contenders on one payload."""
    for format, other in (FORMATS, FORMATS[::-1]):
        words = title.format(format.upper(), other.upper())
        for size in sizes:
            parts = [Part(who.name, who, make, format, size) for who in contenders(work, format)]
            yield Task(f"{work}/{format}/{size}", "peers", words, size > LARGE, parts)


def _spellings(size: int) -> Iterator[Task]:
    """The floor and sgformats on the same records in another spelling."""
    for spelling, way in SPELLINGS.items():
        if spelling not in FORMATS:
            floor, ours, *_ = contenders("parse", way.format)
            parts = [Part(who.name, who, valid, spelling, size) for who in (floor, ours)]
            yield Task(f"parse/{spelling}/{size}", "spelling", way.title, size > LARGE, parts)


def _growth(sizes: Sequence[int]) -> Iterator[Task]:
    """One contender's work on two sizes: what a record costs in either."""
    for format in FORMATS:
        for work, make, title in _GROWING:
            floor, ours, *_ = contenders(work, format)
            for who in (floor, ours) if work == "parse" else (ours,):
                parts = [Part(column_of(size), who, make, format, size) for size in sizes]
                yield Task(
                    f"growth/{work}/{format}/{'floor' if who == floor else OURS}",
                    "growth",
                    f"{who.name}, {title.format(format.upper())}",
                    work == "validate" and sizes[-1] > LARGE,
                    parts,
                )


def _memory(size: int) -> Iterator[Task]:
    """Strict parsing of the largest payload by all; validation of two sizes by sgformats."""
    for format in FORMATS:
        for work, make, title in _GROWING:
            everyone = contenders(work, format)
            for count in (size,) if work == "parse" else (max(size // 10, 1), size):
                measured = everyone if work == "parse" else everyone[1:2]
                parts = [Part(who.name, who, make, format, count) for who in measured]
                words = title.format(format.upper())
                yield Task(f"memory/{work}/{format}/{count}", "memory", words, True, parts)


def prepare(task: Task) -> list[Entry]:
    """The entries to time for a task.

    Raises `DisagreementError` if a contender gives a wrong result.
    """
    made = cache(lambda make, spelling, size: make(spelling, size))
    entries = []
    for name, who, make, spelling, size in task.parts:
        payload = made(make, spelling, size)
        subject = who.given(payload.rows) if who.work == "encode" else payload.data
        if not agrees(who, who.normalize(who.run(subject)), payload):
            raise DisagreementError(f"{who.name} gives a wrong result in {who.work}")
        if who.work == "validate" and who != contenders(who.work, who.format)[0]:
            good = made(valid, spelling, size).data
            if who.normalize(who.run(good)) != []:
                raise DisagreementError(f"{who.name} refuses a valid payload")
        entries.append(Entry(name, who.run, subject, size))
    return entries


def agrees(contender: Contender, result: Any, payload: Payload) -> bool:
    """Whether a result is right.

    For `validate`, None is right too: some contenders do not say which record is bad.
    """
    if contender.work == "validate":
        return result is None or result == payload.bad
    if contender.work in ("encode", "convert"):
        reply = sgformats.parse(result, OPERATION)
        return isinstance(reply, sgformats.Listing) and rows_of(reply.records) == payload.rows
    return bool(result == payload.rows)
