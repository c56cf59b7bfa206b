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
from sgformats.captures.build import (
    CaptureEntry,
    CaptureOptions,
    entry_limit,
    exchange,
    json_entries,
    no_entry,
    too_long,
)
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.jsonvalues import decode
from sgformats.captures.loose import Members, flat, mapping, status, text
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


class _ToolCall(NamedTuple):
    """A call and its answer, the same for all tools; `answer` is empty if there is none."""

    url: str | None
    verb: object
    sent: bytes | str | None
    answer: Mapping[str, object]
    time: str | None = None


def matches(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a file that begins with `head` is of one of these tools."""
    return _SIGNS.match(head[:_HEAD]) is not None


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """Every stored answer, in file order. Raises `CaptureError` at damage."""
    found = (
        (source, call)
        for source, entry in _entries(file, name, options.max_bytes)
        for call in ((entry,) if isinstance(entry, Problem) else _calls(entry))
    )
    for number, (source, call) in enumerate(found):
        place = msgspec.structs.replace(source, entry=number)
        yield _exchange(call, place, options.max_bytes)


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
    headers = [[each.get("key"), each.get("value")] for each in _objects(response.get("header"))]
    answer = {"status": response.get("code"), "headers": headers, "body": response.get("body")}
    return _ToolCall(
        text(address) or text(mapping(address).get("raw")),
        request.get("method"),
        write_pairs(_texts(form)) if form else text(sent.get("raw")),
        answer if response else {},
    )


def _from_charles(entry: Members) -> _ToolCall:
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    query, body = entry.get("query"), mapping(response.get("body"))
    url = f"{text(entry.get('scheme')) or 'https'}://{text(entry.get('host')) or ''}{entry.get('path')}"
    answer = {
        "status": response.get("status"),
        "headers": mapping(response.get("header")).get("headers"),
        "type": response.get("mimeType"),
        "body": body.get("text"),
        "base64": body.get("encoded"),
    }
    return _ToolCall(
        f"{url}?{query}" if text(query) else url,
        entry.get("method"),
        text(mapping(request.get("body")).get("text")),
        answer if response.get("status") is not None else {},
        text(mapping(entry.get("times")).get("start")),
    )


def _from_stub(entry: Members) -> _ToolCall:
    """Read a WireMock mapping, or an interaction of a Pact contract."""
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    url = text(request.get("url")) or text(request.get("urlPath")) or text(request.get("path"))
    query = request.get("query", request.get("queryParameters"))
    named = (
        (name, value.get("equalTo") if isinstance(value, dict) else value)
        for name, value in flat(mapping(query))
    )
    parameters = text(query) or write_pairs(_texts(named))
    body, base64 = response.get("body"), response.get("base64Body")
    pact = mapping(body)
    if "content" in pact and pact.keys() & {"contentType", "encoded"}:  # Pact 4.
        body, base64 = (None, pact["content"]) if pact.get("encoded") else (pact["content"], None)
    answer = {
        "status": response.get("status"),
        "headers": response.get("headers"),
        "body": response.get("jsonBody") if body is None else body,
        "base64": base64,
        "file": response.get("bodyFileName"),
    }
    patterns = [each.get("equalTo") for each in _objects(request.get("bodyPatterns"))]
    return _ToolCall(
        f"{url}?{parameters}" if url and parameters else url,
        request.get("method"),
        text(request.get("body")) or next(map(text, patterns), None),
        answer if response else {},
    )


def _exchange(call: _ToolCall | Problem, source: Source, max_bytes: int) -> Exchange:
    if isinstance(call, Problem):
        return exchange(source, fault=call)
    if not call.answer and call.url is None:
        return exchange(source, fault=no_entry("a request and a response", "neither"))
    return exchange(
        source,
        call.url,
        text(call.verb),
        call.sent,
        status(call.answer.get("status")),
        _body(call.answer, max_bytes),
        headers=call.answer.get("headers"),
        content_type=text(call.answer.get("type")),
        time=call.time,
        max_bytes=max_bytes,
    )


def _body(answer: Mapping[str, object], max_bytes: int) -> Body | None:
    kept, packed, elsewhere = (answer.get(key) for key in ("body", "base64", "file"))
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


def _texts(pairs: Iterable[tuple[object, object]]) -> Iterator[tuple[str, str]]:
    for key, value in pairs:
        if (name := text(key)) is not None:
            yield name, text(str(value)) or "" if value is not None else ""
