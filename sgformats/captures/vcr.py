"""Cassettes: of VCR for Ruby and R, vcrpy, betamax, php-vcr, go-vcr, ExVCR, nock and guzzle-vcr.

A cassette is a list of interactions in YAML or JSON, at the top level or under `http_interactions` or
`interactions`. Each has a `request` and a `response`, except nock's, which have neither, and
guzzle-vcr's, which are only answers. Recorders use different keys, so most values have several.

A body is text (in UTF-8, or the encoding named beside it), base64 (`base64_string`, `!binary`), or
chunks of hex; its bytes decide how it is decompressed. An unreadable interaction is an exchange with
the fault `unreadable-entry`. Damage raises `CaptureError`, after all complete interactions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats.captures.bodies import Body, from_base64, unreadable
from sgformats.captures.build import (
    DEFAULTS,
    CaptureOptions,
    entry_limit,
    exchange,
    json_entries,
    no_entry,
)
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.likely import is_answer
from sgformats.captures.loose import Members, flat, mapping, status, text
from sgformats.captures.yamlstream import items
from sgformats.captures.yamlvalues import Binary
from sgformats.errors import Problem
from sgformats.request.forms import write_pairs

KEYS = ("http_interactions", "interactions")
PATHS = (*((key,) for key in KEYS), ())

_BODYLESS = (204, 304)
# Encodings of the original body that a cassette may name beside its text.
_ENCODINGS = re.compile(
    r"iso-8859-\d{1,2}|windows-125\d|us-ascii|koi8-r|shift_jis|euc-jp|gb18030|big5", re.IGNORECASE
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})+")


def read_yaml(file: BinaryIO, name: str, options: CaptureOptions = DEFAULTS) -> Iterator[Exchange]:
    """Every interaction of a YAML cassette, in order.

    Raises `CaptureError` at damage, `MissingPackageError` without PyYAML.
    """
    limit = entry_limit(options.max_bytes)
    for number, item in enumerate(items(file, name, KEYS, limit, _is_whole)):
        source = Source(name, number, item.line, item.offset)
        value = item.value if item.fault is None else no_entry(*item.fault)
        yield _exchange(value, source, options.max_bytes)


def read_json(file: BinaryIO, name: str, options: CaptureOptions = DEFAULTS) -> Iterator[Exchange]:
    """Every interaction of a JSON cassette, in order. Raises `CaptureError` at damage."""
    for source, value in json_entries(file, name, PATHS, options.max_bytes):
        yield _exchange(value, source, options.max_bytes)


class _Call(NamedTuple):
    """An interaction, the same for all recorders."""

    url: str | None = None
    verb: str | None = None
    sent: object = None
    status: int | None = None
    headers: object = None
    body: object = None
    time: str | None = None


def _exchange(value: object, source: Source, max_bytes: int) -> Exchange:
    if isinstance(value, Problem):
        return exchange(source, fault=value)
    call = _read(mapping(value))
    if call is None:
        return exchange(source, fault=no_entry("a request and a response", "neither"))
    body = _body(call.body, max_bytes)
    if body is None and call.status in _BODYLESS:
        body = Body(b"")
    return exchange(
        source,
        call.url,
        call.verb,
        _form(call.sent, max_bytes),
        call.status,
        body,
        headers=call.headers,
        time=call.time,
        max_bytes=max_bytes,
    )


def _read(interaction: Members) -> _Call | None:
    if "scope" in interaction and "path" in interaction:
        return _from_nock(interaction)
    if any(isinstance(interaction.get(key), dict) for key in ("request", "response")):
        return _from_vcr(interaction)
    if not interaction.keys() >= {"status", "headers", "body"}:
        return None
    code, headers = status(interaction["status"]), interaction["headers"]
    return _Call(status=code, headers=headers, body=interaction["body"])


def _from_vcr(interaction: Members) -> _Call:
    request, response = mapping(interaction.get("request")), mapping(interaction.get("response"))
    verb = text(request.get("method"))
    return _Call(
        url=text(request.get("uri")) or text(request.get("url")) or _url_of(request),
        verb=verb and verb.lstrip(":").upper(),
        sent=_first(request, "body", "request_body", "post_fields"),
        status=_status(response),
        headers=response.get("headers"),
        body=_first(response, "body", "content"),
        time=text(interaction.get("recorded_at")) or text(interaction.get("recorded")),
    )


def _from_nock(interaction: Members) -> _Call:
    body = interaction.get("response")
    chunks = body if isinstance(body, list) else [body]
    binary = isinstance(body, list) or interaction.get("responseIsBinary") is True
    if binary and chunks and all(map(_is_hex, chunks)):
        body = b"".join(bytes.fromhex(str(chunk)) for chunk in chunks)
    return _Call(
        url=f"{text(interaction.get('scope')) or ''}{text(interaction.get('path')) or ''}" or None,
        verb=text(interaction.get("method")),
        sent=interaction.get("body"),
        status=status(interaction.get("status")),
        headers=interaction.get("rawHeaders") or interaction.get("headers"),
        body=_encode_json(body) if isinstance(body, (dict, list)) else body,
    )


def _is_whole(value: object, open_end: str | None) -> bool:
    """Whether the last interaction is complete, up to the last key that its recorder writes."""
    response = mapping(mapping(value).get("response"))
    code, body = response.get("status"), response.get("body", response.get("content"))
    # vcrpy ends with the status message, Ruby's VCR with the time.
    if isinstance(code, dict) and "message" not in code and open_end is not None:
        return False
    if "encoding" in mapping(body) and mapping(value).get("recorded_at") is None:
        return False
    if body is None and _status(response) not in _BODYLESS:
        return False
    last = mapping(body).get("string", body)
    return _status(response) is not None and (open_end is None or open_end != last)


def _first(members: Members, *keys: str) -> object:
    """The first non-empty value; "" if all values are empty, None if all keys are missing."""
    there = [members[key] for key in keys if key in members]
    return next((value for value in there if value not in (None, "")), "" if there else None)


def _status(response: Members) -> int | None:
    found = response.get("status")
    for members in ({"code": found, **mapping(found)}, response):
        for key in ("code", "status_code"):
            if (code := status(members.get(key))) is not None:
                return code
    return None


def _url_of(request: Members) -> str | None:
    """The URL from the parts that the first vcrpy wrote instead."""
    host, path = text(request.get("host")), text(request.get("path"))
    if host is None or path is None:
        return None
    return f"{text(request.get('protocol')) or 'https'}://{host}{path}"


def _body(value: object, max_bytes: int) -> Body | None:
    """A body as it was sent; None if there is none."""
    if value is None or isinstance(value, bytes):
        return None if value is None else Body(value)
    if isinstance(value, Binary):
        return from_base64(value, max_bytes)
    if isinstance(value, str):
        return Body(value.encode("utf-8", "surrogatepass"))
    members = mapping(value)
    if isinstance(packed := members.get("base64_string"), str):
        return from_base64(packed, max_bytes)
    kept = _first(members, "string", "str")
    if isinstance(kept, dict):  # A Ruby string with instance variables.
        kept = kept.get("str")
    if isinstance(kept, Binary):
        return from_base64(kept, max_bytes)
    if isinstance(kept, str):
        return Body(_encoded(kept, members.get("encoding")))
    if value == {}:
        return Body(b"")
    encoded = _encode_json(value)
    if isinstance(encoded, bytes) and is_answer(encoded):
        return Body(encoded)
    return Body(b"", unreadable("a string or a base64_string as body", "neither"))


def _encoded(kept: str, encoding: object) -> bytes:
    """Encode a text in the encoding that the cassette names, if possible; else in UTF-8."""
    if isinstance(encoding, str) and _ENCODINGS.fullmatch(encoding):
        with suppress(UnicodeEncodeError, LookupError):
            return kept.encode(encoding)
    return kept.encode("utf-8", "surrogatepass")


def _form(sent: object, max_bytes: int) -> bytes | str | None:
    """The content of a request."""
    members = mapping(sent)
    if isinstance(state := members.get("state"), list) and state:
        sent = state[0]  # A Python file object that was sent.
    elif members and not members.keys() & {"string", "base64_string", "str"}:
        return write_pairs(
            (text(name) or "", text(str(value)) or "")
            for name, value in flat(members)
            if isinstance(name, str) and not isinstance(value, (dict, list))
        )
    if isinstance(sent, list):
        return None
    body = _body(sent, max_bytes)
    return None if body is None or body.fault is not None else body.body


def _is_hex(chunk: object) -> bool:
    return isinstance(chunk, str) and _HEX.fullmatch(chunk) is not None


def _encode_json(value: object) -> object:
    """Encode a body that was recorded as parsed JSON; its layout is lost."""
    try:
        return msgspec.json.encode(value)
    except (ValueError, TypeError, RecursionError):
        return value
