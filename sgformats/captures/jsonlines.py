"""JSON lines: one object per line, each an exchange; or the same objects in an array.

A line may hold several objects, one after the other. Keys: `url`, `verb` (or `method`), `status`,
`content_type`, `content_encoding`, `body` or `body_base64`, `request_body`, `time`; others, nested ones
with dots, through `CaptureOptions.fields`. A body may be an object or array; its text is kept as
written. `url` or a body is required. Any other line becomes an exchange with a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from sgformats.captures.bodies import from_base64, from_text, too_large
from sgformats.captures.build import CaptureOptions, exchange
from sgformats.captures.entries import entry_limit, too_long, unreadable_entry
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.jsonstream import elements
from sgformats.captures.jsonvalues import NoObjectError, members, objects, spans, value
from sgformats.captures.likely import call_names, find_body
from sgformats.captures.lines import MARK, read_lines
from sgformats.captures.shortlines import LineValues, fast_reader
from sgformats.errors import CaptureError, Location, Problem, quote
from sgformats.request.forms import write_pairs
from sgformats.request.routes import split_url
from sgformats.rules import problem_of

FIELDS: Mapping[str, tuple[str, ...]] = {
    "url": ("url",),
    "verb": ("verb", "method"),
    "status": ("status",),
    "content_type": ("content_type",),
    "content_encoding": ("content_encoding",),
    "body": ("body",),
    "body_base64": ("body_base64",),
    "request_body": ("request_body",),
    "time": ("time",),
}
"""The values of an exchange, and the keys that hold them unless others are named."""

_NO_CONTENT = 204
_PATHS = ("/api/", "/apiv2/", "/v3/")
_LAYOUT = b" \t\r\n\0"
_SEVERAL = re.compile(rb"\}[ \t\r]{0,8}\{")  # Valid JSON has this only in strings.
_PADDING = re.compile(rb"(?:[ \t\r\n\0]|%b)*" % MARK)


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of every line that is not empty."""
    names = _names(options.fields)
    read_fast = fast_reader(names)
    entry = 0
    for line in read_lines(file, options.max_bytes):
        text = line.text.rstrip(_LAYOUT)
        if text.endswith(b"},"):
            text = text[:-1]  # A line of an array that has lost its brackets.
        start = _content_start(text)
        if start == len(text) and not line.cut:
            continue
        source = Source(name, entry, line.number, line.offset)
        entry += 1
        if line.cut:
            yield _unread(source, too_large(options.max_bytes), text)
            continue
        values = read_fast(text[start:])
        if values is not None and not _lacks_body(values):
            yield _exchange(values, source, options.max_bytes)
            continue
        several = list(objects(text)) if _SEVERAL.search(text) else []
        if len(several) < 2:
            yield _read_fully(_Entry(text, start, names), source, options.max_bytes)
            continue
        for at, end in several:
            place = Source(name, entry - 1, line.number, line.offset + at)
            yield _read_fully(_Entry(text[at:end], 0, names), place, options.max_bytes)
            entry += 1
        entry -= 1


