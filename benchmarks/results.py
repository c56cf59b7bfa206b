"""The results of a run: times, peaks and imports, and their ratios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.contender import OURS, Format
from benchmarks.extraction import Extraction
from benchmarks.fresh import Peak
from benchmarks.tasks import Task
from benchmarks.timing import Ratio, Timed, ratio, spread


@dataclass
class Results:
    """`times` are by task name; `records_size` is the size of the largest payload's records in bytes."""

    sizes: tuple[int, ...]
    rounds: int
    tasks: list[Task] = field(default_factory=list)
    times: dict[str, list[Timed]] = field(default_factory=dict)
    peaks: list[Peak] = field(default_factory=list)
    records_size: int = 0
    imports: list[Timed] = field(default_factory=list)
    extraction: Extraction | None = None

    @property
    def few(self) -> int:
        """The number of rounds for large payloads."""
        return fewer(self.rounds)

    def of_kind(self, kind: str) -> dict[str, list[Task]]:
        """The measured tasks of a kind, by title."""
        found: dict[str, list[Task]] = {}
        for task in self.tasks:
            if task.kind == kind:
                found.setdefault(task.title, []).append(task)
        return found

    def to_floor(self, task: str, name: str = OURS) -> Ratio | None:
        """The ratio of a contender to the floor; None if not measured."""
        return compared(self.times.get(task, []), name)

    def growth(self, task: str) -> Ratio | None:
        """The ratio of the time per record in the larger payload to that in the smaller."""
        timed = self.times.get(task)
        return ratio(larger(timed), floor_of(timed)) if timed else None

    def peak(self, work: str, format: Format, records: int, name: str = OURS) -> Peak | None:
        """The peak memory of a contender."""
        wanted = (f"memory/{work}/{format}/{records}", name)
        return next((p for p in self.peaks if (p.name, p.contender) == wanted), None)


def fewer(rounds: int) -> int:
    """The number of rounds for large payloads."""
    return max(1, rounds // 5)


def floor_of(timed: list[Timed]) -> Timed:
    """The timing that the others are compared with."""
    (floor,) = (one for one in timed if one.floor)
    return floor


def larger(timed: list[Timed]) -> Timed:
    """The timing of the most records."""
    return max(timed, key=lambda one: one.records)


def compared(timed: list[Timed], name: str) -> Ratio | None:
    """The ratio of the entry with that name to the floor."""
    found = next((one for one in timed if one.name == name), None)
    return ratio(found, floor_of(timed)) if found else None


def times(values: Sequence[float], by: float) -> Ratio:
    """Values as multiples of `by`."""
    return spread(value / by for value in values)
