"""Splits captures into pieces, and reads them one after the other or in several processes.

An uncompressed file of JSON lines is split at line ends. Any other capture is one piece, because it
has to be read from its beginning. The work of a process is a function of a piece; results come in
the order of the captures. Streams, and captures whose results may be too large to hold, are read in
the calling process.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from functools import partial
from itertools import groupby
from typing import BinaryIO, TypeVar

import msgspec

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.kinds import HEAD, find_kind
from sgformats.captures.opening import open_path, wide_encoding
from sgformats.captures.reading import (
    FolderFile,
    find_captures,
    read_capture,
    read_path,
    read_stream,
)
from sgformats.captures.unpacking import PACKINGS, find_packing
from sgformats.errors import CaptureError, MissingPackageError, SgformatsError
from sgformats.workers.pool import Done, Progressed, Send, run_all

R = TypeVar("R")

SPLIT = 8 * 1024 * 1024
"""About how many bytes make a piece, where a capture can be cut."""

STDIN = "-"
_MAX_SHARED = 4 * SPLIT
_PACKED = tuple(suffix for packing in PACKINGS for suffix in packing.suffixes)
_MAX_COMPRESSED = SPLIT // 16
_BLOCK = 1024 * 1024
_LINES = "jsonl"


class Piece(msgspec.Struct, frozen=True):
    """A capture, or a range of its bytes, as it was when the plan was made.

    `end` is None for a capture that is read to its end; `line` is the number of the first line
    (from 1). `size` and `mtime` (nanoseconds) are the whole file's, or -1 without a file. `unread`
    is the reason why a file is not read at all; `in_folder`: found in a folder, not named by the
    caller.
    """

    path: str
    start: int = 0
    end: int | None = None
    line: int = 1
    size: int = -1
    mtime: int = -1
    unread: str = ""
    in_folder: bool = False

    @property
    def bytes(self) -> int:
        """How many bytes the piece has."""
        return max(self.size if self.end is None else self.end - self.start, 0)

    def __str__(self) -> str:
        if self.path == STDIN:
            return "<stdin>"
        return self.path if self.end is None else f"{self.path}, bytes {self.start} to {self.end}"


def cut_file(
    path: str, kind: str | None, fields: Mapping[str, str], split: int = SPLIT
) -> Iterator[Piece]:
    """The pieces of a file, of about `split` bytes each. Raises `OSError` and `ValueError`."""
    known = os.stat(path)
    size = known.st_size if stat.S_ISREG(known.st_mode) else -1
    in_folder = isinstance(path, FolderFile)
    whole = Piece(str(path), size=size, mtime=known.st_mtime_ns, in_folder=in_folder)
    if size <= 2 * split:
        yield whole
        return
    with open(path, "rb", buffering=0) as file:
        head = file.read(HEAD)
        is_plain = find_packing(head, path) is None and wide_encoding(head) is None
        if not is_plain or (kind or find_kind(head, path, fields).name) != _LINES:
            yield whole
            return
        file.seek(0)
        start, first, at, lines = 0, 1, 0, 1
        while block := file.read(min(_BLOCK, size - at)):
            end = block.rfind(b"\n") + 1
            is_long = end and at + end - start >= split
            # Up to the first line end after `split` bytes.
            stop = block.find(b"\n", max(start + split - at - 1, 0)) + 1 or end
            end = stop if is_long else len(block)
            lines += block.count(b"\n", 0, end)
            at += end
            if is_long:
                yield Piece(path, start, at, first, size, known.st_mtime_ns)
                start, first = at, lines
                file.seek(at)
        if start < size:
            yield Piece(path, start, size, first, size, known.st_mtime_ns)


def read_piece(piece: Piece, kind: str | None, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of a piece: located in the whole file, but counted from 0 in the piece.

    Raises `CaptureError` as `read_capture` does.
    """
    if piece.end is None:
        path = FolderFile(piece.path) if piece.in_folder else piece.path
        yield from read_path(path, path, kind, options)
        return
    with open_path(piece.path) as file:
        file.seek(piece.start)
        part = _Part(file, piece.bytes)
        for exchange in read_stream(part, piece.path, _LINES, options, in_folder=False):
            source = exchange.source
            place = msgspec.structs.replace(
                source,
                line=None if source.line is None else source.line + piece.line - 1,
                offset=None if source.offset is None else source.offset + piece.start,
            )
            yield msgspec.structs.replace(exchange, source=place)


class _Part:
    """A range of a file's bytes, as a stream."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data


PieceSource = Piece | BinaryIO | CaptureError
"""A piece, a stream, or why a folder was not listed to its end."""


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
