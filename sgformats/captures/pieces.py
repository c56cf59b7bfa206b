"""Splits captures into pieces that can be read independently.

An uncompressed file of JSON lines is split at line ends, so that several processes can read it. Any
other capture is one piece, because it has to be read from its beginning.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, cast

import msgspec

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.kinds import HEAD, find_kind
from sgformats.captures.opening import open_path, wide_encoding
from sgformats.captures.reading import FolderFile, read_capture
from sgformats.captures.unpacking import find_packing

SPLIT = 8 * 1024 * 1024
"""About how many bytes make a piece, where a capture can be cut."""

STDIN = "-"
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
            if end and at + end - start >= split:
                # Up to the first line end after `split` bytes.
                end = block.find(b"\n", max(start + split - at - 1, 0)) + 1 or end
                stop = at + end
                lines += block.count(b"\n", 0, end)
                yield Piece(path, start, stop, first, size, known.st_mtime_ns)
                start, first, at = stop, lines, stop
                file.seek(at)
                continue
            lines += block.count(b"\n")
            at += len(block)
        if start < size:
            yield Piece(path, start, size, first, size, known.st_mtime_ns)


def read_piece(piece: Piece, kind: str | None, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of a piece: located in the whole file, but counted from 0 in the piece.

    Raises `CaptureError` as `read_capture` does.
    """
    given: dict[str, Any] = {
        "fields": options.fields,
        "max_bytes": options.max_bytes,
        "unpacking": options.unpacking,
    }
    if piece.end is None:
        path = FolderFile(piece.path) if piece.in_folder else piece.path
        yield from read_capture(path, kind=kind, **given)
        return
    with open_path(piece.path) as file:
        file.seek(piece.start)
        part = cast("BinaryIO", _Part(file, piece.bytes))
        for exchange in read_capture(part, name=piece.path, kind=_LINES, **given):
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
