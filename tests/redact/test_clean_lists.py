"""The full search finds nothing in a list that the quick check accepts."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgformats.redact import hider
from sgformats.redact.cleanlists import is_clean_list
from sgformats.redact.hider import Hider
from sgformats.redact.rewriting import Rewriter
from sgformats.testing import load_corpus
from sgformats.testing.mutations import damage, mutate

LISTS = [case.payload for case in load_corpus() if case.strict and len(case.payload) > 100]
SHORT_LISTS = [body for body in LISTS if len(body) < 100_000]  # Others are too long to print.
KNOWN = "Correct-Horse-Battery"
PIECES = (
    *(
        "api_key=Correct-Horse",
        "&amp;api_user=",
        "Authorization: Bearer abc.def",
        "//user:pass@host/",
    ),
    *(
        "/api/bounces.get.json?api_key=1",
        KNOWN,
        KNOWN[:6],
        "SG.aaaaaaaaaaaaaaaaaaaaaa.b",
        "%61pi_key=x1",
    ),
    *(
        "&#97;pi_key=x",
        "\\u0061pi_key=x",
        "<!-- api -->",
        "<![CDATA[api_key=1]]>",
        "<b api_key='1'>",
    ),
    *(
        '"password":"x"',
        "</email>token=abc<email>",
        '","api_key":"k","x":"',
        "'};",
        "cookie: a=b",
        "&amp;api_user=&lô;x",
    ),
)


def edits(text: str) -> list[object]:
    rewriter = Rewriter(Hider())
    rewriter.hider._remember(KNOWN)
    with patch.object(hider, "is_clean_list", lambda *_: False):
        return list(rewriter.string(text))


def check(text: str) -> bool:
    clean = is_clean_list(text, [KNOWN[:6]])
    if clean:
        assert edits(text) == []
    return clean


def test_most_valid_lists_are_clean() -> None:
    assert sum(check(body.decode("latin-1")) for body in LISTS) > len(LISTS) // 3


@pytest.mark.parametrize("piece", PIECES)
@pytest.mark.parametrize("body", [LISTS[0], LISTS[-1], LISTS[len(LISTS) // 2]])
def test_a_list_with_a_piece_of_a_secret_is_not_clean(body: bytes, piece: str) -> None:
    text = body.decode("latin-1")
    for at in range(0, len(text), 3):
        check(text[:at] + piece + text[at:])


DUPLICATE = '[{"email":"//u:secret@h/","reason":"%s","email":"b@c.example"}]' % ("long " * 20)


@pytest.mark.parametrize(
    "text",
    [
        DUPLICATE,
        DUPLICATE.replace('"email":"b', '"\\u0065mail":"b'),
        DUPLICATE.replace('"email":"/', '"\\u0065mail":"/'),
    ],
)
def test_both_values_of_a_duplicate_field_are_searched(text: str) -> None:
    assert edits(text)
    assert not check(text)


@given(st.sampled_from(SHORT_LISTS), st.sampled_from(PIECES), st.integers(0, 1 << 32))
@example(LISTS[0], PIECES[0], 0)
def test_no_secret_in_a_damaged_list_is_missed(body: bytes, piece: str, seed: int) -> None:
    chance = Random(seed)
    text = chance.choice((mutate, damage))(body, chance).decode("latin-1")
    at = chance.randrange(len(text) + 1)
    check(text[:at] + piece * chance.randrange(2) + text[at:])
