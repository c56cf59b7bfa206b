"""Undoing compression in steps, so that damage costs nothing of what stands before it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zlib import _Decompress

STEP = 16 * 1024
"""How much to hand over at once: what comes of it is at most 1032 times as much."""


class Damage(Exception):
    """What was expected of a compressed stream, and found. Never leaves `captures`."""


def steps(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same bytes, no more than so many at once."""
    for piece in pieces:
        for at in range(0, len(piece), size):
            yield piece[at : at + size]


class InflateStep(NamedTuple):
    """What came out, and the index of the byte that could not be, if there was one."""

    output: bytes
    damaged_at: int | None = None


def inflate(stream: _Decompress, data: bytes) -> InflateStep:
    """What a stream gives for its next bytes, to the last one before damage."""
    before = stream.copy()
    try:
        return InflateStep(stream.decompress(data))
    except zlib.error:
        pass
    outputs = []
    for at in range(len(data)):
        try:
            outputs.append(before.decompress(data[at : at + 1]))
        except zlib.error:
            return InflateStep(b"".join(outputs), at)
    return InflateStep(b"".join(outputs), len(data))
