"""The census of a list by the fast readers equals that of the tree."""

from __future__ import annotations

from random import Random
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures.exchange import Exchange, Source
from sgformats.census import observing
from sgformats.census.observing import observe
from sgformats.census.plainlists import read_plain_list
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.testing import Case, load_corpus
from sgformats.testing.mutations import mutate

CASES = [case for case in load_corpus() if case.operation.endswith(".get")]


def agree(exchange: Exchange, operation: str) -> bool:
    """Whether the fast readers accept the list; the results must be equal either way."""
    found = observe(exchange, operation)
    with patch.object(observing, "read_plain_list", lambda *_: None):
        wanted = observe(exchange, operation)
    assert found == wanted
    return read_plain_list(exchange.body or b"", find_operation(operation), 1 << 26) is not None


def exchange_of(case: Case, body: bytes) -> Exchange:
    method = case.operation.partition(".")[0]
    request = Request.parse(f"/api/{method}.get.xml?api_user=u&api_key=k&date=1")
    return Exchange(request, 200, "text/xml", body, Source("x"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_readers_agree_on_the_corpus(case: Case) -> None:
    agree(exchange_of(case, case.payload), case.operation)


def test_most_valid_lists_are_read_by_the_fast_readers() -> None:
    valid = [case for case in CASES if case.strict is not None and not case.problems]
    plainly = [agree(exchange_of(case, case.payload), case.operation) for case in valid]
    assert sum(plainly) > len(plainly) // 2


@given(st.sampled_from(CASES), st.integers(0, 1 << 32))
def test_both_readers_agree_on_mutants(case: Case, seed: int) -> None:
    agree(exchange_of(case, mutate(case.payload, Random(seed))), case.operation)
