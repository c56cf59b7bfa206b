"""A payload's characters, and the line, column and byte offset of each."""

from __future__ import annotations

import re
from bisect import bisect_left

from sgformats._text.declared import WIDE
from sgformats.errors import DecodeError, Location, describe_fault
from sgformats.rules import problem_of

_LINE_END = re.compile(r"\r\n|\n|\r")
_BLOCK = 1024


class Text:
    """A payload's characters, or a part of them, with their positions.

    `mark` is the number of bytes before them, `line` and `column` are the position of the first.
    """

    __slots__ = ("_blocks", "_column", "_line", "_lines", "chars", "encoding", "mark")

    def __init__(
        self, chars: str, encoding: str, mark: int = 0, line: int = 1, column: int = 1
    ) -> None:
        self.chars = chars
        self.encoding = encoding
        self.mark = mark
        self._line = line
        self._column = column
        self._lines: list[tuple[int, int]] | None = None
        self._blocks: list[int] | None = None

    def location(self, index: int, path: str = "", native: str = "") -> Location:
        """The location of the character at `index`, or of the end."""
        lines = self._line_blocks()
        block = min(index // _BLOCK, len(lines) - 1)
        line, start = _find_line(self.chars, block * _BLOCK, index, *lines[block])
        column = index - start + (1 if line > 1 else self._column)
        return Location(path, native, line + self._line - 1, column, self.offset(index))

    def _line_blocks(self) -> list[tuple[int, int]]:
        """For each block, the line of its first character and the index where that line starts."""
        if self._lines is None:
            self._lines = [(1, 0)]
            for stop in range(_BLOCK, len(self.chars) + 1, _BLOCK):
                self._lines.append(_find_line(self.chars, stop - _BLOCK, stop, *self._lines[-1]))
        return self._lines

    def offset(self, index: int) -> int:
        """The number of bytes before the character at `index`."""
        if self.encoding not in WIDE and self.chars.isascii():
            return self.mark + index
        if self._blocks is None:
            self._blocks = [self.mark]
            for start in range(0, len(self.chars), _BLOCK):
                self._blocks.append(self._blocks[-1] + self._size(start, start + _BLOCK))
        block_number, rest = divmod(index, _BLOCK)
        return self._blocks[block_number] + self._size(index - rest, index)

    def _size(self, start: int, stop: int) -> int:
        return len(self.chars[start:stop].encode(self.encoding, error_handler(self.encoding)))

    def part(self, start: int) -> Text:
        """The characters from an index on, with their positions."""
        place = self.location(start)
        return Text(self.chars[start:], self.encoding, place.offset, place.line, place.column)

    def index(self, line: int, column: int) -> int:
        """The index of a line and column, clipped to the text."""
        lines = self._line_blocks()
        block = max(bisect_left(lines, (line, 0)) - 1, 0)
        found, start = lines[block]
        ends = _LINE_END.finditer(self.chars, block * _BLOCK)
        while found < line and (end := next(ends, None)):
            found, start = found + 1, end.end()
        return min(start + max(column - 1, 0), len(self.chars))

    def error(
        self, rule: str, index: int, expected: str, found: str, advice: str = ""
    ) -> DecodeError:
        """The error for a payload that cannot be read beyond `index`."""
        message = f"{describe_fault(expected, found)}; {advice}" if advice else ""
        location = self.location(index)
        return DecodeError((problem_of(rule, location, expected, found, message=message),))


def _find_line(chars: str, start: int, index: int, line: int, begin: int) -> tuple[int, int]:
    """The line of the character at `index`, and the index where that line begins.

    `line` and `begin` are the same for the character at `start`, which comes before it.
    """
    line += chars.count("\n", start, index)
    end = chars.rfind("\n", start, index)
    if returns := chars.count("\r", start, index):
        line += returns - chars.count("\r\n", start, index + 1)
        # A line does not begin between \r and \n.
        stop = index - 1 if chars.startswith("\r\n", index - 1) else index
        end = max(end, chars.rfind("\r", start, stop))
    return line, begin if end < 0 else end + 1


def error_handler(encoding: str) -> str:
    """The handler that decodes an invalid byte or unit to a lone surrogate, and encodes it back."""
    return "surrogatepass" if encoding in WIDE else "surrogateescape"
