"""JSON lines: one object per line, each an exchange; or the same objects in an array.

A line may hold several objects, one after the other. Keys: `url`, `verb` (or `method`), `status`,
`content_type`, `content_encoding`, `body` or `body_base64`, `request_body`, `time`; others, nested ones
with dots, through `CaptureOptions.fields`. A body may be an object or array; its text is kept as
written. `url` or a body is required. Any other line becomes an exchange with a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cached_property
from io import BytesIO
from itertools import count, islice
from typing import Any, BinaryIO

from sgformats.captures.bodies import from_base64, from_text, too_large
from sgformats.captures.build import CaptureOptions, entry_limit, exchange, too_long
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
REQUIRED = ("url", "body", "body_base64")
"""An exchange has at least one of these."""

_PATHS = ("/api/", "/apiv2/", "/v3/")
_LAYOUT = b" \t\r\n\0"
_SEVERAL = re.compile(rb"\}[ \t\r]{0,8}\{")  # Valid JSON has this only in strings.
_PADDING = re.compile(rb"(?:[ \t\r\n\0]|%b)*" % MARK)


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of every line that is not empty."""
    names, limit = _names(options.fields), options.max_bytes
    read_fast = fast_reader(tuple(names.items()))
    numbers = count()
    for line in read_lines(file, limit):
        text = line.text.rstrip(_LAYOUT)
        if text.endswith(b"},"):
            text = text[:-1]  # A line of an array that has lost its brackets.
        start = _content_start(text)
        if start == len(text) and not line.cut:
            continue
        if line.cut:
            source = Source(name, next(numbers), line.number, line.offset)
            yield exchange(source, fault=too_large(limit), raw=text)
            continue
        values = read_fast(text[start:])
        if values is not None and not values.lacks_body:
            source = Source(name, next(numbers), line.number, line.offset)
            yield _exchange(values, source, limit)
            continue
        several = list(objects(text)) if _SEVERAL.search(text) else []
        alone = len(several) < 2
        for at, end in [(0, len(text))] if alone else several:
            source = Source(name, next(numbers), line.number, line.offset + at)
            yield _read_fully(_Entry(text[at:end], start if alone else 0, names), source, limit)


