"""Decodes a binary stream for PyYAML, and maps each character to its byte offset and line.

PyYAML counts characters; places in captures are in bytes. The text ends before anything that YAML
does not allow (a control character, bytes that are not UTF-8), so that everything before it is
parsed; the reason is kept as `damage`. The same applies to a stream that fails, a value longer than
`limit`, and constructs that make parsers slow.
"""

from __future__ import annotations

import codecs
import re
from typing import BinaryIO, NamedTuple

from sgformats.errors import CaptureError

_CHUNK = 16 * 1024
# Parsers compare each directive with all before it.
_DIRECTIVES = 100
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class YamlDamage(NamedTuple):
    """Why the text ends early: a reason, or the error of the stream."""

    reason: str
    error: CaptureError | None = None


class YamlText:
    """The text of a stream; only the parser calls `read`."""

    def __init__(self, file: BinaryIO, limit: int) -> None:
        self.damage: YamlDamage | None = None
        self.given = 0
        """How many characters the parser has received."""
        self.open_end = False
        """Whether the text so far ends within a line."""
        self._file = file
        self._limit = limit
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._chunks: list[str] = []  # The text from `index` on.
        self.index = 0
        """The last character that `place` was called for."""
        self._offset = 0
        self._line = 1
        self._directives = 0
        self._begun = False
        self._ended = False

    def read(self, size: int = _CHUNK) -> str:
        """The next characters; none at the end."""
        chunk = ""
        while not chunk and not self._ended:
            if self.given - self.index > self._limit:
                return self._end(f"expected a value of at most {self._limit} bytes, found more")
            chunk = self._decoded()
        self._directives += chunk.count("\n%TAG")
        if self._directives > _DIRECTIVES:
            return self._end(f"expected at most {_DIRECTIVES} directives, found more")
        if chunk:
            self.given += len(chunk)
            self.open_end = chunk[-1] not in "\r\n"
            self._chunks.append(chunk)
        return chunk

    def place(self, index: int) -> tuple[int, int]:
        """The byte offset and the line of a character; releases the text before it."""
        if index > self.index:
            text = "".join(self._chunks)
            part = text[: index - self.index]
            self._chunks = [text[len(part) :]]
            self._offset += len(part) if part.isascii() else len(part.encode())
            self._line += part.count("\n")
            self.index += len(part)
        return self._offset, self._line

    def _decoded(self) -> str:
        try:
            data = self._file.read(_CHUNK)
        except CaptureError as error:
            return self._end("", error)
        try:
            text = self._decoder.decode(data, final=not data)
            invalid = ""
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode("utf-8")
            invalid = f"the byte {error.object[error.start]:02X}"
        self._ended = not data
        forbidden = _FORBIDDEN.search(text)
        if forbidden is not None:
            invalid = f"U+{ord(forbidden[0]):04X}"
            text = text[: forbidden.start()]
        if not self._begun and text:
            self._begun = True
            if text[0] == "\ufeff":
                text = text[1:]
                self._offset = 3
        if invalid:
            self._end(f"expected a printable character in UTF-8, found {invalid}")
        return text

    def _end(self, reason: str, error: CaptureError | None = None) -> str:
        self.damage = YamlDamage(reason, error)
        self._ended = True
        return ""
