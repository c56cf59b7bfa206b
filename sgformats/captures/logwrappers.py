"""Unwraps log messages: removes what collectors, terminals and loggers put around them.

Handles the JSON of Docker, journald and other collectors, the CRI prefix, logfmt's `msg`, the wire
marks of Apache HttpClient, rsyslog's `#012`, colours, and Monolog's context. Lines that a collector
split are joined. A line that may hold a call or an answer outside of its message stays whole.
Memory holds at most one split line per stream.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timezone
from typing import NamedTuple

import msgspec

from sgformats.captures.jsonvalues import NoObjectError, members, value
from sgformats.captures.lines import MARK, Line, process
from sgformats.captures.literals import read_literal
from sgformats.captures.trailers import without_trailer
from sgformats.errors import CaptureError
from sgformats.secrets.names import COLOUR

_DEPTH = 4
_SPLIT = 16 * 1024
_MIXED = 10.0  # Seconds by which a message in an export may be early.
_KEYS = (
    *("log", "MESSAGE", "message", "msg", "@message", "textPayload", "_raw", "full_message"),
    *("line", "jsonPayload", "_source", "result"),
)
# Of these, keys whose value is an object with a message of its own.
_INNER = ("jsonPayload", "_source", "result")
# Keys of tools that export the newest message first unless told otherwise.
_EXPORTED = (*_INNER, "textPayload", "_raw", "line")
_SIGNS = frozenset(
    (
        *("stream", "time", "timestamp", "@timestamp", "ts", "_time", "__REALTIME_TIMESTAMP"),
        *("_HOSTNAME", "kubernetes", "container_id", "labels", "level", "severity", "logger"),
        *("ingestionTime", "insertId", "offset", "_index", "_id", "short_message"),
    )
)
_TIMES = ("time", "@timestamp", "timestamp", "ts", "_time")
# Other values that may hold a call or an answer, escaped or not.
_CALL_OR_ANSWER = re.compile(
    rb"""/api/ | /apiv2/ | /v3/suppression/ | \\?"(?:email|errors?|body|url|response)\\?"\s*: | <\?xml""",
    re.VERBOSE,
)
_WRAPPED = re.compile(rb'[ \t]*\{\s*"[^"\\]{1,64}"\s*:')
_CRI = re.compile(
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}(?:Z|[+-][0-9:]{5})) (stdout|stderr) ([PF])(?::[A-Z]+)? "
)
# A row of an exported table that begins with its time; Python's logging writes a comma before
# milliseconds.
_ROW = re.compile(
    rb"""["]?([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}[0-9.]{0,10}(?:Z|[+-][0-9:]{4,5}|\ UTC)?
      | [0-9]{10}[0-9.]{0,10})["]?,(?![0-9]{3}(?![0-9]))""",
    re.VERBOSE,
)
_LOGFMT = re.compile(
    rb"""(?:time|ts|timestamp)=(?:"([^"\\]{1,64})"|([^\s"]{1,64}))[ ]
      (?:[\w.]{1,32}=[^\s"]{0,64}[ ]){1,4} msg=(?=")""",
    re.VERBOSE,
)
_COLOUR = re.compile(COLOUR.encode())
_SYSLOG = re.compile(
    rb"""(?:<[0-9]{1,3}>[0-9]?[ ]?)? (?: [A-Z][a-z]{2}[ ]{1,2}[0-9]{1,2}[ ][0-9:]{8}
      | [0-9]{4}-[0-9]{2}-[0-9]{2}T\S{8,21} ) [ ]\S""",
    re.VERBOSE,
)
_SYSLOG_CONTROL = re.compile(rb"#(011|012|015)")
_WIRE = re.compile(
    rb"""(?P<stamp>[^"\r\n]{0,160}?) (?P<side>(?:http-outgoing-[0-9]{1,9}[ ])?(?:<<|>>))
      [ ]"(?P<text>.*)"\s*\Z""",
    re.DOTALL | re.VERBOSE,
)
# Written by Ruby's Net::HTTP with `set_debug_output`.
_RUBY = re.compile(rb'(->|<-) (?=".*"\s*\Z)', re.DOTALL)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_RUBY_NOISE = re.compile(
    rb"(?:reading (?:[0-9]{1,12} bytes|all)\.\.\.|read [0-9]{1,12} bytes)\s*\Z"
)
_WIRE_MARK = re.compile(rb"\[(?:\\([rnt])|0x([0-9a-f]{1,2}))\]")
_WIRE_SIGNS = {b"r": b"\r", b"n": b"\n", b"t": b"\t"}


