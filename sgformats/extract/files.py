"""The bytes of a piece of the plan, which must be those that were planned; and their lines, counted."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, cast

from sgformats.captures.opening import Opened
from sgformats.errors import ExtractError
from sgformats.extract.shards import STDIN, Piece

_BLOCK = 1 << 16


class Planned:
    """A file of which no more is read than was planned; `taken` is how much was.

    `read` raises `ExtractError` where the file cannot be read, or ends before that.
    """

    def __init__(self, piece: Piece, file: BinaryIO) -> None:
        self._piece = piece
        self._file = file
        known = piece.end is not None or piece.size >= 0
        self._left = piece.bytes if known else -1
        self.taken = 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if self._left >= 0:
            size = self._left if size < 0 else min(size, self._left)
        if size == 0:
            return b""
        try:
            data = self._file.read(size)
        except (OSError, ValueError) as error:
            raise _failure(self._piece, error, self.taken) from None
        self.taken += len(data)
        if self._left >= 0:
            self._left -= len(data)
            if not data:
                at = self._piece.start + self.taken
                reason = f"expected {self._left} bytes more at byte {at}, found the end: it shrank"
                raise ExtractError(str(self._piece), reason)
        return data


class Counted(io.BufferedIOBase):
    """Uncompressed bytes, whose `lines` are counted while they are read.

    A line that is longer than is asked for at once is put aside in a file, `line`, until the next is
    read: there it can be read as often as is wanted. Of one longer than `limit` bytes, more is put aside
    only while `wanted` says so of the file; otherwise the line is `cut`, its rest read and dropped.
    """

    def __init__(self, file: Opened, limit: int, wanted: Callable[[BinaryIO], bool]) -> None:
        self._file = file
        self._limit = limit
        self._wanted = wanted
        self._ends = 0
        self._last = b"\n"
        self._left = 0
        self.cut = False
        self.line: IO[bytes] | None = None

    @property
    def lines(self) -> int:
        """How many lines were read; what comes behind the last end of a line is one."""
        return self._ends + (self._last != b"\n")

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes."""
        return self._counted(self._file.read(size))

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes, of one piece."""
        return self._counted(self._file.read1(size))

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line, or as much of it as is asked for."""
        if self._left:
            assert self.line is not None
            self.line.seek(-self._left, os.SEEK_END)
            data = self.line.read(min(self._left, _BLOCK if size is None or size < 0 else size))
            self._left -= len(data)
            return self._counted(data)
        if self.cut:
            data = self._file.readline(size)
            self.cut = bool(data) and not data.endswith(b"\n")
            return self._counted(data)
        if self.line is not None:
            self.line.close()
            self.line = None
        data = self._file.readline(size)
        if size is not None and 0 < size == len(data) and not data.endswith(b"\n"):
            self._put_aside(data)
        return self._counted(data)

    def _put_aside(self, data: bytes) -> None:
        self.line = tempfile.TemporaryFile()  # noqa: SIM115  # It is closed before the next line.
        self.line.write(data)
        limit = self._limit
        while piece := self._file.readline(_BLOCK):
            self.line.write(piece)
            self._left += len(piece)
            if piece.endswith(b"\n"):
                break
            if len(data) + self._left > limit:
                # Asked again whenever the line has doubled: what it costs adds up to little.
                limit = 2 * (len(data) + self._left)
                self.cut = not self._wanted(cast("BinaryIO", self.line))
                self.line.seek(0, os.SEEK_END)
                if self.cut:
                    break

    def peek(self, size: int) -> bytes:
        """The next bytes, without taking them."""
        return self._file.peek(size)

    def tell(self) -> int:
        """How many bytes were read."""
        return self._file.tell()

    def _counted(self, data: bytes) -> bytes:
        if data:
            self._ends += data.count(b"\n")
            self._last = data[-1:]
        return data


@contextmanager
def open_piece(piece: Piece, stdin: BinaryIO | None) -> Iterator[Planned]:
    """The bytes of a piece. Raises `ExtractError` where the file is not the one that was planned."""
    if piece.path == STDIN:
        if stdin is None:
            raise ExtractError("<stdin>", "expected standard input, found none")
        yield Planned(piece, stdin)
        return
    with _opened(piece) as file:
        known = os.fstat(file.fileno())
        changed = known.st_size == piece.size and known.st_mtime_ns != piece.mtime
        if piece.size >= 0 and (known.st_size < piece.size or changed):
            reason = (
                f"expected the {piece.size} bytes of before, found {known.st_size} changed ones"
            )
            raise ExtractError(str(piece), reason)
        if piece.start:
            file.seek(piece.start)
        yield Planned(piece, file)


def _opened(piece: Piece) -> BinaryIO:
    try:
        return open(piece.path, "rb", buffering=0)
    except (OSError, ValueError) as error:
        raise _failure(piece, error, 0) from None


def _failure(piece: Piece, error: OSError | ValueError, taken: int) -> ExtractError:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    at = f" at byte {piece.start + taken}" if taken else ""
    return ExtractError(str(piece), f"cannot be read{at}: {reason or error}")
