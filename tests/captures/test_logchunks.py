"""Chunked answers in logs: the chunk sizes are removed."""

from __future__ import annotations

import io
import itertools
import re

import pytest

from sgformats.captures import textlog
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from tests.work import work

BODY = b'[{"email":"a@b.example","reason":"r"},{"email":"c@d.example","reason":"5\\u00e9"}]'
XML = b"<bounces>\n  <bounce>\n    <email>a@b</email>\n  </bounce>\n</bounces>"
CALL = b"GET /api/%b.get.json?api_user=u&api_key=k HTTP/1.1\r\nHost: h.example\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/x\r\n\r\n"


def read(data: bytes, max_bytes: int = 1 << 20) -> list[Exchange]:
    return list(textlog.read(io.BytesIO(data), "x.log", CaptureOptions(max_bytes)))


def chunked(body: bytes, *cuts: int, size: bytes = b"%x", end: bytes = b"\r\n") -> bytes:
    places = [0, *cuts, len(body)]
    pieces = [body[a:b] for a, b in itertools.pairwise(places)]
    return b"".join(size % len(piece) + end + piece + end for piece in (*pieces, b""))


@pytest.mark.parametrize("size", [b"%x", b"%X", b"%04x", b"%x;a=b", b"%x "])
@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
@pytest.mark.parametrize("body", [BODY, XML], ids=["json", "xml"])
def test_a_chunked_answer_is_read_without_its_sizes(body: bytes, end: bytes, size: bytes) -> None:
    name = b"invalidemails" if body == BODY else b"bounces"
    call, head = (part.replace(b"\r\n", end) for part in (CALL % name, HEAD))
    for cuts in ((), (1,), (12, 40), tuple(range(5, len(body), 7))):
        answer = chunked(body, *cuts, size=size, end=end)
        found = read((call + head + answer) * 2)
        assert [exchange.body and exchange.body.strip() for exchange in found] == [body, body]
        assert [exchange.fault for exchange in found] == [None, None]
        assert found[1].source.offset == len(call + head + answer)


def test_a_body_that_is_not_chunked_is_unchanged() -> None:
    data = CALL % b"invalidemails" + HEAD + BODY + b"\r\n"
    assert [exchange.body for exchange in read(data * 2)] == [BODY, BODY]


@pytest.mark.parametrize("wrong", [b"5\r\n", b"ffff\r\n"])
def test_a_wrong_chunk_size_does_not_absorb_other_lines(wrong: bytes) -> None:
    data = CALL % b"invalidemails" + HEAD + wrong + BODY + b"\r\n0\r\n\r\n"
    found = read(data + CALL % b"blocks" + HEAD + chunked(b"[]"))
    assert found[-1].body == b"[]"


def test_a_cut_body_is_read_as_far_as_possible() -> None:
    whole = CALL % b"invalidemails" + HEAD + chunked(BODY, 40)
    for cut in range(whole.index(b"[{") + 2, len(whole) - 8):
        (exchange,) = read(whole[:cut])
        assert exchange.body is not None
        assert BODY.startswith(exchange.body.rstrip())


def test_too_large_entries_are_not_kept() -> None:
    data = CALL % b"invalidemails" + HEAD + chunked(b"[" + b'"x",\n' * 5_000 + b"1]", 99)
    (exchange,) = read(data, max_bytes=1_000)
    assert exchange.fault is not None


def test_work_is_linear_in_the_size_of_the_body() -> None:
    def data(size: int) -> bytes:
        return CALL % b"invalidemails" + HEAD + chunked(b"[" + b'"x",\n' * size + b"1]", 9)

    read(data(10))
    assert work(read, data(2_000)) < 5 * work(read, data(500))


# What Net::HTTP of Ruby writes.


def debug(body: bytes, *cuts: int) -> bytes:
    lines = ["opening connection to h.example:443...", "opened"]

    def add(arrow: str, text: bytes) -> None:
        escaped = re.sub(r'(["\\])', r"\\\1", text.decode("latin-1"))
        lines.append(f'{arrow} "{escaped}"'.replace("\r", "\\r").replace("\n", "\\n"))

    add("<-", CALL % b"invalidemails")
    for line in HEAD.splitlines(keepends=True):
        add("->", line)
    answer = chunked(body, *cuts)
    for line in answer.splitlines(keepends=True):
        lines.append(f"reading {len(line)} bytes...")
        add("->", b"")
        add("->", line)
        lines.append(f"read {len(line)} bytes")
    lines.append("Conn keep-alive")
    return "\n".join(lines).encode() + b"\n"


@pytest.mark.parametrize("cuts", [(), (30,), (10, 20, 50)])
def test_output_of_ruby_is_read_as_it_was_sent(cuts: tuple[int, ...]) -> None:
    found = read(debug(BODY, *cuts) * 2)
    assert [exchange.body and exchange.body.strip() for exchange in found] == [BODY, BODY]
    assert [exchange.status for exchange in found] == [200, 200]
    assert all(e.request and e.request.operation == "invalidemails.get" for e in found)
