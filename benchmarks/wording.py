"""Numbers and tables for the page and the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence

_SECONDS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table; the first columns are words, the others numbers."""
    marks = [*["---"] * words, *["---:"] * (len(head) - words)]
    return "".join(f"| {' | '.join(row)} |\n" for row in (head, marks, *rows))


def seconds(value: float, deviation: float | None = None) -> str:
    """A time in a fitting unit, with its spread to as many decimals."""
    size, unit = next(((size, unit) for size, unit in _SECONDS if value >= size), _SECONDS[-1])
    shown = digits(value / size)
    if deviation is None:
        return f"{shown} {unit}"
    decimals = len(shown.partition(".")[2])
    return f"{shown} ± {deviation / size:,.{decimals}f} {unit}"


def multiple(value: float) -> str:
    """A ratio."""
    return f"{digits(value)} ×"


def megabytes(value: float) -> str:
    """A number of bytes in millions."""
    return f"{digits(value / 1e6)} MB"


def digits(value: float) -> str:
    """A number in three digits; whole from 100 on, with two significant digits below 0.1."""
    if not 0 < value < 99.95:
        return f"{value:,.0f}"
    if value >= 9.995:
        return f"{value:.1f}"
    return f"{value:.{max(2, 1 - math.floor(math.log10(value)))}f}"