def read_array(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """An exchange for every element. Raises `CaptureError` at damage."""
    names = _names(options.fields)
    limit = entry_limit(options.max_bytes)
    for number, element in enumerate(elements(file, name, ((),), limit)):
        source = Source(name, number, element.line, element.offset)
        if element.raw is None:
            yield unreadable_entry(source, too_long(limit))
        else:
            yield _read_fully(_Entry(element.raw, 0, names), source, options.max_bytes)


def is_array(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether `head` begins an array whose first object is a call with its answer."""
    try:
        (first,) = islice(elements(BytesIO(head), "", ((),), len(head)), 1)
        entry = _Entry(first.raw or b"", 0, _names(fields))
        url = entry.text("url")
    except (ValueError, CaptureError, NoObjectError):
        return False
    answered = any(entry.raw(key) is not None for key in ("body", "body_base64", "status"))
    return answered and url is not None and split_url(url).path.startswith(_PATHS)


def holds_call(line: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a line is an object that holds an exchange."""
    text = line.rstrip(_LAYOUT)
    entry = _Entry(text, _content_start(text), _names(fields))
    try:
        return any(entry.raw(key) is not None for key in ("url", "body", "body_base64"))
    except NoObjectError:
        return False


def _names(fields: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {**FIELDS, **{key: (path,) for key, path in fields.items()}}


def _lacks_body(values: LineValues) -> bool:
    """Whether a call has no answer under the configured keys, but may have one under another."""
    return values.body is None and values.body_base64 is None and values.status != _NO_CONTENT


def _content_start(text: bytes) -> int:
    """The index of the first character after byte-order marks and padding."""
    padding = _PADDING.match(text)
    return 0 if padding is None else padding.end()


def _read_fully(entry: _Entry, source: Source, max_bytes: int) -> Exchange:
    try:
        values = entry.values()
    except NoObjectError as error:
        return _unread(source, entry.refused(error.index), entry.line)
    if _lacks_body(values) and values.url is not None:
        body = entry.find_body()
        if isinstance(body, Problem):
            return _exchange(values, source, max_bytes, entry.fault or body, entry.line)
        if body is not None:
            values = values._replace(body=body)
    raw = entry.line if values.is_empty else None
    return _exchange(values, source, max_bytes, entry.fault, raw)


def _exchange(
    values: LineValues,
    source: Source,
    max_bytes: int,
    fault: Problem | None = None,
    raw: bytes | None = None,
) -> Exchange:
    body = values.body
    if values.body_base64 is not None:
        body, base64_fault = from_base64(values.body_base64, max_bytes)
        fault = base64_fault or fault
    return exchange(
        values.url,
        values.verb,
        values.request_body,
        values.status,
        values.content_type,
        body,
        source,
        content_encoding=values.content_encoding,
        time=values.time,
        fault=fault,
        raw=raw,
        max_bytes=max_bytes,
    )


def _unread(source: Source, fault: Problem, raw: bytes) -> Exchange:
    """The exchange for a line that could not be read."""
    return exchange(None, None, None, None, None, None, source, fault=fault, raw=raw)


class _Entry:
    """The object of a line; `fault` is its first problem."""

    def __init__(self, line: bytes, start: int, names: Mapping[str, tuple[str, ...]]) -> None:
        self.line = line
        self._start = start
        self._names = names
        self._members: dict[str, bytes] | None = None
        self.fault: Problem | None = None

    def values(self) -> LineValues:
        """Read all values of the line. Raises `NoObjectError`."""
        url, status = self.text("url"), self.status()
        encoded, body = self.text("body_base64"), self.body("body")
        if url is None and body is None and encoded is None:
            self._note_missing("url", "body", "body_base64")
        return LineValues(
            url,
            self.text("verb"),
            status,
            body,
            encoded,
            self.form("request_body"),
            self.text("content_type"),
            self.text("content_encoding"),
            self.text("time"),
        )

    def raw(self, key: str) -> bytes | None:
        """A value as written; None if it is missing or null."""
        if self._members is None:
            self._members = members(self.line[self._start :])
        for path in self._names[key]:
            found = _find(self._members, path)
            if found is not None and found != b"null":
                return found
        return None

    def text(self, key: str) -> str | None:
        """A value that should be text; a status and a time may also be numbers."""
        raw = self.raw(key)
        if raw is None:
            return None
        if raw.startswith(b'"'):
            return str(value(raw))
        if key in ("status", "time") and not raw.startswith((b"{", b"[")):
            return raw.decode("ascii", "replace")
        self._note_invalid(key, "text")
        return None

    def status(self) -> int | None:
        """The status as a number, or as text that begins with one: `200 OK`."""
        text = self.text("status")
        if text is None:
            return None
        first = text.split(maxsplit=1)[0].removesuffix(".0") if text.strip() else ""
        if len(first) == 3 and first.isascii() and first.isdigit():
            return int(first)
        self._note_invalid("status", "an HTTP status")
        return None

    def body(self, key: str) -> bytes | None:
        """The bytes of a body: a string's text, or the JSON as written."""
        raw = self.raw(key)
        return raw if raw is None or not raw.startswith(b'"') else from_text(str(value(raw)))

    def find_body(self) -> bytes | Problem | None:
        """The answer under a key other than the configured ones."""
        known = frozenset(
            path.partition(".")[0] for paths in self._names.values() for path in paths
        )
        found = find_body(self._members or {}, known)
        return (
            from_text(found.decode("utf-8", "surrogatepass")) if isinstance(found, bytes) else found
        )

    def form(self, key: str) -> str | bytes | None:
        """The content of a call; logs may write a form as a flat object."""
        raw = self.raw(key)
        if raw is None:
            return None
        try:
            found = value(raw)
        except NoObjectError:
            return raw
        if isinstance(found, str):
            return from_text(found)
        if isinstance(found, dict) and not any(isinstance(v, (dict, list)) for v in found.values()):
            return write_pairs((_safe(k), _safe(_plain(v))) for k, v in found.items())
        return raw

    def refused(self, index: int) -> Problem:
        """The problem of a line that is not an object."""
        rest = self.line[self._start + index :]
        shown = quote(rest[:4].decode("utf-8", "replace")[0]) if rest else "the end of the line"
        return self._problem("a JSON object in the line", shown, index)

    def _note_missing(self, *keys: str) -> None:
        """Note that all of these keys are missing."""
        wanted = " or ".join(f"`{path}`" for key in keys for path in self._names[key])
        found = f"the keys {quote(', '.join(self._members))}" if self._members else "none"
        problem = self._problem(f"{wanted} in the line", found, 0)
        self.fault = self.fault or self._elsewhere("url") or problem

    def _note_invalid(self, key: str, wanted: str) -> None:
        path = next(p for p in self._names[key] if _find(self._members or {}, p) is not None)
        index = _index(self.line[self._start :], path)
        problem = self._problem(f"{wanted} as `{path}`", "another value", index)
        self.fault = self.fault or self._elsewhere(key) or problem

    def _elsewhere(self, key: str) -> Problem | None:
        """The problem of a call under another key than the configured one."""
        name = next(call_names(self._members or {}), None) if key == "url" else None
        if name is None:
            return None
        expected, found = f"the call under `{self._names[key][0]}`", f"one under {quote(name)}"
        message = f"expected {expected}, found {found}; --field url=KEY names the one to read"
        return msgspec.structs.replace(self._problem(expected, found, 0), message=message)

    def _problem(self, expected: str, found: str, index: int) -> Problem:
        before = self.line[: self._start + index]
        column = len(before.decode("utf-8", "replace").replace("\ufeff", "")) + 1
        location = Location("", "", 1, column, self._start + index)
        return problem_of("unreadable-entry", location, expected, found)


def _find(found: Mapping[str, bytes], path: str) -> bytes | None:
    """A member by its name, or a nested one by names joined with dots."""
    if path in found:
        return found[path]
    head, dot, rest = path.partition(".")
    inner = found.get(head) if dot else None
    return _find(members(inner), rest) if inner is not None and inner.startswith(b"{") else None


def _index(raw: bytes, path: str) -> int:
    """The index at which the value that `_find` returns begins."""
    found = spans(raw)
    if path in found:
        return found[path][0]
    head, _, rest = path.partition(".")
    start, end = found[head]
    return start + _index(raw[start:end], rest)


def _plain(member: Any) -> str:
    if isinstance(member, bool):
        return str(int(member))
    return "" if member is None else str(member)


def _safe(text: str) -> str:
    """Text without lone surrogates, which no form can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
