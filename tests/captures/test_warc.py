"""Web archives: requests and responses paired, whichever comes first."""

from __future__ import annotations

import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeadersParser  # type: ignore[import-untyped]

from sgformats.captures import warc
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.httpmessages import http_head, unchunked
from sgformats.request import Request
from tests.captures.warckit import (
    BARE,
    DATE,
    FIRST,
    FORM,
    INFO,
    PAIRS,
    URL,
    all_of,
    answer,
    facts,
    fault_of,
    read,
    record,
    request,
)


def test_a_request_and_its_response_are_one_exchange_in_either_order() -> None:
    first, second = PAIRS.index(b"WARC/1.0", 9), PAIRS.index(b"WARC/1.0", PAIRS.index(b"<q2>") - 60)
    second = len(INFO + answer(1, b"[\r\n]") + FIRST)
    assert first == len(INFO)
    assert all_of(PAIRS) == [
        Exchange(
            request=Request.parse(URL, None, "GET"),
            status=200,
            content_type="text/xml",
            body=b"[\r\n]",
            source=Source("a.warc", 0, PAIRS[:first].count(b"\n") + 1, first),
            url=URL,
            verb="GET",
            time=DATE,
        ),
        Exchange(
            request=Request.parse(BARE, FORM, "POST"),
            status=200,
            content_type="text/xml",
            body=b"<blocks/>",
            source=Source("a.warc", 1, PAIRS[:second].count(b"\n") + 1, second),
            url=BARE,
            verb="POST",
            time=DATE,
        ),
    ]


def test_records_without_references_are_paired_by_url() -> None:
    found = all_of(request(1) + answer(1, b"1") + answer(2, b"2") + request(2, form=b"date=1"))
    assert [(e.verb, e.body) for e in found] == [("GET", b"1"), ("POST", b"2")]


def test_names_come_before_urls() -> None:
    data = (
        request(1)
        + request(2, form=FORM)
        + answer(2, b"2", WARC_Concurrent_To="<q2>")
        + answer(1, b"1")
    )
    assert [(e.verb, e.body) for e in all_of(data)] == [("GET", b"1"), ("POST", b"2")]


def test_unknown_record_ids_fall_back_to_the_url() -> None:
    data = request(1, WARC_Concurrent_To="<x>") + answer(1, WARC_Concurrent_To="<y>")
    assert [facts(exchange) for exchange in all_of(data)] == [(URL, "GET", 200, b"[]")]


def test_unpaired_halves_keep_their_order() -> None:
    data = answer(1, url=BARE) + request(2) + answer(3, b"3", "https://example.org/")
    assert [facts(exchange) for exchange in all_of(data)] == [
        (BARE, None, 200, b"[]"),
        (URL, "GET", None, None),
        ("https://example.org/", None, 200, b"3"),
    ]


def test_at_most_a_window_of_records_waits() -> None:
    urls = [f"https://example.org/{n}" for n in range(130)]
    stream = io.BytesIO(b"".join(answer(n, b"%d" % n, url) for n, url in enumerate(urls)))
    reader = warc.read(stream, "a.warc")
    assert next(reader).body == b"0"
    waiting = b"".join(answer(n, b"%d" % n, url) for n, url in enumerate(urls[:65]))
    assert stream.tell() == len(waiting + b"WARC/1.0\r\n")  # The first line of the next record.
    assert [e.url for e in reader] == urls[1:]
    late = b"".join(answer(n, b"", url) for n, url in enumerate(urls[:64])) + request(0, urls[0])
    assert len(all_of(late)) == 64


@pytest.mark.parametrize("version", ["0.17", "0.18", "1.0", "1.1"])
def test_versions(version: str) -> None:
    data = record(
        "response", b"HTTP/1.1 404 No\r\n\r\nx", version=version, WARC_Target_URI=f"<{URL}>"
    )
    assert [facts(exchange) for exchange in all_of(data)] == [(URL, None, 404, b"x")]


def test_lines_may_end_in_lf_and_headers_be_folded_and_in_any_case() -> None:
    data = (
        b"warc/1.0\nwarc-type: Response\ncontent-length: 24\nwarc-target-uri:\n  " + BARE.encode()
    )
    data += b"\n\nHTTP/1.0 200 OK\na: b\n\n[]\n\n\n"
    assert [facts(exchange) for exchange in all_of(data)] == [(BARE, None, 200, b"[]")]


def test_a_resource_is_an_answer_without_a_call_and_a_revisit_has_no_body() -> None:
    data = record("resource", b"[]", WARC_Target_URI=URL, Content_Type="application/json")
    data += request(1, BARE) + record("revisit", b"HTTP/1.1 200 OK\r\n\r\n", WARC_Target_URI=BARE)
    data += record("resource", b"x", WARC_Target_URI="metadata://x") + record("conversion", b"x")
    data += record("response", b"x", WARC_Target_URI="dns:sendgrid.com")
    data += record("conversion", b"{}", WARC_Target_URI=URL)
    found = all_of(data)
    assert [facts(exchange) for exchange in found] == [
        (URL, None, None, b"[]"),
        (BARE, "GET", 200, None),
        (URL, None, None, b"{}"),
    ]
    assert found[0].content_type == "application/json"


