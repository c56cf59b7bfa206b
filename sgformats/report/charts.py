"""The geometry of the charts in the HTML report, which its template draws as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sgformats.report.gathered import KINDS, STATES, File, RuleTally

WIDTH = 100
"""The width of a bar or a strip in units, and the most cells of a strip."""
HEIGHT = 10.0
"""The height of a strip in units."""
WIDEST = 4.0
"""The most units that a cell of a strip is wide."""
# The least length of any piece, and the least height of a problem.
_LEAST = 0.8
_LEAST_HIGH = 3.0
_WORST_FIRST = ("unread", "error", "warning", "quiet")
_GOOD = ("clean", "skipped")


class ChartPiece(msgspec.Struct):
    """One rectangle: what it represents, how often, and where it starts."""

    name: str
    count: int
    start: float
    length: float


class Cell(msgspec.Struct):
    """The part of a strip for the exchanges from `first` to `last`: its pieces, the worst first.

    `link` is the number of their first problem on the page; `apart`: sized is room for a gap after
    the cell.
    """

    x: float
    width: float
    first: int
    last: int
    pieces: list[ChartPiece]
    link: int | None
    apart: bool


def bar(tally: RuleTally, longest: int) -> list[ChartPiece]:
    """The problems of a tally in a row; `longest` problems fill the width."""
    return _laid_out(((kind, tally.counts[kind]) for kind in KINDS), WIDTH / longest, _LEAST, WIDTH)


def account(states: list[int]) -> list[ChartPiece]:
    """All exchanges in a row, the good ones first, over the whole width."""
    return _laid_out(zip(STATES, states, strict=True), WIDTH / max(1, sum(states)), _LEAST, WIDTH)


def strip(file: File) -> list[Cell]:
    """A file's exchanges in order, one cell for each if they fit.

    Otherwise each cell represents several: the height of a kind of problem is its share, but never
    too low to see, and the rest shows the most frequent good state.
    """
    states, total = bytes(file.states), len(file.states)
    cells = min(total, WIDTH)
    edges = [total * cell // cells for cell in range(cells + 1)]
    links: dict[int, int] = {}
    for place, number in file.links.items():
        cell = place * cells // total
        cell += place >= edges[cell + 1]
        links[cell] = min(number, links.get(cell, number))
    width = min(WIDEST, WIDTH / cells)
    drawn = [
        Cell(
            round(cell * width, 2),
            round(width, 2),
            edges[cell],
            edges[cell + 1] - 1,
            _stacked(states[edges[cell] : edges[cell + 1]]),
            links.get(cell),
            apart=total <= WIDTH / 2,
        )
        for cell in range(cells)
    ]
    return drawn if total <= WIDTH / 2 else list(_merged(drawn))


def _merged(cells: list[Cell]) -> Iterator[Cell]:
    """Merge adjacent cells that have no problem and the same state."""
    last = cells[0]
    for cell in cells[1:]:
        if last.pieces[0].name == cell.pieces[0].name in _GOOD:
            last.width = round(last.width + cell.width, 2)
            last.last = cell.last
        else:
            yield last
            last = cell
    yield last


def _stacked(states: bytes) -> list[ChartPiece]:
    """The pieces of a cell from the bottom up."""
    counts = {name: states.count(number) for number, name in enumerate(STATES)}
    unit = HEIGHT / len(states)
    pieces = _laid_out(((name, counts[name]) for name in _WORST_FIRST), unit, _LEAST_HIGH, HEIGHT)
    rest = sum(counts[name] for name in _GOOD)
    if rest:
        most = max(_GOOD, key=lambda name: counts[name])
        room = round(HEIGHT - sum(piece.length for piece in pieces), 2)
        pieces.append(ChartPiece(most, rest, round(HEIGHT - room, 2), max(room, 0.0)))
    for piece in pieces:
        piece.start = round(HEIGHT - piece.start - piece.length, 2)
    return pieces


def _laid_out(
    counts: Iterable[tuple[str, int]], unit: float, least: float, room: float
) -> list[ChartPiece]:
    """A piece for each count that is not 0, scaled down if they exceed the room."""
    sized = [(name, count, max(count * unit, least)) for name, count in counts if count]
    scale = min(1.0, room / max(room, sum(length for _, _, length in sized)))
    start, pieces = 0.0, []
    for name, count, length in sized:
        pieces.append(ChartPiece(name, count, round(start, 2), round(length * scale, 2)))
        start += length * scale
    return pieces
