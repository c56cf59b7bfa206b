"""Masking a part of a long text hides what masking the whole text hides there."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from sgformats.redaction import masked

PIECES = (
    *("api_key=Correct-Horse-1", "&amp;api_user=kim", "Authorization: Bearer abc.def12X"),
    "api_keyHUNTER2",
    *('{"email":"a@b.example","reason":"550 user unknown"}', "<email>x@y.example</email>"),
    "Cookie: a=b; c=d",
    *("//user:pass@host/", "/api/bounces.get.json?api_", "\\u0061pi_key=x1", "%61pi_key=Zx9Zx9Zx9"),
    *("\x01", "\n"),
    *("0123456789abcdefABCDEF" * 4, "word " * 30, " = & ? ", "Zx8Yw7Vu6", "key: ", "token", "'"),
    '"',
)


@given(st.integers(0, 1 << 32), st.integers(5, 300), st.integers(0, 500))
def test_a_part_is_masked_as_the_whole_is(seed: int, number: int, most: int) -> None:
    chance = Random(seed)
    text = "".join(chance.choice(PIECES) for _ in range(number))
    start = chance.randrange(len(text))
    stop = min(len(text), start + most)
    assert masked(text, start, stop)[start:stop] == masked(text)[start:stop]
