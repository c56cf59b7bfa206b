"""A payload of a log while it is read, line by line: where it ends, and whether a line belongs to it."""

from __future__ import annotations

import re

from sgformats.captures.lines import Line
from sgformats.captures.logbodies import Start
from sgformats.captures.logscanners import Scanner

_DIGITS = re.compile(rb"[0-9]+")
_WORDS = re.compile(rb"\S+\s*")
_MOST_WORDS = 12
_LONGEST_PREFIX = 4096
_BEGINNINGS = (b"<", b"{", b"}", b"[", b"]", b'"')


class OpenPayload:
    """A payload that has begun; of more than `max_bytes` nothing is kept."""

    def __init__(self, scanner: Scanner, max_bytes: int) -> None:
        self._scanner = scanner
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._prefix: re.Pattern[bytes] | None = None

    @property
    def is_too_large(self) -> bool:
        """Whether it has come to more bytes than may be."""
        return self._size > self._max_bytes

    def body(self) -> bytes:
        """What it has come to."""
        return b"" if self.is_too_large else b"".join(self._parts)

    def add(self, part: bytes) -> None:
        """Adds some bytes."""
        self._size += len(part)
        if self.is_too_large:
            self._parts.clear()
        else:
            self._parts.append(part)

    def feed(self, line: Line, at: int) -> int | None:
        """Adds a line from an index on; the index behind its end if that is here."""
        end = self._scanner.feed(line.text, at)
        if end is not None:  # Damage may end at the end of the line.
            end = min(end, max(at, len(line.text.rstrip(b"\r\n"))))
        if line.cut:
            self._size = self._max_bytes + 1
        self.add(line.text[at:end])
        return len(line.text) if line.cut else end

    def close_behind(self, text: bytes, start: Start, end: int) -> int:
        """Where damage such as `</result>>` ends that stands directly behind the payload."""
        # A bracket behind what does not have its line for itself may close one before it.
        brackets = b"]}" if start.leading else b""
        signs = b">" if text[start.at : start.at + 1] == b"<" else brackets
        behind = end
        while text[behind : behind + 1] and text[behind : behind + 1] in signs:
            behind += 1
        if self._parts:
            self._parts[-1] += text[end:behind]
        return behind

    def expect_prefix(self, prefix: bytes) -> None:
        """Tells that the lines of the payload may begin as its first line does."""
        self._prefix = _prefix_pattern(prefix)

    def goes_on(self, text: bytes) -> int | None:
        """Where the payload goes on in a line, or None if it was cut before it."""
        prefix = None if self._prefix is None else self._prefix.match(text)
        if prefix is None:
            return 0 if self._scanner.goes_on(text) else None
        rest = text[prefix.end() :]
        marked = rest.lstrip().startswith(_BEGINNINGS) or b"</" in rest
        return prefix.end() if marked and self._scanner.goes_on(rest) else None

    def end_cut(self) -> None:
        """Takes away the end of the last line of a payload that goes no further."""
        while self._parts and not self._parts[-1].strip():
            self._parts.pop()
        if self._parts:
            self._parts[-1] = self._parts[-1].rstrip(b"\r\n")


def _prefix_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """What matches a prefix with other digits in it, or the first words of it."""
    words = _WORDS.findall(prefix[:_LONGEST_PREFIX])[:_MOST_WORDS]
    pattern = b""
    for word in reversed(words):
        escaped = b"[0-9]+".join(re.escape(part) for part in _DIGITS.split(word))
        pattern = escaped + (b"(?:" + pattern + b")?" if pattern else b"")
    return re.compile(re.escape(prefix[: len(prefix) - len(prefix.lstrip())]) + pattern)
