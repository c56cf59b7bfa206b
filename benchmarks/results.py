"""The results of a run, their ratios, and all values in pyperf's format."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyperf  # type: ignore[import-untyped]  # it has no types

from benchmarks import facts
from benchmarks.contender import OURS
from benchmarks.extraction import EXTRACT, Extraction
from benchmarks.tasks import Task
from benchmarks.timing import Timed

IMPORT = "import"


@dataclass
class Results:
    """The measured tasks; `times` has their timings by name, and those of imports.

    `records_size` is the size of the largest payload's records in bytes.
    """

    sizes: tuple[int, ...]
    rounds: int
    tasks: list[Task] = field(default_factory=list)
    times: dict[str, list[Timed]] = field(default_factory=dict)
    records_size: int = 0
    extraction: Extraction | None = None

    @property
    def few(self) -> int:
        """The number of rounds for large payloads."""
        return max(1, self.rounds // 5)

    def of_kind(self, kind: str) -> dict[str, list[Task]]:
        """The measured tasks of a kind, by title."""
        found: dict[str, list[Task]] = {}
        for task in self.tasks:
            if task.kind == kind:
                found.setdefault(task.title, []).append(task)
        return found

    def of(self, task: str, name: str = OURS) -> Timed | None:
        """The timing of a contender; None if not measured."""
        return next((one for one in self.times.get(task, ()) if one.name == name), None)


def suite(results: Results) -> pyperf.BenchmarkSuite:
    """All values of a run, for pyperf's `stats`, `hist` and `compare_to`."""
    found = []
    for name, one in _named(results):
        metadata: dict[str, str | float] = {
            **facts.about_run(),
            "name": name,
            "unit": "second",
            "loops": one.loops,
            "records": one.records,
        }
        if name.startswith("memory/"):
            # pyperf would sum the bytes as seconds, if there were no duration.
            metadata |= {"unit": "byte", "duration": 1e-9}
        run = pyperf.Run(list(one.values), metadata=metadata, collect_metadata=False)
        found.append(pyperf.Benchmark([run]))
    return pyperf.BenchmarkSuite(found)


def _named(results: Results) -> Iterator[tuple[str, Timed]]:
    for task, timed in results.times.items():
        for one in timed:
            yield f"{task}: {one.name}", one
    for taken in results.extraction.taken.values() if results.extraction else ():
        name = f"{EXTRACT}: {taken.timed.name}"
        yield name, taken.timed._replace(records=taken.records)
        yield f"memory/{name}", taken.peaks._replace(records=taken.records)
