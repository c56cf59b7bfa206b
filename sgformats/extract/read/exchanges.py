"""Read the exchanges of one piece of a capture, as it was when the run was planned."""

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

LINEWISE = ("jsonl", "log")
"""The kinds of captures whose exchanges have a line rather than a number."""


class Hearer(Protocol):
    """Who is told of each capture, and of one that could not be read to its end."""

    def begin(self, piece: Piece, kind: Kind) -> None:
        """Another capture."""

    def damaged(self, name: str, error: CaptureError) -> None:
        """It is damaged."""


def find_exchanges(
    piece: Piece, options: Options, counts: Counts, hearer: Hearer, stdin: BinaryIO | None
) -> Iterator[Exchange]:
    """The exchanges of a piece, in their order."""
    if piece.unread:
        hearer.begin(piece, KINDS["payload"])
        counts.files += 1
        hearer.damaged(shown_path(piece.path), CaptureError(piece.path, piece.unread))
        return
    reading = CaptureOptions(options.max_bytes, options.fields, options.unpacking)
    with open_piece(piece, stdin) as file:
        name = shown_path(piece.path)
        before = counts.bytes
        counts.files += piece.start == 0
        chosen = "jsonl" if piece.end is not None else options.kind
        for capture in unfold(file, name, chosen, reading, in_folder=piece.in_folder):
            hearer.begin(piece, capture.kind)
            if capture.file is None:
                hearer.damaged(capture.name, CaptureError(capture.name, capture.refusal))
                continue
            lines = Counted(capture.file)
            try:
                for exchange in capture.kind.read(cast("BinaryIO", lines), capture.name, reading):
                    counts.bytes = before + file.taken
                    yield exchange
            except CaptureError as error:
                hearer.damaged(capture.name, error)
            finally:
                counts.bytes = before + file.taken
                if capture.kind.name in LINEWISE:
                    counts.lines += lines.lines


def shown_path(path: str) -> str:
    """The name of a capture in the tables: its path as text, even if it is not valid UTF-8."""
    if path == STDIN:
        return "<stdin>"
    return path.encode("utf-8", "backslashreplace").decode()


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
    """Uncompressed bytes, whose `lines` are counted while they are read."""

    def __init__(self, file: Opened) -> None:
        self._file = file
        self._ends = 0
        self._last = b"\n"

    @property
    def lines(self) -> int:
        """The number of lines read, including an unterminated last one."""
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
        return self._counted(self._file.readline(size))

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
