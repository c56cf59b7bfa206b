"""Read the exchanges of a piece of a capture, if its file has not changed since planning."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, cast

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.kinds import KINDS, Kind
from sgformats.captures.opening import Opened
from sgformats.captures.pieces import STDIN, Piece
from sgformats.captures.reading import unfold
from sgformats.errors import CaptureError, ExtractError
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.files import error_text

LINEWISE = ("jsonl", "log")
"""The kinds of captures whose exchanges are located by a line, not by an entry."""


class CaptureListener(Protocol):
    """Receives the beginning of each capture, and the error of each damaged one."""

    def begin_capture(self, piece: Piece, kind: Kind) -> None:
        """The next exchanges come from a capture of this kind."""

    def reject_capture(self, name: str, error: CaptureError) -> None:
        """The capture cannot be read to its end."""


def read_exchanges(
    piece: Piece,
    options: Options,
    counts: Counts,
    listener: CaptureListener,
    stdin: BinaryIO | None,
) -> Iterator[Exchange]:
    """Yield the exchanges of a piece in order. Raises `ExtractError`."""
    name = shown_path(piece.path)
    if piece.unread:
        listener.begin_capture(piece, KINDS["payload"])
        counts.files += 1
        listener.reject_capture(name, CaptureError(piece.path, piece.unread))
        return
    reading = CaptureOptions(options.max_bytes, options.fields, options.unpacking)
    with _open_piece(piece, stdin) as file:
        before = counts.bytes
        counts.files += piece.start == 0
        kind = "jsonl" if piece.end is not None else options.kind
        for capture in unfold(file, name, kind, reading, in_folder=piece.in_folder):
            listener.begin_capture(piece, capture.kind)
            if capture.file is None:
                listener.reject_capture(capture.name, CaptureError(capture.name, capture.refusal))
                continue
            lines = _LineCounter(capture.file)
            try:
                for exchange in capture.kind.read(cast("BinaryIO", lines), capture.name, reading):
                    counts.bytes = before + file.taken
                    yield exchange
            except CaptureError as error:
                listener.reject_capture(capture.name, error)
            finally:
                counts.bytes = before + file.taken
                if capture.kind.name in LINEWISE:
                    counts.lines += lines.lines


def shown_path(path: str) -> str:
    """The name of a capture in the tables: its path as text, even if it is not valid UTF-8."""
    if path == STDIN:
        return "<stdin>"
    return path.encode("utf-8", "backslashreplace").decode()


class _PlannedFile:
    """The planned bytes of a file, and no more; `taken` is the number of bytes read so far.

    `read` raises `ExtractError` if the file cannot be read or is shorter than planned.
    """

    def __init__(self, piece: Piece, file: BinaryIO) -> None:
        self._piece = piece
        self._file = file
        is_known = piece.end is not None or piece.size >= 0
        self._left = piece.bytes if is_known else -1
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        if self._left >= 0:
            size = self._left if size < 0 else min(size, self._left)
        if size == 0:
            return b""
        try:
            data = self._file.read(size)
        except (OSError, ValueError) as error:
            raise _unreadable(self._piece, error, self.taken) from None
        self.taken += len(data)
        if self._left >= 0:
            self._left -= len(data)
            if not data:
                at = self._piece.start + self.taken
                reason = f"the file shrank during the run: it ends at byte {at}"
                raise ExtractError(str(self._piece), f"{reason}, {self._left} bytes too early")
        return data


class _LineCounter(io.BufferedIOBase):
    """A capture's uncompressed bytes; counts the lines read."""

    def __init__(self, file: Opened) -> None:
        self._file = file
        self._ends = 0
        self._last = b"\n"

    @property
    def lines(self) -> int:
        """The number of lines read, including an unterminated last one."""
        return self._ends + (self._last != b"\n")

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._count(self._file.read(size))

    def read1(self, size: int = -1, /) -> bytes:
        return self._count(self._file.read1(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        return self._count(self._file.readline(size))

    def peek(self, size: int) -> bytes:
        return self._file.peek(size)

    def tell(self) -> int:
        return self._file.tell()

    def _count(self, data: bytes) -> bytes:
        if data:
            self._ends += data.count(b"\n")
            self._last = data[-1:]
        return data


@contextmanager
def _open_piece(piece: Piece, stdin: BinaryIO | None) -> Iterator[_PlannedFile]:
    """Open the file of a piece. Raises `ExtractError` if it has changed since it was planned."""
    if piece.path == STDIN:
        if stdin is None:
            raise ExtractError("<stdin>", "cannot be read: it is closed")
        yield _PlannedFile(piece, stdin)
        return
    with _open(piece) as file:
        found = os.fstat(file.fileno())
        has_changed = found.st_size == piece.size and found.st_mtime_ns != piece.mtime
        if piece.size >= 0 and (found.st_size < piece.size or has_changed):
            sizes = f"{piece.size} bytes before, {found.st_size} now"
            raise ExtractError(str(piece), f"the file changed during the run: {sizes}")
        if piece.start:
            file.seek(piece.start)
        yield _PlannedFile(piece, file)


def _open(piece: Piece) -> BinaryIO:
    try:
        return open(piece.path, "rb", buffering=0)
    except (OSError, ValueError) as error:
        raise _unreadable(piece, error, 0) from None


def _unreadable(piece: Piece, error: OSError | ValueError, taken: int) -> ExtractError:
    at = f" at byte {piece.start + taken}" if taken else ""
    return ExtractError(str(piece), f"cannot be read{at}: {error_text(error)}")
