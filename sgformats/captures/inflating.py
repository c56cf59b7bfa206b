"""Step-by-step decompression that keeps every byte before damage."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zlib import _Decompress

STEP = 16 * 1024
"""How much to hand over at once: what comes of it is at most 1032 times as much."""


class Damage(Exception):
    """A compressed stream is damaged: what was expected and found. Never leaves `captures`."""


def steps(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Split the pieces so that none has more than `size` bytes."""
    for piece in pieces:
        for at in range(0, len(piece), size):
            yield piece[at : at + size]


class InflateStep(NamedTuple):
    """The output, and the index of the first damaged byte if there is one."""

    output: bytes
    damaged_at: int | None = None


def inflate(stream: _Decompress, data: bytes) -> InflateStep:
    """Decompress the next bytes of a stream, up to the last byte before damage."""
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