def read_array(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """An exchange for every element. Raises `CaptureError` at damage."""
    names = _names(options.fields)
    limit = entry_limit(options.max_bytes)
    for number, element in enumerate(elements(file, name, ((),), limit)):
        source = Source(name, number, element.line, element.offset)
        if element.raw is None:
            yield exchange(source, fault=too_long(limit))
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
    answered = entry.has("body", "body_base64", "status")
    return answered and url is not None and split_url(url).path.startswith(_PATHS)


def holds_call(line: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a line is an object that holds an exchange."""
    text = line.rstrip(_LAYOUT)
    entry = _Entry(text, _content_start(text), _names(fields))
    try:
        return entry.has(*REQUIRED)
    except NoObjectError:
        return False


def _names(fields: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    return {**FIELDS, **{key: (path,) for key, path in fields.items()}}


def _content_start(text: bytes) -> int:
    """The index of the first character after byte-order marks and padding."""
    padding = _PADDING.match(text)
    return 0 if padding is None else padding.end()


def _read_fully(entry: _Entry, source: Source, max_bytes: int) -> Exchange:
    try:
        values = entry.values()
    except NoObjectError as error:
        return exchange(source, fault=entry.refused(error.index), raw=entry.line)
    if values.lacks_body and values.url is not None:
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
    url, verb, sent, status, body, encoded, content_type, content_encoding, time = values
    return exchange(
        source,
        url,
        verb,
        sent,
        status,
        body if encoded is None else from_base64(encoded, max_bytes),
        content_type=content_type,
        content_encoding=content_encoding,
        time=time,
        fault=fault,
        raw=raw,
        max_bytes=max_bytes,
    )


class _Entry:
    """The object of a line; `fault` is its first problem."""

    def __init__(self, line: bytes, start: int, names: Mapping[str, tuple[str, ...]]) -> None:
        self.line = line
        self.fault: Problem | None = None
        self._start = start
        self._names = names

    @cached_property
    def _members(self) -> dict[str, bytes]:
        """The values by key. Raises `NoObjectError`."""
        return members(self.line[self._start :])

    def values(self) -> LineValues:
        """Read all values of the line. Raises `NoObjectError`."""
        url, status = self.text("url"), self._status()
        encoded, body = self.text("body_base64"), self._text_or_json("body")
        if url is None and body is None and encoded is None:
            keys = (path for key in REQUIRED for path in self._names[key])
            wanted = " or ".join(f"`{path}`" for path in keys)
            found = f"the keys {quote(', '.join(self._members))}" if self._members else "none"
            self._note("url", f"{wanted} in the line", found, 0)
        return LineValues(
            url,
            self.text("verb"),
            self._form(),
            status,
            body,
            encoded,
            self.text("content_type"),
            self.text("content_encoding"),
            self.text("time"),
        )

    def has(self, *keys: str) -> bool:
        """Whether any of the values is there. Raises `NoObjectError`."""
        return any(self._raw(key) is not None for key in keys)

    def text(self, key: str) -> str | None:
        """A value that should be text; a status and a time may also be numbers."""
        raw = self._raw(key)
        if raw is None or raw.startswith(b'"'):
            return None if raw is None else str(value(raw))
        if key in ("status", "time") and not raw.startswith((b"{", b"[")):
            return raw.decode("ascii", "replace")
        self._note_invalid(key, "text")
        return None

    def find_body(self) -> bytes | Problem | None:
        """The answer under a key other than the configured ones."""
        paths = (path for paths in self._names.values() for path in paths)
        found = find_body(self._members, frozenset(path.partition(".")[0] for path in paths))
        if isinstance(found, bytes):
            return from_text(found.decode("utf-8", "surrogatepass"))
        return found

    def refused(self, index: int) -> Problem:
        """The problem of a line that is not an object."""
        rest = self.line[self._start + index :]
        shown = quote(rest[:4].decode("utf-8", "replace")[0]) if rest else "the end of the line"
        return self._problem("a JSON object in the line", shown, index)

    def _raw(self, key: str) -> bytes | None:
        """A value as written; None if it is missing or null."""
        found = (_find(self._members, path) for path in self._names[key])
        return next((raw for raw in found if raw is not None and raw != b"null"), None)

    def _status(self) -> int | None:
        """The status as a number, or as text that begins with one: `200 OK`."""
        text = self.text("status")
        if text is None:
            return None
        first = text.split(maxsplit=1)[0].removesuffix(".0") if text.strip() else ""
        if len(first) == 3 and first.isascii() and first.isdigit():
            return int(first)
        self._note_invalid("status", "an HTTP status")
        return None

    def _text_or_json(self, key: str) -> bytes | None:
        """The bytes of a string's text, or the JSON as written."""
        raw = self._raw(key)
        return raw if raw is None or not raw.startswith(b'"') else from_text(str(value(raw)))

    def _form(self) -> str | bytes | None:
        """The content of a call; logs may write a form as a flat object."""
        raw = self._raw("request_body")
        if raw is not None and raw.startswith(b"{"):
            with suppress(NoObjectError):
                found = value(raw)
                if not any(isinstance(member, (dict, list)) for member in found.values()):
                    return write_pairs((_plain(k), _plain(v)) for k, v in found.items())
        return self._text_or_json("request_body")

    def _note_invalid(self, key: str, wanted: str) -> None:
        path = next(p for p in self._names[key] if _find(self._members, p) is not None)
        index = _index(self.line[self._start :], path)
        self._note(key, f"{wanted} as `{path}`", "another value", index)

    def _note(self, key: str, expected: str, found: str, index: int) -> None:
        """Note a problem with a value, unless one is known; the call may be under another key."""
        elsewhere = self._elsewhere() if key == "url" else None
        self.fault = self.fault or elsewhere or self._problem(expected, found, index)

    def _elsewhere(self) -> Problem | None:
        """The problem of a call under another key than the configured one."""
        name = next(call_names(self._members), None)
        if name is None:
            return None
        expected, found = f"the call under `{self._names['url'][0]}`", f"one under {quote(name)}"
        message = f"expected {expected}, found {found}; --field url=KEY names the one to read"
        return self._problem(expected, found, 0, message)

    def _problem(self, expected: str, found: str, index: int, message: str = "") -> Problem:
        before = self.line[: self._start + index]
        column = len(before.decode("utf-8", "replace").replace("\ufeff", "")) + 1
        location = Location("", "", 1, column, self._start + index)
        return problem_of("unreadable-entry", location, expected, found, message=message)


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


def _plain(value: Any) -> str:
    """A value as text, without lone surrogates, which no form can hold."""
    plain = int(value) if isinstance(value, bool) else "" if value is None else value
    return str(plain).encode("utf-8", "replace").decode("utf-8")
