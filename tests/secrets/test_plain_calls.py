"""The shortcut for plain calls finds the same secrets as the search."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgformats.secrets.calls import secrets_of_call
from sgformats.secrets.search import _merge, _Search

NAMES = st.sampled_from(("api_user", "api_key", "date", "days", "user", "email", "start_date", "x"))
VALUES = st.sampled_from(
    (
        *("", "1", "u1", "k7Gq2XbbTz", "a%40b.example", "bob@b.example", "api_key", "pass:1"),
        *("a+b", "SG.x"),
    )
)
PREFIXES = st.sampled_from(
    ("", "https://h.example", "http://h.example:8080", "//h.example", "https://u:p@h.example")
)


@example("", [("api_user", ""), ("api_user", "k7Gq2XbbTz")], "")
@example("", [("api_user", "1"), ("api_user", "k7Gq2XbbTz")], "")
@given(PREFIXES, st.lists(st.tuples(NAMES, VALUES), max_size=6), st.sampled_from(("", "&", "=x")))
def test_a_plain_call_has_the_secrets_that_a_search_finds(
    base: str, pairs: list[tuple[str, str]], end: str
) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    text = f"{base}/api/bounces.get.json?{query}{end}"
    found = secrets_of_call(text)
    if found is not None:
        searched = _merge(_Search(text, prose=False).run())
        assert [tuple(secret) for secret in searched] == found


@pytest.mark.parametrize(
    "text",
    [
        "/api/bounces.get.json?api_user=u1&api_key=k7&date=1",
        "https://h.example/api/blocks.get.xml?api_key=k7Gq2XbbTz&api_user=u1",
    ],
)
def test_typical_calls_need_no_search(text: str) -> None:
    found = secrets_of_call(text)
    assert found is not None and len(found) == 2
