"""Reads a payload in a log line by line: which lines belong to it, and where it ends.

A payload ends where its root element or its brackets close. A cut payload ends before the first
line that begins something new or cannot continue it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple, Protocol

from sgformats.captures.jsonvalues import Brackets
from sgformats.captures.lines import Line
from sgformats.captures.logcalls import STAMP, VERBS, find_call
from sgformats.operations import OPERATIONS

LISTS = "|".join(sorted({operation.method.root for operation in OPERATIONS.values()})).encode()
KEY = rb'(?:message|errors?|count)"\s*:'
LEVEL = rb"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL)"

_EVENT = re.compile(
    rb"""\s* (?: [>|]\s+ )? (?: \[?%b\]?[\s:\]]
      | (?:time|ts|timestamp|level)=\S | --[0-9]{4}-[0-9]{2}-
      | %b\s+\S+\s+HTTP/[0-9] | %b\s+https?://
      | (?:\$\s*)?curl\s | HTTP/[0-9.]+\s+[0-9]{3} | \*\s | [<>]\s+\S )"""
    % (LEVEL, VERBS, VERBS),
    re.VERBOSE,
)
_DIGITS = re.compile(rb"[0-9]+")
_WORDS = re.compile(rb"\S+\s*")
_MAX_WORDS = 12
_MAX_PREFIX = 4096
_BEGINNINGS = (b"<", b"{", b"}", b"[", b"]", b'"')
_HTML_END = re.compile(rb"(?i)</html\s*>")
_FIELD = re.compile(rb'[^"]*(?:""[^"]*)*"(?!")')
_LEAF_END = re.compile(rb"</[A-Za-z]+>")
_OTHER_START = re.compile(
    rb'\s*(?:<\?xml[\s?]|<(?:%b)[\s/>]|\[\s*\{\s*"|\[\s*\]|\{\s*"%b)' % (LISTS, KEY)
)


class Scanner(Protocol):
    """Finds the end of a payload, line by line."""

    def feed(self, line: bytes, at: int, /) -> int | None:
        """The index after the payload's end, or None while it is open."""

    def continues(self, line: bytes, /) -> bool:
        """Whether a line can continue the payload."""


def is_event(line: bytes) -> bool:
    """Whether a line begins something new: a log message, a request, or the head of an answer."""
    stamp = STAMP.match(line.lstrip(b" \t"))
    if stamp is not None or _EVENT.match(line) is not None:
        return True
    call = find_call(line[:400], 0)
    return call is not None and not line[: call.start].strip(b" \t\"'[(>")


class JsonScanner:
    """JSON, up to the bracket that closes the first one."""

    _MORE = re.compile(rb"[ \t]*,[ \t]*\{")
    _NEXT = re.compile(rb'\s*(?:\Z|["{},:\]]|\[\s*(?:[\[{"\]0-9-]|\Z)|-?[0-9]|true|false|null)')
    _STRING_END = re.compile(rb'[^"\\]{0,4096}"\s*[,:}\]]')

    def __init__(self) -> None:
        self._brackets = Brackets()

    def feed(self, line: bytes, at: int) -> int | None:
        """Ends where the first bracket closes; members without brackets end with the line."""
        while (end := self._brackets.closed(line, at)) is not None:
            # Keep records together if their list has lost its brackets.
            if self._MORE.match(line, end) is None:
                return end
            at = end
        return None if self._brackets.is_open else len(line.rstrip(b"\r\n"))

    def continues(self, line: bytes) -> bool:
        """Outside of strings only JSON continues it; strings do not continue on the next line."""
        if self._brackets.in_string:
            return self._STRING_END.match(line) is not None and not is_event(line)
        if is_event(line) or (_OTHER_START.match(line) and not line.startswith((b" ", b"\t"))):
            return False
        return self._NEXT.match(line) is not None


