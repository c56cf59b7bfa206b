"""Reads a payload in a log line by line: which lines belong to it, and where it ends."""

from __future__ import annotations

import re

from sgformats.captures.lines import Line
from sgformats.captures.logbodies import Start
from sgformats.captures.logscanners import FieldScanner, Scanner, decode_field

_DIGITS = re.compile(rb"[0-9]+")
_WORDS = re.compile(rb"\S+\s*")
_MAX_WORDS = 12
_MAX_PREFIX = 4096
_BEGINNINGS = (b"<", b"{", b"}", b"[", b"]", b'"')


class OpenPayload:
    """A payload that has begun. If it exceeds `max_bytes`, its bytes are dropped."""

    def __init__(self, scanner: Scanner, max_bytes: int) -> None:
        self._scanner = scanner
        self._max_bytes = max_bytes
        self._parts: list[bytes] = []
        self._size = 0
        self._prefix: re.Pattern[bytes] | None = None

    @property
    def is_too_large(self) -> bool:
        """Whether the payload exceeds `max_bytes`."""
        return self._size > self._max_bytes

    def body(self) -> bytes:
        """The bytes so far, without the quotes of CSV; none if too many."""
        raw = b"" if self.is_too_large else b"".join(self._parts)
        return decode_field(raw) if isinstance(self._scanner, FieldScanner) else raw

    def add(self, part: bytes) -> None:
        """Add some bytes."""
        self._size += len(part)
        if self.is_too_large:
            self._parts.clear()
        else:
            self._parts.append(part)

    def feed(self, line: Line, at: int) -> int | None:
        """Add a line from index `at` on; return the index after the payload if it ends here."""
        end = self._scanner.feed(line.text, at)
        if end is not None:  # Damage may end at the end of the line.
            end = min(end, max(at, len(line.text.rstrip(b"\r\n"))))
        if line.cut:
            self._size = self._max_bytes + 1
        self.add(line.text[at:end])
        return len(line.text) if line.cut else end

    def take_stray_closers(self, text: bytes, start: Start, end: int) -> int:
        """Add stray closing signs after the payload (`</result>>`); return the index after them."""
        # If other text precedes the payload on its line, the bracket may belong to that.
        brackets = b"]}" if start.leading else b""
        signs = b">" if text[start.at : start.at + 1] == b"<" else brackets
        after = end
        while text[after : after + 1] and text[after : after + 1] in signs:
            after += 1
        if self._parts:
            self._parts[-1] += text[end:after]
        return after

    def expect_prefix(self, prefix: bytes) -> None:
        """Let the payload's further lines begin with the prefix of its first line."""
        self._prefix = _prefix_pattern(prefix)

    def continues(self, text: bytes) -> int | None:
        """The index at which the payload continues in a line; None if it does not."""
        prefix = None if self._prefix is None else self._prefix.match(text)
        if prefix is None:
            return 0 if self._scanner.continues(text) else None
        rest = text[prefix.end() :]
        marked = rest.lstrip().startswith(_BEGINNINGS) or b"</" in rest
        return prefix.end() if marked and self._scanner.continues(rest) else None

    def trim_line_end(self) -> None:
        """Remove the line ending from the end of a cut payload."""
        while self._parts and not self._parts[-1].strip():
            self._parts.pop()
        if self._parts:
            self._parts[-1] = self._parts[-1].rstrip(b"\r\n")


def _prefix_pattern(prefix: bytes) -> re.Pattern[bytes]:
    """A pattern for the prefix with any other digits, or for its first words."""
    words = _WORDS.findall(prefix[:_MAX_PREFIX])[:_MAX_WORDS]
    pattern = b""
    for word in reversed(words):
        escaped = b"[0-9]+".join(re.escape(part) for part in _DIGITS.split(word))
        pattern = escaped + (b"(?:" + pattern + b")?" if pattern else b"")
    return re.compile(re.escape(prefix[: len(prefix) - len(prefix.lstrip())]) + pattern)
