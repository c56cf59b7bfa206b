"""Opens captures: uncompressed bytes, one piece at a time, from a file or a stream.

`.gz`, `.bz2`, `.xz` and `.zst` are recognised by their first bytes. Nested compression is not
undone. UTF-16, which Windows PowerShell writes when output is redirected, becomes UTF-8. A damaged
or cut file gives every readable byte; reading on raises `CaptureError` with the offset in
uncompressed bytes. Memory is bounded.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, BinaryIO

import msgspec

from sgformats.captures.unpacking import Damage, Packing, find_packing
from sgformats.errors import ArgumentError, CaptureError

_PIECE = 64 * 1024
_READ = 256 * 1024

MAX_RATIO = 1_000
MAX_UNPACKED = 1 << 40
_HARMLESS = 1 << 30
_WIDE = (
    ("utf-16-le", re.compile(rb"\xff\xfe(?!\0\0)|[\t\r\n -~]\0[\t\r\n -~]\0", re.DOTALL)),
    ("utf-16-be", re.compile(rb"\xfe\xff|\0[\t\r\n -~]\0[\t\r\n -~]", re.DOTALL)),
)


class Unpacking(msgspec.Struct, frozen=True):
    """Limits on decompression, against decompression bombs.

    A file may expand to `max_ratio` times its compressed size (checked from 1 GiB on) and to
    `max_bytes`. Data up to the limit is read; after it the capture counts as damaged.

    Raises `ArgumentError` for numbers below 1.
    """

    max_ratio: int = MAX_RATIO
    max_bytes: int = MAX_UNPACKED

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            number = getattr(self, name)
            if not isinstance(number, int) or number < 1:
                raise ArgumentError(f"expected a number of at least 1 as {name}")


UNPACKING = Unpacking()


class Opened(io.BufferedReader):
    """A readable stream of a capture's uncompressed bytes.

    `packing` is the compression, if any; `name` is the file name without its suffix. At damage,
    reading raises `CaptureError` once all bytes before it have been returned.
    """

    name: str = ""

    def __init__(self, file: BinaryIO, shown: str, unpacking: Unpacking = UNPACKING) -> None:
        self._source = source = _Source(_pieces(file, shown), shown)
        self.packing = packing = find_packing(source.peek(_PIECE), shown)
        self.name = shown
        if packing is not None:
            stem, suffix = os.path.splitext(shown)
            self.name = stem if suffix.lower() in packing.suffixes else shown
            source.convert(partial(_unpacked, packing, shown, unpacking))
        super().__init__(source, _READ)

    @property
    def is_damaged(self) -> bool:
        """Whether damage was found, possibly after bytes that are not returned yet."""
        return self._source.damage is not None

    def peek(self, size: int = 1, /) -> bytes:
        """The next bytes, not consumed: `size` of them at the beginning, at least one later."""
        return (super().peek(size) if self._source.given else self._source.peek(size))[:size]

    def as_utf8(self) -> None:
        """Convert all bytes to UTF-8 if they are UTF-16 text. Not after reading."""
        encoding = wide_encoding(self.peek(4))
        if encoding is not None:
            self._source.convert(partial(_to_utf8, encoding=encoding))

    def refuse(self, reason: str) -> None:
        """Make all reading fail. Not after reading."""
        self._source.refuse(reason)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next `size` bytes, or all."""
        left = sys.maxsize if size is None or size < 0 else size
        parts: list[bytes] = []
        while left and (part := super().read(min(left, _READ))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts) or self._end(size)

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes; without a size, those of one piece."""
        return super().read1(size) or self._end(size)

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line with its end, or its first `size` bytes."""
        most = -1 if size is None else min(size, sys.maxsize)
        return super().readline(most) or self._end(size)

    def _end(self, size: int | None) -> bytes:
        """What is read at the end. Raises the error if damage caused it."""
        if self._source.damage is not None and size != 0:
            raise self._source.damage
        return b""


