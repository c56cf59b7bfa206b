"""The strips of the HTML page: every exchange has a cell, and every problem is visible."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.report.charts import HEIGHT, WIDTH, Cell, ChartPiece, account, bar, strip
from sgformats.report.gathered import STATES, File, RuleTally

CLEAN, SKIPPED, QUIET, WARNING, ERROR, UNREAD = range(len(STATES))


def file(states: list[int], links: dict[int, int] | None = None) -> File:
    """A file with these states."""
    return File("a.har", 1, states=bytearray(states), links=links or {})


def test_few_exchanges_have_a_cell_each() -> None:
    drawn = strip(file([CLEAN, ERROR, SKIPPED], {1: 7}))
    assert drawn == [
        Cell(0.0, 4.0, 0, 0, [ChartPiece("clean", 1, 0.0, 10.0)], None, True),
        Cell(4.0, 4.0, 1, 1, [ChartPiece("error", 1, 0.0, 10.0)], 7, True),
        Cell(8.0, 4.0, 2, 2, [ChartPiece("skipped", 1, 0.0, 10.0)], None, True),
    ]


def test_many_exchanges_share_cells_and_a_single_problem_stays_in_sight() -> None:
    states = [CLEAN] * 10_000
    states[5_050] = ERROR
    drawn = strip(file(states, {5_050: 3}))
    assert drawn == [
        Cell(0.0, 50.0, 0, 4_999, [ChartPiece("clean", 100, 0.0, 10.0)], None, False),
        Cell(
            50.0,
            1.0,
            5_000,
            5_099,
            [ChartPiece("error", 1, 7.0, 3.0), ChartPiece("clean", 99, 0.0, 7.0)],
            3,
            False,
        ),
        Cell(51.0, 49.0, 5_100, 9_999, [ChartPiece("clean", 100, 0.0, 10.0)], None, False),
    ]


def test_a_cell_links_to_the_first_of_its_problems() -> None:
    drawn = strip(file([ERROR] * 200, {0: 5, 1: 4, 199: 9}))
    assert [cell.link for cell in drawn][:2] == [4, None]
    assert drawn[-1].link == 9


@pytest.mark.parametrize("total", [99, 100, 101, 150, 199, 333, 1001])
def test_every_cell_links_to_its_first_exchange(total: int) -> None:
    drawn = strip(file([ERROR] * total, {place: place + 1 for place in range(total)}))
    assert len(drawn) == min(total, 100)
    assert [cell.link for cell in drawn] == [cell.first + 1 for cell in drawn]


def test_a_bar_is_as_long_as_its_share_of_the_longest() -> None:
    tally = RuleTally("truncated", 1)
    tally.counts.update({"error": 3, "tolerated": 1})
    assert bar(tally, 8) == [
        ChartPiece("error", 3, 0.0, 37.5),
        ChartPiece("tolerated", 1, 37.5, 12.5),
    ]
    assert bar(tally, 100_000) == [
        ChartPiece("error", 3, 0.0, 0.8),
        ChartPiece("tolerated", 1, 0.8, 0.8),
    ]


@given(st.lists(st.integers(0, 10**7), min_size=6, max_size=6))
def test_the_bar_of_all_exchanges_fills_its_width(states: list[int]) -> None:
    pieces = account(states)
    assert [(piece.name, piece.count) for piece in pieces] == [
        (name, count) for name, count in zip(STATES, states, strict=True) if count
    ]
    if pieces:
        assert sum(piece.length for piece in pieces) == pytest.approx(WIDTH, abs=0.1)
        assert all(piece.length >= 0.7 for piece in pieces)


@given(st.lists(st.integers(CLEAN, UNREAD), min_size=1, max_size=700), st.data())
def test_cells_hold_every_exchange_once_and_in_order(
    states: list[int], data: st.DataObject
) -> None:
    linked = data.draw(st.sets(st.integers(0, len(states) - 1), max_size=9))
    drawn = strip(file(states, {place: place + 1 for place in linked}))
    edges = [(cell.first, cell.last) for cell in drawn]
    assert edges[0][0] == 0 and edges[-1][1] == len(states) - 1
    assert all(after[0] == before[1] + 1 for before, after in pairwise(edges))
    assert drawn[-1].x + drawn[-1].width <= WIDTH + 0.5
    for cell in drawn:
        inside = states[cell.first : cell.last + 1]
        places = [place for place in sorted(linked) if cell.first <= place <= cell.last]
        assert cell.link == (places[0] + 1 if places else None) or not set(inside) - {0, 1}
        bad = {STATES[state] for state in inside if state > SKIPPED}
        assert {piece.name for piece in cell.pieces} - {"clean", "skipped"} == bad
        assert sum(piece.length for piece in cell.pieces) == pytest.approx(HEIGHT, abs=0.1)
        assert all(piece.length >= 2.4 for piece in cell.pieces if piece.name in bad)
