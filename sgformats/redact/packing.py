"""Decompresses bodies, and compresses bodies and whole captures again in their original format.

A cut or damaged body gives the data before the damage, and is incomplete again after compression.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from sgformats.captures.bodies import Body, inflated, joined
from sgformats.captures.unpacking import GZIP, ZSTD, inflate, unzstd
from sgformats.errors import MissingPackageError
from sgformats.redact.encodings import encoding_of

_ZLIB, _RAW, _GZIP = 15, -15, 31
_HEAD = 4096
# Other bytes hardly ever inflate to this much text by chance.
_CERTAIN = 16
_ZSTD_FLUSH_BLOCK = 1


def _zstd() -> Any:
    try:
        import zstandard
    except ImportError:
        raise MissingPackageError("a .zst capture", "zstandard", "captures") from None
    return zstandard.ZstdCompressor().compressobj()


_COMPRESSORS: Mapping[str, Callable[[], Any]] = {
    "gzip": partial(zlib.compressobj, wbits=_GZIP),
    "zlib": zlib.compressobj,
    "bzip2": bz2.BZ2Compressor,
    "xz": lzma.LZMACompressor,
    "zstandard": _zstd,
}


def pack(parts: Iterator[bytes], packing: str | None, separately: bool) -> Iterator[bytes]:
    """Compress the parts of a capture; `separately`: each one alone, if the format is gzip."""
    if packing is None:
        yield from parts
    elif packing == "gzip" and separately:
        for part in parts:
            yield gzip.compress(part, mtime=0) if part.strip() else b""
    else:
        compressor = _COMPRESSORS[packing]()
        for part in parts:
            yield compressor.compress(part)
        yield compressor.flush()


class Unpacked(NamedTuple):
    """The content of a compressed body (None if unreadable), and whether it is complete."""

    inner: bytes | None
    whole: bool
    compressor: Callable[[], Any]
    sync: int

    def pack(self, new: bytes) -> bytes:
        """Compress another content in the same format; incomplete again if the old one was."""
        compressor = self.compressor()
        end = () if self.whole else (self.sync,)
        return bytes(compressor.compress(new) + compressor.flush(*end))


def unpack(data: bytes, max_bytes: int) -> Unpacked | None:
    """The content of compressed bytes, at most `max_bytes`; None if they are not compressed."""
    if data.startswith(GZIP):
        return _inflated(data, _GZIP, max_bytes)
    if data.startswith(ZSTD):
        return _unpacked(joined(unzstd(iter((data,))), max_bytes), _zstd, _ZSTD_FLUSH_BLOCK)
    if is_zlib(data):
        found = _inflated(data, _ZLIB, max_bytes)
        return found if found.whole or found.inner else None
    if data and not is_text(data[:_HEAD]):
        found = _inflated(data, _RAW, max_bytes)
        inner = found.inner or b""
        if is_text(inner[:_HEAD]) and (found.whole or len(inner) >= _CERTAIN):
            return found
    return None


def _inflated(data: bytes, window: int, max_bytes: int) -> Unpacked:
    compressor = partial(zlib.compressobj, wbits=window)
    return _unpacked(inflated(data, window, max_bytes, exact=True), compressor, zlib.Z_SYNC_FLUSH)


def _unpacked(read: Body, compressor: Callable[[], Any], sync: int) -> Unpacked:
    whole = read.fault is None
    return Unpacked(read.body if read.body or whole else None, whole, compressor, sync)


def is_zlib(data: bytes) -> bool:
    """Whether bytes begin like a zlib stream."""
    return len(data) > 2 and data[0] == 0x78 and (data[0] << 8 | data[1]) % 31 == 0


def is_deflated(head: bytes) -> bool:
    """Whether bytes may begin a raw deflate stream of text."""
    output, damaged_at = inflate(zlib.decompressobj(_RAW), head)
    return damaged_at is None and bool(output) and is_text(output)


def is_text(head: bytes) -> bool:
    """Whether bytes are text with hardly any control characters."""
    if encoding_of(head) != "UTF-8":
        return encoding_of(head) is not None
    text = head.decode("utf-8", "replace")
    odd = sum(char < " " and char not in "\t\r\n" for char in text) + text.count("\ufffd")
    return odd * 8 <= len(text)
