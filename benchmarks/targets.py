"""The targets for speed and memory, and whether a run reaches them.

A target is compared with the median of the ratio over the rounds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.contender import FORMATS, OURS, Format, Work
from benchmarks.extraction import (
    ALONE,
    COMMANDS,
    DAMAGED,
    GOOD_SCRIPT,
    JSON,
    QUARTER,
    TOGETHER,
    WORKERS,
    Extracted,
    Way,
)
from benchmarks.peers import contenders
from benchmarks.results import Results, compared, times
from benchmarks.tasks import FULL
from benchmarks.timing import Ratio, ratio

FEW, MANY, MOST = FULL
_STRICT = {"json": 1.4, "xml": 0.9}
_ENCODE = {"json": ("pydantic", 0.5), "xml": ("lxml tree + tostring", 0.2)}
_START = {"json": 3.0, "xml": 2.5}
_LAX, _BAD, _LINEAR, _IMPORT = 6.0, 40.0, 1.6, 1.5
_HELD = 3  # times the records themselves
_SCRIPT, _TOGETHER, _WHOLE = 1 / 1.5, 1 / 1.7, 1.2
_SQL, _DAMAGED, _COMMAND = 2.0, 1 / 0.6, 1 / 0.3


class Judged(NamedTuple):
    """A target, and its measured ratio."""

    work: str
    peer: str
    limit: float
    found: Ratio

    @property
    def hit(self) -> bool:
        """Whether the target is reached."""
        return self.found.median <= self.limit


class _Question(NamedTuple):
    work: str
    peer: str
    limit: float
    found: Ratio | None


def judged(results: Results) -> list[Judged]:
    """Every measured target; empty if the run does not have the sizes of the targets."""
    if results.sizes != FULL:
        return []
    questions = [
        question
        for ask in (_parsing, _problems, _encoding, _growth, _memory, _importing, _extracting)
        for question in ask(results)
    ]
    return [
        Judged(work, peer, limit, found)
        for work, peer, limit, found in questions
        if found is not None
    ]


def _floor(work: Work, format: Format) -> str:
    return next(who.name for who in contenders(work, format) if who.floor)


def _parsing(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        bare = _floor("parse", format)
        for size, limit in ((MANY, _STRICT[format]), (FEW, _START[format])):
            found = results.to_floor(f"parse/{format}/{size}")
            yield _Question(_strict(format, size), bare, limit, found)
        yield from _spellings(results, format, bare)
        yield from _rivals(results, format)


def _strict(format: Format, size: int) -> str:
    return f"{format.upper()}, {size:,} records, strict parse"


def _problems(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        begin, bare = f"{format.upper()}, {MANY:,} records", _floor("parse", format)
        found = results.to_floor(f"lax/{format}/{MANY}")
        yield _Question(f"{begin}, lax parse, one unknown field", bare, _LAX, found)
        found = results.to_floor(f"validate/{format}/{MANY}")
        yield _Question(f"{begin}, validate, one record bad", bare, _BAD, found)


def _encoding(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        timed = {one.name: one for one in results.times.get(f"encode/{format}/{MANY}", [])}
        peer, limit = _ENCODE[format]
        found = ratio(timed[OURS], timed[peer]) if peer in timed else None
        yield _Question(f"{format.upper()}, {MANY:,} records, encode", peer, limit, found)


def _growth(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        begin = f"{format.upper()}, {MOST:,} records"
        for work, title in (("parse", "strict parse"), ("validate", "validate, every record bad")):
            found = results.growth(f"growth/{work}/{format}/{OURS}")
            yield _Question(f"{begin}, {title}, per record", f"{MANY:,} records", _LINEAR, found)
        found = _memory_growth(results, format)
        work = f"{begin}, validate, every record bad, memory per record"
        yield _Question(work, f"{MOST // 10:,} records", _LINEAR, found)


def _memory(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        ours = results.peak("parse", format, MOST)
        tree = results.peak("parse", format, MOST, _floor("parse", format))
        if ours is None or tree is None:
            continue
        xml = format == "xml"  # JSON's records need no tree.
        limit = _HELD * results.records_size + (tree.median if xml else 0.0)
        yield _Question(
            f"{_strict(format, MOST)}, peak memory",
            f"{_HELD} × the records themselves{' + the bare tree' if xml else ''}",
            1.0,
            times(ours.values, limit),
        )


def _importing(results: Results) -> Iterator[_Question]:
    found = compared(results.imports, OURS)
    yield _Question("`import sgformats`", "`import lxml.etree`", _IMPORT, found)


def _extracting(results: Results) -> Iterator[_Question]:
    found = results.extraction
    if found is None:
        return
    work = "Extraction of a mixed log to CSV"
    alone, quarter = found.of(ALONE), found.of(QUARTER)
    yield _Question(
        f"{work}, 1 worker", GOOD_SCRIPT.who, _SCRIPT, _by_byte(results, ALONE, GOOD_SCRIPT)
    )
    if (os.cpu_count() or 1) >= WORKERS:
        both = _by_byte(results, TOGETHER, ALONE)
        yield _Question(f"{work}, {WORKERS} workers", "1 worker", _TOGETHER, both)
    script, ours, *others = JSON
    work = "Extraction of a JSON log to CSV, 1 worker"
    yield _Question(work, script.who, _SCRIPT, _by_byte(results, ours, script))
    for other in others:
        yield _Question(work, other.who, _SQL, _by_byte(results, ours, other))
    work = "Extraction of a half-damaged log, per byte"
    yield _Question(work, "the undamaged log", _DAMAGED, _by_byte(results, DAMAGED, ALONE))
    for way in COMMANDS:
        work = f"`{way.command}` of a mixed log, 1 worker"
        yield _Question(work, "its extraction", _COMMAND, _by_byte(results, way, QUARTER))
    memory = times(alone.peaks, quarter.peak)
    work = "Extraction of a mixed log to CSV, 1 worker, peak memory"
    yield _Question(work, "a quarter of the log", _WHOLE, memory)


def _by_byte(results: Results, way: Way, other: Way) -> Ratio | None:
    """How many times as long a byte of a log takes."""
    taken: dict[Way, Extracted] = (
        {one.way: one for one in results.extraction.taken} if results.extraction else {}
    )
    if way not in taken or other not in taken:
        return None
    mine, theirs = taken[way], taken[other]
    return ratio(
        mine.timed._replace(records=mine.bytes), theirs.timed._replace(records=theirs.bytes)
    )


def _spellings(results: Results, format: Format, bare: str) -> Iterator[_Question]:
    """Other spellings of the same list have the same target."""
    for title, tasks in results.of_kind("spelling").items():
        for task in tasks:
            if title.startswith(format.upper()) and task.name.endswith(f"/{MANY}"):
                found = results.to_floor(task.name)
                yield _Question(
                    f"{title}, {MANY:,} records, strict parse", bare, _STRICT[format], found
                )


def _rivals(results: Results, format: Format) -> Iterator[_Question]:
    """What people write today has to be slower, whatever the size."""
    rivals = [who.name for who in contenders("parse", format) if who.rival]
    for size in (FEW, MANY, MOST):
        timed = {one.name: one for one in results.times.get(f"parse/{format}/{size}", [])}
        for rival in rivals:
            found = ratio(timed[OURS], timed[rival]) if rival in timed else None
            yield _Question(_strict(format, size), rival, 1.0, found)


def _memory_growth(results: Results, format: Format) -> Ratio | None:
    few = results.peak("validate", format, MOST // 10)
    most = results.peak("validate", format, MOST)
    if few is None or most is None:
        return None
    return times([value / MOST for value in most.values], few.median / (MOST // 10))
