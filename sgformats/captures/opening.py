"""Opens captures: uncompressed bytes, one piece at a time, from a file or a stream.

`.gz`, `.bz2`, `.xz` and `.zst` are recognised by their first bytes. Files may have any number of
members, but nested compression is not undone. A damaged or cut file gives every readable byte;
reading on raises `CaptureError` with the offset in uncompressed bytes. Memory is bounded.
"""

from __future__ import annotations

import bz2
import io
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats.captures import zstdframes
from sgformats.captures.foreign import HEAD, foreign_name
from sgformats.captures.inflating import STEP, Damage, inflate, steps
from sgformats.captures.widetext import to_utf8, wide_encoding
from sgformats.errors import ArgumentError, CaptureError

_PIECE = 64 * 1024
_READ = 256 * 1024
_LZMA_MEMORY = 256 * 1024 * 1024


MAX_RATIO = 1_000
MAX_UNPACKED = 1 << 40
_HARMLESS = 1 << 30


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


class Packing(NamedTuple):
    """A compression format; `unpack` decompresses pieces, and raises `Damage` after good ones."""

    name: str
    suffixes: tuple[str, ...]
    magics: tuple[bytes, ...]
    unpack: Callable[[Iterator[bytes]], Iterator[bytes]]


class Opened(io.BufferedIOBase):
    """A readable stream of a capture's uncompressed bytes.

    `packing` is the compression, if any; `name` is the file name without its suffix. At damage,
    reading raises `CaptureError` once all bytes before it have been returned.
    """

    def __init__(self, file: BinaryIO, shown: str, unpacking: Unpacking = UNPACKING) -> None:
        self.shown = shown
        self._unpacking = unpacking
        self._file = file
        self._damage: CaptureError | None = None
        self._offset = 0
        self._ends = 0  # Ends of the lines returned so far.
        self._buffer = b""
        self._at = 0
        raw = _pieces(file, shown)
        head = b""
        try:
            while len(head) < _PIECE and (piece := next(raw, b"")):
                head += piece
        except CaptureError as error:
            raw = _failing(error)
        self.packing = packing = find_packing(head, shown)
        self.name = shown if packing is None else _unpacked_name(shown, packing)
        whole = chain((head,), raw)
        self._pieces = whole if packing is None else self._unpacked(packing, whole)

    def readable(self) -> bool:
        """Always True."""
        return True

    def tell(self) -> int:
        """How many uncompressed bytes have been returned."""
        return self._offset - len(self._buffer) + self._at

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, or as many as there are, without consuming them."""
        while len(self._buffer) - self._at < size and self._fill():
            pass
        return self._buffer[self._at : self._at + size]

    @property
    def is_damaged(self) -> bool:
        """Whether damage was found, possibly after bytes that are not returned yet."""
        return self._damage is not None

    def as_utf8(self) -> None:
        """Convert the remaining bytes to UTF-8 if they are UTF-16 text."""
        encoding = wide_encoding(self.peek(4))
        if encoding is not None:
            rest = self._buffer[self._at :]
            damage, self._damage = self._damage, None
            more = self._pieces if damage is None else _failing(damage)
            self._pieces = to_utf8(chain((rest,), more), encoding)
            self._offset -= len(rest)
            self._buffer, self._at = b"", 0

    def refuse_foreign(self, name_of: Callable[[bytes], str | None] = foreign_name) -> None:
        """Make all reading fail if this is an archive or another tool's format."""
        reason = name_of(self.peek(HEAD))
        if reason is not None:
            self._buffer, self._at = b"", 0
            self._damage = CaptureError(self.shown, reason)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next `size` bytes, or all."""
        return self._take(size, line=False)

    def read1(self, size: int = -1, /) -> bytes:
        """The next bytes; without a size, those of one piece."""
        return self.read(size if size >= 0 else max(1, len(self._buffer) - self._at))

    def readline(self, size: int | None = -1, /) -> bytes:
        """The next line with its end, or its first `size` bytes."""
        begin = self._at
        limit = None if size is None or size < 0 else begin + size
        end = self._buffer.find(b"\n", begin, limit) + 1
        if end:
            self._at = end
            self._ends += 1
            return self._buffer[begin:end]
        return self._take(size, line=True)

    def _take(self, size: int | None, line: bool) -> bytes:
        wanted = -1 if size is None else size
        parts: list[bytes] = []
        while wanted:
            if self._at == len(self._buffer) and not self._fill():
                if not parts:
                    self._end()
                break
            limit = len(self._buffer) if wanted < 0 else self._at + wanted
            end = self._buffer.find(b"\n", self._at, limit) + 1 if line else 0
            parts.append(self._buffer[self._at : end or limit])
            self._at += len(parts[-1])
            self._ends += bool(end) if line else parts[-1].count(b"\n")
            wanted = wanted if wanted < 0 else wanted - len(parts[-1])
            if end:
                break
        return b"".join(parts)

    def _fill(self) -> bool:
        """Append the next piece to the buffer; False at the end."""
        if self._damage is not None:
            return False
        try:
            piece = next(filter(None, self._pieces), b"")
        except CaptureError as error:
            line = 1 + self._ends + self._buffer.count(b"\n", self._at)
            self._damage = CaptureError(self.shown, error.reason, line, self._offset)
            return False
        self._offset += len(piece)
        self._buffer = self._buffer[self._at :] + piece
        self._at = 0
        return bool(piece)

    def _end(self) -> None:
        if self._damage is not None:
            raise self._damage

    def _unpacked(self, packing: Packing, pieces: Iterator[bytes]) -> Iterator[bytes]:
        taken = given = 0

        def counted() -> Iterator[bytes]:
            nonlocal taken
            for piece in pieces:
                taken += len(piece)
                yield piece

        try:
            for piece in packing.unpack(counted()):
                given += len(piece)
                self._check_size(taken, given)
                yield piece
        except Damage as damage:
            expected, found = damage.args
            reason = f"expected {expected.format(packing.name)}, found {found}"
            raise CaptureError(self.shown, reason) from None

    def _check_size(self, taken: int, given: int) -> None:
        ratio, most = self._unpacking.max_ratio, self._unpacking.max_bytes
        if given > most:
            reason = (
                f"expected at most {most} uncompressed bytes, found more; max_unpacked allows more"
            )
            raise CaptureError(self.shown, reason)
        if given > _HARMLESS and given > ratio * taken:
            reason = f"expected at most {ratio} bytes for each compressed one, found more"
            raise CaptureError(self.shown, f"{reason}; max_ratio allows more")


def open_path(path: str) -> BinaryIO:
    """Open a file without decompression. Raises `CaptureError` if it cannot be opened."""
    try:
        return open(path, "rb", buffering=0)
    except (OSError, ValueError) as error:
        raise CaptureError(str(path), _in_words(error)) from None


def find_packing(head: bytes, name: str) -> Packing | None:
    """Find the compression format by the first bytes, or by the name if these are truncated."""
    lowered = name.lower()
    for packing in PACKINGS:
        if head.startswith(packing.magics):
            return packing
        cut = any(magic.startswith(head) for magic in packing.magics)
        if cut and lowered.endswith(packing.suffixes):
            return packing
    return None


def _unpacked_name(name: str, packing: Packing) -> str:
    stem, suffix = os.path.splitext(name)
    return stem if suffix.lower() in packing.suffixes else name


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


def _failing(error: CaptureError) -> Iterator[bytes]:
    yield b""
    raise error


def _in_words(error: Exception) -> str:
    strerror = error.strerror if isinstance(error, OSError) else None
    return f"cannot read it: {strerror or error}"


def _gunzip(pieces: Iterator[bytes], window: int = 31) -> Iterator[bytes]:
    stream = zlib.decompressobj(window)
    for data in steps(pieces, STEP):
        while data:
            if stream.eof:
                data = data.lstrip(b"\0")  # Padding between members, or after the last one.
                if data:
                    stream = zlib.decompressobj(window)
                continue
            output, damaged_at = inflate(stream, data)
            yield output
            if damaged_at is not None:
                raise Damage("{} data", "damaged bytes")
            data = stream.unused_data
    if not stream.eof:
        raise Damage("the rest of the {} data", "the end of the file")


def _members(
    pieces: Iterator[bytes],
    start: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    padding: bytes,
) -> Iterator[bytes]:
    """Decompress consecutive streams in pieces of bounded size."""
    stream = start()
    for data in steps(pieces, STEP):
        while data or not (stream.eof or stream.needs_input):
            if stream.eof:
                data = data.lstrip(padding)
                if data:
                    stream = start()
                continue
            try:
                yield stream.decompress(data, _PIECE)
            except (OSError, EOFError, ValueError, lzma.LZMAError):
                raise Damage("{} data", "damaged bytes") from None
            data = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise Damage("the rest of the {} data", "the end of the file")


def _bunzip2(pieces: Iterator[bytes]) -> Iterator[bytes]:
    return _members(pieces, bz2.BZ2Decompressor, b"")


def _unxz(pieces: Iterator[bytes]) -> Iterator[bytes]:
    def start() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, _LZMA_MEMORY)

    return _members(pieces, start, b"\0")


_BZIP2 = tuple(
    b"BZh%d" % level + block
    for level in range(1, 10)
    for block in (b"1AY&SY", b"\x17rE8P\x90")  # A block, or the end of an empty stream.
)
PACKINGS: tuple[Packing, ...] = (
    Packing("gzip", (".gz", ".gzip"), (b"\x1f\x8b\x08",), _gunzip),
    # zlib's other header, `x^`, may be text.
    Packing("zlib", (".zz", ".zlib"), (b"x\x01", b"x\x9c", b"x\xda"), partial(_gunzip, window=15)),
    Packing("bzip2", (".bz2",), _BZIP2, _bunzip2),
    Packing("xz", (".xz",), (b"\xfd7zXZ\x00",), _unxz),
    Packing(
        "zstandard", (".zst", ".zstd"), (zstdframes.MAGIC, *zstdframes.SKIPPED), zstdframes.unzstd
    ),
)
