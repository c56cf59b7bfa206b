"""Make text from payloads and captures safe to show.

The result cannot control a terminal or break a line, and is no wider than its limit in cells.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from unicodedata import category, east_asian_width

import msgspec

Show = Callable[[str], str]

_UNSEEN = re.compile(r"[^\x20-\x7e]")
# Combining characters, control characters and separators.
_NO_CELL = {"Mn", "Mc", "Me", "Cc", "Cf", "Cs", "Zl", "Zp"}


def name_of(path: str) -> str:
    """A path as text; bytes that are not UTF-8 become `\\xe9`."""
    try:
        return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:  # A lone surrogate that does not represent a byte.
        return path.encode("utf-8", "backslashreplace").decode("utf-8")


def many(number: int, noun: str) -> str:
    """`1 problem`, `2 problems`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def cell_len(text: str) -> int:
    """The width of a text in terminal cells: two for a wide character, none for an accent."""
    return len(text) if text.isascii() and text.isprintable() else sum(map(_width, text))


def _width(character: str) -> int:
    if category(character) in _NO_CELL or "\u1160" <= character <= "\u11ff":
        return 0  # Hangul vowels and finals share the cells of their initial.
    return 2 if east_asian_width(character) in "WF" else 1


def visible(text: str, encoding: str = "utf-8") -> str:
    """The text with an escape such as `\\x1b` for each character that cannot be shown as it is."""
    if text.isprintable():
        try:
            text.encode(encoding)
            return text
        except UnicodeEncodeError:
            pass
    return "".join(_shown(character, encoding) for character in text)


def _shown(character: str, encoding: str) -> str:
    if character.isprintable():
        try:
            character.encode(encoding)
            return character
        except UnicodeEncodeError:
            pass
    return character.encode("unicode_escape").decode("ascii")


def json_text(value: Any) -> str:
    """Compact JSON without characters that could control a terminal."""
    text = msgspec.json.encode(value).decode()
    return text if text.isprintable() else _UNSEEN.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def escaper(encoding: str, tab: str | None = None) -> Show:
    """A function that escapes what the encoding cannot show; `tab` replaces a tab."""

    def show(character: str) -> str:
        return tab if tab is not None and character == "\t" else _shown(character, encoding)

    return show


def clip(text: str, index: int, width: int, show: Show) -> tuple[str, int]:
    """One line of at most `width` cells around the character at `index`, and its cell.

    Omitted text becomes `…`. Of a long text only what can be shown is read.
    """
    begin, end = max(0, index - width), index + width
    around = text[begin:end]
    plain = around.isascii() and around.isprintable()
    if plain or all(show(char) == char and cell_len(char) == 1 for char in set(around)):
        return _clip_plain(text, index, width, show)
    left = _cells(reversed(text[begin:index]), show, width)
    right = _cells(text[index:end], show, width)
    before, after = sum(cells for _, cells in left), max(1, sum(cells for _, cells in right))
    right_width = min(after, max(width // 2, width - before))
    left_width = width - right_width
    mark = _mark(show)
    head, tail = "", ""
    if before > left_width or index > len(left):
        left, head = _fitting(left, left_width - len(mark)), mark
    if after > right_width or index + len(right) < len(text):
        right, tail = _fitting(right, right_width - len(mark)), mark
    start = head + "".join(shown for shown, _ in reversed(left))
    return start + "".join(shown for shown, _ in right) + tail, cell_len(start)


def _clip_plain(text: str, index: int, width: int, show: Show) -> tuple[str, int]:
    """`clip` for a text whose characters are shown unchanged, each in one cell."""
    before, after = min(index, width), max(1, min(len(text) - index, width))
    right_width = min(after, max(width // 2, width - before))
    left_width = width - right_width
    mark = _mark(show)
    begin, head, end, tail = index - before, "", index + after, ""
    if before > left_width or index > before:
        begin, head = index - max(0, left_width - len(mark)), mark
    if after > right_width or index + after < len(text):
        end, tail = index + max(0, right_width - len(mark)), mark
    return head + text[begin:end] + tail, len(head) + index - begin


def _mark(show: Show) -> str:
    """The mark for omitted text: `…`, or `...` if it cannot be shown."""
    return "…" if show("…") == "…" else "..."


def _cells(characters: Iterable[str], show: Show, width: int) -> list[tuple[str, int]]:
    """Each character as it is shown, with the cells that it takes, until `width` is exceeded."""
    pieces: list[tuple[str, int]] = []
    taken = 0
    for shown in map(show, characters):
        cells = cell_len(shown)
        pieces.append((shown, cells))
        taken += cells
        if taken > width:
            break
    return pieces


def _fitting(pieces: list[tuple[str, int]], width: int) -> list[tuple[str, int]]:
    return list(_while_fitting(pieces, width))


def _while_fitting(pieces: Iterable[tuple[str, int]], width: int) -> Iterator[tuple[str, int]]:
    for shown, cells in pieces:
        width -= cells
        if width < 0:
            return
        yield shown, cells
