"""Compresses a capture again in its original format: the reverse of `captures.opening`."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sgformats.errors import MissingPackageError


def _as_it_is(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    yield from parts


def _gzip(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    if apart:
        for part in parts:
            yield gzip.compress(part, mtime=0) if part.strip() else b""
        return
    yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
    squeezer = zlib.compressobj(wbits=-15)
    size = check = 0
    for part in parts:
        size, check = size + len(part), zlib.crc32(part, check)
        yield squeezer.compress(part)
    yield squeezer.flush()
    yield check.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")


def _zlib(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    return _squeezed(parts, zlib.compressobj())


def _bzip2(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    return _squeezed(parts, bz2.BZ2Compressor())


def _xz(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    return _squeezed(parts, lzma.LZMACompressor())


def _zstandard(parts: Iterator[bytes], apart: bool) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        raise MissingPackageError("a .zst capture", "zstandard", "captures") from None
    return _squeezed(parts, zstandard.ZstdCompressor().compressobj())


def _squeezed(parts: Iterator[bytes], squeezer: Any) -> Iterator[bytes]:
    for part in parts:
        yield squeezer.compress(part)
    yield squeezer.flush()


PACKERS: Mapping[str, Callable[[Iterator[bytes], bool], Iterator[bytes]]] = {
    "": _as_it_is,
    "gzip": _gzip,
    "zlib": _zlib,
    "bzip2": _bzip2,
    "xz": _xz,
    "zstandard": _zstandard,
}
"""By the name of a packing: compresses parts, with `apart` each by itself where the kind can."""
