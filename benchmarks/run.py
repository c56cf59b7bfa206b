"""A run: the chosen tasks in order, each with interleaved contenders."""

from __future__ import annotations

import tempfile
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

import sgformats
from benchmarks import extraction, fresh
from benchmarks.contender import OPERATION
from benchmarks.extraction import EXTRACT
from benchmarks.payloads import valid
from benchmarks.progress import progress
from benchmarks.results import IMPORT, Results
from benchmarks.tasks import FULL, QUICK, prepare, tasks
from benchmarks.timing import LEAST, measure

ROUNDS = 15


def names(quick: bool, pattern: str | None = None) -> list[str]:
    """All measurements, in order, whose name or a part of it before a slash matches a pattern."""
    every = [*(task.name for task in tasks(QUICK if quick else FULL)), IMPORT, EXTRACT]
    return [
        name
        for name in every
        if pattern is None or fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")
    ]


def run(chosen: Collection[str], *, quick: bool, rounds: int | None = None) -> Results:
    """Run the named measurements; `quick` only checks that everything works.

    Raises `DisagreementError` if a contender gives a wrong result.
    """
    results = Results(QUICK if quick else FULL, rounds or (1 if quick else ROUNDS))
    results.tasks = [task for task in tasks(results.sizes) if task.name in chosen]
    with progress(len(chosen)) as begin, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for task in results.tasks:
            step = begin(task.name)
            if task.kind == "memory":
                timed = [fresh.peak(part, results.few, folder, step) for part in task.parts]
            else:
                count = results.few if task.long else results.rounds
                timed = measure(prepare(task), count, 0.0 if quick else LEAST, step)
            results.times[task.name] = timed
        if results.of_kind("memory"):
            listing = sgformats.parse(valid("json", results.sizes[-1]).data, OPERATION)
            assert isinstance(listing, sgformats.Listing)
            results.records_size = fresh.size_of(listing.records)
        if IMPORT in chosen:
            results.times[IMPORT] = fresh.import_times(results.rounds, folder, begin(IMPORT))
        if EXTRACT in chosen:
            lines = extraction.QUICK_LINES if quick else extraction.LINES
            step = begin(EXTRACT)
            results.extraction = extraction.extract(lines, results.few, folder, step)
    return results
