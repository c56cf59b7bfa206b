"""Cassettes of two recorders, and ways to read them."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable, Iterator

from sgformats._text.payload import MAX_BYTES
from sgformats.captures import vcr
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.errors import CaptureError

URL = "https://api.sendgrid.com/api/bounces.get.json?api_user=u&api_key=obviously-fake"
FORM = "api_user=u&api_key=obviously-fake&date=1"
BARE = "https://api.sendgrid.com/api/bounces.get.xml"
ZIPPED = base64.b64encode(gzip.compress(b"<bounces/>", mtime=0)).decode()
VCRPY = f"""\
interactions:
- request:
    body: {FORM}
    headers:
      Accept: ['*/*']
    method: POST
    uri: {BARE}
  response:
    body:
      string: '[{{"email": "brandön@example.com",

        "reason": "😀"}}]'
    headers:
      Content-Type: [application/json]
    status:
      code: 200
      message: OK
- request:
    body: null
    headers: {{}}
    method: GET
    uri: {URL}
  response:
    body:
      string: !!binary |
        {ZIPPED}
    headers:
      content-encoding:
      - gzip
    status: {{code: 401, message: Unauthorized}}
version: 1
"""
RUBY = f"""\
---
http_interactions:
- request:
    method: post
    uri: {BARE}
    body:
      encoding: US-ASCII
      string: {FORM}
    headers:
      Accept:
      - "*/*"
  response:
    status:
      code: 200
      message: OK
    headers:
      Content-Type:
      - text/xml
    body:
      encoding: ISO-8859-1
      string: |-
        <?xml version="1.0" encoding="ISO-8859-1"?>
        <ö/>
    http_version:
  recorded_at: Tue, 01 Nov 2011 04:58:44 GMT
- request:
    method: :get
    uri: {URL}
    body:
      encoding: UTF-8
      base64_string: ''
    headers: {{}}
  response:
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers:
      Content-Encoding:
      - gzip
    body:
      encoding: ASCII-8BIT
      string: !binary |-
        {ZIPPED}
    http_version:
  recorded_at: Tue, 01 Nov 2011 04:58:45 GMT
recorded_with: VCR 2.0.0
"""


def read(
    data: bytes | str,
    reader: Callable[..., Iterator[Exchange]] = vcr.read_yaml,
    max_bytes: int = MAX_BYTES,
) -> tuple[list[Exchange], CaptureError | None]:
    found: list[Exchange] = []
    raw = data.encode() if isinstance(data, str) else data
    try:
        for exchange in reader(io.BytesIO(raw), "a.yaml", CaptureOptions(max_bytes)):
            found.append(exchange)
    except CaptureError as error:
        return found, error
    return found, None


def all_of(
    data: bytes | str, reader: Callable[..., Iterator[Exchange]] = vcr.read_yaml
) -> list[Exchange]:
    found, error = read(data, reader)
    assert error is None
    return found


def from_json(value: object) -> list[Exchange]:
    return all_of(json.dumps(value), vcr.read_json)


def facts(exchange: Exchange) -> tuple[str | None, str | None, int | None, bytes | None]:
    return exchange.url, exchange.verb, exchange.status, exchange.body


def fault_of(exchange: Exchange) -> tuple[str, str] | None:
    return None if exchange.fault is None else (exchange.fault.rule, exchange.fault.message)


def refused(data: bytes | str) -> tuple[int, str, int | None, int | None]:
    found, error = read(data)
    assert error is not None
    return len(found), error.reason, error.line, error.offset


def vcrpy(body: str, status: str = "{code: 200, message: OK}") -> str:
    return (
        f"interactions:\n- request: {{method: GET, uri: '{URL}', body: null}}\n"
        f"  response:\n    body: {body}\n    status: {status}\nversion: 1\n"
    )
