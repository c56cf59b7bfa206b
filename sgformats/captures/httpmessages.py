"""HTTP messages and the heads of WARC records: a first line, headers, an empty line, the body.

The transfer encoding `chunked` is undone, unless the recorder undid it and kept the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import NamedTuple

from sgformats.captures.bodies import Body, unreadable

Headers = list[tuple[str, str]]

_NAME = re.compile(rb"([^:\r\n]+):[ \t]*")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class HttpHead(NamedTuple):
    """The first line's words (the last has the rest), the headers, and the index of the body."""

    words: list[str]
    headers: Headers
    end: int


def read_headers(readline: Callable[[], bytes]) -> Headers:
    """Read headers up to an empty line or the end; lines without a colon are ignored.

    A line that begins with a blank continues the value before it.
    """
    headers: list[tuple[str, list[str]]] = []
    named = False
    while line := _text(readline()):
        if line[0] in " \t":
            if named:
                headers[-1][1].append(line)
            continue
        name, colon, value = line.partition(":")
        named = bool(colon)
        if named:
            headers.append((name.rstrip(" \t"), [value.lstrip()]))
    return [(name, "".join(parts)) for name, parts in headers]


def http_head(block: bytes, at: int = 0) -> HttpHead:
    """Read the head of the message that begins at index `at`."""
    lines = BytesIO(block)
    lines.seek(at)
    protocol, _, rest = _text(lines.readline()).partition(" ")
    words = [protocol, *rest.strip().split(" ")]
    return HttpHead(words, read_headers(lines.readline), lines.tell())


def http_heads(block: bytes) -> Iterator[HttpHead]:
    """The heads of interim answers (such as `100 Continue`), if any, and that of the message."""
    at, interim = 0, True
    while interim:
        head = http_head(block, at)
        yield head
        at = head.end
        interim = head.words[0].startswith("HTTP/") and head.words[1].startswith("1")
        interim = interim and block.startswith(b"HTTP/", at)


class HeaderField(NamedTuple):
    """A header as it is written: its name in lower case, the bytes before its value, the line end.

    A line without a name is a value.
    """

    key: str
    prefix: bytes
    value: bytes
    end: bytes

    def with_value(self, value: bytes) -> bytes:
        """The header with another value."""
        return self.prefix + value + self.end


def header_fields(lines: Iterable[bytes]) -> Iterator[HeaderField]:
    """The headers in some lines, each with the lines that continue its value."""
    held: list[bytes] = []
    for line in lines:
        if held and line[:1] in (b" ", b"\t") and line.strip():
            held.append(line)
            continue
        if held:
            yield _field(b"".join(held))
        held = [line]
    if held:
        yield _field(b"".join(held))


def _field(raw: bytes) -> HeaderField:
    match = _NAME.match(raw)
    if match is None:
        return HeaderField("", b"", raw, b"")
    value = raw[match.end() :].rstrip(b" \t\r\n")
    key = match[1].strip().decode("latin-1").lower()
    return HeaderField(key, match[0], value, raw[match.end() + len(value) :])


def _text(line: bytes) -> str:
    try:
        return line.decode("utf-8").rstrip()
    except UnicodeDecodeError:
        return line.decode("latin-1").rstrip()


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
