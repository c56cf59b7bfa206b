"""Undoes the transfer encoding `chunked`, unless the recorder undid it and kept the header."""

from __future__ import annotations

import re
from typing import NamedTuple

from sgformats.captures.bodies import Body, unreadable

_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class ReadChunks(NamedTuple):
    """The content of the chunks, where they end, and whether the last chunk (of size 0) follows."""

    content: bytes
    end: int
    whole: bool


def read_chunks(body: bytes) -> ReadChunks:
    """Read the chunks at the beginning of a body, up to the last one or to damage."""
    parts: list[bytes] = []
    at = 0
    while (size := _SIZE.match(body, at)) is not None:
        length = int(size[1], 16)
        if not length:
            return ReadChunks(b"".join(parts), at, True)
        start, end = size.end(), size.end() + length
        parts.append(body[start:end])
        at = end + 2
        if body[end:at] != b"\r\n":
            at = min(end, len(body))
            break
    return ReadChunks(b"".join(parts), at, False)


def unchunked(body: bytes) -> Body:
    """Remove the chunk sizes from a body; one that does not begin with a size stays as it is.

    >>> unchunked(b"2\\r\\n[]\\r\\n0\\r\\n\\r\\n").body
    b'[]'
    """
    content, end, whole = read_chunks(body)
    if whole or not end:
        return Body(content if whole else body)
    found = "the end" if end >= len(body) else "something else"
    return Body(content, unreadable("the next chunk of the body", found, end))
