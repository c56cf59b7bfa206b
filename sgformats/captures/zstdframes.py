"""Decompresses zstandard by frames; a skippable first frame may hold a dictionary.

Web archives (`.warc.zst`) keep their dictionary there, compressed or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sgformats.captures.inflating import Damage, steps
from sgformats.errors import MissingPackageError

if TYPE_CHECKING:
    import zstandard

MAGIC = b"\x28\xb5\x2f\xfd"
SKIPPED = tuple(bytes([0x50 + number, 0x2A, 0x4D, 0x18]) for number in range(16))
_DICTIONARY = b"\x5d\x2a\x4d\x18"
_HEAD = 8
_MAX_DICTIONARY = 16 * 1024 * 1024
# The decompressor has no limit of its own: a kilobyte may expand to 32 megabytes.
_STEP = 1024
_CUT = ("the rest of the {} data", "the end of the file")


def unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The bytes of all frames, one after the other.

    Raises `Damage`, and `MissingPackageError` without the package zstandard.
    """
    try:
        import zstandard
    except ImportError:
        raise MissingPackageError("a .zst capture", "zstandard", "captures") from None
    source = steps(pieces, _STEP)
    decompressor = zstandard.ZstdDecompressor()
    data = b""
    first = True
    while data := data or next(source, b""):
        while len(data) < _HEAD and (more := next(source, b"")):
            data += more
        if not data.startswith(SKIPPED):
            stream = decompressor.decompressobj()
            while not stream.eof:
                try:
                    yield stream.decompress(data)
                except zstandard.ZstdError:
                    raise Damage("{} data", "damaged bytes") from None
                data = stream.unused_data if stream.eof else next(source, b"")
                if not data and not stream.eof:
                    raise Damage(*_CUT)
        else:
            size = int.from_bytes(data[4:_HEAD], "little")
            wanted = first and data.startswith(_DICTIONARY)
            if wanted and size > _MAX_DICTIONARY:
                raise Damage(f"a dictionary of at most {_MAX_DICTIONARY} bytes", "more")
            kept, data = _read_frame(data[_HEAD:], source, size, wanted)
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
        if frame.startswith(MAGIC):
            reader = zstandard.ZstdDecompressor().stream_reader(frame)
            frame = reader.read(_MAX_DICTIONARY + 1)
        if len(frame) > _MAX_DICTIONARY:
            raise Damage(f"a dictionary of at most {_MAX_DICTIONARY} bytes", "more")
        return zstandard.ZstdDecompressor(dict_data=zstandard.ZstdCompressionDict(frame))
    except (zstandard.ZstdError, ValueError, MemoryError):
        raise Damage("a {} dictionary", "damaged bytes") from None
