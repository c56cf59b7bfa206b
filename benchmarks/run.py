"""A run: the chosen tasks in order, each with interleaved contenders."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

import sgformats
from benchmarks import extraction, fresh
from benchmarks.contender import OPERATION
from benchmarks.extraction import EXTRACT
from benchmarks.payloads import valid
from benchmarks.progress import progress
from benchmarks.results import Results
from benchmarks.tasks import FULL, QUICK, tasks
from benchmarks.timing import LEAST, measure

ROUNDS = 15
IMPORT = "import"


class Plan(NamedTuple):
    """The options of a run. `quick` only checks that everything works."""

    quick: bool = False
    only: str | None = None
    rounds: int | None = None


def names(plan: Plan) -> list[str]:
    """The names of all measurements of a plan, in order."""
    sizes = QUICK if plan.quick else FULL
    every = [task.name for task in tasks(sizes)]
    every += [*dict.fromkeys(job.name for job in fresh.jobs(sizes)), IMPORT, EXTRACT]
    return [name for name in every if _chosen(name, plan.only)]


def _chosen(name: str, pattern: str | None) -> bool:
    """Whether a pattern matches a name, or a part of it before a slash."""
    return pattern is None or fnmatchcase(name, pattern) or fnmatchcase(name, f"{pattern}/*")


def run(plan: Plan) -> Results:
    """Run a plan.

    Raises `DisagreementError` if a contender gives a wrong result.
    """
    sizes = QUICK if plan.quick else FULL
    rounds = plan.rounds or (1 if plan.quick else ROUNDS)
    least = 0.0 if plan.quick else LEAST
    chosen = set(names(plan))
    results = Results(sizes, rounds)
    timings = [task for task in tasks(sizes) if task.name in chosen]
    jobs = [job for job in fresh.jobs(sizes) if job.name in chosen]
    total = len(timings) + len(jobs) + (IMPORT in chosen) + (EXTRACT in chosen)
    with progress(total) as begin, tempfile.TemporaryDirectory() as folder:
        for task in timings:
            step = begin(task.name)
            entries = task.build()
            for entry in entries:
                entry.check()
            results.times[task.name] = measure(
                entries, results.few if task.long else rounds, least, step
            )
            results.tasks.append(task)
        _measure_memory(results, jobs, Path(folder), begin)
        if IMPORT in chosen:
            results.imports = fresh.import_times(rounds, Path(folder), begin(IMPORT))
        if EXTRACT in chosen:
            lines = extraction.QUICK_LINES if plan.quick else extraction.LINES
            step = begin(EXTRACT)
            results.extraction = extraction.extract(lines, results.few, Path(folder), step)
    return results


def _measure_memory(
    results: Results,
    jobs: list[fresh.Job],
    folder: Path,
    begin: Callable[[str], Callable[[], None]],
) -> None:
    for job in jobs:
        step = begin(f"{job.name}, {job.contender.name}")
        results.peaks.append(fresh.peak(job, results.few, folder, step))
    if jobs:
        listing = sgformats.parse(valid("json", results.sizes[-1]).data, OPERATION)
        assert isinstance(listing, sgformats.Listing)
        results.records_size = fresh.size_of(listing.records)
