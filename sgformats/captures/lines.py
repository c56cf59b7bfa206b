"""The lines of a capture, each with its place and of bounded length.

Those of a log are joined if a command continues, and freed of chunk sizes if the log shows an answer
in chunked transfer encoding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, TypeVar

from sgformats.errors import CaptureError

T = TypeVar("T")

MARK = b"\xef\xbb\xbf"

_PIECE = 64 * 1024
_CONTINUED = re.compile(rb"\\\r?\n\Z")
_MAX_COMMAND = 4096
_CHUNKED = re.compile(rb"(?i)[<>|*\s]*transfer-encoding:\s*chunked\s*\Z")
_HEADER = re.compile(rb"[<>|*\s]*[A-Za-z][A-Za-z0-9-]{0,60}:(?:\s|\Z)")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n?\Z")
_NEXT = re.compile(rb"[<>|*\s]*(?:HTTP/[0-9.]{1,3}\s+[0-9]{3}|(?:GET|POST|DELETE|PUT) /\S)")
_ENDS = (b"", b"\n", b"\r\n", b"\r")


class Line(NamedTuple):
    """A line with its end. `number` counts from 1; `offset` is where it begins.

    `cut`: the line is longer than `text`, which holds only its beginning.
    """

    text: bytes
    number: int
    offset: int
    cut: bool = False

    def with_text(self, text: bytes) -> Line:
        """A line with another text, which gets a line end, in the same place."""
        return Line(text if text.endswith(b"\n") else text + b"\n", self.number, self.offset)


def process(
    lines: Iterator[Line], take: Callable[[Line], Iterator[T]], finish: Callable[[], Iterator[T]]
) -> Iterator[T]:
    """What `take` yields for each line, then what `finish` yields.

    Raises what `lines` raises, after everything else.
    """
    damage = None
    while True:
        try:
            line = next(lines, None)
        except CaptureError as error:
            line, damage = None, error
        if line is None:
            break
        yield from take(line)
    yield from finish()
    if damage is not None:
        raise damage


def read_lines(file: BinaryIO, max_bytes: int) -> Iterator[Line]:
    """Every line, each cut at `max_bytes`. A line ends with LF or CR LF."""
    number = offset = 0
    while text := file.readline(max_bytes + 2):
        number += 1
        cut = len(text) > max_bytes and len(text.rstrip(b"\r\n")) > max_bytes
        end = offset + len(text)
        if cut:
            text = text[:_PIECE]
        yield Line(text, number, offset, cut)
        ended = text.endswith(b"\n") and not cut
        offset = end
        while cut and not ended and (rest := file.readline(_PIECE)):
            offset += len(rest)
            ended = rest.endswith(b"\n")


def join_commands(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines, with continued lines of one command joined."""
    for line in lines:
        if line.cut or not _CONTINUED.search(line.text) or b"curl" not in line.text:
            yield line
            continue
        parts, size = [line.text], len(line.text)
        damage = None
        while _CONTINUED.search(parts[-1]) and size < _MAX_COMMAND:
            try:
                following = next(lines, None)
            except CaptureError as error:
                following, damage = None, error
            if following is None:
                break
            parts.append(following.text)
            size += len(following.text)
        parts[:-1] = [_CONTINUED.sub(b" ", part) for part in parts[:-1]]
        yield Line(b"".join(parts), line.number, line.offset)
        if damage is not None:
            raise damage


def unchunk(lines: Iterator[Line], max_bytes: int) -> Iterator[Line]:
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
