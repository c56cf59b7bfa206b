"""Interleaved timing: every round runs every entry once, in random order.

Other load on the machine changes over minutes. Within a round it affects all entries, and ratios
are taken within rounds. Tools that time one benchmark after the other, such as pyperf's runner, do
not have this property; only the clock and the file format of pyperf are used.

The garbage collector runs with its default settings, because it is part of the cost of objects.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from pyperf import perf_counter  # type: ignore[import-untyped]  # it has no types

from benchmarks.tasks import Entry

LEAST = 0.005  # The least seconds of one timing.


class Timed(NamedTuple):
    """An entry's seconds per call, or bytes of memory, a value for each round."""

    name: str
    records: int
    loops: int
    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def deviation(self) -> float:
        """The median distance from the median."""
        middle = self.median
        return statistics.median(abs(value - middle) for value in self.values)


class Ratio(NamedTuple):
    """A ratio of times per record: the median over the rounds, and the quartiles."""

    median: float
    low: float
    high: float


def ratio(one: Timed, other: Timed) -> Ratio:
    """The time of `one` divided by that of `other`, within each round."""
    found = [
        (mine / one.records) / (theirs / other.records)
        for mine, theirs in zip(one.values, other.values, strict=True)
    ]
    if len(found) == 1:
        return Ratio(found[0], found[0], found[0])
    low, middle, high = statistics.quantiles(found, n=4, method="inclusive")
    return Ratio(middle, low, high)


def measure(
    entries: Sequence[Entry],
    rounds: int,
    least: float = LEAST,
    step: Callable[[], None] = lambda: None,
) -> list[Timed]:
    """Time all entries; `step` is called after each timing."""
    chance = Random(len(entries))
    gc.collect()
    gc.freeze()  # Shared objects must not cost collections.
    try:
        loops = [_calibrated(entry, least) for entry in entries]
        values: list[list[float]] = [[] for _ in entries]
        for _ in range(rounds):
            for index in chance.sample(range(len(entries)), len(entries)):
                gc.collect()
                taken = _time(entries[index].run, entries[index].subject, loops[index])
                values[index].append(taken / loops[index])
                step()
    finally:
        gc.unfreeze()
    return [
        Timed(entry.name, entry.records, count, tuple(taken))
        for entry, count, taken in zip(entries, loops, values, strict=True)
    ]


def _calibrated(entry: Entry, least: float) -> int:
    """The number of calls that take the least time."""
    loops = 1
    while (taken := _time(entry.run, entry.subject, loops)) < least:
        loops = max(2 * loops, min(100 * loops, int(1.2 * loops * least / max(taken, 1e-9))))
    return loops


def _time(run: Callable[[Any], Any], subject: Any, loops: int) -> float:
    """The seconds of some calls, after one that is not counted.

    The allocator delays part of the cost of freeing a tree until the next call.
    """
    calls = range(loops)
    run(subject)
    begin = perf_counter()
    for _ in calls:
        run(subject)
    return float(perf_counter() - begin)
