"""Text logs: a call on a line, its answer after it or on the next lines, among other text.

A payload belongs to the last call before it; a call takes one payload. A payload without a call is
an exchange only if it is certainly an answer of this API. A call of another service is an exchange
only if it was answered. Other lines are ignored. A cut payload is passed on as far as it goes.
Memory holds one exchange at a time, and every line is read once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import BinaryIO

import msgspec

from sgformats.captures.bodies import from_text, too_large
from sgformats.captures.build import DEFAULTS, CaptureOptions, exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.likely import could_be_answer, unrecognized
from sgformats.captures.lines import MARK, Line, join_commands, process, read_lines, unchunk
from sgformats.captures.literals import Literal, read_literal, undo_escapes
from sgformats.captures.logbodies import (
    Start,
    find_certain,
    find_start,
    is_certain_answer,
    is_event_list,
    prefix_of,
)
from sgformats.captures.logcalls import (
    Call,
    Calls,
    find_call,
    find_content_type,
    find_form,
    find_other,
    find_status,
)
from sgformats.captures.logpayload import OpenPayload, is_event, new_scanner
from sgformats.captures.logwrappers import has_wrapper, unwrapped
from sgformats.errors import CaptureError

_PAYLOAD = re.compile(rb"\s*(?:(?P<xml><[A-Za-z!?])|(?P<json>\[\s*[\]{\"]|\{\s*[}\"]))")
_HEAD = re.compile(rb"[<>|*\s]*HTTP/[0-9.]{1,3}\s+[0-9]{3}")
_HEADER = re.compile(rb"[<>|*\s]*[A-Za-z][A-Za-z0-9-]{0,60}:(?:\s|\Z)")
_NOISE = re.compile(rb"[*]\s|[{}] \[(?:[0-9]+ bytes data|data not shown)\]|\s*(?:[<>]\s*)?\Z")
_NOTHING_MORE = re.compile(rb"\s*\Z")
_NO_CONTENT = re.compile(rb"(?i)[<\s]*content-length:\s*0\s*\Z")
_NOTHING = 204


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of a log, in the order in which they begin."""
    return read_log(read_lines(file, options.max_bytes), name, options)


