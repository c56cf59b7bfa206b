"""JSON lines that are too long to be held: where their values stand, and a body piece by piece.

What is looked at is a file that holds one line. Nothing is judged but that strings and brackets
close; of a value no more is read than is asked for.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

_BLOCK = 1 << 16
_LONGEST = 12  # Characters of the longest escape, a pair of halves.
_WHITE = re.compile(rb"[ \t\r\n\0]*")
_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
_NO_BRACKET = re.compile(rb'[^"{}\[\]\\]*')
_SCALAR = re.compile(rb"[^,}\]\s]*")
# Whole characters and escapes; half a pair, and what an escape begins, wait for what follows.
_WHOLE = re.compile(
    r"(?:[^\\]+|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[0-9a-fA-F]{4}"
    r"|\\u(?![dD][89abAB])[0-9a-fA-F]{4}|\\[^u])*"
)


class NoLineError(Exception):
    """The line is no object of values, or is cut. Never leaves `extract`."""


class ValueSpan(NamedTuple):
    """Where a value begins and ends, quotes included; `mark` is its first byte."""

    start: int
    end: int
    mark: bytes


class _ValueReader:
    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._file.seek(0)
        self._data = b""
        self._at = 0
        self._before = 0

    @property
    def place(self) -> int:
        return self._before + self._at

    def more(self) -> bool:
        """Goes on to the next block, with what is left of this one before it."""
        left = self._data[self._at :]
        block = self._file.read(_BLOCK)
        self._before += self._at
        self._data, self._at = left + block, 0
        return bool(block)

    def mark(self) -> bytes:
        """The first byte that is not white; none at the end."""
        while True:
            match = _WHITE.match(self._data, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._data) or not self.more():
                return self._data[self._at : self._at + 1]

    def take(self, wanted: bytes) -> None:
        if self.mark() != wanted:
            raise NoLineError
        self._at += 1

    def string(self) -> None:
        """Passes a string whose quote has been passed."""
        while True:
            match = _STRING.match(self._data, self._at)
            self._at = match.end() if match else self._at
            if self._data[self._at : self._at + 1] == b'"':
                self._at += 1
                return
            if not self.more():
                raise NoLineError

    def value(self) -> ValueSpan:
        """Passes a value."""
        mark = self.mark()
        start = self.place
        if mark == b'"':
            self._at += 1
            self.string()
        elif mark in (b"{", b"["):
            self._nested()
        else:
            self._scalar()
        return ValueSpan(start, self.place, mark)

    def _scalar(self) -> None:
        while True:
            match = _SCALAR.match(self._data, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._data):
                return
            if not self.more():
                raise NoLineError

    def _nested(self) -> None:
        depth = 0
        while True:
            match = _NO_BRACKET.match(self._data, self._at)
            self._at = match.end() if match else self._at
            mark = self._data[self._at : self._at + 1]
            if not mark:
                if not self.more():
                    raise NoLineError
                continue
            self._at += 1
            if mark == b'"':
                self.string()
            elif mark in (b"{", b"["):
                depth += 1
            else:
                depth -= 1
            if depth == 0:
                return


def find_values(file: BinaryIO, *, cut: bool = False) -> dict[str, ValueSpan]:
    """The values of the object that a file holds, by their keys. Raises `NoLineError`.

    With `cut`, of the beginning of an object: the last value ends where the file ends.
    """
    reader = _ValueReader(file)
    found: list[tuple[ValueSpan, ValueSpan]] = []
    reader.take(b"{")
    while reader.mark() != b"}":
        if found:
            reader.take(b",")
        if reader.mark() != b'"':
            raise NoLineError
        key = reader.value()
        reader.take(b":")
        mark, start = reader.mark(), reader.place
        try:
            found.append((key, reader.value()))
        except NoLineError:
            if not cut:
                raise
            found.append((key, ValueSpan(start, file.seek(0, 2), mark)))
            break
    else:
        reader.take(b"}")
        if reader.mark():
            raise NoLineError
    return {"".join(read_text(file, key)): value for key, value in found}


def read_bytes(file: BinaryIO, span: ValueSpan) -> Iterator[bytes]:
    """A value as it is written."""
    file.seek(span.start)
    left = span.end - span.start
    while left and (block := file.read(min(_BLOCK, left))):
        left -= len(block)
        yield block


def read_text(file: BinaryIO, span: ValueSpan) -> Iterator[str]:
    """What a string means. Raises `NoLineError` at an escape that is none."""
    inside = ValueSpan(span.start + 1, span.end - 1, b"")
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    held = ""
    for block in read_bytes(file, inside):
        held += decoder.decode(block)
        whole = _WHOLE.match(held)
        end = whole.end() if whole else 0
        if len(held) - end > _LONGEST:
            raise NoLineError
        yield _meant(held[:end])
        held = held[end:]
    yield _meant(held + decoder.decode(b"", final=True))


def _meant(written: str) -> str:
    try:
        return str(json.loads(f'"{written}"', strict=False))
    except ValueError:
        raise NoLineError from None
