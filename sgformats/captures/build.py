"""Builds every `Exchange` from what a reader found.

Readers pass on the capture's values as they are. Here the URL of a call of this API becomes a
`Request`, and the content encoding of a body is undone. Nothing raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

import msgspec

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.bodies import decoded
from sgformats.captures.disguises import undisguised
from sgformats.captures.exchange import Exchange, Source
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


def exchange(
    url: str | None,
    verb: str | None,
    request_body: bytes | str | None,
    status: int | None,
    content_type: str | None,
    body: bytes | None,
    source: Source,
    *,
    content_encoding: str | None = None,
    time: str | None = None,
    fault: Problem | None = None,
    raw: bytes | None = None,
    max_bytes: int = MAX_BYTES,
) -> Exchange:
    """Build an exchange from the values of a capture.

    `body` is as it was sent, `content_encoding` the value of that header. `fault` is the problem
    that the reader found; it takes precedence over problems found here.
    """
    verb = verb.strip().upper() if verb else None
    if body is not None and fault is None:
        body, fault = decoded(undisguised(body), content_encoding, max_bytes)
    return Exchange(
        request=_request(url, verb or None, request_body),
        status=status,
        content_type=content_type,
        body=body,
        source=source,
        url=url,
        verb=verb or None,
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
    for form in _forms(body):
        try:
            return Request.parse(url, form, verb)
        except UnknownOperationError:
            continue
    return None


# Logs repeat the same few calls.
_parse_cached = lru_cache(maxsize=1024)(_parse)


def _forms(body: str | None) -> Iterator[str | None]:
    """The possible readings of a call's content, the likeliest first."""
    yield body
    if body is not None:
        yield None
