"""Edits to a text through any number of escape layers; everything else in the text stays the same.

A `Layer` maps a decoded text (`isaac@x`) to its written form (`isaac\\u0040x`). Secrets are found in
the decoded text; `lift` converts edits of the decoded text to edits of the written text, so that no
other character changes.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple
from urllib.parse import quote

import msgspec


class Edit(NamedTuple):
    """Replace the text from `start` to `stop` with `new`."""

    start: int
    stop: int
    new: str


def apply(text: str, edits: Iterable[Edit]) -> str:
    """Apply edits to a text; they must be in order and not overlap."""
    parts: list[str] = []
    at = 0
    for start, stop, new in edits:
        parts += (text[at:start], new)
        at = stop
    parts.append(text[at:])
    return "".join(parts)


def replace(text: str, start: int, stop: int, new: str) -> list[Edit]:
    """The edit that puts `new` in a range, without common ends; none if nothing changes."""
    first, last = 0, len(new)
    while start < stop and first < last and text[start] == new[first]:
        start, first = start + 1, first + 1
    while start < stop and first < last and text[stop - 1] == new[last - 1]:
        stop, last = stop - 1, last - 1
    return [Edit(start, stop, new[first:last])] if first < last or start < stop else []


def differences(old: str, new: str, start: int = 0) -> list[Edit]:
    """The edits that turn a text into another of the same length, one per changed run."""
    edits = []
    at = 0
    size = len(old)
    while at < size:
        if old[at] == new[at]:
            at += 1
            continue
        stop = at + 1
        while stop < size and old[stop] != new[stop]:
            stop += 1
        edits.append(Edit(start + at, start + stop, new[at:stop]))
        at = stop
    return edits


class Marks(NamedTuple):
    """Characters that are escaped, or that do not directly follow the one before in the written text.

    Maps the index in the decoded text to the range in the written text.
    """

    place: array[int]
    start: array[int]
    stop: array[int]

    def add(self, place: int, start: int, stop: int) -> None:
        """Add a mark; the marks are in order."""
        self.place.append(place)
        self.start.append(start)
        self.stop.append(stop)


class Layer(NamedTuple):
    """A decoded text, and where each of its characters is written.

    The written text begins at `at` and has the same characters, except for the `marks`. `write`
    escapes inserted text.
    """

    text: str
    at: int
    marks: Marks | None
    write: Callable[[str], str]

    def lift(self, edits: Iterable[Edit]) -> Iterator[Edit]:
        """Convert edits of the decoded text to edits of the written text."""
        for start, stop, new in edits:
            written = self.write(new)
            if self.marks is None:
                yield Edit(self.at + start, self.at + stop, written)
            elif start == stop:
                place = self._span(start - 1)[1] if start else self.at
                yield Edit(place, place, written)
            else:
                yield from self._split(self.marks, start, stop, written)

    def _span(self, index: int) -> tuple[int, int]:
        """The range of a character in the written text."""
        assert self.marks is not None
        nearest = bisect_right(self.marks.place, index) - 1
        if nearest < 0:
            return self.at + index, self.at + index + 1
        beyond = index - self.marks.place[nearest]
        stop = self.marks.stop[nearest] + beyond
        return (stop - 1 if beyond else self.marks.start[nearest]), stop

    def _split(self, marks: Marks, start: int, stop: int, written: str) -> Iterator[Edit]:
        """One edit for each contiguous written run: the first gets all of the new text."""
        begin, end = self._span(start)[0], self._span(stop - 1)[1]
        first = bisect_right(marks.place, start)
        for number in range(first, bisect_left(marks.place, stop)):
            before = self._span(marks.place[number] - 1)[1]
            if before != marks.start[number]:
                yield Edit(begin, before, written)
                begin, written = marks.start[number], ""
        yield Edit(begin, end, written)


def unchanged(text: str) -> str:
    """Return the text unchanged, for layers without escapes."""
    return text


Piece = tuple[str, int, int]
"""A decoded text, and where it begins and ends in the written text."""


def layer_of(pieces: Iterable[Piece], at: int, write: Callable[[str], str]) -> Layer:
    """Join pieces to a layer.

    A piece that is as long as its written text is literal; any other is an escape. Written text
    between two pieces is not part of the decoded text.
    """
    parts: list[str] = []
    marks = Marks(array("q"), array("q"), array("q"))
    size, end = 0, at
    for text, start, stop in pieces:
        if not text:
            continue
        if len(text) != stop - start:
            for index in range(len(text)):
                marks.add(size + index, start, stop)
        elif start != end:
            marks.add(size, start, start + 1)
        parts.append(text)
        size, end = size + len(text), stop
    return Layer("".join(parts), at, marks, write)


def unescape(
    chars: str,
    start: int,
    stop: int,
    pattern: re.Pattern[str],
    read: Callable[[re.Match[str]], str],
) -> Iterator[Piece]:
    """The pieces of a range in which `pattern` matches the escapes and `read` decodes them."""
    for match in pattern.finditer(chars, start, stop):
        yield chars[start : match.start()], start, match.start()
        yield read(match), *match.span()
        start = match.end()
    yield chars[start:stop], start, stop


# JSON strings.

_NO_ESCAPE = "\ufffd"  # Replaces an invalid escape; it is never edited.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{0,4}|\\[^u]"
)
_CHARACTER_OF = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_ESCAPE_OF = {
    '"': '\\"',
    "\\": "\\\\",
    **{char: "\\" + name for name, char in _CHARACTER_OF.items()},
}


def json_text(raw: str) -> str:
    """Decode the text between the quotes of a JSON string, as `json_layer` does."""
    if "\\" not in raw:
        return raw
    try:
        return msgspec.json.decode(f'"{raw}"'.encode(), type=str)
    except (msgspec.DecodeError, UnicodeEncodeError):  # Not valid JSON throughout.
        return json_layer(raw, 0, len(raw)).text


def json_layer(chars: str, start: int, stop: int) -> Layer:
    """The layer between the quotes of a JSON string; anything that is not an escape is literal."""
    raw = chars[start:stop]
    if "\\" not in raw:
        return Layer(raw, start, None, lambda new: _json_written(new, raw.isascii(), False))
    pieces = unescape(chars, start, stop, _ESCAPE, _json_escape)
    ascii_only, slashes = raw.isascii(), "\\/" in raw
    return layer_of(pieces, start, lambda new: _json_written(new, ascii_only, slashes))


def _json_escape(match: re.Match[str]) -> str:
    escape = match[0]
    if escape[1] != "u":
        return _CHARACTER_OF.get(escape[1], escape[1] if escape[1] in '"\\/' else _NO_ESCAPE)
    if len(escape) < 6:
        return _NO_ESCAPE
    if len(escape) == 6:
        return chr(int(escape[2:], 16))
    high, low = int(escape[2:6], 16), int(escape[8:], 16)
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _json_written(new: str, ascii_only: bool, slashes: bool) -> str:
    return "".join(_json_character(char, ascii_only, slashes) for char in new)


def _json_character(char: str, ascii_only: bool, slashes: bool) -> str:
    if char in _ESCAPE_OF:
        return _ESCAPE_OF[char]
    if char == "/" and slashes:
        return "\\/"
    if char < " " or (ascii_only and char > "\x7e"):
        units = char.encode("utf-16-be", "surrogatepass")
        return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
    return char


# XML character data.

_REFERENCE = re.compile(
    "&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));|&#?[A-Za-z0-9]{0,40}"
)
_NO_MATCH = re.compile(r"(?!)")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_XML_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def xml_layer(chars: str, runs: Sequence[tuple[int, int, bool]]) -> Layer:
    """The layer of several runs of a text (start, stop, whether it is CDATA), joined."""
    start, stop, verbatim = runs[0]
    if len(runs) == 1 and (verbatim or "&" not in chars[start:stop]):
        return Layer(chars[start:stop], start, None, str if verbatim else _xml_written)
    pieces = (
        unescape(chars, start, stop, _NO_MATCH if verbatim else _REFERENCE, _xml_reference)
        for start, stop, verbatim in runs
    )
    return layer_of(chain.from_iterable(pieces), runs[0][0], _xml_written)


def _xml_reference(match: re.Match[str]) -> str:
    decimal, hexadecimal, named = match.groups()
    if named:
        return _NAMED[named]
    code = int(decimal or hexadecimal or "110000", 16 if decimal is None else 10)
    return chr(code) if code <= 0x10FFFF else _NO_ESCAPE


def _xml_written(new: str) -> str:
    return new.translate(_XML_ESCAPES)


# Percent escapes of queries and forms.

_ESCAPED = re.compile(r"%([0-9a-fA-F]{2})|\+")
_ESCAPED_RUN = re.compile(r"(?:%[0-9a-fA-F]{2}|\+)+")


def percent_layer(chars: str, start: int, stop: int) -> Layer:
    """The layer of a part of a URL or form; bytes that are not UTF-8 become lone surrogates."""
    raw = chars[start:stop]
    write = _percent_written if raw.isascii() else _percent_written_unicode
    if "%" not in raw and "+" not in raw:
        return Layer(raw, start, None, write)
    return layer_of(_percent_pieces(chars, start, stop), start, write)


def _percent_pieces(chars: str, start: int, stop: int) -> Iterator[Piece]:
    for run in _ESCAPED_RUN.finditer(chars, start, stop):
        yield chars[start : run.start()], start, run.start()
        escapes = list(_ESCAPED.finditer(chars, *run.span()))
        data = bytes(int(escape[1], 16) if escape[1] else 0x20 for escape in escapes)
        byte = 0
        for char in data.decode("utf-8", "surrogateescape"):
            first, byte = byte, byte + len(char.encode("utf-8", "surrogateescape"))
            yield char, escapes[first].start(), escapes[byte - 1].end()
        start = run.end()
    yield chars[start:stop], start, stop


def _percent_written(new: str) -> str:
    return quote(new, safe="@*:", errors="surrogateescape")


def _percent_written_unicode(new: str) -> str:
    """Like `_percent_written`, but leaves non-ASCII characters unescaped."""
    return "".join(char if char > "\x7f" else _percent_written(char) for char in new)
