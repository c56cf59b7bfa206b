"""A log to a table, by `sgformats extract`, by scripts and by other tools: whole runs.

Every run is a separate process, timed from start to end. A round runs each way once, in random
order. Before it is timed, every way must give the records of the log.
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
    """A way to process a log: the tool, the output form or command, and the number of workers."""

    who: str
    form: str = "csv"
    workers: int = 1
    log: str = "mixed"
    command: str = "extract"

    @property
    def name(self) -> str:
        """A unique name."""
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
    """The costs of a way by round, for each byte of its log, and the number of its records.

    `damaged_rows` counts its rows from damaged answers, which sgformats marks.
    """

    timed: Timed
    peaks: Timed
    records: int
    cpu: float = 0.0
    damaged_rows: int = 0


class Extraction(NamedTuple):
    """The log, and the costs of each way."""

    lines: int
    bytes: int
    records: int
    taken: dict[Way, Extracted]


def extract(
    lines: int, rounds: int, folder: Path, step: Callable[[], None] = lambda: None
) -> Extraction:
    """Measure every way on a log with this number of lines; `step` is called after each run.

    Raises `DisagreementError` if a way gives other records.
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
        raise DisagreementError(f"{TOGETHER.name} and one worker give different tables")
    measured: dict[Way, list[tuple[float, int, float]]] = {way: [] for way in WAYS}
    chance = Random(len(WAYS))
    for _ in range(rounds):
        for way in chance.sample(WAYS, len(WAYS)):
            measured[way].append(_run(way, logs[way.log], folder))
            step()
    taken = {}
    for way in WAYS:
        seconds, peaks, cpu = zip(*measured[way], strict=True)
        log = logs[way.log]
        taken[way] = Extracted(
            Timed(way.name, log.bytes, 1, seconds),
            Timed(way.name, log.bytes, 1, peaks),
            rows[way],
            statistics.median(cpu),
            max(0, rows[way] - log.records),
        )
    return Extraction(lines, whole.bytes, whole.records, taken)


def _out(way: Way, folder: Path) -> Path:
    return folder / f"way{WAYS.index(way)}.{way.form}"


def _run(way: Way, log: Log, folder: Path) -> tuple[float, int, float]:
    """The seconds of a run, its peak memory in bytes, and its CPU seconds."""
    out = _out(way, folder)
    for old in folder.glob(f"{out.name}*"):
        old.unlink()
    if way.who != OURS:
        module = f"benchmarks.peers.{_PEERS[way.who]}"
        command = [sys.executable, "-m", module, str(log.path), str(out)]
    else:
        options = ["--workers", str(way.workers)]
        options += ["--quiet"] if way.command == EXTRACT else []
        # With a new baseline, problems are not failures.
        options += ["--write-baseline" if way.command == "check" else "-o", str(out)]
        command = [sys.executable, "-m", "sgformats", way.command, str(log.path), *options]
    seconds, peak, cpu = json.loads(run_python(["-m", "benchmarks.watched", *command], folder))
    return seconds, peak, cpu


def _rows(way: Way, log: Log, folder: Path) -> int:
    """The number of records from a way: all of complete answers, and perhaps more."""
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
    # The script reads any XML as records, also an HTML page.
    if whole < log.records or (way.who == OURS and whole > log.records):
        raise DisagreementError(f"{way.name} gives {whole} records where the log has {log.records}")
    return len(found)