class _Message(NamedTuple):
    """A message; unless it has `ended`, it continues in the stream named `key`.

    `exported`: its tool may have put the newest message first.
    """

    text: bytes
    time: bytes = b""
    key: str = ""
    ended: bool = True
    exported: bool = False


class _Held(msgspec.Struct):
    """The parts so far of a line that was split."""

    first: Line
    time: bytes
    parts: list[bytes]
    size: int = 0


class Order:
    """Checks that the messages of an export are in the order of their time.

    Otherwise, an answer would be taken for the answer to another call. Once time has gone forward,
    a message may be a few seconds early: a collector mixes messages up.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._last = b""
        self._forward = False

    def check(self, time: bytes, line: Line) -> None:
        """Raise `CaptureError` if a message is earlier than the one before it."""
        comparable = len(time) == len(self._last)
        early = comparable and time < self._last
        if early and not (self._forward and _seconds(self._last) - _seconds(time) <= _MIXED):
            reason = "expected log messages in the order of their time, found an earlier one"
            advice = "export or sort them with the oldest first"
            raise CaptureError(self._name, f"{reason}; {advice}", line.number, line.offset)
        self._forward = self._forward or (comparable and time > self._last)
        self._last = time or self._last


def _seconds(time: bytes) -> float:
    """A time in ISO 8601 in seconds; 0 for one in another form."""
    try:
        return datetime.fromisoformat(time[:19].decode()).replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return 0


class _Unwrapping:
    def __init__(self, max_bytes: int, name: str) -> None:
        self._max_bytes = max_bytes
        self._held: dict[str, _Held] = {}
        self._order = Order(name)
        self._ends_lines = False
        self._is_ruby = False

    def take(self, line: Line) -> Iterator[Line]:
        text = line.text
        if line.cut:
            yield from self.flush()
            yield line
            return
        if b"\x1b" in text:
            text = _COLOUR.sub(b"", text)
        message = self._read(text)
        if message is None:
            if self._is_ruby and _RUBY_NOISE.match(text):
                return
            row = _ROW.match(text)
            if row is not None:
                self._order.check(row[1], line)
            yield from self.flush("wire")
            yield from _split(without_trailer(_without_controls(text)), b"", line)
            return
        if message.exported:
            self._order.check(message.time, line)
        if not message.key:
            yield from _split(without_trailer(message.text), message.time, line)
            return
        if message.key.startswith("wire"):
            yield from self.flush("wire", but=message.key)
        held = self._held.get(message.key)
        if held is None:
            held = self._held[message.key] = _Held(line, message.time, [])
        held.size += len(message.text)
        if held.size <= self._max_bytes or not held.parts:
            held.parts.append(message.text)
        if message.ended:
            yield from self.flush(message.key)

    def flush(self, key: str = "", but: str = "") -> Iterator[Line]:
        """The held lines of all streams but one whose name begins with `key`."""
        for name in [name for name in self._held if name.startswith(key) and name != but]:
            held = self._held.pop(name)
            text = b"".join(held.parts)
            if held.size > self._max_bytes:
                yield Line(text, held.first.number, held.first.offset, cut=True)
            else:
                yield from _split(without_trailer(text), held.time, held.first)

    def _read(self, text: bytes) -> _Message | None:
        """The message in a line; None if the line has no wrapper."""
        start = len(MARK) if text.startswith(MARK) else 0
        cri = _CRI.match(text, start)
        if cri is not None:
            inner = text[cri.end() :]
            key = f"cri {cri[2].decode()}"
            if cri[3] == b"P":
                return _Message(inner.rstrip(b"\r\n"), cri[1], key, ended=False)
            whole = None if key in self._held else self._from_json(inner)
            return whole or _Message(inner, cri[1], key)
        if _WRAPPED.match(text, start):
            return self._from_json(text[start:])
        logfmt = _LOGFMT.match(text, start)
        if logfmt is not None:
            return _from_logfmt(text, logfmt)
        ruby = _RUBY.match(text, start)
        if ruby is not None:
            literal = read_literal(text, ruby.end())
            alone = literal is not None and not text[literal.end :].strip()
            if literal is not None and alone and not _BINARY.search(literal.value):
                self._is_ruby = True
                ended = literal.value.endswith(b"\n")
                return _Message(literal.value, b"", f"wire {ruby[1].decode()}", ended)
        if b'<< "' in text or b'>> "' in text:
            wire = _WIRE.match(text, start)
            if wire is not None and (b"wire" in wire["stamp"] or b"http-outgoing" in wire["side"]):
                inner = _WIRE_MARK.sub(_wire_sign, wire["text"])
                ended = inner.endswith(b"\n")
                return _Message(inner, b"", f"wire {wire['side'].decode()}", ended)
        return None

    def _from_json(self, text: bytes) -> _Message | None:
        """The message in a collector's JSON, which may be nested in another's."""
        found: _Message | None = None
        for _ in range(_DEPTH):
            if not _WRAPPED.match(text):
                break
            message = self._from_object(text)
            if message is None:
                break
            if found is not None:
                time, exported = message.time or found.time, message.exported or found.exported
                message = message._replace(time=time, exported=exported)
            found = message
            text = message.text
        return found

    def _from_object(self, text: bytes, signed: bool = True) -> _Message | None:
        """The message in an object; it is `signed` if other keys must show a collector's object.

        The whole object if a tool exported it and its message is not all of it.
        """
        try:
            found = members(text.strip())
        except NoObjectError:
            return None
        key = next((key for key in _KEYS if key in found), None)
        if key is None or (signed and _SIGNS.isdisjoint(found.keys() - {key})):
            return None
        others = (
            b'"%b":%b' % (name.encode("utf-8", "replace"), raw)
            for name, raw in found.items()
            if name != key and not (name == "short_message" and raw[1:-1] in found[key])
        )
        time = next((_bytes(found[name]) or b"" for name in _TIMES if name in found), b"")
        whole = _Message(text, time, exported=True) if key in _EXPORTED else None
        if any(map(_CALL_OR_ANSWER.search, others)):
            return whole
        if key in _INNER and found[key].startswith(b"{"):
            inner = self._from_object(found[key], signed=False) if signed else None
            return inner._replace(time=inner.time or time, exported=True) if inner else whole
        message = _bytes(found[key])
        if message is None:
            return whole
        if key != "log" or "stream" not in found:
            return _Message(message, time, exported=key in _EXPORTED)
        stream = "docker err" if found["stream"] == b'"stderr"' else "docker out"
        ended = message.endswith(b"\n")
        self._ends_lines = self._ends_lines or ended
        split = not ended and (self._ends_lines or len(message) >= _SPLIT)
        return _Message(message, time, stream if split or stream in self._held else "", not split)


def unwrapped(lines: Iterator[Line], max_bytes: int, name: str) -> Iterator[Line]:
    """The lines of a log's messages, each with the place of the line that holds it.

    Raises what `lines` raises, after all messages before it, and `CaptureError` for an export
    or a table whose messages are not in the order of their time.
    """
    unwrapping = _Unwrapping(max_bytes, name)
    return process(lines, unwrapping.take, unwrapping.flush)


def has_wrapper(head: bytes) -> bool:
    """Whether the first line is a collector's JSON around a message."""
    line = head.lstrip().partition(b"\n")[0]
    message = _Unwrapping(len(head), "")._from_json(line)
    return message is not None and message.text != line


