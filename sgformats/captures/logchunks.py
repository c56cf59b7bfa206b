"""Removes the chunk sizes from answers that a log shows in chunked transfer encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgformats.captures.lines import Line, process

_CHUNKED = re.compile(rb"(?i)[<>|*\s]*transfer-encoding:\s*chunked\s*\Z")
_HEADER = re.compile(rb"[<>|*\s]*[A-Za-z][A-Za-z0-9-]{0,60}:(?:\s|\Z)")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n?\Z")
_NEXT = re.compile(rb"[<>|*\s]*(?:HTTP/[0-9.]{1,3}\s+[0-9]{3}|(?:GET|POST|DELETE|PUT) /\S)")
_ENDS = (b"", b"\n", b"\r\n", b"\r")


def unchunked(lines: Iterator[Line], max_bytes: int) -> Iterator[Line]:
    """The lines of a log; those of a chunked body without the sizes, located at its first line.

    A body that is not chunked, although its head says so, stays as it is. Raises what `lines`
    raises, after all lines before it.
    """
    unchunking = _Unchunking(max_bytes)
    return process(lines, unchunking.take, unchunking.body)


class _Unchunking:
    """`head`: how much of a chunked answer's head was read (nothing, a part, or all)."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._head = ""
        self._lines: list[Line] = []
        self._parts: list[bytes] = []
        self._chunk: list[bytes] = []
        self._left = -1  # Remaining bytes of the chunk; -1 before its size.
        self._size = 0

    def take(self, line: Line) -> Iterator[Line]:
        """Take a line; yield the lines that are now final."""
        if self._lines:
            yield from self._take_body(line)
        elif self._head == "done" and not line.cut and _SIZE.match(line.text):
            self._lines.append(line)
            yield from self._begin_chunk(line)
        else:
            self._take_head(line.text)
            yield line

    def body(self) -> Iterator[Line]:
        """The body read so far."""
        data = b"".join((*self._parts, *self._chunk))
        first = self._lines[0] if self._lines else None
        self._reset()
        if first is not None and data:
            for part in data.splitlines(keepends=True):
                ended = part if part.endswith(b"\n") else part + b"\n"
                yield Line(ended, first.number, first.offset)

    def _take_head(self, text: bytes) -> None:
        if _CHUNKED.match(text):
            self._head = "in"
        elif self._head == "in" and not text.strip(b"<>| \t\r\n"):
            self._head = "done"
        elif self._head == "done" or not _HEADER.match(text):
            self._head = ""

    def _begin_chunk(self, line: Line) -> Iterator[Line]:
        """Read the size of a chunk; without one, the body has ended before this line."""
        found = _SIZE.match(line.text)
        if found is None:
            self._lines.pop()
            yield from self.body()
            yield from self.take(line)
            return
        self._left = int(found[1], 16)
        if not self._left:
            yield from self.body()

    def _take_body(self, line: Line) -> Iterator[Line]:
        self._lines.append(line)
        self._size += len(line.text)
        if line.cut or self._size > self._max_bytes:
            yield from self._give_up()
        elif _NEXT.match(line.text):
            self._lines.pop()
            yield from self.body()
            yield from self.take(line)
        elif self._left < 0:
            if line.text.strip():
                yield from self._begin_chunk(line)
        else:
            self._chunk.append(line.text)
            excess = len(line.text) - self._left
            self._left -= len(line.text)
            if excess >= 0:
                data = b"".join(self._chunk)
                end = len(data) - excess
                if data[end:] not in _ENDS:
                    yield from self._give_up()
                    return
                self._parts.append(data[:end])
                self._chunk, self._left = [], -1

    def _give_up(self) -> Iterator[Line]:
        """The held lines, unchanged."""
        lines = self._lines
        self._reset()
        yield from lines

    def _reset(self) -> None:
        self._head, self._lines, self._parts = "", [], []
        self._chunk, self._left, self._size = [], -1, 0
