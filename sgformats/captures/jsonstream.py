"""Streams the elements of arrays inside a JSON file, one at a time.

Takes a binary stream and the key paths of the arrays (`("log", "entries")`; `()` if the whole file
is an array), and yields each element as raw bytes with its place. Memory holds one element at most;
one larger than `limit` comes without its bytes. The work is linear in the size of the file, however
small the chunks are. This module checks brackets, strings and what surrounds the elements; the
syntax of an element is checked by its reader (`jsonvalues.decode`).

Damage raises `CaptureError` after the last whole element. The file is read to its end, so a file
that is cut after its last element is damaged too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple, NoReturn

from sgformats.errors import CaptureError, quote

Path = tuple[str, ...]

_CHUNK = 64 * 1024
_KEY = 1024
_MARK = b"\xef\xbb\xbf"
_WHITE = re.compile(rb"[ \t\r\n]*")
_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)
# Everything up to a bracket, or to a string whose end is not in the buffer.
_NO_BRACKET = re.compile(rb'[^"{}\[\]]*(?:"[^"\\]*(?:\\.[^"\\]*)*"[^"{}\[\]]*)*', re.DOTALL)
_SCALAR = re.compile(rb'[^ \t\r\n,:"{}\[\]]*')
_LITERAL = re.compile(
    rb"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null|NaN|-?Infinity"
)
_CLOSING = {ord("{"): ord("}"), ord("["): ord("]")}


class Element(NamedTuple):
    """An element: where it begins (bytes from 0, lines from 1), and its bytes unless too many."""

    offset: int
    line: int
    raw: bytes | None


def elements(
    file: BinaryIO, name: str, paths: Sequence[Path], limit: int, chunk: int = _CHUNK
) -> Iterator[Element]:
    """Every element of the arrays at `paths`, in file order.

    `name` is the file name for errors; `limit` is in bytes.

    >>> import io
    >>> [e.raw for e in elements(io.BytesIO(b'{"a": {"b": [1, "]"]}}'), "x", [("a", "b")], 99)]
    [b'1', b'"]"']

    Raises `CaptureError` at damage, and at the end of a file that has no array at any of the paths.
    """
    scanner = _Scanner(file, name, limit, chunk)
    scanner.begin()
    wanted = frozenset(paths)
    yield from _value(scanner, (), wanted)
    if scanner.peek() is not None:
        scanner.fail("the end of the file")
    if not scanner.arrays:
        names = " or ".join(sorted(".".join(path) or "the whole" for path in wanted))
        raise CaptureError(name, f"expected an array as {names}, found none")


def _value(scanner: _Scanner, here: Path, paths: frozenset[Path]) -> Iterator[Element]:
    first = scanner.peek()
    inside = any(len(path) > len(here) and path[: len(here)] == here for path in paths)
    if first == ord("[") and here in paths:
        scanner.arrays += 1
        for _ in scanner.items("]"):
            yield scanner.element()
    elif first == ord("{") and inside:
        for _ in scanner.items("}"):
            key = scanner.key()
            scanner.take(":")
            yield from _value(scanner, (*here, key), paths)
    elif here in paths and here:
        scanner.fail(f"an array as {'.'.join(here)}")
    else:
        scanner.skip()


class _Scanner:
    """A buffer on the file with a current position, and the steps that advance it."""

    def __init__(self, file: BinaryIO, name: str, limit: int, chunk: int) -> None:
        self.file = file
        self.name = name
        self.limit = limit
        self.chunk = chunk
        self.buffer = bytearray()
        self.at = 0
        self.arrays = 0
        self._dropped = 0
        self._kept: int | None = None  # Start of what must stay in the buffer.
        self._counted = 0
        self._lines = 1
        self._ended = False

    def begin(self) -> None:
        """Skip a byte-order mark; refuse a file whose first bytes are another encoding."""
        while len(self.buffer) < 4 and self._more():
            pass
        if self.buffer.startswith(_MARK):
            self.at = len(_MARK)
        elif b"\0" in self.buffer[:4] or self.buffer.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise CaptureError(self.name, "expected JSON in UTF-8, found other text", 1, 0)

    def peek(self) -> int | None:
        """Move to the next byte that is not white space, and return it; None at the end."""
        while True:
            self._pass(_WHITE)
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._more():
                return None

    def items(self, closing: str) -> Iterator[None]:
        """Go to each item of the array or object that begins at the position."""
        self.at += 1
        if self.peek() == ord(closing):
            self.at += 1
            return
        yield
        while self.take(f",{closing}") == ord(","):
            self.peek()
            yield

    def take(self, allowed: str) -> int:
        """Consume one of the allowed characters."""
        found = self.peek()
        if found is None or chr(found) not in allowed:
            self.fail(" or ".join(map(quote, allowed)))
        self.at += 1
        return found

    def key(self) -> str:
        """Consume a key and undo its escapes; a key longer than any wanted one is cut."""
        if self.peek() != ord('"'):
            self.fail("a key")
        self._kept = self.at
        self.skip()
        start = self.at if self._kept is None else self._kept
        self._kept = None
        raw = bytes(self.buffer[start : min(self.at, start + _KEY)])
        try:
            return str(json.loads(raw))
        except ValueError:
            return raw.decode("utf-8", "replace")

    def element(self) -> Element:
        offset, line = self.place()
        self._kept = self.at
        self.skip()
        start, self._kept = self._kept, None
        # Another step may have released it meanwhile.
        held = start is not None and self.at - start <= self.limit
        return Element(offset, line, bytes(self.buffer[start : self.at]) if held else None)

    def skip(self) -> None:
        first = self.peek()
        if first in _CLOSING:
            self._brackets()
        elif first == ord('"'):
            self.at += 1
            self._string()
        elif first is None:
            self.fail("a value")
        else:
            self._scalar()

    def place(self) -> tuple[int, int]:
        """The offset and the line of the position."""
        self._count(self.at)
        return self._dropped + self.at, self._lines

    def fail(self, expected: str) -> NoReturn:
        """Raise the error for something missing at the position."""
        offset, line = self.place()
        found = "the end of the file"
        if self.at < len(self.buffer):
            byte = self.buffer[self.at]
            found = quote(chr(byte)) if byte < 0x80 else f"the byte {byte:02X}"
        raise CaptureError(self.name, f"expected {expected}, found {found}", line, offset)

    def _brackets(self) -> None:
        closing = bytearray()
        while True:
            self._pass(_NO_BRACKET)
            if self.at == len(self.buffer):
                if not self._more():
                    self.fail(quote(chr(closing[-1])))
                continue
            byte = self.buffer[self.at]
            if byte == ord('"'):
                self.at += 1
                self._string()
                continue
            if byte in _CLOSING:
                if len(closing) >= self.limit:
                    self.fail(f"at most {self.limit} brackets inside each other")
                closing.append(_CLOSING[byte])
            elif byte == closing[-1]:
                closing.pop()
            else:
                self.fail(quote(chr(closing[-1])))
            self.at += 1
            if not closing:
                return

    def _string(self) -> None:
        while True:
            self._pass(_STRING)
            if self.buffer[self.at : self.at + 1] == b'"':
                break
            # The end, or a backslash whose character is not read yet.
            if not self._more():
                self.at = len(self.buffer)
                self.fail("the end of a string")
        self.at += 1

    def _scalar(self) -> None:
        offset, line = self.place()
        length, head = 0, b""
        while True:
            part = self._pass(_SCALAR)
            head += part[: _KEY - len(head)]
            length += len(part)
            if self.at < len(self.buffer):
                break
            if not self._more():
                self.fail("the end of a value")
        if length <= _KEY and _LITERAL.fullmatch(head) is None:
            found = quote(head.decode("utf-8", "replace") or chr(self.buffer[self.at]))
            raise CaptureError(self.name, f"expected a value, found {found}", line, offset)

    def _pass(self, pattern: re.Pattern[bytes]) -> bytes:
        """Consume what matches a pattern that always matches."""
        found = pattern.match(self.buffer, self.at)
        assert found is not None
        self.at = found.end()
        return found[0]

    def _more(self) -> bool:
        """Read more; release what was consumed and is not kept."""
        if self._ended:
            return False
        if self._kept is not None and self.at - self._kept > self.limit:
            self._kept = None
        done = self.at if self._kept is None else self._kept
        self._count(done)
        data = self.file.read(self.chunk)
        if not data:
            self._ended = True
            return False
        del self.buffer[:done]
        self.buffer += data
        self._dropped += done
        self._counted -= done
        self.at -= done
        if self._kept is not None:
            self._kept = 0
        return True

    def _count(self, index: int) -> None:
        if index > self._counted:
            self._lines += self.buffer.count(b"\n", self._counted, index)
            self._counted = index
