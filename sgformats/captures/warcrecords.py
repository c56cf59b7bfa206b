"""Frames the records of a web archive, with their bytes as they are written.

The reader is our own because others take a cut for the end of the file, and lose the records after
a wrong length. If no record begins after another one, the Content-Length of that one was wrong. The
reader then searches for the next record, also inside the block it read; the bytes between are a
gap.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from sgformats.captures.build import no_entry
from sgformats.captures.httpmessages import Headers, read_headers
from sgformats.captures.loose import header
from sgformats.errors import CaptureError, Problem, quote

_HEAD = 1024 * 1024
_PIECE = 64 * 1024
_MOST_EMPTY_LINES = 1_000
_VERSION = re.compile(rb"WARC/(?:1\.[01]|0\.1[78])(?![0-9])", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]{1,18})\s*")
_RECORD = "a record of WARC/1.0 or WARC/1.1"
_BLANK = (b"\r\n", b"\n")
_SHORT = 16  # Bytes of a line that begins a record.
_NEXT = re.compile(rb"(?i)(?:\r?\n){2}(?=WARC/[01]\.[0-9]{1,2}\r?\n)")
_BEGIN = re.compile(rb"(?i)WARC/[01]\.[0-9]{1,2}\r?\n\Z")


class WarcRecord(NamedTuple):
    """A record: its place, the lines of its head, its block, and the empty lines after it.

    `length` is the Content-Length; `block` is None if it was not to be kept. `fault` is the problem
    of a gap: bytes that are no record. `damage` is why the file ends here. Empty lines without a
    record before them have no head.
    """

    offset: int
    line: int
    head: tuple[bytes, ...]
    headers: Headers
    length: int = 0
    block: bytes | None = None
    end: bytes = b""
    damage: CaptureError | None = None
    fault: Problem | None = None


class WarcRecords:
    """The records and gaps of a file; `keeps` decides, by headers and length, on each block."""

    def __init__(self, file: BinaryIO, name: str, keeps: Callable[[Headers, int], bool]) -> None:
        self._stream = _Counted(file)
        self._name = name
        self._keeps = keeps

    def next(self) -> WarcRecord | None:
        """The next record, or the gap before it; None at the end.

        Raises `CaptureError` at damage outside of blocks.
        """
        offset, line = self._stream.place()
        if end := self._empty_lines():
            return WarcRecord(offset, line, (), [], end=end)
        self._stream.begin_head()
        first = self._stream.readline()
        if not first:
            return None
        if offset and not _BEGIN.match(first):
            return self._gap(offset, line, first)
        if _VERSION.match(first) is None:
            reason = f"expected {_RECORD}, found {_shown(first)}"
            raise CaptureError(self._name, reason, line, offset)
        headers = [(key, value.strip()) for key, value in read_headers(self._stream.readline)]
        head = tuple(self._stream.lines)
        if head[-1] not in _BLANK:
            raise self._missing("the end of a record's headers")
        found = _LENGTH.fullmatch(header(headers, "Content-Length") or "")
        if found is None:
            reason = "expected a record with its Content-Length, found none"
            raise CaptureError(self._name, reason, line, offset)
        length = int(found[1])
        parts: list[bytes] | None = [] if self._keeps(headers, length) else None
        end, damage = b"", None
        try:
            self._block(length, parts)
            end = self._empty_lines()
        except CaptureError as error:
            damage = error
        block = None if parts is None else b"".join(parts)
        if block and not end and not damage and (stop := self._ends_early(block)) is not None:
            self._stream.push_back(block[stop:])
            block, end = block[:stop], self._empty_lines()
        return WarcRecord(offset, line, head, headers, length, block, end, damage)

    def _empty_lines(self) -> bytes:
        """The empty lines here, up to a bound. Raises the error of damage before the first."""
        lines: list[bytes] = []
        try:
            while len(lines) < _MOST_EMPTY_LINES:
                self._stream.begin_head()
                line = self._stream.readline()
                if line not in _BLANK:
                    self._stream.push_back(line)
                    break
                lines.append(line)
        except CaptureError:
            if not lines:
                raise
        return b"".join(lines)

    def _block(self, length: int, parts: list[bytes] | None) -> None:
        """Read a block into `parts`, or skip it. Raises the error of damage after what is whole."""
        while length:
            piece = self._stream.read(min(length, _PIECE))
            if not piece:
                raise self._missing("the rest of a record")
            length -= len(piece)
            if parts is not None:
                parts.append(piece)

    def _gap(self, offset: int, line: int, first: bytes) -> WarcRecord:
        """Skip to the next record; return the gap."""
        shown, found, size = _shown(first), first, 0
        begin = None
        while found and (begin := _BEGIN.search(found, max(0, len(found) - _SHORT))) is None:
            size += len(found)
            self._stream.begin_head()
            found = self._stream.readline()
        damage = None
        if begin is None:
            damage = CaptureError(self._name, f"expected {_RECORD}, found {shown}", line, offset)
        else:
            self._stream.push_back(found[begin.start() :])
            size += begin.start()
        fault = no_entry(_RECORD, f"{shown}; {size} bytes precede the next record")
        return WarcRecord(offset, line, (), [], damage=damage, fault=fault)

    def _ends_early(self, block: bytes) -> int | None:
        """The end of a block that reaches into the next record; None if its length is right."""
        self._stream.begin_head()
        following = self._stream.readline()
        self._stream.push_back(following)
        if not following or following in _BLANK:
            return None
        inside = _NEXT.search(block + following)
        return None if inside is None or inside.start() >= len(block) else inside.start()

    def _missing(self, expected: str) -> CaptureError:
        offset, line = self._stream.place()
        self._stream.begin_head()
        found = "more lines" if self._stream.readline() else "the end of the file"
        return CaptureError(self._name, f"expected {expected}, found {found}", line, offset)


def _shown(line: bytes) -> str:
    return quote(line[:80].decode("utf-8", "replace").rstrip())


class _Counted:
    """A stream that counts offset and lines, and bounds the length of headers."""

    def __init__(self, file: BinaryIO) -> None:
        self.lines: list[bytes] = []
        """The lines since the head began."""
        self._file = file
        self._offset = 0
        self._line = 1
        self._left = _HEAD
        self._pushed_back = b""

    def push_back(self, data: bytes) -> None:
        """Push back the last bytes, to be read again."""
        self._pushed_back = data + self._pushed_back
        self._count(data, -1)

    def begin_head(self) -> None:
        """Begin a head: reset the count of its bytes."""
        self._left = _HEAD
        self.lines = []

    def place(self) -> tuple[int, int]:
        return self._offset, self._line

    def readline(self) -> bytes:
        """The next line, or the part of it that is within the bound."""
        end = self._pushed_back.find(b"\n", 0, self._left) + 1 or self._left
        line, self._pushed_back = self._pushed_back[:end], self._pushed_back[end:]
        if not self._pushed_back and not line.endswith(b"\n"):
            try:
                line += self._file.readline(self._left - len(line))
            except CaptureError:
                if not line:  # Otherwise the next call raises it.
                    raise
        self._left -= len(line)
        self.lines.append(line)
        return self._count(line)

    def read(self, size: int) -> bytes:
        data, self._pushed_back = self._pushed_back[:size], self._pushed_back[size:]
        return self._count(data or self._file.read(size))

    def _count(self, data: bytes, sign: int = 1) -> bytes:
        self._offset += sign * len(data)
        self._line += sign * data.count(b"\n")
        return data
