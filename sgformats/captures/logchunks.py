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
    """The lines of a body held so far, and its content; `left` is -1 before the size of a chunk.

    `head`: how much of a chunked answer's head was read (nothing, a part, or all).
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._reset()

    def _reset(self) -> None:
        self._head = ""
        self._held: list[Line] = []
        self._content: list[bytes] = []
        self._left = -1
        self._size = 0

    def take(self, line: Line) -> Iterator[Line]:
        text = line.text
        size = _SIZE.match(text) if self._left < 0 else None
        if not self._held and (self._head != "done" or line.cut or size is None):
            self._take_head(text)
            yield line
            return
        self._size += len(text) if self._held else 0
        self._held.append(line)
        if line.cut or self._size > self._max_bytes:
            yield from self._give_up()
        elif _NEXT.match(text) or (self._left < 0 and size is None and text.strip()):
            self._held.pop()  # The body has ended before this line.
            yield from self.body()
            yield from self.take(line)
        elif size is not None:
            self._left = int(size[1], 16)
            if not self._left:
                yield from self.body()
        elif self._left >= 0:
            self._content.append(text[: self._left])
            after, self._left = text[self._left :], self._left - len(text)
            if self._left <= 0:
                self._left = -1
                if after not in _ENDS:
                    yield from self._give_up()

    def body(self) -> Iterator[Line]:
        held, content = self._held, b"".join(self._content)
        self._reset()
        for part in content.splitlines(keepends=True):
            yield held[0].with_text(part)

    def _take_head(self, text: bytes) -> None:
        if _CHUNKED.match(text):
            self._head = "in"
        elif self._head == "in" and not text.strip(b"<>| \t\r\n"):
            self._head = "done"
        elif self._head == "done" or not _HEADER.match(text):
            self._head = ""

    def _give_up(self) -> Iterator[Line]:
        """The held lines, unchanged."""
        held = self._held
        self._reset()
        yield from held
