"""`work` is deterministic, and distinguishes linear from quadratic growth."""

from __future__ import annotations

import sys

import pytest

from tests.work import cpu_growth, work


def linear(items: list[int]) -> int:
    total = 0
    for item in items:
        total += item
    return total


def quadratic(items: list[int]) -> int:
    return sum(linear(items[:end]) for end in range(len(items)))


def calls_only(items: list[int]) -> None:
    for item in items: abs(item); abs(item)  # fmt: skip  # noqa: E701, E702


def test_work_counts_lines_and_calls() -> None:
    none = work(linear, [])
    assert [work(linear, [1] * n) - none for n in (1, 10, 100)] == [2, 20, 200]
    assert work(calls_only, [1] * 100) - work(calls_only, [1] * 50) == 150


def test_work_distinguishes_linear_from_quadratic() -> None:
    small, large = [0] * 100, [0] * 400
    assert work(linear, large) < 5 * work(linear, small)
    assert work(quadratic, large) > 12 * work(quadratic, small)


def test_work_passes_exceptions_on_and_restores_the_hooks() -> None:
    before = sys.gettrace(), sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        work(lambda: 1 / 0)
    assert (sys.gettrace(), sys.getprofile()) == before


@pytest.mark.thorough
def test_cpu_growth_measures_c_code() -> None:
    assert cpu_growth(lambda data: data.count(b"x"), bytes(10**7), bytes(8 * 10**7)) < 24
    copying = lambda data: [data[at:] for at in range(0, len(data), 8)]  # noqa: E731
    assert cpu_growth(copying, bytes(20_000), bytes(160_000)) > 24
