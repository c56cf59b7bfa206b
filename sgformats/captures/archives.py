"""Members of tar and zip archives, one after the other, each as a stream.

The tar reader is our own because existing ones take damage for the end of the archive; this one
searches for the next header after an invalid one. zip (and WACZ, which is a zip) uses `zipfile`,
and is copied into a temporary file first because its directory is at the end.
"""

from __future__ import annotations

import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, Any, NamedTuple, Protocol, cast

from sgformats.errors import CaptureError

HEAD = 512
"""How many bytes identify an archive."""

_BLOCK = 512
_PIECE = 64 * 1024
_MAX_NAME = 1024 * 1024
_MAX_DIRECTORY = 32 * 1024 * 1024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
# A RuntimeError says that a password is needed.
_ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError),
    *(EOFError, OSError, ValueError, KeyError, IndexError),
)


class Readable(Protocol):
    """A source of bytes: an archive, or one of its members."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


class Member(NamedTuple):
    """A file in an archive, or why it is not read. Read it before asking for the next one."""

    name: str
    file: Readable | None
    refusal: str = ""


def archive_reader(head: bytes) -> Callable[[Readable, str], Iterator[Member]] | None:
    """The reader for an archive that begins with `head`; None if there is none."""
    if head.startswith(_ZIP):
        return _zip_members
    return _tar_members if _TarHeader.at(head) is not None else None


# tar


class _TarHeader(NamedTuple):
    name: bytes
    size: int
    kind: bytes

    @classmethod
    def at(cls, block: bytes) -> _TarHeader | None:
        """Parse a header block; None if its checksum is wrong."""
        if len(block) < _BLOCK or not block[0]:
            return None
        checksum, size = _number(block[148:156]), _number(block[124:136])
        if checksum != sum(block[:148]) + 8 * ord(" ") + sum(block[156:_BLOCK]) or size is None:
            return None
        name = block[:100].partition(b"\0")[0]
        prefix = block[345:500].partition(b"\0")[0]
        if prefix and block[257:263] == b"ustar\0":
            name = prefix + b"/" + name
        return cls(name, size, block[156:157])


def _number(field: bytes) -> int | None:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    text = field.strip(b" \0")
    if not text.isdigit():
        return None
    with suppress(ValueError):
        return int(text, 8)
    return None


class _Slice:
    """The next bytes of a stream, up to a fixed count. Raises `CaptureError` if they end early."""

    def __init__(self, file: Readable, name: str, size: int) -> None:
        self._file = file
        self._name = name
        self._left = size

    def read(self, size: int = -1, /) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        data = self._file.read(min(wanted, _PIECE)) if wanted else b""
        self._left -= len(data)
        if wanted and not data:
            reason = f"expected {self._left} bytes more of it, found the end of the archive"
            raise CaptureError(self._name, reason)
        return data

    def rest(self) -> bytes:
        return b"".join(iter(self.read, b""))


def _tar_members(file: Readable, shown: str) -> Iterator[Member]:
    name = b""
    ended = False
    while block := _block(file):
        ended = not any(block)
        if ended:
            continue  # The end, or padding between concatenated archives.
        header = _TarHeader.at(block)
        if header is None:
            refusal = "expected the header of a file in the archive, found other bytes"
            yield Member("", None, refusal)
            while header is None:
                block = _block(file)
                if not block:
                    return
                header = _TarHeader.at(block)
        content = _Slice(file, shown, header.size)
        name, known = b"", name or header.name
        if header.kind in (b"L", b"x") and header.size <= _MAX_NAME:
            # The name of the next file: alone, or in a line `30 path=…` of a pax header.
            name = content.rest().rstrip(b"\0")
            if header.kind == b"x":
                records = (line.partition(b" ")[2] for line in name.split(b"\n"))
                paths = (record[5:] for record in records if record.startswith(b"path="))
                name = next(paths, b"")
        elif header.kind in (b"\0", b"0", b"7"):
            yield Member(known.decode("utf-8", "backslashreplace"), content)
        elif header.kind in (b"S", b"L", b"x"):
            text = known.decode("utf-8", "backslashreplace")
            yield Member(text, None, "cannot read it: it is sparse, or its name is over a megabyte")
        while content.read(_PIECE):
            pass
        _Slice(file, shown, -header.size % _BLOCK).rest()
    if not ended:
        reason = "expected an empty block at the end, found none: files may be missing"
        raise CaptureError(shown, reason)


def _block(file: Readable) -> bytes:
    data = b""
    while len(data) < _BLOCK and (piece := file.read(_BLOCK - len(data))):
        data += piece
    return data


# zip


class _ZipMember:
    """A file in a zip archive. Reading raises `CaptureError` at damage."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name

    def read(self, size: int = -1, /) -> bytes:
        try:
            return self._file.read(size)
        except _ZIP_ERRORS as error:
            raise CaptureError(self._name, f"cannot read it: {_in_words(error)}") from None


def _zip_members(file: Readable, shown: str) -> Iterator[Member]:
    with tempfile.TemporaryFile() as copy:
        while piece := file.read(_PIECE):
            copy.write(piece)
        if _directory_size(copy) > _MAX_DIRECTORY:
            reason = f"expected a directory of at most {_MAX_DIRECTORY} bytes, found a larger one"
            raise CaptureError(shown, reason)
        try:
            archive = zipfile.ZipFile(cast("IO[bytes]", copy))
        except _ZIP_ERRORS as error:
            reason = f"expected a whole zip archive, found a damaged one: {_in_words(error)}"
            raise CaptureError(shown, reason) from None
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = info.filename
            try:
                content: Any = archive.open(info)
            except _ZIP_ERRORS as error:
                yield Member(name, None, f"cannot read it: {_in_words(error)}")
                continue
            with content:
                yield Member(name, _ZipMember(content, f"{shown}!{name}"))


def _directory_size(copy: IO[bytes]) -> int:
    size = copy.seek(0, 2)
    copy.seek(max(0, size - 2 * _PIECE))
    tail = copy.read()
    at = tail.rfind(_END)
    directory = int.from_bytes(tail[at + 12 : at + 16], "little") if at >= 0 else 0
    if directory == (1 << 32) - 1:
        at = tail.rfind(_END_64)
        directory = int.from_bytes(tail[at + 40 : at + 48], "little") if at >= 0 else 0
    return directory


def _in_words(error: Exception) -> str:
    text = str(error).partition("\n")[0] or type(error).__name__
    return f"{text[:1].lower()}{text[1:200]}"