def _split(text: bytes, time: bytes, line: Line) -> Iterator[Line]:
    """Split a message into lines; lines with calls get the wrapper's time."""
    if text is line.text:
        yield line
        return
    parts = text.splitlines(keepends=True) if b"\n" in text[:-1] else [text]
    for part in parts:
        if time and (b"/api" in part or b"/v3/suppression/" in part):
            part = time + b" " + part
        yield line.with_text(part)


def _from_logfmt(text: bytes, found: re.Match[bytes]) -> _Message | None:
    literal = read_literal(text, found.end())
    if literal is None or b"\\" not in text[found.end() : literal.end]:
        return None
    if _CALL_OR_ANSWER.search(text, literal.end):
        return None
    return _Message(literal.value, found[1] or found[2])


def _without_controls(text: bytes) -> bytes:
    """Restore control characters that rsyslog writes as octal numbers."""
    if b"#01" not in text or _SYSLOG.match(text) is None:
        return text
    return _SYSLOG_CONTROL.sub(lambda found: bytes([int(found[1], 8)]), text)


def _wire_sign(found: re.Match[bytes]) -> bytes:
    return _WIRE_SIGNS[found[1]] if found[1] else bytes([int(found[2], 16)])


def _bytes(raw: bytes) -> bytes | None:
    """The bytes of a string, or of a list of numbers (journald's form of invalid UTF-8)."""
    with suppress(NoObjectError, TypeError, ValueError):
        found = value(raw)
        if isinstance(found, str):
            return found.encode("utf-8", "surrogatepass")
        return bytes(found) if isinstance(found, list) and found else None
    return None
