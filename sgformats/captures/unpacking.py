"""Decompression formats: each turns compressed pieces into uncompressed ones, of bounded size.

gzip, zlib, bzip2, xz and zstandard files may have any number of members. Every byte before damage
is given before `Damage` is raised. A skippable first frame of zstandard may hold a dictionary:
compressed web archives (`.warc.zst`) keep it there.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from sgformats.errors import MissingPackageError

if TYPE_CHECKING:
    from zlib import _Decompress

    import zstandard

STEP = 16 * 1024
"""How much to hand over at once: what comes of it is at most 1032 times as much."""

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"

_PIECE = 64 * 1024
_LZMA_MEMORY = 256 * 1024 * 1024
_SKIPPED = tuple(bytes([0x50 + number, 0x2A, 0x4D, 0x18]) for number in range(16))
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_FRAME_HEAD = 8
_MAX_DICTIONARY = 16 * 1024 * 1024
# The decompressor has no limit of its own: a kilobyte may expand to 32 megabytes.
_ZSTD_STEP = 1024
_DAMAGED = ("{} data", "damaged bytes")
_CUT = ("the rest of the {} data", "the end of the file")


class Damage(Exception):
    """A compressed stream is damaged: what was expected and found. Never leaves `captures`."""


class Packing(NamedTuple):
    """A compression format; `unpack` decompresses pieces, and raises `Damage` after good ones."""

    name: str
    suffixes: tuple[str, ...]
    magics: tuple[bytes, ...]
    unpack: Callable[[Iterator[bytes]], Iterator[bytes]]


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


class InflateStep(NamedTuple):
    """The output, and the index of the first damaged byte if there is one."""

    output: bytes
    damaged_at: int | None = None


def inflate(stream: _Decompress, data: bytes) -> InflateStep:
    """Decompress the next bytes of a stream, up to the last byte before damage."""
    before = stream.copy()
    try:
        return InflateStep(stream.decompress(data))
    except zlib.error:
        pass
    outputs = []
    for at in range(len(data)):
        try:
            outputs.append(before.decompress(data[at : at + 1]))
        except zlib.error:
            return InflateStep(b"".join(outputs), at)
    return InflateStep(b"".join(outputs), len(data))


def _steps(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Split the pieces so that none has more than `size` bytes."""
    for piece in pieces:
        for at in range(0, len(piece), size):
            yield piece[at : at + size]


def _gunzip(pieces: Iterator[bytes], window: int = 31) -> Iterator[bytes]:
    stream = zlib.decompressobj(window)
    for data in _steps(pieces, STEP):
        while data:
            if stream.eof:
                data = data.lstrip(b"\0")  # Padding between members, or after the last one.
                if data:
                    stream = zlib.decompressobj(window)
                continue
            output, damaged_at = inflate(stream, data)
            yield output
            if damaged_at is not None:
                raise Damage(*_DAMAGED)
            data = stream.unused_data
    if not stream.eof:
        raise Damage(*_CUT)


def _members(
    pieces: Iterator[bytes],
    start: Callable[[], bz2.BZ2Decompressor | lzma.LZMADecompressor],
    padding: bytes,
) -> Iterator[bytes]:
    """Decompress consecutive streams in pieces of bounded size."""
    stream = start()
    for data in _steps(pieces, STEP):
        while data or not (stream.eof or stream.needs_input):
            if stream.eof:
                data = data.lstrip(padding)
                if data:
                    stream = start()
                continue
            try:
                yield stream.decompress(data, _PIECE)
            except (OSError, EOFError, ValueError, lzma.LZMAError):
                raise Damage(*_DAMAGED) from None
            data = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise Damage(*_CUT)


def unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of all frames, one after the other.

    Raises `Damage`, and `MissingPackageError` without the package zstandard.
    """
    try:
        import zstandard
    except ImportError:
        raise MissingPackageError("a .zst capture", "zstandard", "captures") from None
    source = _steps(pieces, _ZSTD_STEP)
    decompressor = zstandard.ZstdDecompressor()
    data = b""
    first = True
    while data := data or next(source, b""):
        while len(data) < _FRAME_HEAD and (more := next(source, b"")):
            data += more
        if not data.startswith(_SKIPPED):
            stream = decompressor.decompressobj()
            while not stream.eof:
                try:
                    yield stream.decompress(data)
                except zstandard.ZstdError:
                    raise Damage(*_DAMAGED) from None
                data = stream.unused_data if stream.eof else next(source, b"")
                if not data and not stream.eof:
                    raise Damage(*_CUT)
        else:
            size = int.from_bytes(data[4:_FRAME_HEAD], "little")
            wanted = first and data.startswith(_DICTIONARY)
            if wanted and size > _MAX_DICTIONARY:
                raise Damage(f"a dictionary of at most {_MAX_DICTIONARY} bytes", "more")
            kept, data = _read_frame(data[_FRAME_HEAD:], source, size, wanted)
            if wanted:
                decompressor = _with_dictionary(kept)
        first = False
    if first:
        raise Damage(*_CUT)


def _read_frame(data: bytes, source: Iterator[bytes], size: int, keep: bool) -> tuple[bytes, bytes]:
    """The bytes of a frame (none unless `keep`), and the bytes after it."""
    parts: list[bytes] = []
    while True:
        if keep:
            parts.append(data[:size])
        if len(data) >= size:
            return b"".join(parts), data[size:]
        size -= len(data)
        data = next(source, b"")
        if not data:
            raise Damage(*_CUT)


def _with_dictionary(frame: bytes) -> zstandard.ZstdDecompressor:
    """A decompressor with the dictionary in a frame, which may itself be compressed."""
    import zstandard

    try:
        if frame.startswith(ZSTD):
            reader = zstandard.ZstdDecompressor().stream_reader(frame)
            frame = reader.read(_MAX_DICTIONARY + 1)
        if len(frame) > _MAX_DICTIONARY:
            raise Damage(f"a dictionary of at most {_MAX_DICTIONARY} bytes", "more")
        return zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(frame))
    except (zstandard.ZstdError, ValueError, MemoryError):
        raise Damage("a {} dictionary", "damaged bytes") from None


_BZIP2 = tuple(
    b"BZh%d" % level + block
    for level in range(1, 10)
    for block in (b"1AY&SY", b"\x17rE8P\x90")  # A block, or the end of an empty stream.
)
_bunzip2 = partial(_members, start=bz2.BZ2Decompressor, padding=b"")
_unxz = partial(
    _members, start=partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _LZMA_MEMORY), padding=b"\0"
)
PACKINGS: tuple[Packing, ...] = (
    Packing("gzip", (".gz", ".gzip"), (GZIP,), _gunzip),
    # zlib's other header, `x^`, may be text.
    Packing("zlib", (".zz", ".zlib"), (b"x\x01", b"x\x9c", b"x\xda"), partial(_gunzip, window=15)),
    Packing("bzip2", (".bz2",), _BZIP2, _bunzip2),
    Packing("xz", (".xz",), (b"\xfd7zXZ\x00",), _unxz),
    Packing("zstandard", (".zst", ".zstd"), (ZSTD, *_SKIPPED), unzstd),
)