CHUNKED = "Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("body", "http", "wanted"),
    [
        (b"2;x=y\r\n[]\r\n0\r\n\r\n", CHUNKED, b"[]"),
        (
            b"1\r\n[\r\nA\r\n0123456789\r\n1 \r\n]\r\n0\r\nTrailer: x\r\n\r\n",
            CHUNKED,
            b"[0123456789]",
        ),
        (b"[]", CHUNKED, b"[]"),
        (b"", CHUNKED, b""),
        (gzip.compress(b"[]", mtime=0), "Content-Encoding: gzip\r\n", b"[]"),
        (
            b"%x\r\n%s\r\n0\r\n\r\n"
            % (len(gzip.compress(b"[]", mtime=0)), gzip.compress(b"[]", mtime=0)),
            CHUNKED + "Content-Encoding: gzip\r\n",
            b"[]",
        ),
    ],
)
def test_content_encodings_are_undone(body: bytes, http: str, wanted: bytes) -> None:
    (exchange,) = all_of(answer(1, body, http=http))
    assert (exchange.body, exchange.fault) == (wanted, None)


@pytest.mark.parametrize(
    ("body", "wanted", "found", "offset"),
    [
        (b"5\r\n[]", b"[]", "the end", 5),
        (b"2\r\n[]", b"[]", "the end", 5),
        (b"2\r\n[]\r\n", b"[]", "the end", 7),
        (b"2\r\n[]]\r\n", b"[]", "something else", 5),
        (b"2\r\n[]\r\nz\r\n", b"[]", "something else", 7),
    ],
)
def test_a_broken_chunk_is_a_fault(body: bytes, wanted: bytes, found: str, offset: int) -> None:
    (exchange,) = all_of(answer(1, body, http=CHUNKED))
    message = f"expected the next chunk of the body, found {found}"
    assert (exchange.body, fault_of(exchange)) == (wanted, ("unreadable-body", message, offset))
    assert unchunked(body).body == wanted


def test_a_chunked_form_is_read() -> None:
    block = b"POST /api/blocks.get.xml HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n"
    block += b"%x\r\n%s\r\n0\r\n\r\n" % (len(FORM), FORM)
    (exchange,) = all_of(record("request", block, WARC_Target_URI=BARE))
    assert exchange.request == Request.parse(BARE, FORM, "POST")


def test_an_answer_after_100_continue() -> None:
    block = b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + b"HTTP/1.1 201 Made\r\n\r\n[]"
    assert [(e.status, e.body) for e in all_of(record("response", block))] == [(201, b"[]")]


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (b"", (None, None)),
        (b"[]", (None, b"[]")),
        (b"HTTP/1.1", (None, b"")),
        (b"\r\nx", (None, b"\r\nx")),
    ],
)
def test_an_answer_that_is_not_http(block: bytes, wanted: tuple[int | None, bytes | None]) -> None:
    (exchange,) = all_of(record("response", block, WARC_Target_URI=URL))
    assert (exchange.status, exchange.body) == wanted


@pytest.mark.parametrize("block", [b"", b"\r\n", b"\xff", b"GET", b"GET\r\n"])
def test_a_request_that_is_not_http_keeps_its_url(block: bytes) -> None:
    (exchange,) = all_of(record("request", block, WARC_Target_URI=URL))
    assert (exchange.url, exchange.body) == (URL, None)


def test_a_segment_is_a_fault() -> None:
    (exchange,) = all_of(answer(1, b"[", WARC_Segment_Number="1"))
    message = "expected a whole record, found a segment of one"
    assert (exchange.body, fault_of(exchange)) == (b"[", ("unreadable-body", message, 1))


def test_nothing_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    read(PAIRS.replace(b"Content-Length: 4", b"Content-Length: 3") + b"junk")
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "block", [b"\r\n\r\n", b"\n", b" ", b"x", b"HTTP/1.1", b"HTTP/1.1 100\r\n\r\nHTTP/"]
)
def test_a_message_without_a_first_line_does_not_raise(block: bytes) -> None:
    for kind in ("request", "response"):
        (exchange,) = all_of(record(kind, block, WARC_Target_URI=URL))
        assert exchange.url == URL


HEADS = st.lists(
    st.sampled_from(
        (
            b"Name: value",
            b"Name:value  ",
            b" more",
            b"\tmore ",
            b"no colon",
            b": x",
            b"N\xe9: \xc3\xa9",
            b"",
        )
    ),
    max_size=8,
)


@given(HEADS, st.sampled_from((b"\r\n", b"\n")))
def test_heads_are_read_as_warcio_reads_them(lines: list[bytes], end: bytes) -> None:
    block = end.join((b"HTTP/1.1 200 OK", *lines, b"", b"body"))
    stream = io.BytesIO(block)
    found = StatusAndHeadersParser([], verify=False).parse(stream)
    head = http_head(block)
    assert head.headers == found.headers
    assert [head.words[0], " ".join(head.words[1:])] == [found.protocol, found.statusline]
    assert head.end == stream.tell()


def test_no_secret_is_shown() -> None:
    found, error = read(PAIRS + b"api_key=obviously-fake\r\n")
    assert "obviously-fake" not in repr(found) + str(error) + repr(error)
