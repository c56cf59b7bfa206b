"""Builds every `Exchange` from what a reader found.

Readers pass on the capture's values as they are. Here the URL of a call of this API becomes a
`Request`, and the content encoding of a body is undone. `json_entries` gives the entries of JSON
files, each as an object or a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.bodies import Body, decoded, undisguised, unreadable
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.jsonstream import Element, Path, elements
from sgformats.captures.jsonvalues import decode
from sgformats.captures.loose import header
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.errors import Problem, UnknownOperationError
from sgformats.request import Request

# Only calls up to this length and number of parameters are cached.
_SHORT, _FEW = 512, 16
# Placeholders that recorders write instead of a host.
_HOST = re.compile(
    r"(?:<%[^%]{0,200}%>|<[^<>]{1,200}>|[$#]?\{\{?[^{}]{1,200}\}\}?)(?::[0-9]{1,5})?(?=/)"
)


class CaptureOptions(msgspec.Struct, frozen=True):
    """How captures are read. `fields` are keys of JSON lines: `{"url": "req.target"}`."""

    max_bytes: int = MAX_BYTES
    fields: Mapping[str, str] = {}
    unpacking: Unpacking = UNPACKING


DEFAULTS = CaptureOptions()


def exchange(
    source: Source,
    url: str | None = None,
    verb: str | None = None,
    sent: bytes | str | None = None,
    status: int | None = None,
    body: bytes | Body | None = None,
    *,
    headers: object = None,
    content_type: str | None = None,
    content_encoding: str | None = None,
    time: str | None = None,
    fault: Problem | None = None,
    raw: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> Exchange:
    """Build an exchange from the values of a capture.

    `sent` is the content of the call. `body` is as it was sent; a problem that comes with it, or
    else `fault`, takes precedence over problems found here. `headers`, in any form that
    `loose.header` reads, give the content type unless it is given, and the content encoding.
    """
    verb = (verb or "").strip().upper() or None
    if headers is not None:
        content_type = content_type or header(headers, "Content-Type")
        content_encoding = header(headers, "Content-Encoding")
    if isinstance(body, Body):
        fault, body = body.fault or fault, body.body
    if body is not None and fault is None:
        body, fault = decoded(undisguised(body), content_encoding, max_bytes)
    return Exchange(
        request=_request(url, verb, sent),
        status=status,
        content_type=content_type,
        body=body,
        source=source,
        url=url,
        verb=verb,
        time=time,
        fault=fault,
        raw=raw,
    )


def _request(url: str | None, verb: str | None, body: bytes | str | None) -> Request | None:
    """Parse the call. If its content is not a form, only the URL gives parameters."""
    if not url:
        return None
    host = _HOST.match(url)
    url = url if host is None else url[host.end() :]
    form = body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body
    is_short = _is_short(url) and (form is None or _is_short(form))
    return (_parse_cached if is_short else _parse)(url, verb, form)


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and text.count("&") <= _FEW


def _parse(url: str, verb: str | None, body: str | None) -> Request | None:
    with suppress(UnknownOperationError):
        return Request.parse(url, body, verb)
    return None if body is None else _parse(url, verb, None)


# Logs repeat the same few calls.
_parse_cached = lru_cache(maxsize=1024)(_parse)


class CaptureEntry(NamedTuple):
    """One entry of a capture: its place, and the object or the problem."""

    source: Source
    value: dict[object, object] | Problem


def entry_limit(max_bytes: int) -> int:
    """The most bytes of an entry: a body in base64 or with escapes, and everything around it."""
    return 2 * max_bytes + 1024 * 1024


def json_entries(
    file: BinaryIO, name: str, paths: Sequence[Path], max_bytes: int
) -> Iterator[CaptureEntry]:
    """The elements of the arrays at `paths` of a JSON file. Raises as `elements` does."""
    limit = entry_limit(max_bytes)
    for number, element in enumerate(elements(file, name, paths, limit)):
        source = Source(name, number, element.line, element.offset)
        yield CaptureEntry(source, _value(element, limit))


def no_entry(expected: str, found: str) -> Problem:
    """The problem of an entry that is not an exchange."""
    return unreadable(expected, found, rule="unreadable-entry")


def too_long(limit: int) -> Problem:
    """The problem of an entry that was skipped because it is too long."""
    return no_entry(f"an entry of at most {limit} bytes", "more")


def _value(element: Element, limit: int) -> dict[object, object] | Problem:
    if element.raw is None:
        return too_long(limit)
    try:
        value = decode(element.raw)
    except ValueError:
        return no_entry("an entry in JSON", "other text")
    if isinstance(value, dict):
        return value
    return no_entry("an object as entry", "another value")
