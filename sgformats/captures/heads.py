"""Heads of HTTP messages and WARC records: a first line, then headers, up to an empty line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import NamedTuple

Headers = list[tuple[str, str]]

_NAME = re.compile(rb"([^:\r\n]+):[ \t]*")


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
    raw = b""
    for line in lines:
        if raw and line[:1] in (b" ", b"\t") and line.strip():
            raw += line
            continue
        if raw:
            yield _field(raw)
        raw = line
    if raw:
        yield _field(raw)


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
