"""The geometry of the charts in the HTML report, which its template draws as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from sgformats.report.gathered import KINDS, STATES, File, RuleTally

WIDTH = 100
"""The units that a bar or a strip has room for; a strip has no more cells than that."""
HEIGHT = 10.0
"""The units that a strip is high."""
WIDEST = 4.0
"""The units that a cell of a strip is wide at most."""
# What is there at all is drawn at least so long, or so high if it is a problem.
_LEAST = 0.8
_LEAST_HIGH = 3.0
_WORST_FIRST = ("unread", "error", "warning", "quiet")
_GOOD = ("clean", "skipped")


class ChartPiece(msgspec.Struct):
    """One rectangle: what it stands for, how often, where it starts and how long it is."""

    name: str
    count: int
    start: float
    length: float


class Cell(msgspec.Struct):
    """What stands for the exchanges from `first` to `last` of a strip: its pieces, the worst first.

    `link` is the number of the first of their problems that the page shows; `apart` tells that
    there is room for a gap between it and the next.
    """

    x: float
    width: float
    first: int
    last: int
    pieces: list[ChartPiece]
    link: int | None
    apart: bool


def bar(tally: RuleTally, longest: int) -> list[ChartPiece]:
    """A tally's problems side by side, where `longest` of them fill the width."""
    return _laid(((kind, tally.counts[kind]) for kind in KINDS), WIDTH / longest, _LEAST, WIDTH)


def account(states: list[int]) -> list[ChartPiece]:
    """All exchanges side by side, the good ones first, over the whole width."""
    return _laid(zip(STATES, states, strict=True), WIDTH / max(1, sum(states)), _LEAST, WIDTH)


def strip(file: File) -> list[Cell]:
    """A file's exchanges from the first to the last, one cell for each as long as they fit.

    Where they don't, each cell stands for several: in it problems stand as high as their share, but
    never so low that they could be overlooked, and what is over them is what most of the rest are.
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
    return drawn if total <= WIDTH / 2 else list(_joined(drawn))


def _joined(cells: list[Cell]) -> Iterator[Cell]:
    """The cells, neighbours without a problem as one where they look the same."""
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
    pieces = _laid(((name, counts[name]) for name in _WORST_FIRST), unit, _LEAST_HIGH, HEIGHT)
    rest = sum(counts[name] for name in _GOOD)
    if rest:
        most = max(_GOOD, key=lambda name: counts[name])
        room = round(HEIGHT - sum(piece.length for piece in pieces), 2)
        pieces.append(ChartPiece(most, rest, round(HEIGHT - room, 2), max(room, 0.0)))
    for piece in pieces:
        piece.start = round(HEIGHT - piece.start - piece.length, 2)
    return pieces


def _laid(
    counts: Iterable[tuple[str, int]], unit: float, least: float, room: float, start: float = 0.0
) -> list[ChartPiece]:
    """A piece for each count that is not 0, pressed together where they need more than the room."""
    there = [(name, count, max(count * unit, least)) for name, count in counts if count]
    by = min(1.0, room / max(room, sum(length for _, _, length in there)))
    pieces = []
    for name, count, length in there:
        pieces.append(ChartPiece(name, count, round(start, 2), round(length * by, 2)))
        start += length * by
    return pieces
