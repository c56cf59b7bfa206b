"""Undoes the transfer encoding `chunked` if it is present: recorders often undo it but keep the header."""

from __future__ import annotations

import re

from sgformats.captures.bodies import Body, unreadable

_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


def unchunked(body: bytes) -> Body:
    """Remove the chunk sizes from a body; one that does not begin with a size stays as it is.

    >>> unchunked(b"2\\r\\n[]\\r\\n0\\r\\n\\r\\n").body
    b'[]'
    """
    parts: list[bytes] = []
    at = 0
    while True:
        size = _SIZE.match(body, at)
        if size is None:
            if not at:
                return Body(body)
            break
        length = int(size[1], 16)
        if not length:
            return Body(b"".join(parts))
        start, end = size.end(), size.end() + length
        parts.append(body[start:end])
        at = end + 2
        if body[end:at] != b"\r\n":
            at = min(end, len(body))
            break
    found = "the end" if at >= len(body) else "something else"
    fault = unreadable("the next chunk of the body", found, at)
    return Body(b"".join(parts), fault)
