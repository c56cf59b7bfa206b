"""Redacts parts of a capture that are too long, or have too many values, to be parsed as a whole.

They are searched piece by piece. Each piece overlaps with the text before and after it, so that no name
is separated from its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sgformats.redact.edits import Edit, apply
from sgformats.redact.rewriting import Rewriter
from sgformats.redact.units import Cut

_PIECE = 256 * 1024
_BEFORE = _AHEAD = 8 * 1024
_VALUES = 400_000
"""So many marks of values take as much memory as is granted, however short they are."""


def redact_units(
    units: Iterable[str],
    rewriter: Rewriter,
    read: Callable[[str], list[Edit]],
    read_piece: Callable[[str], list[Edit]] | None = None,
) -> Iterator[tuple[str, str]]:
    """All parts, or pieces of them, each in its original and its redacted form.

    `read_piece` (default: `read`) is for text that may begin and end anywhere. A part that was cut
    counts as opaque, because encoded data in it is not searched.
    """
    before = held = ""
    cut = False
    for unit in units:
        goes_on = isinstance(unit, Cut)
        if not cut and not goes_on and not _is_dense(unit):
            yield unit, rewriter.unit(unit, read)
            continue
        rewriter.opaque += goes_on and not cut
        cut = goes_on
        for at in range(0, len(unit) or 1, _PIECE):
            text = f"{before}{held}{unit[at : at + _PIECE]}"
            last = not goes_on and at + _PIECE >= len(unit)
            start, stop = len(before), len(text) if last else len(text) - _AHEAD
            edits = sorted(rewriter.edits(text, read_piece or read))
            stop = _between(edits, start, max(start, stop), len(text))
            inside = [
                Edit(max(edit.start, start) - start, edit.stop - start, edit.new)
                for edit in edits
                if edit.stop > start and edit.start < stop
            ]
            old = text[start:stop]
            yield old, apply(old, inside) if inside else old
            before, held = text[max(0, stop - _BEFORE) : stop], text[stop:]
        if not cut:
            before = held = ""
    if held:
        yield held, rewriter.unit(held, read)


def _between(edits: list[Edit], start: int, stop: int, end: int) -> int:
    """An index at or before `stop` outside of all edits; after the edit if there is no room."""
    for edit in edits:
        if edit.start < stop < edit.stop:
            stop = edit.start if edit.start > start else min(edit.stop, end)
    return stop


def _is_dense(unit: str) -> bool:
    return len(unit) > _VALUES and sum(map(unit.count, ',:"')) > _VALUES
