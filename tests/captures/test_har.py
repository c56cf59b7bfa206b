"""HTTP archives: every entry is read, with the bytes that the service sent."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from sgformats._text.payload import MAX_BYTES
from sgformats.captures import har
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import CaptureError
from sgformats.request import Request

URL = "https://api.sendgrid.com/api/bounces.get.json?api_user=u&api_key=obviously-fake"
LIST = '[{"email":"brandön","reason":"€"}]'
LATIN = '<?xml version="1.0" encoding="ISO-8859-1"?><blocks>\n<ö/></blocks>'


def entry(content: Any = None, *, url: str = URL, **changes: Any) -> dict[str, Any]:
    response: dict[str, Any] = {"status": 200, "headers": [], "content": content or {}}
    response.update(changes.pop("response", {}))
    request = {"method": "GET", "url": url, "headers": [], **changes.pop("request", {})}
    return {
        "startedDateTime": "2026-11-23T04:00:00Z",
        "request": request,
        "response": response,
    } | changes


def archive(*entries: Any) -> bytes:
    log = {
        "version": "1.2",
        "creator": {"name": "x", "version": "1"},
        "pages": [],
        "entries": entries,
    }
    return json.dumps({"log": log}).encode()


def read(data: bytes, max_bytes: int = MAX_BYTES) -> tuple[list[Exchange], CaptureError | None]:
    found: list[Exchange] = []
    try:
        for exchange in har.read(io.BytesIO(data), "a.har", CaptureOptions(max_bytes)):
            found.append(exchange)
    except CaptureError as error:
        return found, error
    return found, None


def only(one: Any, max_bytes: int = MAX_BYTES) -> Exchange:
    found, error = read(archive(one), max_bytes=max_bytes)
    assert error is None
    assert len(found) == 1
    return found[0]


def fault_of(exchange: Exchange) -> tuple[str, str] | None:
    fault = exchange.fault
    return None if fault is None else (fault.rule, fault.message)


def test_an_entry_is_an_exchange() -> None:
    content = {"mimeType": "application/json", "text": LIST, "size": 37}
    data = archive(entry(content))
    offset = data.index(b'{"startedDateTime"')
    assert read(data) == (
        [
            Exchange(
                request=Request.parse(URL, None, "GET"),
                status=200,
                content_type="application/json",
                body=LIST.encode(),
                source=Source("a.har", 0, 1, offset),
                url=URL,
                verb="GET",
                time="2026-11-23T04:00:00Z",
            )
        ],
        None,
    )


def test_entries_have_their_numbers_and_lines() -> None:
    text = json.dumps(json.loads(archive(entry(), entry(), entry())), indent=1)
    found, error = read(b"\xef\xbb\xbf" + text.encode())
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line == "   {"]
    assert error is None
    assert [(e.source.entry, e.source.line) for e in found] == list(enumerate(lines))
    assert [("\ufeff" + text).encode()[e.source.offset or 0 :][:1] for e in found] == [b"{"] * 3


@pytest.mark.parametrize("packed", [LIST.encode(), gzip.compress(LIST.encode(), mtime=0)])
@pytest.mark.parametrize("encoding", ["base64", "BASE64"])
def test_base64_is_decoded_and_decompressed(packed: bytes, encoding: str) -> None:
    content = {"text": base64.b64encode(packed).decode(), "encoding": encoding}
    headers = [{"name": "content-encoding", "value": "gzip"}]
    exchange = only(entry(content, response={"headers": headers}))
    assert (exchange.body, exchange.fault) == (LIST.encode(), None)


def test_deflate_is_undone_by_its_header() -> None:
    content = {
        "text": base64.b64encode(zlib.compress(b"[]" * 40)[2:-4]).decode(),
        "encoding": "base64",
    }
    headers = [{"name": "Content-Encoding", "value": "deflate"}]
    assert only(entry(content, response={"headers": headers})).body == b"[]" * 40


def test_broken_base64_gives_the_readable_part_and_a_fault() -> None:
    exchange = only(entry({"text": "W10*W10=", "encoding": "base64"}))
    assert exchange.body == b"[]"
    assert fault_of(exchange) == ("unreadable-body", "expected base64, found another character")


@pytest.mark.parametrize(
    ("text", "size", "sent"),
    [
        (LATIN, None, LATIN.encode("latin-1")),
        (LATIN, len(LATIN), LATIN.encode("latin-1")),
        (LATIN, len(LATIN.encode()), LATIN.encode()),
        (LATIN, 5, LATIN.encode("latin-1")),
        (LATIN.replace("ö", "€"), None, LATIN.encode("latin-1").replace(b"\xf6", b"\x80")),
        (LATIN.replace("ö", "ł"), None, LATIN.replace("ö", "ł").encode()),
        (
            LATIN.replace("ISO-8859-1", "ISO-8859-2"),
            None,
            LATIN.replace("9-1", "9-2").encode("iso8859-2"),
        ),
        (
            LATIN.replace("ISO-8859-1", "x-none"),
            None,
            LATIN.replace("ISO-8859-1", "x-none").encode(),
        ),
        (LATIN.replace("ISO-8859-1", "UTF-8"), None, LATIN.replace("ISO-8859-1", "UTF-8").encode()),
        ("<ö/>", None, "<ö/>".encode()),
        ("\ufeff[]", None, "\ufeff[]".encode()),
    ],
)
def test_a_text_gives_the_bytes_that_were_sent(text: str, size: int | None, sent: bytes) -> None:
    assert only(entry({"text": text, "size": size})).body == sent


def test_a_lone_surrogate_does_no_harm() -> None:
    data = archive(entry({"text": "[\ud800]"}, url=URL + "\ud800"))
    found, error = read(data)
    assert error is None
    assert (found[0].body, found[0].url) == (b"[\xed\xa0\x80]", URL + "\ufffd")


@pytest.mark.parametrize(
    ("content", "response", "body"),
    [
        ({"size": 5}, {}, None),
        ({}, {}, None),
        ({"size": 0}, {}, b""),
        ({"size": 0}, {"bodySize": 12}, None),
        ({"size": 0}, {"status": 0}, None),
        ({"text": "", "size": 5}, {}, None),
        ({"text": "", "size": 0}, {}, b""),
        ({"text": ""}, {}, b""),
        ({}, {"status": 204}, b""),
        ({"size": -1}, {"status": 204, "bodySize": 0}, b""),
    ],
)
def test_a_body_that_was_not_kept_is_none(content: Any, response: Any, body: bytes | None) -> None:
    assert only(entry(content, response=response)).body == body


def test_an_aborted_request_keeps_its_status() -> None:
    one = entry(
        {"size": 0, "mimeType": "x-unknown"}, response={"status": 0, "_error": "net::ERR_ABORTED"}
    )
    assert (only(one).status, only(one).body) == (0, None)


@pytest.mark.parametrize("response", [None, [], "x", 5])
def test_an_entry_without_an_answer_is_a_call_alone(response: Any) -> None:
    exchange = only({"request": {"url": URL, "method": "GET"}, "response": response})
    assert (exchange.request, exchange.status, exchange.body) == (Request.parse(URL), None, None)


def test_an_answer_without_a_request_is_an_answer_alone() -> None:
    exchange = only({"response": {"status": 200, "content": {"text": "[]"}}})
    assert (exchange.request, exchange.url, exchange.body) == (None, None, b"[]")


def test_another_call_keeps_its_url() -> None:
    exchange = only(entry({"text": "hello"}, url="https://example.org/a"))
    assert (exchange.request, exchange.url) == (None, "https://example.org/a")


FORM = (("api_user", "u"), ("api_key", "a b&"), ("date", "1"))


@pytest.mark.parametrize(
    "posted",
    [
        {"text": "api_user=u&api_key=a+b%26&date=1", "params": [{"name": "date", "value": "0"}]},
        {"params": [{"name": name, "value": value} for name, value in FORM]},
        {
            "text": "",
            "params": [{"name": name, "value": value} for name, value in (*FORM, (None, "x"))],
        },
        {
            "text": "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 32\r\n\r\n"
            "api_user=u&api_key=a+b%26&date=1"
        },
        {
            "text": base64.b64encode(b"api_user=u&api_key=a+b%26&date=1").decode(),
            "encoding": "base64",
        },
    ],
)
def test_a_form_is_read_in_any_recorded_shape(posted: Any) -> None:
    url = "https://api.sendgrid.com/api/bounces.get.xml"
    exchange = only(entry({"text": "[]"}, url=url, request={"method": "POST", "postData": posted}))
    assert exchange.request is not None
    assert exchange.request.parameters == FORM
    assert exchange.verb == "POST"


def test_the_content_type_may_be_only_in_the_headers() -> None:
    headers = [{"name": "Content-Type", "value": "text/html"}]
    assert only(entry({"text": "[]"}, response={"headers": headers})).content_type == "text/html"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"text": {"a": 1}}, ("unreadable-body", "expected text as content, found another value")),
        (
            {"text": "[]", "encoding": "quoted"},
            ("unreadable-body", 'expected base64 as encoding of the content, found "quoted"'),
        ),
    ],
)
def test_a_body_in_another_form_is_a_fault(content: Any, wanted: tuple[str, str]) -> None:
    assert fault_of(only(entry(content))) == wanted


@pytest.mark.parametrize("encoding", ["", "utf-8", "identity", None, 5])
def test_an_empty_encoding_means_text(encoding: Any) -> None:
    assert only(entry({"text": "[]", "encoding": encoding})).body == b"[]"


def test_an_invalid_entry_is_a_fault_and_the_others_are_read() -> None:
    good = json.dumps(entry({"text": "[]"})).encode()
    deep = b"[" * 100_000 + b"]" * 100_000
    bad = [b"5", b'{"a" 1}', b'{"request":"\xff"}', b'{"a":' + deep + b"}", b"null", b"[]"]
    data = b'{"log":{"entries":[' + b",".join([good, *bad, good]) + b"]}}"
    found, error = read(data)
    no_json = ("unreadable-entry", "expected an entry in JSON, found other text")
    no_object = ("unreadable-entry", "expected an object as entry, found another value")
    assert error is None
    assert [fault_of(e) for e in found] == [
        None,
        no_object,
        no_json,
        no_json,
        no_json,
        no_object,
        no_object,
        None,
    ]
    assert [e.source.entry for e in found] == list(range(8))
    assert [e.body for e in found] == [b"[]", *[None] * 6, b"[]"]


def test_an_entry_that_is_too_large_is_skipped() -> None:
    found, error = read(
        archive(entry({"text": "x" * 1_100_000}), entry({"text": "[]"})), max_bytes=10
    )
    assert error is None
    assert [fault_of(e) for e in found] == [
        ("unreadable-entry", "expected an entry of at most 1048596 bytes, found more"),
        None,
    ]


def test_a_body_that_is_too_large_is_not_read() -> None:
    text = base64.b64encode(gzip.compress(b"[" + b" " * 5000 + b"]")).decode()
    exchange = only(entry({"text": text, "encoding": "base64"}), max_bytes=1000)
    assert exchange.body == b""
    assert fault_of(exchange) == (
        "too-large",
        "expected at most 1000 bytes, found more; a larger max_bytes allows more",
    )


def test_a_cut_anywhere_gives_the_entries_before_it_and_an_error() -> None:
    data = archive(entry({"text": LIST}), entry({"text": "W10=", "encoding": "base64"}), 5, entry())
    whole, error = read(data)
    assert (len(whole), error) == (4, None)
    counts = set()
    for length in range(len(data)):
        found, error = read(data[:length])
        assert found == whole[: len(found)]
        assert error is not None
        assert (error.line, error.offset) == (1, length)
        counts.add(len(found))
        if len(found) < 4:
            following = whole[len(found)].source.offset
            assert following is not None
            assert (
                length
                < following + len(json.dumps(json.loads(data)["log"]["entries"][len(found)])) + 1
            )
    assert counts == {0, 1, 2, 3, 4}


@pytest.mark.parametrize("seed", range(200))
def test_a_changed_byte_never_raises_anything_else(seed: int) -> None:
    data = bytearray(archive(entry({"text": LIST}), entry({"text": "W10=", "encoding": "base64"})))
    at = seed * 7919 % len(data)
    data[at] = (data[at] + 1 + seed) % 256
    found, error = read(bytes(data))
    assert len(found) == 2 or error is not None


def test_no_secret_is_shown() -> None:
    found, _ = read(
        archive(entry({"text": "x"}), entry({"text": "[", "encoding": "api_key=obviously-fake"}))
    )
    assert "obviously-fake" not in repr(found) + repr([fault_of(e) for e in found])


@pytest.mark.parametrize("write", [bytes.hex, lambda data: base64.b64encode(data).decode()])
@pytest.mark.parametrize("cuts", [(), (60,), (3, 40, 90)])
def test_the_chunks_of_a_binary_body_are_joined(
    write: Callable[[bytes], str], cuts: tuple[int, ...]
) -> None:
    packed = gzip.compress(b"[" + b'"0123456789",' * 9 + b"1]", mtime=0)
    places = (0, *cuts, len(packed))
    chunks = [write(packed[a:b]) for a, b in itertools.pairwise(places)]
    content = {"text": json.dumps(chunks), "_isBinary": True}
    entry = {"request": {"url": "/x"}, "response": {"status": 200, "content": content}}
    data = json.dumps({"log": {"entries": [entry]}}).encode()
    (exchange,) = har.read(io.BytesIO(data), "polly.har")
    assert (exchange.body, exchange.fault) == (gzip.decompress(packed), None)


@pytest.mark.parametrize("text", ['["x"]', "[1]", '{"a":1}', "[", '["1f8b", 5]'])
def test_invalid_chunks_are_reported(text: str) -> None:
    content = {"text": text, "_isBinary": True}
    entry = {"request": {"url": "/x"}, "response": {"status": 200, "content": content}}
    data = json.dumps({"log": {"entries": [entry]}}).encode()
    (exchange,) = har.read(io.BytesIO(data), "polly.har")
    assert text[0] == "{" or (exchange.fault and exchange.fault.rule == "unreadable-body")