class _Source(io.RawIOBase):
    """The pieces of a capture as a stream that ends at damage; `given` counts the bytes read."""

    def __init__(self, pieces: Iterator[bytes], shown: str) -> None:
        self.given = 0
        self.damage: CaptureError | None = None
        self._shown = shown
        self._pieces = pieces
        self._next = memoryview(b"")
        self._ends = 0  # Ends of the lines in the pieces so far.
        self._size = 0

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.given

    def readinto(self, buffer: Any, /) -> int:
        if not self._next:
            self._next = memoryview(self._piece())
        part, self._next = self._next[: len(buffer)], self._next[len(buffer) :]
        buffer[: len(part)] = part
        self.given += len(part)
        return len(part)

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or as many as there are, without consuming them."""
        parts = [bytes(self._next)]
        got = len(parts[0])
        while got < size and (piece := self._piece()):
            parts.append(piece)
            got += len(piece)
        head = b"".join(parts)
        self._next = memoryview(head)
        return head[:size]

    def convert(self, change: Callable[[Iterator[bytes]], Iterator[bytes]]) -> None:
        """Let a function change all bytes that have not been read."""
        first, rest, damage = self._next, self._pieces, self.damage

        def unread() -> Iterator[bytes]:
            yield bytes(first)
            if damage is not None:
                raise damage
            yield from rest

        self._pieces = change(unread())
        self._next, self.damage = memoryview(b""), None
        self._ends = self._size = 0

    def refuse(self, reason: str) -> None:
        """End here, with an error that says why."""
        self._next, self.damage = memoryview(b""), CaptureError(self._shown, reason)

    def _piece(self) -> bytes:
        if self.damage is not None:
            return b""
        try:
            piece = next(filter(None, self._pieces), b"")
        except CaptureError as error:
            self.damage = CaptureError(self._shown, error.reason, self._ends + 1, self._size)
            return b""
        self._ends += piece.count(b"\n")
        self._size += len(piece)
        return piece


def open_path(path: str) -> BinaryIO:
    """Open a file without decompression. Raises `CaptureError` if it cannot be opened."""
    try:
        return open(path, "rb", buffering=0)
    except (OSError, ValueError) as error:
        raise CaptureError(str(path), _in_words(error)) from None


def _pieces(file: BinaryIO, shown: str) -> Iterator[bytes]:
    while True:
        try:
            piece = file.read(_READ)
        except (OSError, ValueError) as error:
            raise CaptureError(shown, _in_words(error)) from None
        if not isinstance(piece, bytes):
            raise ArgumentError(f"expected a binary file, found {type(piece).__name__} in it")
        if not piece:
            return
        yield piece


def _in_words(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return f"cannot read it: {strerror or error}"


def _unpacked(
    packing: Packing, shown: str, unpacking: Unpacking, pieces: Iterator[bytes]
) -> Iterator[bytes]:
    """The uncompressed pieces, within the limits. Raises `CaptureError` at damage."""
    taken = given = 0

    def counted() -> Iterator[bytes]:
        nonlocal taken
        for piece in pieces:
            taken += len(piece)
            yield piece

    ratio, most = unpacking.max_ratio, unpacking.max_bytes
    try:
        for piece in packing.unpack(counted()):
            given += len(piece)
            if given > most:
                reason = f"expected at most {most} uncompressed bytes, found more"
                raise CaptureError(shown, f"{reason}; max_unpacked allows more")
            if given > _HARMLESS and given > ratio * taken:
                reason = f"expected at most {ratio} bytes for each compressed one, found more"
                raise CaptureError(shown, f"{reason}; max_ratio allows more")
            yield piece
    except Damage as damage:
        expected, found = damage.args
        reason = f"expected {expected.format(packing.name)}, found {found}"
        raise CaptureError(shown, reason) from None


def wide_encoding(head: bytes) -> str | None:
    """The encoding of a text that begins like UTF-16, even without a byte-order mark; else None."""
    return next((name for name, pattern in _WIDE if pattern.match(head)), None)


def _to_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The text in UTF-8; invalid UTF-16 becomes a replacement character."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def utf8_head(head: bytes) -> bytes:
    """The first bytes of a text, converted to UTF-8 if they are UTF-16."""
    encoding = wide_encoding(head)
    return head if encoding is None else head.decode(encoding, "replace").encode()
