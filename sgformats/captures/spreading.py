"""Reads captures one after the other, or distributes them over processes.

The work is a function of a piece; results come in the order of the captures. Streams, and captures
whose results may be too large to hold, are read in the calling process, one after the other.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import BinaryIO, TypeVar

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.pieces import SPLIT, Piece, cut_file, read_piece
from sgformats.captures.reading import FolderFile, find_captures, read_capture
from sgformats.captures.unpacking import PACKINGS
from sgformats.errors import CaptureError, MissingPackageError, SgformatsError
from sgformats.workers.pool import Done, Progressed, Send, run_all

R = TypeVar("R")

PieceSource = Piece | BinaryIO | CaptureError
"""A piece, a stream, or why a folder was not listed to its end."""

_MAX_SHARED = 4 * SPLIT
_PACKED = tuple(suffix for packing in PACKINGS for suffix in packing.suffixes)
_MAX_COMPRESSED = SPLIT // 16


def list_pieces(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    kind: str | None,
    fields: Mapping[str, str] | None,
    workers: int,
    split: int = SPLIT,
) -> Iterator[PieceSource]:
    """The pieces of all captures at some paths, in order; one `workers` takes files as a whole."""
    split = split if workers > 1 else sys.maxsize
    for path in paths:
        if not isinstance(path, (str, os.PathLike)):
            yield path
            continue
        try:
            for file in find_captures(path):
                try:
                    yield from cut_file(file, kind, fields or {}, split)
                except (OSError, ValueError):  # The reader will report why.
                    yield Piece(str(file), in_folder=isinstance(file, FolderFile))
        except CaptureError as error:
            yield error


def source_name(source: PieceSource) -> str:
    """The name of a file or a stream."""
    if isinstance(source, Piece):
        return source.path
    name = source.file if isinstance(source, CaptureError) else getattr(source, "name", None)
    return name if isinstance(name, str) else "<stream>"


def read_source(
    source: PieceSource, kind: str | None, options: CaptureOptions
) -> Iterator[Exchange | CaptureError]:
    """The exchanges of a piece or a stream, then why it was not read to its end, if it was not."""
    try:
        if isinstance(source, CaptureError):
            yield source
        elif isinstance(source, Piece):
            yield from read_piece(source, kind, options)
        else:
            yield from read_capture(
                source,
                name=source_name(source),
                kind=kind,
                fields=options.fields,
                max_bytes=options.max_bytes,
                unpacking=options.unpacking,
            )
    except CaptureError as error:
        yield error
    except MissingPackageError as error:
        yield CaptureError(source_name(source), str(error))


def read_in_parallel(
    pieces: Iterable[PieceSource],
    work: Callable[[Piece], R],
    read_here: Callable[[PieceSource], Iterator[R]],
    workers: int,
    report: Callable[[Piece], object],
) -> Generator[R]:
    """The result of `work` for each piece, in order; `read_here` reads in the calling process.

    With one worker, everything is read in the calling process.

    `report` is called with each piece that another process has read. Raises what the work raises.
    """
    for shared, group in groupby(pieces, lambda piece: workers > 1 and _is_shared(piece)):
        if not shared:
            for piece in group:
                yield from read_here(piece)
            continue
        tasks = (piece for piece in group if isinstance(piece, Piece))
        yield from run_all(partial(_work_on, work), tasks, workers, partial(_handle, report))


def _is_shared(piece: PieceSource) -> bool:
    """Whether another process reads the piece; its results are then held until its turn."""
    if not isinstance(piece, Piece) or piece.size < 0:
        return False
    if piece.end is not None:
        return True
    packed = piece.path.lower().endswith(_PACKED)
    return piece.bytes <= (_MAX_COMPRESSED if packed else _MAX_SHARED)


def _work_on(work: Callable[[Piece], R], piece: Piece, send: Send) -> R:
    return work(piece)


def _handle(report: Callable[[Piece], object], event: Done[Piece, R] | Progressed[Piece]) -> None:
    if isinstance(event, Done):
        if event.error is not None:
            if isinstance(event.error, SgformatsError):
                raise event.error
            raise CaptureError(event.task.path, str(event.error))
        report(event.task)
