"""Line and column are counted by blocks, with the same result as from a list of all lines."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats._text import positions
from sgformats._text.positions import Text

TEXTS = st.text("\r\nab", max_size=40)


def lines_of(chars: str) -> list[int]:
    """Where each line begins."""
    return [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", chars))]


@given(TEXTS, st.integers(0, 40), st.integers(1, 9))
def test_a_location_is_a_line_and_a_column(chars: str, index: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(positions, "_BLOCK", block)
        text = Text(chars, "UTF-8")
        starts = lines_of(chars)
        at = min(index, len(chars))
        line = sum(start <= at for start in starts)
        place = text.location(at)
        assert (place.line, place.column) == (line, at - starts[line - 1] + 1)
        assert text.index(line, place.column or 0) == at
        assert text.part(at).location(len(chars) - at) == text.location(len(chars))


@given(TEXTS, st.integers(1, 12), st.integers(1, 9))
def test_an_index_is_clipped_to_the_text(chars: str, line: int, block: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(positions, "_BLOCK", block)
        starts = lines_of(chars)
        expected = starts[min(line, len(starts)) - 1]
        assert Text(chars, "UTF-8").index(line, 1) == expected
        assert Text(chars, "UTF-8").index(line, 99) == len(chars)


def test_many_lines_take_little_memory() -> None:
    text = Text("\n" * 1_000_000, "UTF-8")
    tracemalloc.start()
    try:
        assert text.location(999_999).line == 1_000_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000
