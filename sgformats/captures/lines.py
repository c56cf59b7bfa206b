"""The lines of a capture, each with its place and of bounded length."""

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
