"""From what a reader found to an `Exchange`: the one place that makes them.

A reader says what the capture says, undecoded and unjudged; here a URL becomes a `Request`, if it is
a call of this API, and a body loses its content encoding. Nothing raises.
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

# What a call may have for it to be worth keeping.
_SHORT, _FEW = 512, 16
# What a recorder writes in the place of a host.
_HOST = re.compile(
    r"(?:<%[^%]{0,200}%>|<[^<>]{1,200}>|[$#]?\{\{?[^{}]{1,200}\}\}?)(?::[0-9]{1,5})?(?=/)"
)


class CaptureOptions(msgspec.Struct, frozen=True):
    """How captures are read. `fields` names where JSON lines keep a value: `{"url": "req.target"}`."""

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
    """The exchange that a capture tells of.

    `body` is as the wire had it, `content_encoding` the header's word about it. `fault` is what the
    reader found amiss; it comes before what is found here.
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
    """The call; content that is no form holds no parameters, and does not undo what the URL says."""
    if not url:
        return None
    host = _HOST.match(url)
    url = url if host is None else url[host.end() :]
    form = body.decode("utf-8", "surrogateescape") if isinstance(body, bytes) else body
    known = _is_short(url) and (form is None or _is_short(form))
    return (_find_again if known else _find)(url, verb, form)


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and text.count("&") <= _FEW


def _find(url: str, verb: str | None, body: str | None) -> Request | None:
    for form in _forms(body):
        try:
            return Request.parse(url, form, verb)
        except UnknownOperationError:
            continue
    return None


# In a log the same few ask for the same again and again.
_find_again = lru_cache(maxsize=1024)(_find)


def _forms(body: str | None) -> Iterator[str | None]:
    """The ways to take the content of a call, the likeliest first."""
    yield body
    if body is not None:
        yield None
