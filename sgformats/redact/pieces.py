"""Redacts parts of a capture that are too long, or have too many values, to be parsed as a whole.

Each piece overlaps with the text before and after it, so that no name is separated from its value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sgformats.redact.edits import Edit, apply
from sgformats.redact.rewriting import Rewriter
from sgformats.redact.units import Cut

_PIECE = 256 * 1024
_BEFORE = _AHEAD = 8 * 1024
_VALUES = 400_000
"""A text with more values than this is searched in pieces: each value takes memory."""


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
    before = pending = ""
    cut = False
    for unit in units:
        continues = isinstance(unit, Cut)
        if not cut and not continues and not _is_dense(unit):
            yield unit, apply(unit, rewriter.edits(unit, read))
            continue
        rewriter.opaque += continues and not cut
        cut = continues
        for at in range(0, len(unit) or 1, _PIECE):
            text = f"{before}{pending}{unit[at : at + _PIECE]}"
            last = not continues and at + _PIECE >= len(unit)
            start, stop = len(before), len(text) if last else len(text) - _AHEAD
            edits = sorted(rewriter.edits(text, read_piece or read))
            stop = _outside_edits(edits, start, max(start, stop), len(text))
            inside = [
                Edit(max(edit.start, start) - start, edit.stop - start, edit.new)
                for edit in edits
                if edit.stop > start and edit.start < stop
            ]
            old = text[start:stop]
            yield old, apply(old, inside)
            before, pending = text[max(0, stop - _BEFORE) : stop], text[stop:]
        if not cut:
            before = pending = ""
    if pending:
        yield pending, apply(pending, rewriter.edits(pending, read))


def _outside_edits(edits: list[Edit], start: int, stop: int, end: int) -> int:
    """An index at or before `stop` outside of all edits; after the edit if there is no room."""
    for edit in edits:
        if edit.start < stop < edit.stop:
            stop = edit.start if edit.start > start else min(edit.stop, end)
    return stop


def _is_dense(unit: str) -> bool:
    return len(unit) > _VALUES and sum(map(unit.count, ',:"')) > _VALUES
