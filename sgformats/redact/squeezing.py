"""Decompresses bodies, and compresses them again in the same format.

A cut or damaged stream gives the data before the damage, and is incomplete again after compression.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import NamedTuple

from sgformats.captures.inflating import STEP, inflate
from sgformats.redact.encodings import encoding_of

GZIP = b"\x1f\x8b\x08"
ZSTD = b"\x28\xb5\x2f\xfd"
_ZLIB, _RAW = 15, -15
_HEAD = 4096
# Other bytes do not look like this much text by chance.
_TELLING = 16
# A kilobyte of zstandard may expand to 32 megabytes.
_ZSTD_STEP = 1024


class Squeezed(NamedTuple):
    """The content (None if unreadable), whether it is complete, and how to compress it again."""

    inner: bytes | None
    whole: bool
    again: Callable[[bytes], bytes]


def is_zlib(data: bytes) -> bool:
    """Whether bytes begin like a zlib stream."""
    return len(data) > 2 and data[0] == 0x78 and (data[0] << 8 | data[1]) % 31 == 0


def is_deflated(head: bytes) -> bool:
    """Whether bytes may begin a raw deflate stream of text."""
    output, damaged = inflate(zlib.decompressobj(_RAW), head)
    return damaged is None and bool(output) and is_text(output)


def unsqueezed(data: bytes, max_bytes: int) -> Squeezed | None:
    """The content of compressed bytes, at most `max_bytes`; None if they are not compressed."""
    if data.startswith(GZIP):
        return _inflated(data, 31, max_bytes)
    if data.startswith(ZSTD):
        return _unzstd(data, max_bytes)
    if is_zlib(data):
        found = _inflated(data, _ZLIB, max_bytes)
        return found if found.whole or found.inner else None
    if data and not is_text(data[:_HEAD]):
        found = _inflated(data, _RAW, max_bytes)
        inner = found.inner or b""
        if is_text(inner[:_HEAD]) and (found.whole or len(inner) >= _TELLING):
            return found
    return None


def is_text(head: bytes) -> bool:
    """Whether bytes are text with hardly any control characters."""
    if encoding_of(head) != "UTF-8":
        return encoding_of(head) is not None
    text = head.decode("utf-8", "replace")
    odd = sum(char < " " and char not in "\t\r\n" for char in text) + text.count("\ufffd")
    return odd * 8 <= len(text)


def _inflated(data: bytes, window: int, max_bytes: int) -> Squeezed:
    def again(new: bytes) -> bytes:
        squeezer = zlib.compressobj(wbits=window)
        end = zlib.Z_FINISH if whole else zlib.Z_SYNC_FLUSH
        return squeezer.compress(new) + squeezer.flush(end)

    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = at = 0
    damaged: int | None = None
    while at < len(data) and damaged is None:
        if stream.eof:
            if window < 31 or not data.startswith(GZIP, at):
                return Squeezed(None, False, bytes)
            stream = zlib.decompressobj(window)
        given = data[at : at + STEP]
        output, damaged = inflate(stream, given)
        parts.append(output)
        size += len(output)
        at += len(given) - len(stream.unused_data)
        if size > max_bytes:
            return Squeezed(None, False, bytes)
    whole = stream.eof and damaged is None
    inner = b"".join(parts)
    return Squeezed(inner if inner or whole else None, whole, again)


def _unzstd(data: bytes, max_bytes: int) -> Squeezed:
    try:
        import zstandard
    except ImportError:
        return Squeezed(None, False, bytes)

    def again(new: bytes) -> bytes:
        squeezer = zstandard.ZstdCompressor().compressobj()
        end = zstandard.COMPRESSOBJ_FLUSH_FINISH if whole else zstandard.COMPRESSOBJ_FLUSH_BLOCK
        return squeezer.compress(new) + squeezer.flush(end)

    stream = zstandard.ZstdDecompressor().decompressobj()
    parts: list[bytes] = []
    size = 0
    for at in range(0, len(data), _ZSTD_STEP):
        try:
            parts.append(stream.decompress(data[at : at + _ZSTD_STEP]))
        except zstandard.ZstdError:
            break
        size += len(parts[-1])
        if size > max_bytes:
            return Squeezed(None, False, bytes)
        if stream.eof:
            break
    whole = stream.eof and not stream.unused_data
    inner = b"".join(parts)
    return Squeezed(inner if inner or whole else None, whole, again)
