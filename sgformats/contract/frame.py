"""The code frame: the line of a payload that has a problem, with a caret under the location.

The payload is decoded, whatever its encoding. Long lines are clipped around the location, secrets
are hidden, and control characters are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import msgspec

from sgformats._text.declared import declared_encoding
from sgformats._text.encodings import open_payload, recognise
from sgformats._text.payload import Format, Syntax
from sgformats._text.positions import Text
from sgformats.contract.showing import cell_len, clip, escaper, visible
from sgformats.errors import DecodeError, Location
from sgformats.hiding import Secrets
from sgformats.secrets import without_secrets

# How far around a location to search for a secret's name and its value.
_BEFORE = 4096
_AFTER = 1024
_TAB = "    "


class Frame(msgspec.Struct, frozen=True):
    """A line of a payload, and the text before and after the caret in the line under it."""

    line: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.line}\n{self.before}^{self.after}"


class Frames:
    """Draws the frames of one payload, each line at most `width` cells wide.

    The payload is decoded with the first frame. The known `secrets` of its call are hidden too.
    """

    def __init__(
        self,
        data: bytes,
        format: Format | None = None,
        width: int = 80,
        encoding: str = "utf-8",
        secrets: Iterable[Secrets] = (),
    ) -> None:
        self._data = data
        self._format = format
        self._secrets = secrets
        self._width = width
        self._encoding = encoding
        self._searched = 0
        self._hide = True

    @cached_property
    def _text(self) -> Text:
        data = self._data
        for secrets in self._secrets:
            data = secrets.mask(data)
        return _as_text(data, self._format)

    def draw(self, location: Location) -> Frame:
        """The frame of a location."""
        index = self._text.index(location.line, location.column)
        if self._searched <= len(self._text.chars) < self._searched + _BEFORE + _AFTER:
            # From here on it is cheaper to search the whole text for secrets once.
            self._hide = without_secrets(self._text.chars) != self._text.chars
        self._searched += _BEFORE + _AFTER
        line, column = _line_at(self._text.chars, index, self._hide)
        number = f"{location.line:>4} | "
        margin = " " * (len(number) - 2) + "| "
        room = self._width - len(number)
        shown, cell = clip(line, column, room, escaper(self._encoding, tab=_TAB))
        path = visible(without_secrets(location.path), self._encoding)
        after = room - cell - 2
        if not path or cell_len(path) <= after:
            left, right = "", path
        elif cell_len(path) < cell:
            left, right = f"{path} ", ""
        else:
            left, right = "", clip(path, 0, after, escaper(self._encoding))[0] if after > 3 else ""
        before = margin + " " * (cell - cell_len(left)) + left
        return Frame((number + shown).rstrip(), before, f" {right}" if right else "")


def _line_at(chars: str, index: int, hide: bool) -> tuple[str, int]:
    """The line around an index, without secrets, and the index's place in it."""
    start = max(0, index - _BEFORE)
    around, place = chars[start : index + _AFTER], index - start
    if hide:
        before, around = without_secrets(chars[start:index]), without_secrets(around)
        place = _common(before, around)
    begin = max(around.rfind("\n", 0, place), around.rfind("\r", 0, place)) + 1
    ends = [end for end in (around.find("\n", place), around.find("\r", place)) if end >= 0]
    cut = "" if ends or index + _AFTER >= len(chars) else "…"
    return around[begin : min(ends, default=None)] + cut, place - begin


def _common(one: str, other: str) -> int:
    """The length of the common prefix of two texts."""
    if other.startswith(one):
        return len(one)
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _as_text(data: bytes, format: Format | None) -> Text:
    """The payload's characters; undecodable bytes become `\\xe9`."""
    try:
        syntax: Syntax | None = format if format is None or format == "xml" else "json"
        return open_payload(data, syntax, len(data))[1]
    except DecodeError:
        seen = recognise(data)
        wide = seen.encoding != "UTF-8"
        encoding = seen.encoding if wide else declared_encoding(data) or seen.encoding
        chars = data[seen.mark :].decode(encoding, "backslashreplace")
        return Text(chars, "UTF-8")
