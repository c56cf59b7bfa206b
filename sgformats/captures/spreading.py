"""Captures for several processes: which of them are read apart, and which where the others are awaited.

What is looked for in a capture is a function of a piece; results come in the order of the captures. What
may be too large for its results to be held, and streams, are read one after the other.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import BinaryIO, TypeVar

from sgformats.captures.opening import PACKINGS
from sgformats.captures.pieces import SPLIT, Piece, cut_file
from sgformats.captures.reading import FolderFile, find_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.workers.pool import Done, Say, Word, run_all

R = TypeVar("R")

Spread = Piece | BinaryIO | CaptureError
"""A piece, a stream, or why a folder was not listed to its end."""

_MOST = 4 * SPLIT
_PACKED = tuple(suffix for packing in PACKINGS for suffix in packing.suffixes)
_SMALL = SPLIT // 16


def spread_out(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    kind: str | None,
    fields: Mapping[str, str] | None,
    split: int = SPLIT,
) -> Iterator[Spread]:
    """The pieces of all captures at some paths, in their order."""
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            yield path
            continue
        try:
            for file in find_captures(path):
                try:
                    yield from cut_file(file, kind, fields or {}, split)
                except (OSError, ValueError):  # Who reads it will say why not.
                    yield Piece(file, in_folder=isinstance(file, FolderFile))
        except CaptureError as error:
            yield error


def read_side_by_side(
    pieces: Iterable[Spread],
    work: Callable[[Piece], R],
    here: Callable[[Spread], Iterator[R]],
    workers: int,
    tell: Callable[[Piece], object],
) -> Generator[R]:
    """What `work` gives for each piece, in their order; `here` reads what is not given to a process.

    `tell` hears of each piece that was read by one. Raises what the work raises.
    """
    for apart, group in groupby(pieces, _is_apart):
        if not apart:
            for piece in group:
                yield from here(piece)
            continue
        tasks = (piece for piece in group if isinstance(piece, Piece))
        yield from run_all(partial(_worked, work), tasks, workers, partial(_hear, tell))


def _is_apart(piece: Spread) -> bool:
    """Whether a piece is read by a process: its results are held until it is its turn."""
    if not isinstance(piece, Piece) or piece.size < 0:
        return False
    if piece.end is not None:
        return True
    packed = piece.path.lower().endswith(_PACKED)
    return piece.bytes <= (_SMALL if packed else _MOST)


def _worked(work: Callable[[Piece], R], piece: Piece, say: Say) -> R:
    return work(piece)


def _hear(tell: Callable[[Piece], object], event: Done[Piece, R] | Word[Piece]) -> None:
    if isinstance(event, Done):
        if event.error is not None:
            if isinstance(event.error, SgformatsError):
                raise event.error
            raise CaptureError(event.task.path, str(event.error))
        tell(event.task)