def read_log(found: Iterator[Line], name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """Like `read`, for a log that is already split into lines."""
    log = _Log(name, options.max_bytes)
    lines = join_commands(unchunk(unwrapped(found, options.max_bytes, name), options.max_bytes))
    return process(lines, log.take, log.end)


def matches(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a file is a log: its head has a call outside of any payload, or begins like HTTP."""
    if _HEAD.match(head):
        return True
    if has_wrapper(head):
        return _has_exchange(head)
    payload = _PAYLOAD.match(head)
    if payload is not None:
        scanner = new_scanner(payload.lastgroup or "")
        end = scanner.feed(head, payload.start(payload.lastgroup or ""))
        head = b"" if end is None else head[end:]
    return find_call(head, 0) is not None and _has_exchange(head, with_call=True)


def _has_exchange(head: bytes, with_call: bool = False) -> bool:
    try:
        found = read(BytesIO(head), "", DEFAULTS)
        return any(not with_call or exchange.url is not None for exchange in found)
    except CaptureError:
        return True  # Messages in the wrong order, which reading the log reports.


class _Pending(msgspec.Struct):
    """A call whose answer is pending, or an answer's head without a call.

    `fresh`: only lines of this exchange have followed. `unsupported` is a possible answer in an
    unsupported form. `head` is `in` while the head of the answer is read, and `done` after it.
    """

    line: Line
    call: Call | None
    form: bytes | None = None
    status: int | None = None
    content_type: bytes | None = None
    fresh: bool = True
    unsupported: bytes | None = None
    head: str = ""


class _Log:
    def __init__(self, name: str, max_bytes: int) -> None:
        self._name = name
        self._max_bytes = max_bytes
        self._entry = 0
        self._pending: _Pending | None = None
        self._open: OpenPayload | None = None

    def take(self, line: Line) -> Iterator[Exchange]:
        if self._open is None and line.text.isspace():
            self._add_line_details(line)
            return
        if line.offset == 0 and line.text.startswith(MARK):
            line = line._replace(text=line.text[len(MARK) :])
        at, opened = 0, self._open
        begin = None if opened is None else opened.continues(line.text)
        if opened is not None and begin is not None:
            end = opened.feed(line, begin)
            if end is None:
                return
            yield from self._finish(opened, Calls(line.text), line.text, end)
            at = end
        elif opened is not None:
            yield from self._finish_cut(opened)
        yield from self._scan(line, at)

    def end(self) -> Iterator[Exchange]:
        """The exchange that is open at the end of the log."""
        yield from self._emit(None) if self._open is None else self._finish_cut(self._open)

    def _scan(self, line: Line, at: int) -> Iterator[Exchange]:
        """Scan a line from index `at` on, outside of payloads."""
        text, calls = line.text, Calls(line.text)
        after_call = False
        while True:
            begin = calls.start(at)
            end = len(text) if begin is None else begin
            start = self._find_start(text, at, end, after_call)
            if start is not None:
                self._add_details(text[at : start.at], after_call)
                self._pending = self._pending or _Pending(line, None)
                self._open = opened = OpenPayload(start.kind, self._max_bytes)
                after = _begin(opened, line, start)
                if after is None:
                    return
                if begin is not None and begin < after and self._is_around(opened, text, begin):
                    self._open, at = None, begin
                else:
                    yield from self._finish(opened, calls, text, after)
                    at = after
                after_call = False
            elif (call := calls.find(at)) is None:
                other = find_other(text, at)
                if other is not None:
                    yield from self._emit(None)
                    self._pending = _Pending(line, other)
                elif at == 0:
                    self._add_line_details(line)
                else:
                    self._add_details(text[at:], after_call)
                return
            else:
                # A second call without a verb is a referrer or a redirect of the first.
                is_second = after_call and not (call.verb or call.answered)
                if not is_second and not self._is_same(call):
                    yield from self._emit(None)
                    self._pending = _Pending(line, call, call.form)
                self._add_details(text[at:end], after_call=is_second)
                at, after_call = call.end, True

    def _find_start(self, text: bytes, at: int, end: int, after_call: bool) -> Start | None:
        pending = self._pending
        if pending is None or (pending.call is None and not pending.head):
            return find_certain(text, at, end)
        first = pending.fresh and at == 0 and pending.head != "in"
        start = find_start(text, at, end, first=first, after_call=after_call)
        if start is None and first and pending.head == "done" and end == len(text):
            rest = text.strip()
            if rest and not is_event(text) and not _NOISE.match(text):
                return Start("text", len(text) - len(text.lstrip()), leading=True)
        return start

    def _is_around(self, opened: OpenPayload, text: bytes, call: int) -> bool:
        """Whether the open payload is other JSON around a call, such as an exported span.

        An answer may have a call in a text; as a whole value, a call shows that it is none.
        """
        body = opened.body()
        whole = text[call - 1 : call] == b'"'
        may_answer = self._pending is not None and self._pending.call is not None and not whole
        return not (may_answer or is_certain_answer(body) or is_event_list(body))

    def _add_details(self, part: bytes, after_call: bool) -> None:
        """Add details of the pending call from a part of a line."""
        pending = self._pending
        if pending is None or not part.strip():
            return
        if pending.status is None:
            pending.status = find_status(part, after_call=after_call)
        pending.content_type = find_content_type(part) or pending.content_type
        pending.form = pending.form or find_form(part)
        if pending.unsupported is None and pending.call is not None and could_be_answer(part):
            pending.unsupported = part

    def _add_line_details(self, line: Line) -> None:
        """Add details of the pending call from a line without call and payload."""
        text = line.text
        head = _HEAD.match(text) is not None
        if head and self._pending is None:
            self._pending = _Pending(line, None)
        pending = self._pending
        if pending is None:
            return
        if head:
            pending.head, pending.status = "in", None
        elif pending.head == "in" and not text.strip(b"<>| \t\r\n"):
            pending.head = "done"
        before = (pending.status, pending.form)
        self._add_details(text, after_call=False)
        if _NO_CONTENT.match(text):
            pending.head, pending.fresh = "", False
        elif before == (pending.status, pending.form):
            pending.fresh = pending.fresh and bool(_HEADER.match(text) or _NOISE.match(text))

    def _is_same(self, call: Call) -> bool:
        """Whether a call repeats the pending one, as `curl -v` and many clients log it."""
        pending = self._pending
        if pending is None or pending.call is None or not pending.call.known or pending.head:
            return False
        before = pending.call
        if not before.url.endswith(call.url.partition(b"//")[2].partition(b"/")[2] or call.url):
            return False
        if call.answered and not before.answered:
            return pending.status is None
        return call.request_line and not before.request_line and before.verb in (None, call.verb)

    def _finish(
        self, opened: OpenPayload, calls: Calls, text: bytes = b"", after: int = 0
    ) -> Iterator[Exchange]:
        """The exchange whose payload is complete; it ends before index `after` of a line."""
        self._open = None
        if not _NOTHING_MORE.match(text, after):
            end = calls.start(after)
            following = find_certain(text, after, len(text) if end is None else end)
            self._add_details(text[after : following.at if following else end], after_call=False)
        yield from self._emit(opened.body(), is_too_large=opened.is_too_large)

    def _finish_cut(self, opened: OpenPayload) -> Iterator[Exchange]:
        """The exchange whose payload was cut, without its last line ending."""
        opened.trim_line_end()
        yield from self._finish(opened, Calls(b""))

    def _emit(self, body: bytes | None, *, is_too_large: bool = False) -> Iterator[Exchange]:
        """The pending exchange, if there is one; `body` is None if it got no answer."""
        pending, self._pending = self._pending, None
        if pending is None:
            return
        call = pending.call
        if body is None and pending.status == _NOTHING:
            body = b""
        if body is not None and is_event_list(body):
            self._pending = pending if call is not None else None
            return
        if call is None and (body is None or is_too_large or not is_certain_answer(body)):
            inside = None if body is None else find_call(body, 0)
            if inside is None or not inside.known:
                return
            # Other JSON over several lines, with a call inside.
            pending.unsupported, body = body, None
        if call is not None and not call.known and body is None:
            return
        fault = too_large(self._max_bytes) if is_too_large else None
        if body is None and pending.unsupported is not None:
            fault = unrecognized(pending.unsupported, "write answers to the log as they came")
        source = Source(self._name, self._entry, pending.line.number, pending.line.offset)
        self._entry += 1
        yield exchange(
            source,
            None if call is None else _text(call.url),
            None if call is None else _text(call.verb),
            pending.form,
            pending.status,
            body,
            content_type=_text(pending.content_type),
            time=None if call is None else _text(call.time),
            fault=fault,
            raw=pending.unsupported if body is None else None,
            max_bytes=self._max_bytes,
        )


def _begin(opened: OpenPayload, line: Line, start: Start) -> int | None:
    """Begin a payload; return the index after it if it ends on this line."""
    text = line.text
    if start.kind == "quoted":
        literal = read_literal(text, start.at)
        if literal is None:
            literal = Literal(undo_escapes(text[start.at + 1 :].rstrip(b"\r\n\\")), len(text))
        opened.add(from_text(literal.value.decode("utf-8", "surrogateescape")))
        return literal.end
    end = opened.feed(line, start.at)
    if end is not None:
        return opened.take_stray_closers(text, start.at, end, leading=start.leading)
    # Its next line may have the same prefix.
    if prefix_of(text).strip():
        opened.expect_prefix(text[: start.at])
    return None


def _text(raw: bytes | None) -> str | None:
    return None if raw is None else raw.decode("utf-8", "surrogateescape")
