"""A log to a table, by the command and by the script that people write: whole runs, side by side.

Every run is a process of its own, from its start to its end. In a round each way goes once, in an
order drawn anew. Before anything is timed, every way has to give the records of the log.
"""

from __future__ import annotations

import csv
import filecmp
import json
import re
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
SCRIPT, GOOD = "json, xmltodict, csv", "orjson, lxml, csv"
DUCKDB, POLARS = "DuckDB, SQL", "Polars"
WORKERS = 2
_FORMS = {"csv": "CSV", "parquet": "Parquet", "duckdb": "DuckDB"}
_PEERS = {SCRIPT: "script", GOOD: "good_script", DUCKDB: "duckdb_sql", POLARS: "polars_frame"}
_DAMAGED = 0.5
LOGS = {
    "mixed": "a mixed log",
    "quarter": "a quarter of it",
    "json": "only JSON",
    "damaged": "half of the answers cut",
}
"""The logs, and what each holds."""


class Way(NamedTuple):
    """What is made of a log: by whom, in which form or by which command, by how many processes."""

    who: str
    form: str = "csv"
    workers: int = 1
    log: str = "mixed"
    command: str = "extract"

    @property
    def name(self) -> str:
        """What tells it from the others."""
        log = [] if self.log == "mixed" else [LOGS[self.log]]
        if self.who != OURS:
            return ", ".join((self.who, *log))
        does = _FORMS[self.form] if self.command == EXTRACT else f"`{self.command}`"
        workers = f"{self.workers} worker{'s' if self.workers > 1 else ''}"
        return ", ".join((self.who, does, workers, *log))


SCRIPTED, GOOD_SCRIPT = Way(SCRIPT), Way(GOOD)
ALONE, TOGETHER = Way(OURS), Way(OURS, workers=WORKERS)
QUARTER, DAMAGED = Way(OURS, log="quarter"), Way(OURS, log="damaged")
COMMANDS = tuple(Way(OURS, log="quarter", command=name) for name in ("check", "census", "redact"))
JSON = tuple(Way(who, log="json") for who in (GOOD, OURS, DUCKDB, POLARS))
WAYS = (
    *(SCRIPTED, GOOD_SCRIPT, ALONE, TOGETHER),
    *(Way(OURS, form, workers) for form in ("parquet", "duckdb") for workers in (1, WORKERS)),
    *(QUARTER, *COMMANDS, DAMAGED, *JSON),
)


class Extracted(NamedTuple):
    """What a way took, a value for each round: seconds, bytes of memory, seconds of all processors.

    `odd` is how many of its rows are of no whole answer: ours are marked as such.
    """

    way: Way
    bytes: int
    timed: Timed
    peaks: tuple[int, ...]
    cpu: float = 0.0
    odd: int = 0

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
    logs = {
        "mixed": write_log(folder / "mixed.jsonl", lines),
        "quarter": write_log(folder / "quarter.jsonl", lines // 4),
        "json": write_log(folder / "json.jsonl", lines, formats=("json",)),
        "damaged": write_log(folder / "damaged.jsonl", lines, cut=_DAMAGED),
    }
    whole = logs["mixed"]
    rows = {}
    for way in WAYS:
        _run(way, logs[way.log], folder)
        rows[way] = _rows(way, logs[way.log], folder)
    if not filecmp.cmp(_out(ALONE, folder), _out(TOGETHER, folder), shallow=False):
        raise DisagreementError(f"{TOGETHER.name} give another table than one")
    taken: dict[Way, list[tuple[float, int, float]]] = {way: [] for way in WAYS}
    chance = Random(len(WAYS))
    for _ in range(rounds):
        for way in chance.sample(WAYS, len(WAYS)):
            taken[way].append(_run(way, logs[way.log], folder))
            step()
    found = []
    for way in WAYS:
        seconds, peaks, cpu = zip(*taken[way], strict=True)
        log = logs[way.log]
        timed = Timed(way.name, rows[way], way == SCRIPTED, 1, seconds)
        odd = max(0, rows[way] - log.records)
        found.append(Extracted(way, log.bytes, timed, peaks, statistics.median(cpu), odd))
    return Extraction(lines, whole.bytes, whole.records, tuple(found))


def _out(way: Way, folder: Path) -> Path:
    name = "-".join(filter(str.isalnum, re.split(r"(\w+)", way.name)))
    return folder / f"{name}.{way.form}"


def _run(way: Way, log: Log, folder: Path) -> tuple[float, int, float]:
    """The seconds of a run, its memory at the most in bytes, and the seconds of all processors."""
    out = _out(way, folder)
    for old in folder.glob(f"{out.name}*"):
        old.unlink()
    if way.who != OURS:
        module = f"benchmarks.peers.{_PEERS[way.who]}"
        command = [sys.executable, "-m", module, str(log.path), str(out)]
    else:
        asked = ["--workers", str(way.workers)]
        asked += ["--quiet"] if way.command == EXTRACT else []
        # What check finds is known then, and no failure.
        asked += ["--write-baseline" if way.command == "check" else "-o", str(out)]
        command = [sys.executable, "-m", "sgformats", way.command, str(log.path), *asked]
    seconds, peak, cpu = json.loads(run_python(["-m", "benchmarks.watched", *command], folder))
    return seconds, peak, cpu


def _rows(way: Way, log: Log, folder: Path) -> int:
    """How many records a way gave: all that are whole, and perhaps some that others pass over."""
    if way.command != EXTRACT:
        return log.records
    out = _out(way, folder)
    if way.form == "csv":
        with out.open(encoding="utf-8", newline="") as file:
            found = [row.get("salvaged") == "true" for row in csv.DictReader(file)]
    else:
        import duckdb

        table = "records" if way.form == "duckdb" else f"read_parquet('{out}')"
        with duckdb.connect(str(out) if way.form == "duckdb" else ":memory:") as base:
            found = [row[0] for row in base.execute(f"SELECT salvaged FROM {table}").fetchall()]
    whole = len(found) - sum(found)
    # The script takes whatever is XML for records, and so a page for one.
    if whole < log.records or (way.who == OURS and whole > log.records):
        raise DisagreementError(f"{way.name} gives {whole} records where the log has {log.records}")
    return len(found)
