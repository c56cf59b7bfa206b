"""Calls with their answers in JSON files of other tools.

Reads Pact contracts, WireMock mappings, Postman collections with saved answers, and Charles
sessions exported as JSON. A body that is itself JSON is encoded again, so its layout is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats.captures.bodies import Body, from_base64, from_text, unreadable
from sgformats.captures.build import CaptureOptions, exchange
from sgformats.captures.entries import (
    CaptureEntry,
    entry_limit,
    json_entries,
    no_entry,
    too_long,
    unreadable_entry,
)
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.jsonvalues import decode
from sgformats.captures.loose import header, mapping, status, text
from sgformats.errors import CaptureError, Problem, quote
from sgformats.request.forms import write_pairs

_PATHS = (("interactions",), ("mappings",), ("item",), ())
_MAX_FOLDERS = 32
_HEAD = 4096
_KEYS = rb'"(?:id|uuid|name|persistent|priority|scenarioName)"\s*:\s*[^,{}\[\]]{0,200},\s*'  # Of WireMock.
_SIGNS = re.compile(
    rb"""\s*(?:
      \{\s*"(?:info|item|_postman_id|id)"[\s\S]{0,2048}?(?:"_postman_id"|schema\.(?:get)?postman\.com)
    | \{\s*"(?:consumer|provider)"\s*:\s*\{\s*"name"\s*:[\s\S]{0,2048}?"(?:interactions|consumer|provider)"
    | \{\s*"mappings"\s*:\s*\[\s*\{
    | (?P<one>\{[ \t\r]*\n\s*(?:%b){0,6}"request"\s*:\s*\{[^{}]{0,1000}"url(?:Path)?(?:Pattern)?"\s*:)
    | \[\s*\{\s*"(?:status|method)"\s*:\s*"[A-Z]{1,12}"\s*,
        [\s\S]{0,500}?"(?:protocolVersion|method|host)"\s*:
    )"""
    % _KEYS,
    re.VERBOSE,
)

Members = Mapping[object, object]


class _ToolCall(NamedTuple):
    """A call and its answer, the same for all tools."""

    request: Members
    response: Members | None
    url: str | None
    sent: bytes | str | None
    time: str | None = None


def matches(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a file that begins with `head` is of one of these tools."""
    return _SIGNS.match(head[:_HEAD]) is not None


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """Every stored answer, in file order. Raises `CaptureError` at damage."""
    number = 0
    for source, entry in _entries(file, name, options.max_bytes):
        if isinstance(entry, Problem):
            yield unreadable_entry(msgspec.structs.replace(source, entry=number), entry)
            number += 1
            continue
        for call in _calls(entry):
            place = msgspec.structs.replace(source, entry=number)
            yield _exchange(call, place, options.max_bytes)
            number += 1


def _entries(file: BinaryIO, name: str, max_bytes: int) -> Iterator[CaptureEntry]:
    """The entries of a file; a file with a single WireMock mapping is one entry."""
    found = _SIGNS.match(file.peek(_HEAD)[:_HEAD])  # type: ignore[attr-defined]
    if found is None or found["one"] is None:
        yield from json_entries(file, name, _PATHS, max_bytes)
        return
    limit = entry_limit(max_bytes)
    raw = file.read(limit + 1)
    if len(raw) > limit:
        yield CaptureEntry(Source(name, 0, 1, 0), too_long(limit))
        return
    try:
        value = decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        raise CaptureError(name, "expected one mapping in JSON, found other text", 1, 0) from None
    yield CaptureEntry(Source(name, 0, 1, 0), value)


def _calls(entry: Members, depth: int = 0) -> Iterator[_ToolCall]:
    folder, saved = entry.get("item"), entry.get("response")
    if isinstance(folder, list) and depth < _MAX_FOLDERS:
        for item in folder:
            yield from _calls(mapping(item), depth + 1)
    elif isinstance(saved, list):
        request = mapping(entry.get("request"))
        yield from map(_from_postman, saved) if saved else (_from_postman({}, request),)
    elif "host" in entry and "path" in entry:
        yield _from_charles(entry)
    else:
        yield _from_stub(entry)


def _from_postman(saved: object, request: Members | None = None) -> _ToolCall:
    response = mapping(saved)
    request = mapping(response.get("originalRequest")) if request is None else request
    address, sent = request.get("url"), mapping(request.get("body"))
    form = [(each.get("key"), each.get("value")) for each in _objects(sent.get("urlencoded"))]
    answer: dict[object, object] = {
        "status": response.get("code"),
        "headers": [
            [each.get("key"), each.get("value")] for each in _objects(response.get("header"))
        ],
        "body": response.get("body"),
    }
    return _ToolCall(
        request,
        answer if response else None,
        text(address) or text(mapping(address).get("raw")),
        write_pairs(_texts(form)) if form else text(sent.get("raw")),
    )


def _from_charles(entry: Members) -> _ToolCall:
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    query, sent, kept = entry.get("query"), mapping(request.get("body")), response.get("body")
    url = f"{text(entry.get('scheme')) or 'https'}://{text(entry.get('host')) or ''}{entry.get('path')}"
    answer: dict[object, object] = {
        "status": response.get("status"),
        "headers": mapping(response.get("header")).get("headers"),
        "type": response.get("mimeType"),
        "body": mapping(kept).get("text"),
        "base64": mapping(kept).get("encoded"),
    }
    return _ToolCall(
        entry,
        answer if response.get("status") is not None else None,
        f"{url}?{query}" if text(query) else url,
        text(sent.get("text")),
        text(mapping(entry.get("times")).get("start")),
    )


def _from_stub(entry: Members) -> _ToolCall:
    """Read a WireMock mapping, or an interaction of a Pact contract."""
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    url = text(request.get("url")) or text(request.get("urlPath")) or text(request.get("path"))
    query = request.get("query", request.get("queryParameters"))
    parameters = text(query) or write_pairs(_texts(_flat(mapping(query))))
    body, base64 = response.get("body"), response.get("base64Body")
    pact = mapping(body)
    if "content" in pact and pact.keys() & {"contentType", "encoded"}:  # Pact 4.
        body, base64 = (None, pact["content"]) if pact.get("encoded") else (pact["content"], None)
    answer: dict[object, object] = {
        "status": response.get("status"),
        "headers": response.get("headers"),
        "body": response.get("jsonBody") if body is None else body,
        "base64": base64,
        "file": response.get("bodyFileName"),
    }
    sent = request.get("body")
    patterns = [each.get("equalTo") for each in _objects(request.get("bodyPatterns"))]
    return _ToolCall(
        request,
        answer if response else None,
        f"{url}?{parameters}" if url and parameters else url,
        text(sent) or next(map(text, patterns), None),
    )


def _exchange(call: _ToolCall, source: Source, max_bytes: int) -> Exchange:
    response = call.response
    if response is None and call.url is None:
        fault = no_entry("a request and a response", "neither")
        return unreadable_entry(source, fault)
    body = None if response is None else _body(response, max_bytes)
    headers = None if response is None else response.get("headers")
    kind = None if response is None else text(response.get("type"))
    return exchange(
        call.url,
        text(call.request.get("method")),
        call.sent,
        None if response is None else status(response.get("status")),
        kind or header(headers, "Content-Type"),
        None if body is None else body.body,
        source,
        content_encoding=header(headers, "Content-Encoding"),
        time=call.time,
        fault=None if body is None else body.fault,
        max_bytes=max_bytes,
    )


def _body(response: Members, max_bytes: int) -> Body | None:
    kept, packed, elsewhere = (response.get(key) for key in ("body", "base64", "file"))
    if isinstance(packed, str):
        return from_base64(packed, max_bytes)
    if isinstance(kept, str):
        return Body(from_text(kept))
    if kept is not None:
        try:
            return Body(msgspec.json.encode(kept))
        except (ValueError, TypeError, RecursionError):
            return Body(b"", unreadable("text or JSON as body", "another value"))
    if isinstance(elsewhere, str):
        return Body(b"", unreadable("the body", f"the name of its file, {quote(elsewhere)}"))
    return None


def _objects(value: object) -> list[Members]:
    return [mapping(each) for each in value] if isinstance(value, list) else []


def _flat(query: Members) -> Iterator[tuple[object, object]]:
    for key, value in query.items():
        for one in value if isinstance(value, list) else [value]:
            yield key, mapping(one).get("equalTo") if isinstance(one, dict) else one


def _texts(pairs: Iterable[tuple[object, object]]) -> Iterator[tuple[str, str]]:
    for key, value in pairs:
        if (name := text(key)) is not None:
            yield name, text(str(value)) or "" if value is not None else ""
