"""Interleaved timing: every round runs every entry once, in an order drawn anew.

What else a machine does comes and goes in minutes; side by side in one round, all entries get their
share of it, and a ratio is taken inside each round. Tools that time one benchmark after the other
(`pyperf`'s runner among them) leave that to chance; its clock and its file format are used here.

The garbage collector runs as it does by default, for that is part of what an object costs.
"""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import Any, NamedTuple

from pyperf import perf_counter  # type: ignore[import-untyped]  # it has no types

from benchmarks.tasks import Entry

LEAST = 0.005  # seconds that one timing takes at least


class Timed(NamedTuple):
    """An entry's seconds per call, a value for each round."""

    name: str
    records: int
    floor: bool
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
    """How many times as long, by record: the median over the rounds, and the quartiles."""

    median: float
    low: float
    high: float


def ratio(one: Timed, other: Timed) -> Ratio:
    """What `one` takes of what `other` does, compared inside each round."""
    return spread(
        (mine / one.records) / (theirs / other.records)
        for mine, theirs in zip(one.values, other.values, strict=True)
    )


def spread(values: Iterable[float]) -> Ratio:
    """The median and the quartiles."""
    found = list(values)
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
    """Times all entries; `step` is called after each timing."""
    chance = Random(len(entries))
    gc.collect()
    gc.freeze()  # What all have in common is no one's garbage to go through.
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
        Timed(entry.name, entry.records, entry.floor, count, tuple(taken))
        for entry, count, taken in zip(entries, loops, values, strict=True)
    ]


def _calibrated(entry: Entry, least: float) -> int:
    """How many calls take the least time."""
    loops = 1
    while (taken := _time(entry.run, entry.subject, loops)) < least:
        loops = max(2 * loops, min(100 * loops, int(1.2 * loops * least / max(taken, 1e-9))))
    return loops


def _time(run: Callable[[Any], Any], subject: Any, loops: int) -> float:
    """The seconds of some calls.

    One more goes before them: the allocator puts off part of what giving back a tree costs until it
    is asked again, and no one is to pay for the one before.
    """
    calls = range(loops)
    run(subject)
    begin = perf_counter()
    for _ in calls:
        run(subject)
    return float(perf_counter() - begin)
