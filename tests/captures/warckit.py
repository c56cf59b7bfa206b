"""Records of web archives, and ways to read them."""

from __future__ import annotations

import io

from sgformats._text.payload import MAX_BYTES
from sgformats.captures import warc
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.errors import CaptureError

URL = "https://api.sendgrid.com/api/bounces.get.json?api_user=u&api_key=obviously-fake"
BARE = "https://api.sendgrid.com/api/blocks.get.xml"
FORM = b"api_user=u&api_key=obviously-fake&date=1"
DATE = "2026-11-23T04:00:00Z"


def record(kind: str, block: bytes, *, version: str = "1.0", **headers: str) -> bytes:
    lines = [f"WARC/{version}", f"WARC-Type: {kind}", f"Content-Length: {len(block)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + block + b"\r\n\r\n"


def request(number: int, url: str = URL, form: bytes = b"", **headers: str) -> bytes:
    verb = "POST" if form else "GET"
    block = (
        f"{verb} /{url.split('/', 3)[3]} HTTP/1.1\r\nHost: api.sendgrid.com\r\n\r\n".encode() + form
    )
    own = {"WARC_Record_ID": f"<q{number}>", "WARC_Target_URI": url, "WARC_Date": DATE}
    return record("request", block, **(own | headers))


def answer(
    number: int, body: bytes = b"[]", url: str = URL, http: str = "", **headers: str
) -> bytes:
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n{http}\r\n".encode() + body
    own = {"WARC_Record_ID": f"<a{number}>", "WARC_Target_URI": url, "WARC_Date": DATE}
    return record("response", block, **(own | headers))


INFO = record("warcinfo", b"software: x\r\n", WARC_Filename="x.warc")
FIRST = request(1, WARC_Concurrent_To="<a1>")
PAIRS = (
    INFO
    + answer(1, b"[\r\n]")
    + FIRST
    + request(2, BARE, FORM)
    + answer(2, b"<blocks/>", BARE, WARC_Concurrent_To="<q2>")
    + record("metadata", b"a: b\r\n", WARC_Target_URI=URL)
)


def read(data: bytes, max_bytes: int = MAX_BYTES) -> tuple[list[Exchange], CaptureError | None]:
    found: list[Exchange] = []
    try:
        for exchange in warc.read(io.BytesIO(data), "a.warc", CaptureOptions(max_bytes)):
            found.append(exchange)
    except CaptureError as error:
        return found, error
    return found, None


def all_of(data: bytes) -> list[Exchange]:
    found, error = read(data)
    assert error is None
    return found


def fault_of(exchange: Exchange) -> tuple[str, str, int] | None:
    fault = exchange.fault
    return None if fault is None else (fault.rule, fault.message, fault.location.offset)


def facts(exchange: Exchange) -> tuple[str | None, str | None, int | None, bytes | None]:
    return exchange.url, exchange.verb, exchange.status, exchange.body
