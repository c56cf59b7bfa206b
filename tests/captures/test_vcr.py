"""Cassettes of several recorders, in YAML and JSON: exact, bounded, and never half-read."""

from __future__ import annotations

import base64
import gzip
from typing import Any

import pytest
import yaml

from sgformats.captures.exchange import Exchange, Source
from sgformats.request import Request
from tests.captures.vcrkit import (
    BARE,
    FORM,
    RUBY,
    URL,
    VCRPY,
    ZIPPED,
    all_of,
    facts,
    fault_of,
    from_json,
    vcrpy,
)


def test_a_cassette_of_vcrpy() -> None:
    first = VCRPY.index("request")
    second = len(VCRPY[: VCRPY.index("request", first + 9)].encode())
    assert all_of(VCRPY) == [
        Exchange(
            request=Request.parse(BARE, FORM, "POST"),
            status=200,
            content_type="application/json",
            body='[{"email": "brandön@example.com",\n"reason": "😀"}]'.encode(),
            source=Source("a.yaml", 0, 2, first),
            url=BARE,
            verb="POST",
        ),
        Exchange(
            request=Request.parse(URL, None, "GET"),
            status=401,
            content_type=None,
            body=b"<bounces/>",
            source=Source("a.yaml", 1, 18, second),
            url=URL,
            verb="GET",
        ),
    ]


def test_a_cassette_of_ruby() -> None:
    found = all_of(RUBY)
    assert [facts(exchange) for exchange in found] == [
        (BARE, "POST", 200, '<?xml version="1.0" encoding="ISO-8859-1"?>\n<ö/>'.encode("latin-1")),
        (URL, "GET", 200, b"<bounces/>"),
    ]
    assert [exchange.request for exchange in found] == [
        Request.parse(BARE, FORM, "POST"),
        Request.parse(URL),
    ]
    assert [exchange.time for exchange in found] == [
        "Tue, 01 Nov 2011 04:58:44 GMT",
        "Tue, 01 Nov 2011 04:58:45 GMT",
    ]
    assert [exchange.source.line for exchange in found] == [3, 26]


@pytest.mark.parametrize("cassette", [VCRPY, RUBY])
def test_the_json_has_the_same_problems(cassette: str) -> None:
    found = from_json(_packed(yaml.load(cassette, Loader=_Plain)))
    assert [facts(exchange) for exchange in found] == [facts(e) for e in all_of(cassette)]
    assert [e.content_type for e in found] == [e.content_type for e in all_of(cassette)]


def _packed(value: Any) -> Any:
    """The cassette with `base64_string` instead of bytes, which JSON does not have."""
    if isinstance(value, list):
        return [_packed(item) for item in value]
    if isinstance(value, dict) and isinstance(value.get("string"), bytes):
        value = {"base64_string": base64.b64encode(value["string"]).decode()}
    return {key: _packed(item) for key, item in value.items()} if isinstance(value, dict) else value


class _Plain(yaml.SafeLoader):
    """Remove the tags."""


def _map(loader: Any, suffix: str, node: Any) -> Any:
    return loader.construct_mapping(node)


def _bytes(loader: Any, node: Any) -> Any:
    return base64.b64decode(node.value)


_Plain.add_multi_constructor("!ruby/", _map)
_Plain.add_constructor("!binary", _bytes)
_Plain.add_constructor("tag:yaml.org,2002:binary", _bytes)


def test_binary_in_json_may_be_nested_as_ruby_nests_strings() -> None:
    value = {"string": {"str": "[]", "@ivar": 1}}
    found = from_json({"interactions": [{"response": {"status": 200, "body": value}}]})
    assert found[0].body == b"[]"


def test_the_first_cassettes_of_ruby_are_a_list_of_structures_with_aliases() -> None:
    text = f"""\
---
- !ruby/struct:VCR::HTTPInteraction
  request: &id001 !ruby/struct:VCR::Request
    method: :get
    uri: {URL}
    body: !!null
    headers: &h
      content-type: [text/xml]
  response: !ruby/struct:VCR::Response
    status: !ruby/struct:VCR::ResponseStatus
      code: 200
      message: OK
    headers: *h
    body: <bounces/>
    http_version: "1.1"
- !ruby/struct:VCR::HTTPInteraction
  request: *id001
  response: !ruby/struct:VCR::Response
    status: {{code: 500, message: Oops}}
    headers:
      <<: *h
      x: y
    body: !ruby/string:Some::String
      str: oops
    http_version: "1.1"
"""
    found = all_of(text)
    assert [facts(exchange) for exchange in found] == [
        (URL, "GET", 200, b"<bounces/>"),
        (URL, "GET", 500, b"oops"),
    ]
    assert [exchange.content_type for exchange in found] == ["text/xml", "text/xml"]


def test_the_first_cassettes_of_vcrpy_keep_the_parts_of_a_url_and_objects_of_python() -> None:
    text = """\
- request: !!python/object:vcr.request.Request
    body: !!python/object/new:_io.BytesIO
      state: !!python/tuple [!!binary "YXBpX3VzZXI9dQ==", 0, null]
    headers: !!python/object/apply:__builtin__.frozenset
    - - !!python/tuple [accept, '*/*']
    host: api.sendgrid.com
    method: POST
    path: /api/bounces.get.json
    port: 443
    protocol: https
  response:
    body: {string: !!python/unicode '[]'}
    headers: [!!python/tuple [content-type, text/html]]
    status: {code: 200, message: OK}
"""
    (exchange,) = all_of(text)
    url = "https://api.sendgrid.com/api/bounces.get.json"
    assert facts(exchange) == (url, "POST", 200, b"[]")
    assert exchange.request == Request.parse(url, "api_user=u", "POST")
    assert exchange.content_type == "text/html"


