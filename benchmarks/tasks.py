"""The tasks to measure: several contenders on one payload, or one contender on two sizes.

A task is built just before it is measured, so that only one holds its payloads. `check` compares
the result of an entry with the payload's records; an entry with a wrong result is not timed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import sgformats
from benchmarks.contender import FORMATS, OPERATION, OURS, Contender, Format, Work, rows_of
from benchmarks.payloads import SPELLINGS, Payload, Spelling, imperfect, invalid, valid
from benchmarks.peers import contenders

FULL = (3, 1_000, 100_000)
QUICK = (3, 100)
LARGE = 10_000


class Entry(NamedTuple):
    """One line of a task: what to call with what. Ratios are to the `floor`, by record."""

    name: str
    run: Callable[[Any], Any]
    subject: Any
    records: int
    floor: bool
    check: Callable[[], None]


class Task(NamedTuple):
    """`build` makes the payloads, so it is called late. `long` tasks get fewer rounds.

    In the report, tasks with one `kind` and `title` form a table, each with a `column`.
    """

    name: str
    kind: Literal["peers", "spelling", "growth"]
    title: str
    column: str
    long: bool
    build: Callable[[], list[Entry]]


class DisagreementError(Exception):
    """A contender gives a wrong result."""


def tasks(sizes: Sequence[int]) -> list[Task]:
    """All tasks, in the order of the report. Kinds with one size use the second of `sizes`."""
    return list(_tasks(sizes))


def _tasks(sizes: Sequence[int]) -> Iterator[Task]:
    middle = sizes[1]
    for format in FORMATS:
        for size in sizes:
            yield _task("parse", format, size, valid, f"Strict parse of {format.upper()}")
    for spelling, way in SPELLINGS.items():
        if spelling not in FORMATS:
            yield _spelling(spelling, way, middle)
    for format in FORMATS:
        title = f"Lax parse of {format.upper()} with one unknown field"
        yield _task("lax", format, middle, imperfect, title)
    for format in FORMATS:
        title = f"Validation of {format.upper()} with one bad record"
        yield _task("validate", format, middle, invalid, title)
    for format in FORMATS:
        for size in sizes:
            yield _task("encode", format, size, valid, f"Encoding as {format.upper()}")
    for format in FORMATS:
        other = "XML" if format == "json" else "JSON"
        for size in sizes:
            title = f"Conversion of {format.upper()} to {other}"
            yield _task("convert", format, size, valid, title)
    for format in FORMATS:
        for contender in contenders("parse", format):
            if contender.floor or contender.name == OURS:
                title = f"{contender.name}, strict parse of {format.upper()}"
                yield _growth(contender, sizes[-2:], valid, title)
        for contender in contenders("validate", format):
            if contender.name == OURS:
                title = f"{contender.name}, validation of {format.upper()}, every record bad"
                yield _growth(contender, sizes[-2:], every_bad, title)


def every_bad(spelling: str, count: int) -> Payload:
    """A payload in which no record is valid."""
    return invalid(spelling, count, every=True)


def column_of(size: int) -> str:
    """A number of records in words."""
    return f"{size:,} records"


def _task(
    work: Work, format: Format, size: int, make: Callable[[str, int], Payload], title: str
) -> Task:
    """All contenders on one payload."""

    def build() -> list[Entry]:
        payload, good = make(format, size), valid(format, size)
        return [
            _entry(contender, contender.name, payload, good, floor=contender.floor)
            for contender in contenders(work, format)
        ]

    name = f"{work}/{format}/{size}"
    return Task(name, "peers", title, column_of(size), size > LARGE, build)


def _spelling(spelling: str, way: Spelling, size: int) -> Task:
    """The floor and sgformats on the same records in another spelling."""

    def build() -> list[Entry]:
        payload = valid(spelling, size)
        return [
            _entry(contender, contender.name, payload, payload, floor=contender.floor)
            for contender in contenders("parse", way.format)
            if contender.floor or contender.name == OURS
        ]

    name = f"parse/{spelling}/{size}"
    return Task(name, "spelling", way.title, column_of(size), size > LARGE, build)


def _growth(
    contender: Contender,
    sizes: Sequence[int],
    make: Callable[[str, int], Payload],
    title: str,
) -> Task:
    """One contender's work on two sizes: what a record costs in either."""

    def build() -> list[Entry]:
        return [
            _entry(
                contender,
                column_of(size),
                make(contender.format, size),
                valid(contender.format, size),
                floor=size == sizes[0],
            )
            for size in sizes
        ]

    who = "sgformats" if contender.name == OURS else "floor"
    name = f"growth/{contender.work}/{contender.format}/{who}"
    long = contender.work == "validate" and sizes[-1] > LARGE
    return Task(name, "growth", title, column_of(sizes[-1]), long, build)


def _entry(
    contender: Contender, name: str, payload: Payload, good: Payload, *, floor: bool
) -> Entry:
    subject = contender.given(payload.rows) if contender.given else payload.data

    def check() -> None:
        result = contender.normalize(contender.run(subject))
        if not agrees(contender, result, payload):
            raise DisagreementError(f"{contender.name} gives a wrong result in {contender.work}")
        if contender.work != "validate" or contender.floor:
            return
        if contender.normalize(contender.run(good.data)) != []:
            raise DisagreementError(f"{contender.name} refuses a valid payload")

    return Entry(name, contender.run, subject, len(payload.rows), floor, check)


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
