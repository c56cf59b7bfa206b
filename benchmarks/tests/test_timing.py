"""Timing: the calls, their number and order, and the results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks import timing
from benchmarks.tasks import Entry
from benchmarks.tests.samples import timed
from benchmarks.timing import Ratio, measure, ratio


class Clock:
    """A clock that advances only on request."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(timing, "perf_counter", found)
    return found


def entries(clock: Clock, calls: list[str], **costs: float) -> Iterator[Entry]:
    for name, cost in costs.items():

        def run(subject: Any, cost: float = cost) -> None:
            calls.append(subject)
            clock.now += cost

        yield Entry(name, run, name, 10)


def test_one_timing_lasts_at_least_the_minimum(clock: Clock) -> None:
    calls: list[str] = []
    found = measure(list(entries(clock, calls, quick=0.0003, slow=0.5)), 3, 0.005)
    assert found[0].loops * 0.0003 >= 0.005
    assert found[0].loops <= 100
    assert found[1].loops == 1
    assert [round(value, 6) for value in found[0].values] == [0.0003] * 3
    assert [round(value, 6) for value in found[1].values] == [0.5] * 3
    assert [(one.name, one.records) for one in found] == [("quick", 10), ("slow", 10)]


def test_every_round_runs_every_entry_once_in_random_order(clock: Clock) -> None:
    calls: list[str] = []
    steps: list[None] = []
    found = list(entries(clock, calls, a=1.0, b=1.0, c=1.0, d=1.0))
    measure(found, 20, 0.0, lambda: steps.append(None))
    firsts = calls[::2]
    assert calls[1::2] == firsts  # Each timing has a call before it that does not count.
    rounds = [tuple(firsts[index : index + 4]) for index in range(4, len(firsts), 4)]
    assert firsts[:4] == ["a", "b", "c", "d"]
    assert all(sorted(one) == ["a", "b", "c", "d"] for one in rounds)
    assert len(rounds) == 20
    assert len(set(rounds)) > 5
    assert len(steps) == 80


def test_a_ratio_is_taken_inside_each_round() -> None:
    floor = timed("floor", 1.0, 10.0, 1.0)
    ours = timed("ours", 2.0, 20.0, 4.0)
    assert ratio(ours, floor) == Ratio(2.0, 2.0, 3.0)


def test_a_ratio_is_by_record() -> None:
    few = timed("few", 1.0, 2.0, records=10)
    many = timed("many", 12.0, 24.0, records=100)
    assert [round(value, 9) for value in ratio(many, few)] == [1.2, 1.2, 1.2]


def test_the_spread_of_a_ratio_is_its_quartiles() -> None:
    five = timed("five", 1.0, 2.0, 3.0, 4.0, 5.0)
    assert ratio(five, timed("floor", *[1.0] * 5)) == Ratio(3, 2, 4)
    assert ratio(timed("one", 2.5), timed("floor", 1.0)) == Ratio(2.5, 2.5, 2.5)


def test_the_median_and_its_deviation() -> None:
    one = timed("one", 5.0, 1.0, 2.0, 100.0, 4.0)
    assert (one.median, one.deviation) == (4.0, 2.0)


def test_different_numbers_of_rounds_give_no_ratio() -> None:
    with pytest.raises(ValueError, match="longer"):
        ratio(timed("a", 1.0), timed("b", 1.0, 2.0))
