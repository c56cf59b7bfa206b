"""Scanners that find the end of a payload, line by line.

A payload ends where its root element or its brackets close. A cut payload ends before the first
line that begins something new or cannot continue it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from sgformats.captures.jsonvalues import Brackets
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
_LEAF_END = re.compile(rb"</[A-Za-z]+>")
_OTHER_START = re.compile(
    rb'\s*(?:<\?xml[\s?]|<(?:%b)[\s/>]|\[\s*\{\s*"|\[\s*\]|\{\s*"%b)' % (LISTS, KEY)
)


class Scanner(Protocol):
    """Finds the end of a payload, line by line."""

    def feed(self, line: bytes, at: int) -> int | None:
        """The index after the payload's end, or None while it is open."""

    def continues(self, line: bytes) -> bool:
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
                self._begin(begin[4])
                at = begin.start() - (line[begin.start() : begin.start() + 1] != b"<")
                if at < begin.start():  # The first `<` was lost.
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

    def _begin(self, root: bytes) -> None:
        self._root = root
        # A last `>` may be lost.
        self._tag = re.compile(rb"<(/?)%b(?=[\s/>]|\Z)([^<>]*)(?:>|\Z)?" % re.escape(root))

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


class HtmlScanner:
    """An HTML page, up to its end tag if there is one."""

    _END = re.compile(rb"(?i)</html\s*>")

    def feed(self, line: bytes, at: int) -> int | None:
        """Ends with `</html>`."""
        end = self._END.search(line, at)
        return None if end is None else end.end()

    def continues(self, line: bytes) -> bool:
        """Until something new begins."""
        return not is_event(line) and _OTHER_START.match(line) is None


class SentenceScanner:
    """Plain text on one line."""

    def feed(self, line: bytes, at: int) -> int | None:
        """Ends with the line."""
        return len(line.rstrip(b"\r\n"))

    def continues(self, line: bytes) -> bool:
        """Never continues on a second line."""
        return False


class TextScanner:
    """Plain text, up to an empty line."""

    def feed(self, line: bytes, at: int) -> int | None:
        """Never ends within a line."""
        return None

    def continues(self, line: bytes) -> bool:
        """Continues until a line is empty or begins something new."""
        return bool(line.strip()) and not is_event(line) and _OTHER_START.match(line) is None


class FieldScanner:
    """A quoted field of CSV, in which quotes are doubled."""

    _QUOTES = re.compile(rb'"{1,2}')

    def feed(self, line: bytes, at: int) -> int | None:
        """Ends with the first quote that is not doubled."""
        found = (quotes.end() for quotes in self._QUOTES.finditer(line, at) if len(quotes[0]) == 1)
        return next(found, None)

    def continues(self, line: bytes) -> bool:
        """Until something new begins."""
        return not is_event(line)


def decode_field(raw: bytes) -> bytes:
    """The text of a quoted field of CSV, which may have its closing quote."""
    return raw.removesuffix(b'"').replace(b'""', b'"')


SCANNERS: Mapping[str, Callable[[], Scanner]] = {
    "json": JsonScanner,
    "xml": XmlScanner,
    "html": HtmlScanner,
    "field": FieldScanner,
    "sentence": SentenceScanner,
    "text": TextScanner,
}
