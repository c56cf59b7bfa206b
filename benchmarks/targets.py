"""The targets for speed and memory, and whether a run reaches them.

A target is compared with the median of the ratio over the rounds.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.contender import FORMATS, OURS, Format
from benchmarks.extraction import (
    ALONE,
    COMMANDS,
    DAMAGED,
    GOOD_SCRIPT,
    JSON,
    QUARTER,
    TOGETHER,
    WORKERS,
)
from benchmarks.peers import contenders
from benchmarks.results import IMPORT, Results
from benchmarks.tasks import FULL, column_of
from benchmarks.timing import Ratio, Timed, ratio

FEW, MANY, MOST = FULL
_STRICT = {"json": 1.4, "xml": 0.9}
_START = {"json": 3.0, "xml": 2.5}
_ENCODE = {"json": ("pydantic", 0.5), "xml": ("lxml tree + tostring", 0.2)}
_RIVALS = {
    "json": ("pydantic", "json + jsonschema"),
    "xml": ("lxml + XMLSchema + loop", "pydantic-xml", "xsdata", "xmltodict + loop"),
}
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
    """A target, and the timings that it compares; None if not measured."""

    work: str
    peer: str
    limit: float
    ours: Timed | None
    other: Timed | None


def judged(results: Results) -> list[Judged]:
    """Every measured target; empty if the run does not have the sizes of the targets."""
    if results.sizes != FULL:
        return []
    return [
        Judged(work, peer, limit, ratio(ours, other))
        for ask in (_parsing, _problems, _encoding, _growth, _memory, _importing, _extracting)
        for work, peer, limit, ours, other in ask(results)
        if ours and other
    ]


def _beside(results: Results, work: str, task: str, peer: str, limit: float) -> _Question:
    """sgformats beside a peer in the same task."""
    return _Question(work, peer, limit, results.of(task), results.of(task, peer))


def _floor(format: Format) -> str:
    return contenders("parse", format)[0].name


def _strict(format: Format, size: int) -> str:
    return f"{format.upper()}, {column_of(size)}, strict parse"


def _parsing(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        bare, limit = _floor(format), _STRICT[format]
        for size, most in ((MANY, limit), (FEW, _START[format])):
            task = f"parse/{format}/{size}"
            yield _beside(results, _strict(format, size), task, bare, most)
        for title, tasks in results.of_kind("spelling").items():
            if title.startswith(format.upper()):
                work = f"{title}, {column_of(MANY)}, strict parse"
                yield _beside(results, work, tasks[0].name, bare, limit)
        for size in FULL:  # What people write today has to be slower, whatever the size.
            for rival in _RIVALS[format]:
                task = f"parse/{format}/{size}"
                yield _beside(results, _strict(format, size), task, rival, 1.0)


def _problems(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        for work, title, limit in (
            ("lax", "lax parse, one unknown field", _LAX),
            ("validate", "validate, one record bad", _BAD),
        ):
            words = f"{format.upper()}, {column_of(MANY)}, {title}"
            yield _beside(results, words, f"{work}/{format}/{MANY}", _floor(format), limit)


def _encoding(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        words = f"{format.upper()}, {column_of(MANY)}, encode"
        yield _beside(results, words, f"encode/{format}/{MANY}", *_ENCODE[format])


def _growth(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        begin = f"{format.upper()}, {column_of(MOST)}"
        for work, title in (("parse", "strict parse"), ("validate", "validate, every record bad")):
            task = f"growth/{work}/{format}/{OURS}"
            few, most = (results.of(task, column_of(size)) for size in (MANY, MOST))
            yield _Question(f"{begin}, {title}, per record", column_of(MANY), _LINEAR, most, few)
        few, most = (results.of(f"memory/validate/{format}/{size}") for size in (MOST // 10, MOST))
        words = f"{begin}, validate, every record bad, memory per record"
        yield _Question(words, column_of(MOST // 10), _LINEAR, most, few)


def _memory(results: Results) -> Iterator[_Question]:
    for format in FORMATS:
        task = f"memory/parse/{format}/{MOST}"
        tree = results.of(task, _floor(format))
        limit, peer = None, f"{_HELD} × the records themselves"
        if tree:
            xml = format == "xml"  # JSON's records need no tree.
            bytes = [_HELD * results.records_size + (one if xml else 0.0) for one in tree.values]
            limit = tree._replace(values=tuple(bytes))
            peer += " + the bare tree" if xml else ""
        words = f"{_strict(format, MOST)}, peak memory"
        yield _Question(words, peer, 1.0, results.of(task), limit)


def _importing(results: Results) -> Iterator[_Question]:
    ours, other = results.of(IMPORT), results.of(IMPORT, "lxml.etree")
    yield _Question("`import sgformats`", "`import lxml.etree`", _IMPORT, ours, other)


def _extracting(results: Results) -> Iterator[_Question]:
    if results.extraction is None:
        return
    taken = results.extraction.taken
    mixed = "Extraction of a mixed log to CSV"
    script, ours, *others = JSON
    json = "Extraction of a JSON log to CSV, 1 worker"
    for work, peer, limit, way, other in (
        (f"{mixed}, 1 worker", GOOD_SCRIPT.who, _SCRIPT, ALONE, GOOD_SCRIPT),
        (f"{mixed}, {WORKERS} workers", "1 worker", _TOGETHER, TOGETHER, ALONE),
        (json, script.who, _SCRIPT, ours, script),
        *((json, one.who, _SQL, ours, one) for one in others),
        (
            "Extraction of a half-damaged log, per byte",
            "the undamaged log",
            _DAMAGED,
            DAMAGED,
            ALONE,
        ),
        *(
            (f"`{one.command}` of a mixed log, 1 worker", "its extraction", _COMMAND, one, QUARTER)
            for one in COMMANDS
        ),
    ):
        if way != TOGETHER or (os.cpu_count() or 1) >= WORKERS:
            yield _Question(work, peer, limit, taken[way].timed, taken[other].timed)
    peaks = [taken[way].peaks._replace(records=1) for way in (ALONE, QUARTER)]
    yield _Question(f"{mixed}, 1 worker, peak memory", "a quarter of the log", _WHOLE, *peaks)
