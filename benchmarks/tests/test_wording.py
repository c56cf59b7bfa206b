"""Numbers and tables, to the character."""

from __future__ import annotations

import pytest

from benchmarks.wording import digits, megabytes, multiple, seconds, table


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.00057, "0.00057"),
        (0.0091, "0.0091"),
        (0.036, "0.036"),
        (0.5, "0.50"),
        (1.0, "1.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (12.34, "12.3"),
        (99.94, "99.9"),
        (99.96, "100"),
        (3551.2, "3,551"),
        (-1.4, "-1"),
    ],
)
def test_a_number_has_three_digits(value: float, shown: str) -> None:
    assert digits(value) == shown


@pytest.mark.parametrize(
    ("value", "deviation", "shown"),
    [
        (2.5, 0.25, "2.50 ± 0.25 s"),
        (0.0123, 0.00012, "12.3 ± 0.1 ms"),
        (933e-6, 32e-9, "933 ± 0 µs"),
        (933e-6, None, "933 µs"),
        (5e-9, 1e-9, "5.00 ± 1.00 ns"),
        (5e-10, None, "0.50 ns"),
    ],
)
def test_a_time_has_the_unit_that_fits(value: float, deviation: float | None, shown: str) -> None:
    assert seconds(value, deviation) == shown


def test_ratios_and_sizes() -> None:
    assert (multiple(0.914), megabytes(52_699_136)) == ("0.91 ×", "52.7 MB")


def test_a_table_aligns_words_and_numbers() -> None:
    assert table(("a", "b", "c"), [("x", "y", "1")], words=2) == [
        "| a | b | c |",
        "| --- | --- | ---: |",
        "| x | y | 1 |",
        "",
    ]
