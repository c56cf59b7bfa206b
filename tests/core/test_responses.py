"""Responses of HTTP clients, whatever their library."""

from __future__ import annotations

import gzip
import http.client
import io
import pickle
import urllib.request
import urllib.response
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import httpx
import pytest
import requests
import urllib3

import sgformats
from sgformats import (
    AmbiguousOperationError,
    ArgumentError,
    DecodeError,
    Failure,
    InvalidEmail,
    Listing,
    Request,
    Success,
    UnknownOperationError,
    Unsubscribe,
    ValidationError,
    next_page,
    parse,
    parse_response,
)
from sgformats.responses import exchange_of

HOST = "https://api.sendgrid.example"
URL = f"{HOST}/api/unsubscribes.get.json?api_user=u&api_key=k7Gq2XbbTz&date=1"
BODY = b'[{"email":"a@b","created":"2009-06-10 12:40:30"}]'
DELETE = f"{HOST}/v3/suppression/bounces/a@b"


def by_requests(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    response = requests.Response()
    response.status_code, response.url, response.raw = status, url, io.BytesIO(body)
    response.request = requests.Request(verb, url).prepare()
    return response


def by_httpx(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    return httpx.Response(status, content=body, request=httpx.Request(verb, url))


def by_httpx_unread(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    stream = httpx.ByteStream(body)
    return httpx.Response(status, stream=stream, request=httpx.Request(verb, url))


def by_urllib3(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    packed = io.BytesIO(gzip.compress(body))
    return urllib3.HTTPResponse(
        packed, {"content-encoding": "gzip"}, status, request_url=url, request_method=verb
    )


def by_urllib(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    headers = http.client.HTTPMessage()
    headers["Content-Encoding"] = "gzip"
    return urllib.response.addinfourl(io.BytesIO(gzip.compress(body)), headers, url, status)


def by_another(body: bytes, url: str = URL, status: int = 200, verb: str = "GET") -> Any:
    call = SimpleNamespace(url=url, method=verb)
    return SimpleNamespace(status=status, headers={}, content=body.decode(), request=call)


MAKERS = [by_requests, by_httpx, by_httpx_unread, by_urllib3, by_urllib, by_another]
Make = Callable[..., Any]
each = pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)


@each
def test_the_request_of_a_response_names_the_operation(make: Make) -> None:
    expected = parse(BODY, "unsubscribes.get")
    assert parse_response(make(BODY)) == expected
    assert isinstance(expected, Listing) and isinstance(expected[0], Unsubscribe)
    with pytest.raises(ValidationError):
        parse_response(make(BODY), operation="bounces.get")


@each
def test_a_failure_is_a_value(make: Make) -> None:
    body = b'{"error":{"code":401,"message":"no"}}'
    assert parse_response(make(body, status=401)) == Failure("no", (), 401)


@pytest.mark.parametrize("make", MAKERS[:4], ids=lambda make: make.__name__)
def test_an_empty_body_is_a_successful_v3_delete(make: Make) -> None:
    request = Request.parse(DELETE, verb="DELETE")
    assert parse_response(make(b"", DELETE, 204, "DELETE"), request) == Success()
    with pytest.raises(DecodeError):
        parse_response(make(b"", URL, 204))
    with pytest.raises(DecodeError):
        parse_response(make(b"", DELETE, 200, "DELETE"), request)


@each
def test_an_error_says_whether_to_try_again(make: Make) -> None:
    page = b"<html><body><h1>503 Service Unavailable</h1></body></html>"
    for status, retry in ((503, True), (429, True), (200, True), (404, False)):
        with pytest.raises(DecodeError) as caught:
            parse_response(make(page, status=status))
        assert (caught.value.status, caught.value.retry) == (status, retry)
        assert sgformats.may_retry(make(page, status=status)) is retry
        assert pickle.loads(pickle.dumps(caught.value)).retry is retry
    with pytest.raises(ValidationError) as wrong:
        parse_response(make(b'[{"email":1}]'))
    assert wrong.value.retry is False
    assert sgformats.may_retry(make(b'{"message":"Too many requests"}')) is True
    assert sgformats.may_retry(make(BODY)) is False


REQUESTS: dict[str, Any] = {
    "a Request": Request.parse(URL),
    "a URL": URL,
    "of requests": requests.Request("GET", URL).prepare(),
    "of httpx": httpx.Request("GET", URL),
    "of urllib": urllib.request.Request(URL),
    "a form": requests.Request(
        "POST", f"{HOST}/api/unsubscribes.get.json", data={"api_user": "u", "api_key": "k"}
    ).prepare(),
}


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
def test_a_given_request_names_the_operation(request_: Any) -> None:
    bare = SimpleNamespace(status_code=200, headers={}, content=BODY)
    with pytest.raises(AmbiguousOperationError):
        parse_response(SimpleNamespace(status_code=200, headers={}, content=b'[{"email":"a"}]'))
    assert parse_response(bare, request_) == parse(BODY, "unsubscribes.get")


def test_without_a_known_url_the_body_decides() -> None:
    listing = b'[{"email":"a","reason":"b"}]'
    double = by_httpx(listing, "http://localhost:8080/answers/7")
    assert parse_response(double) == Listing("invalidemails", (InvalidEmail("a", "b"),))
    assert parse_response(listing) == parse_response(listing.decode()) == parse_response(double)


def test_parse_response_takes_the_options_of_parse() -> None:
    body = b'[{"email":"a@b","created":" 2009-06-10 12:40:30"}]'
    with pytest.raises(ValidationError):
        parse_response(by_httpx(body))
    found = parse_response(by_httpx(body), mode="lax", zone="UTC")
    assert isinstance(found, Listing)
    assert found[0].to_json() == '{"email":"a@b","created":"2009-06-10T12:40:30+00:00"}'
    with pytest.raises(DecodeError, match="max_bytes"):
        parse_response(by_httpx(body), max_bytes=10)
    with pytest.raises(ArgumentError, match="max_bytes"):
        parse_response(by_httpx(body), max_bytes=0)


class Asynchronous:
    status = 200
    headers: ClassVar[dict[str, str]] = {}

    async def read(self) -> bytes:
        return BODY


class Closed:
    status = 200
    headers: ClassVar[dict[str, str]] = {}

    def read(self) -> bytes:
        raise ValueError("I/O operation on closed file")


async def _stream() -> AsyncIterator[bytes]:
    yield BODY


NOT_RESPONSES: dict[str, tuple[Any, str]] = {
    "nothing": (None, "expected a response with a status, headers and `content`, found NoneType"),
    "a number": (7, "found int"),
    "a path": (Path("x.json"), "found PosixPath"),
    "an open file": (io.BytesIO(BODY), "found BytesIO: pass the result of its read"),
    "one to be awaited": (Asynchronous(), "await its read"),
    "a closed one": (Closed(), "that can be read: I/O operation on closed file"),
    "httpx's, asynchronous": (httpx.Response(200, content=_stream()), "that can be read: "),
}


@pytest.mark.parametrize(("wrong", "message"), NOT_RESPONSES.values(), ids=NOT_RESPONSES)
def test_anything_but_a_response_is_refused(wrong: Any, message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse_response(wrong)
    assert message in str(caught.value)


@pytest.mark.parametrize("wrong", [7, object(), SimpleNamespace(url=None), b"/api"])
def test_anything_but_a_request_is_refused(wrong: Any) -> None:
    with pytest.raises(ArgumentError, match=r"^expected a Request, a URL, or a request with `url`"):
        parse_response(by_httpx(BODY), wrong)
    with pytest.raises(UnknownOperationError):
        parse_response(by_httpx(BODY), "/other")


HINTS: dict[str, tuple[Any, str]] = {
    "a response": (by_httpx(BODY), "pass a response to parse_response, or its content to parse"),
    "another response": (
        by_urllib(BODY),
        "pass a response to parse_response, or its content to parse",
    ),
    "an open file": (io.BytesIO(BODY), "pass the result of its read()"),
    "a path": (Path("x"), "pass the result of its read_bytes()"),
    "a list": ([BODY], "found list"),
}


@pytest.mark.parametrize(("wrong", "hint"), HINTS.values(), ids=HINTS)
def test_a_wrong_payload_gets_a_hint(wrong: Any, hint: str) -> None:
    for call in (parse, sgformats.validate, sgformats.salvage):
        with pytest.raises(ArgumentError) as caught:
            call(wrong)
        assert str(caught.value).endswith(hint)


def test_arguments_override_the_response() -> None:
    found = exchange_of(
        by_httpx(BODY, status=500), url=DELETE, verb="DELETE", request_body="x=1", status=201
    )
    assert found.request is not None
    assert (found.request.operation, found.status) == ("bounces.delete", 201)
    assert exchange_of(found) is found
    call = Request.parse(URL)
    assert exchange_of(found, call).request == call


# Pages.


def page(size: int) -> Listing[Unsubscribe]:
    return Listing("unsubscribes", tuple(Unsubscribe(f"u{n}@x") for n in range(size)))


@pytest.mark.parametrize(
    ("url", "size", "following"),
    [
        ("/v3/suppression/bounces?limit=2", 2, "/v3/suppression/bounces?limit=2&offset=2"),
        ("/v3/suppression/bounces?offset=4&limit=2", 2, "/v3/suppression/bounces?offset=6&limit=2"),
        ("/v3/suppression/bounces?limit=2", 1, None),
        ("/v3/suppression/bounces", 500, None),
        ("/v3/suppression/bounces?limit=x", 2, None),
        ("/v3/suppression/bounces?limit=0", 0, None),
        (
            "/api/bounces.get.xml?api_user=u&limit=3&api_key=k",
            3,
            "/api/bounces.get.xml?api_user=u&limit=3&api_key=k&offset=3",
        ),
        ("/api/bounces.delete.xml?api_user=u&limit=3&api_key=k", 3, None),
    ],
)
def test_next_page_moves_the_offset(url: str, size: int, following: str | None) -> None:
    found = next_page(Request.parse(url), page(size))
    assert (found and found.encode().url) == following
    assert next_page(Request.parse(url), Failure("no")) is None
