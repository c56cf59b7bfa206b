"""Heads of HTTP messages and WARC records: a first line, then headers, up to an empty line."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Headers = list[tuple[str, str]]


class HttpHead(NamedTuple):
    """The first line's words (the last has the rest), the headers, and the index of the body."""

    words: list[str]
    headers: Headers
    end: int


def read_headers(readline: Callable[[], bytes]) -> Headers:
    """Read headers up to an empty line or the end; lines without a colon are ignored.

    A line that begins with a blank continues the value before it.
    """
    headers: Headers = []
    named = False
    while line := _text(readline()):
        if line[0] in " \t":
            if named:
                name, value = headers[-1]
                headers[-1] = name, value + line
            continue
        name, colon, value = line.partition(":")
        named = bool(colon)
        if named:
            headers.append((name.rstrip(" \t"), value.lstrip()))
    return headers


def http_head(block: bytes, at: int = 0) -> HttpHead:
    """Read the head of the message that begins at index `at`."""
    lines = _Lines(block, at)
    first = _text(lines.readline())
    protocol, _, rest = first.partition(" ")
    words = [protocol, *rest.strip().split(" ")]
    return HttpHead(words, read_headers(lines.readline), lines.at)


class _Lines:
    """The lines of a block, from an index on."""

    def __init__(self, block: bytes, at: int) -> None:
        self._block = block
        self.at = at

    def readline(self) -> bytes:
        """The next line."""
        end = self._block.find(b"\n", self.at) + 1 or len(self._block)
        line, self.at = self._block[self.at : end], end
        return line


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip()
