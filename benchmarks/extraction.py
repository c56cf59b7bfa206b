"""A log to a table, by the command and by the script that people write: whole runs, side by side.

Every run is a process of its own, from its start to its end. In a round each way goes once, in an
order drawn anew. Before anything is timed, every way has to give the records of the log.
"""

from __future__ import annotations

import csv
import filecmp
import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.contender import OURS
from benchmarks.fresh import run_python
from benchmarks.logs import Log, write_log
from benchmarks.tasks import DisagreementError
from benchmarks.timing import Timed

EXTRACT = "extract"
LINES, QUICK_LINES = 24_000, 80
SCRIPT = "json, xmltodict, csv"
WORKERS = 2
_FORMS = {"csv": "CSV", "parquet": "Parquet"}


class Way(NamedTuple):
    """How a table is made: by whom, in which form, by how many processes, of a whole log or a part."""

    who: str
    form: str
    workers: int = 1
    part: bool = False

    @property
    def name(self) -> str:
        """What tells it from the others."""
        if self.who != OURS:
            return self.who
        workers = f"{self.workers} worker{'s' if self.workers > 1 else ''}"
        parts = (self.who, _FORMS[self.form], workers, *(["a quarter"] if self.part else []))
        return ", ".join(parts)


SCRIPTED = Way(SCRIPT, "csv")
ALONE, TOGETHER = Way(OURS, "csv"), Way(OURS, "csv", WORKERS)
QUARTER = Way(OURS, "csv", part=True)
WAYS = (SCRIPTED, ALONE, TOGETHER, Way(OURS, "parquet"), Way(OURS, "parquet", WORKERS), QUARTER)


class Extracted(NamedTuple):
    """What a way took, a value for each round: seconds, and bytes of memory."""

    way: Way
    bytes: int
    timed: Timed
    peaks: tuple[int, ...]

    @property
    def speed(self) -> float:
        """Bytes of the log a second, for each worker."""
        return self.bytes / self.timed.median / self.way.workers

    @property
    def peak(self) -> float:
        """Its memory at the most."""
        return statistics.median(self.peaks)


class Extraction(NamedTuple):
    """The log, and what each way took."""

    lines: int
    bytes: int
    records: int
    taken: tuple[Extracted, ...]

    def of(self, way: Way) -> Extracted:
        """What a way took."""
        return next(one for one in self.taken if one.way == way)


def extract(
    lines: int, rounds: int, folder: Path, step: Callable[[], None] = lambda: None
) -> Extraction:
    """Measures every way on a log of so many lines; `step` is called after each run.

    Raises `DisagreementError` where a way gives other records than the log's.
    """
    whole = write_log(folder / "whole.jsonl", lines)
    logs = {False: whole, True: write_log(folder / "part.jsonl", lines // 4)}
    rows = {}
    for way in WAYS:
        _run(way, logs[way.part], folder)
        rows[way] = _rows(way, logs[way.part], folder)
    if not filecmp.cmp(_out(ALONE, folder), _out(TOGETHER, folder), shallow=False):
        raise DisagreementError(f"{TOGETHER.name} give another table than one")
    taken: dict[Way, list[tuple[float, int]]] = {way: [] for way in WAYS}
    chance = Random(len(WAYS))
    for _ in range(rounds):
        for way in chance.sample(WAYS, len(WAYS)):
            taken[way].append(_run(way, logs[way.part], folder))
            step()
    found = []
    for way in WAYS:
        seconds, peaks = zip(*taken[way], strict=True)
        timed = Timed(way.name, rows[way], way == SCRIPTED, 1, seconds)
        found.append(Extracted(way, logs[way.part].bytes, timed, peaks))
    return Extraction(lines, whole.bytes, whole.records, tuple(found))


def _out(way: Way, folder: Path) -> Path:
    return folder / f"{way.name.replace(', ', '-').replace(' ', '-')}.{way.form}"


def _run(way: Way, log: Log, folder: Path) -> tuple[float, int]:
    """The seconds of a run, and its memory at the most in bytes."""
    out = _out(way, folder)
    for old in folder.glob(f"{out.name}*"):
        old.unlink()
    if way == SCRIPTED:
        command = [sys.executable, "-m", "benchmarks.peers.script", str(log.path), str(out)]
    else:
        asked = ["--workers", str(way.workers), "--quiet", "-o", str(out)]
        command = [sys.executable, "-m", "sgformats", "extract", str(log.path), *asked]
    seconds, peak = json.loads(run_python(["-m", "benchmarks.watched", *command], folder))
    return seconds, peak


def _rows(way: Way, log: Log, folder: Path) -> int:
    """How many records a way gave: all that are whole, and perhaps some that others pass over."""
    out = _out(way, folder)
    if way.form == "parquet":
        from pyarrow import parquet

        found = parquet.read_table(out, columns=["salvaged"]).column("salvaged").to_pylist()
        salvaged = sum(found)
    else:
        with out.open(encoding="utf-8", newline="") as file:
            found = [row.get("salvaged") for row in csv.DictReader(file)]
        salvaged = found.count("true")
    whole = len(found) - salvaged
    # The script takes whatever is XML for records, and so a page for one.
    if whole < log.records or (way.who == OURS and whole > log.records):
        raise DisagreementError(f"{way.name} gives {whole} records where the log has {log.records}")
    return len(found)