class XmlScanner:
    """Tracks the tags with the root's name."""

    _BEGIN = re.compile(rb"(<\?)|(<!--)|(<!)|<?([A-Za-z_:][\w.:-]*)")
    _ENDS = (b"?>", b"-->", b">")
    _LAST = re.compile(rb"<(/?)([A-Za-z_:][\w.:-]*)(?:[^<>\w.:-][^<>]*)?(>)[^<>]*\Z")

    def __init__(self) -> None:
        self._root = b""
        self._tag: re.Pattern[bytes] | None = None
        self._depth = 0
        self._until = b""
        self._between = True

    def feed(self, line: bytes, at: int) -> int | None:
        """Ends with the end tag of the root."""
        while self._tag is None:
            if self._until:
                index = line.find(self._until, at)
                if index < 0:
                    return None
                at = index + len(self._until)
                self._until = b""
            begin = self._BEGIN.search(line, at)
            if begin is None:
                return None
            if begin[4]:
                self._root = root = begin[4]
                # A last `>` may be lost.
                self._tag = re.compile(rb"<(/?)%b(?=[\s/>]|\Z)([^<>]*)(?:>|\Z)?" % re.escape(root))
                at = begin.start()
                if not begin[0].startswith(b"<"):  # The first `<` was lost.
                    self._depth, at = 1, begin.end()
            else:
                self._until = self._ENDS[(begin.lastindex or 1) - 1]
                at = begin.end()
        for tag in self._tag.finditer(line, at):
            if tag[1]:
                self._depth -= 1
            elif not tag[2].endswith(b"/"):
                self._depth += 1
            if self._depth <= 0:
                return tag.end()
        last = self._LAST.search(line, max(at, len(line) - 4096))
        if last is not None:
            is_nested_root = last[2] == self._root and self._depth > 1
            is_empty = line[last.start(3) - 1 : last.start(3)] == b"/"
            self._between = bool(last[1]) or is_empty or is_nested_root
        return None

    def continues(self, line: bytes) -> bool:
        """Between elements only a tag continues it; in text any line that begins nothing new."""
        if not line.strip():
            return True
        other = _OTHER_START.match(line)
        if is_event(line):
            end = _LEAF_END.search(line)
            return other is None and end is not None and not self._between
        if other is not None:
            return self._tag is None and not line.lstrip().startswith((b"[", b"{", b"<?xml"))
        return not self._between or line.lstrip().startswith(b"<")


class TextScanner(NamedTuple):
    """A scanner that remembers nothing: the two functions of a `Scanner`."""

    feed: Callable[[bytes, int], int | None]
    continues: Callable[[bytes], bool]


def _begins_nothing(line: bytes) -> bool:
    return not is_event(line) and _OTHER_START.match(line) is None


def _end(found: re.Match[bytes] | None) -> int | None:
    return None if found is None else found.end()


_TEXTS = {
    "html": TextScanner(lambda line, at: _end(_HTML_END.search(line, at)), _begins_nothing),
    # A quoted field of CSV, in which quotes are doubled.
    "field": TextScanner(
        lambda line, at: _end(_FIELD.match(line, at)), lambda line: not is_event(line)
    ),
    # Plain text on one line, and up to an empty line.
    "sentence": TextScanner(lambda line, at: len(line.rstrip(b"\r\n")), lambda line: False),
    "text": TextScanner(
        lambda line, at: None, lambda line: bool(line.strip()) and _begins_nothing(line)
    ),
    "quoted": TextScanner(lambda line, at: None, lambda line: False),
}


def new_scanner(kind: str) -> Scanner:
    """A scanner for a kind of payload."""
    if kind == "json":
        return JsonScanner()
    return XmlScanner() if kind == "xml" else _TEXTS[kind]


class OpenPayload:
    """A payload that has begun. If it exceeds `max_bytes`, its bytes are dropped.

    `kind` is `json`, `xml`, `html`, `field` (of CSV), `sentence`, `text`, or `quoted` for a string
    literal, whose text is added at once.
    """

    def __init__(self, kind: str, max_bytes: int) -> None:
        self._kind = kind
        self._scanner = new_scanner(kind)
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
        # The field may have its closing quote.
        return raw.removesuffix(b'"').replace(b'""', b'"') if self._kind == "field" else raw

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

    def take_stray_closers(self, text: bytes, start: int, end: int, *, leading: bool) -> int:
        """Add stray closing signs after the payload (`</result>>`); return the index after them."""
        # If other text precedes the payload on its line, the bracket may belong to that.
        brackets = b"]}" if leading else b""
        signs = b">" if text[start : start + 1] == b"<" else brackets
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
