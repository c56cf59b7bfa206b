"""One step of undoing gzip or deflate, so that damage costs nothing of what stands before it."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from zlib import _Decompress

STEP = 16 * 1024
"""How much to hand over at once: what comes of it is at most 1032 times as much."""


class Step(NamedTuple):
    """What came out, and the index of the byte that could not be, if there was one."""

    output: bytes
    damaged_at: int | None = None


def inflate(stream: _Decompress, data: bytes) -> Step:
    """What a stream gives for its next bytes, to the last one before damage."""
    before = stream.copy()
    try:
        return Step(stream.decompress(data))
    except zlib.error:
        pass
    outputs = []
    for at in range(len(data)):
        try:
            outputs.append(before.decompress(data[at : at + 1]))
        except zlib.error:
            return Step(b"".join(outputs), at)
    return Step(b"".join(outputs), len(data))