def test_no_tag_is_executed() -> None:
    text = vcrpy('!!python/object/apply:os.system ["exit 3"]')
    assert [fault_of(exchange) for exchange in all_of(text)] == [
        ("unreadable-body", "expected a string or a base64_string as body, found neither")
    ]


def test_a_cassette_of_go_has_its_version_first() -> None:
    text = f"""\
---
version: 2
interactions:
    - id: 0
      request:
        body: {FORM}
        form:
            date: ["1"]
        headers:
            Accept: [text/xml]
        url: {BARE}
        method: POST
      response:
        body: '[]'
        headers:
            Content-Type: [text/html]
        status: 200 OK
        code: 200
        duration: 1.5s
"""
    (exchange,) = all_of(text)
    assert facts(exchange) == (BARE, "POST", 200, b"[]")
    assert exchange.request == Request.parse(BARE, FORM, "POST")
    assert all_of(text.rstrip("\n")) == [exchange]


def test_a_cassette_of_php_is_a_list() -> None:
    text = f"""
-
    request:
        method: POST
        url: '{BARE}'
        headers: {{ Host: api.sendgrid.com }}
        post_fields: {{ api_user: u, api_key: 'obviously-fake', date: 1 }}
    response:
        status: '200'
        headers: {{ Content-Type: text/xml }}
        body: "<bounces/>"
"""
    (exchange,) = all_of(text)
    assert facts(exchange) == (BARE, "POST", 200, b"<bounces/>")
    assert exchange.request == Request.parse(BARE, FORM, "POST")
    status = {"http_version": "1.1", "code": "204", "message": "No Content"}
    (exchange,) = from_json(
        [{"request": {"method": "GET", "url": URL}, "response": {"status": status}}]
    )
    assert facts(exchange) == (URL, "GET", 204, b"")


def test_a_cassette_of_betamax() -> None:
    (exchange,) = from_json(
        {
            "http_interactions": [
                {
                    "recorded_at": "2014-01-01T00:00:00",
                    "request": {
                        "body": {
                            "encoding": "utf-8",
                            "base64_string": base64.b64encode(FORM.encode()).decode(),
                        },
                        "headers": {},
                        "method": "POST",
                        "uri": BARE,
                    },
                    "response": {
                        "body": {"encoding": None, "base64_string": ZIPPED},
                        "headers": {"Content-Encoding": ["gzip"], "Content-Type": "text/xml"},
                        "status": {"message": "OK", "code": 200},
                        "url": BARE,
                    },
                }
            ],
            "recorded_with": "betamax/0.4.1",
        }
    )
    assert facts(exchange) == (BARE, "POST", 200, b"<bounces/>")
    assert (exchange.time, exchange.content_type) == ("2014-01-01T00:00:00", "text/xml")
    assert exchange.request == Request.parse(BARE, FORM, "POST")


def test_a_cassette_of_elixir_and_one_of_httpx() -> None:
    elixir: dict[str, Any] = {
        "request": {"url": BARE, "method": "post", "request_body": FORM, "body": ""}
    }
    elixir["response"] = {"status_code": 200, "body": "[]", "headers": {}, "type": "ok"}
    httpx = {
        "request": {"uri": URL, "method": "GET"},
        "response": {"status_code": 401, "content": "no"},
    }
    assert [facts(exchange) for exchange in from_json([elixir, httpx])] == [
        (BARE, "POST", 200, b"[]"),
        (URL, "GET", 401, b"no"),
    ]


@pytest.mark.parametrize(
    ("response", "extra", "body"),
    [
        ("[]", {}, b"[]"),
        ("", {}, b""),
        ([], {}, b"[]"),
        ([{"email": "a", "reason": "é"}], {}, '[{"email":"a","reason":"é"}]'.encode()),
        ({"message": "success"}, {}, b'{"message":"success"}'),
        (
            [gzip.compress(b"[]", mtime=0).hex()[:20], gzip.compress(b"[]", mtime=0).hex()[20:]],
            {},
            b"[]",
        ),
        ("3c622f3e", {"responseIsBinary": True}, b"<b/>"),
        ("3c622f3e", {"responseIsBinary": False}, b"3c622f3e"),
    ],
)
def test_a_recording_of_nock(response: Any, extra: Any, body: bytes) -> None:
    scope = {
        "scope": "https://api.sendgrid.com:443",
        "path": "/api/bounces.get.xml",
        "method": "POST",
    }
    sent = {"api_user": "u", "api_key": "obviously-fake", "date": 1}
    raw = ["Content-Type", "text/html", "Content-Encoding", "gzip"]
    one = {**scope, "body": sent, "status": 200, "response": response, "rawHeaders": raw, **extra}
    (exchange,) = from_json([one])
    url = "https://api.sendgrid.com:443/api/bounces.get.xml"
    assert facts(exchange) == (url, "POST", 200, body)
    assert exchange.content_type == "text/html"
    assert exchange.request == Request.parse(url, FORM, "POST")
