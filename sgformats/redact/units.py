"""Splits a capture's text into units: an exchange, a line, or a block of lines.

The units joined are the text. Memory holds one unit at most. A unit longer than `longest` characters is
split into pieces; each piece except the last is a `Cut`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_MARKS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?P<closed>"|\\?\Z)|[{}\[\]]', re.DOTALL)
_LISTS = ("entries", "interactions", "http_interactions", "events", "mappings", "item", "hits")
LONGEST = 64 * 1024 * 1024
_BLOCK = 1024 * 1024

_NAMED = re.compile(r"""["':]{0,2}(\w[\w -]*)(?:["'] *)?:""")
_ENTRY_START = re.compile(r"\[?[0-9]{4}-|[A-Z][a-z]{2} +[0-9]|[A-Z]{3,7} |\[?[0-9]+[. ]|https?://")
_CONTINUES = (":", ",", "=", "(", "[", "{", "\\", ";")
_STRING_ENDS = re.compile(r'[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_CLOSED = re.compile(r"</[\w.:-]{1,80}>(?=\s*<[\w.:-])")


class Cut(str):
    """A piece of a unit that continues in the next one."""

    __slots__ = ()


def json_units(chunks: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    """The exchanges of a JSON file, or the elements of its array, each with the text before it."""
    source = iter(chunks)
    text, start, at, done = "", 0, 0, False
    depth = 0
    listed = -1  # Depth of the array of exchanges while it is open.
    last = ""
    inside = False  # Inside a string that was cut.
    while not done:
        more = _at_least(source, min(len(text) - start, longest))
        done = not more
        text, start, at = text[start:] + more, 0, at - start
        if inside:
            end = _STRING_ENDS.match(text)
            inside, at = end is None, len(text) if end is None else end.end()
        while (mark := _MARKS.search(text, at)) is not None:
            if mark["closed"] is not None and mark["closed"] != '"' and not done:
                at = mark.start()
                break
            at = mark.end()
            char = text[mark.start()]
            if char == '"':
                last = text[mark.start() + 1 : min(at - 1, mark.start() + 40)]
            elif char in "{[":
                depth += 1
                if char == "[" and listed < 0 and (depth == 1 or last in _LISTS):
                    listed = depth
            elif depth:
                depth -= 1
                listed = listed if depth >= listed else -1
                if depth in (0, listed):
                    yield text[start:at]
                    start = at
        else:
            at = len(text)
        if len(text) - start > longest and not done:
            inside = inside or at < len(text)
            stop = len(text)
            if inside:  # Move an incomplete escape to the next piece.
                stop -= (stop - len(text.rstrip("\\"))) % 2
            yield Cut(text[start:stop])
            text, start, at = text[stop:], 0, 0
    if start < len(text):
        yield text[start:]


def _at_least(source: Iterator[str], size: int) -> str:
    """Read more than `size` characters if possible, so that long units are not rescanned often."""
    parts: list[str] = []
    got = 0
    while got <= size and (chunk := next(source, "")):
        parts.append(chunk)
        got += len(chunk)
    return "".join(parts)


def line_units(chunks: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    """Lines, with their line endings."""
    parts: list[str] = []
    size = 0
    for chunk in chunks:
        at = 0
        while (end := chunk.find("\n", at) + 1) > 0:
            yield "".join((*parts, chunk[at:end]))
            parts, size = [], 0
            at = end
        if at < len(chunk):
            parts.append(chunk[at:])
            size += len(chunk) - at
        if size > longest:
            yield Cut("".join(parts))
            parts, size = [], 0
    if parts:
        yield "".join(parts)


def yaml_units(chunks: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    """The items of a YAML file's outer list or list of exchanges, if they begin at the margin."""
    parts: list[str] = []
    size = 0
    listed = True
    for line in line_units(chunks, longest):
        named = _NAMED.match(line)
        head = len(parts) == 1 and _NAMED.match(parts[0]) is not None
        if parts and (named is not None or (line.startswith("-") and listed and not head)):
            yield "".join(parts)
            parts, size = [], 0
        if named is not None:
            listed = named[1] in _LISTS
        parts.append(line)
        size += len(line)
        if size > longest or isinstance(line, Cut):
            yield Cut("".join(parts))
            parts, size = [], 0
    if parts:
        yield "".join(parts)


def log_units(chunks: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    """Blocks of whole lines; if possible, each begins with a new log entry."""
    parts: list[str] = []
    size = 0
    before = ""
    for line in line_units(chunks, longest):
        begins_entry = _ENTRY_START.match(line) is not None and bool(before.strip())
        if size > _BLOCK and (
            (begins_entry and not before.rstrip().endswith(_CONTINUES)) or size > 8 * _BLOCK
        ):
            yield "".join(parts)
            parts, size = [], 0
        parts.append(line)
        size += len(line)
        before = line
        if isinstance(line, Cut):
            yield Cut("".join(parts))
            parts, size = [], 0
    if parts:
        yield "".join(parts)


def xml_units(chunks: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    """Blocks that end after an element."""
    text = ""
    source = iter(chunks)
    while more := _at_least(source, min(max(len(text), _BLOCK), longest)):
        text += more
        ends = [tag.end() for tag in _CLOSED.finditer(text, max(0, len(text) - _BLOCK))]
        if ends:
            yield text[: ends[-1]]
            text = text[ends[-1] :]
        if len(text) > longest:
            yield Cut(text)
            text = ""
    if text:
        yield text
