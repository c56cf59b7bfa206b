"""Captures of every kind with secrets everywhere, and a search for remaining secrets."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus

import yaml
import zstandard
from warcio.statusandheaders import StatusAndHeaders  # type: ignore[import-untyped]
from warcio.warcwriter import WARCWriter  # type: ignore[import-untyped]

from sgformats.redact import Anonymiser, redact_stream

KEY = "hunter22$/Zoë"
USER = "acme-reseller"
COOKIE = "c00kie5ecret"
BASIC = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
SECRETS = ("hunter22", USER, COOKIE, BASIC[:20])
ADDRESSES = ("isaac.newton", "joe.bloggs", "brandon", "isaac.newton@hotmail.comm")

MAIL = "isaac.newton@hotmail.comm"
QUERY = f"api_user={USER}&api_key={quote(KEY, safe='')}&email={quote(MAIL)}"
URL = f"https://sendgrid.com/api/invalidemails.get.json?{QUERY}"
FORM = (
    f"api_user={USER}&api_key={quote_plus(KEY)}&user=joe.bloggs%40example.org&task=get"
    f"&password={quote_plus(KEY)}"
)
JSON = json.dumps(
    [
        {"email": MAIL, "reason": f"550 <{MAIL}> unknown, {USER} said {KEY}", "created": ""},
        {"email": "brandon", "reason": "Bad Syntax"},
    ]
)
XML = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<invalidemails><invalidemail>'
    "<email>isaac&#46;newton&#64;<!-- -->hotmail.comm</email>"
    f"<reason>550 &lt;{MAIL}&gt; <![CDATA[{KEY}]]></reason></invalidemail></invalidemails>"
)
_SENT = (
    ("Authorization", f"Basic {BASIC}"),
    ("Cookie", f"sid={COOKIE}; lang={COOKIE}"),
    ("Referer", URL),
)
_RECEIVED = (("Set-Cookie", f"sid={COOKIE}; Path=/; HttpOnly"), ("Content-Type", "text/html"))


def b64(data: bytes) -> str:
    """Base64 as text."""
    return base64.b64encode(data).decode()


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


def _pairs(headers: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in headers]


def _har() -> dict[str, Any]:
    latin = XML.encode("latin-1")
    bodies: list[dict[str, str]] = [{"text": JSON}, {"text": XML}]
    for data in (
        *(JSON.encode(), latin, gzip.compress(JSON.encode(), mtime=0)),
        *(zlib.compress(latin), _raw_deflate(JSON.encode()), XML.encode("utf-16")),
    ):
        bodies.append({"text": b64(data), "encoding": "base64"})
    request = {
        "method": "POST",
        "url": URL,
        "headers": _pairs((*_SENT, ("X-Api-Key", KEY))),
        "cookies": [{"name": "sid", "value": COOKIE, "path": "/"}],
        "queryString": [{"name": "api_key", "value": KEY}, {"name": "email", "value": MAIL}],
        "postData": {
            "mimeType": "application/x-www-form-urlencoded",
            "text": FORM,
            "params": _pairs((("api_key", KEY), ("user", "joe.bloggs@example.org"))),
        },
    }
    entries = [
        {
            "startedDateTime": "2010-01-01T00:00:00Z",
            "request": request,
            "response": {
                "status": 200,
                "headers": _pairs(_RECEIVED),
                "cookies": [{"name": "sid", "value": COOKIE, "httpOnly": True}],
                "content": {"mimeType": "text/html", **body},
            },
        }
        for body in bodies
    ]
    return {"log": {"version": "1.2", "entries": entries}}


def _vcr() -> dict[str, Any]:
    bodies: list[Mapping[str, Any]] = [
        {"string": JSON},
        {"string": XML},
        {"base64_string": b64(JSON.encode())},
        {"string": gzip.compress(JSON.encode(), mtime=0)},
    ]
    sent = {name: [value] for name, value in (*_SENT, ("X-Api-Key", KEY))}
    return {
        "interactions": [
            {
                "request": {"body": FORM, "headers": sent, "method": "POST", "uri": URL},
                "response": {
                    "body": body,
                    "headers": {name: [value] for name, value in _RECEIVED},
                    "status": {"code": 200, "message": "OK"},
                },
            }
            for body in bodies
        ],
        "version": 1,
    }


def _lines() -> str:
    rows = [{"url": URL, "status": 200, "request_body": FORM, "body": body} for body in (JSON, XML)]
    packed = {"url": URL, "status": 200, "body_base64": b64(gzip.compress(JSON.encode()))}
    odd = {
        **packed,
        "api_key": 12345678,
        "auth": {"who": USER, "token": KEY},
        "x": ["Cookie", COOKIE],
    }
    return "".join(json.dumps(row) + "\n" for row in (*rows, packed, odd))


def _log() -> str:
    return (
        f"2010-01-01 00:00:00 INFO GET {URL} HTTP/1.1\n  {JSON}\n"
        f"2010-01-01 00:00:01 POST {FORM}\n"
        f"> Cookie: sid={COOKIE}; lang={COOKIE}\n> Authorization: Basic {BASIC}\n<< {XML}\n"
        f"curl -H 'Authorization: Bearer {KEY}' 'https://{USER}:hunter22@sendgrid.com/x?token=hunter22'\n"
        f"{json.dumps({'msg': JSON})}\n"
    )


def _warc(packed: bool) -> bytes:
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    body = JSON.encode()
    chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    for payload, headers in (
        (body, [("Content-Length", str(len(body)))]),
        (gzip.compress(body, mtime=0), [("Content-Encoding", "gzip")]),
        (chunked, [("Transfer-Encoding", "chunked")]),
    ):
        sent = [*_SENT, ("Content-Length", str(len(FORM)))]
        line = f"POST /api/invalidemails.get.json?{QUERY} HTTP/1.1"
        for kind, data, head in (
            ("request", FORM.encode(), StatusAndHeaders(line, sent, is_http_request=True)),
            ("response", payload, StatusAndHeaders("200 OK", [*_RECEIVED, *headers], "HTTP/1.1")),
        ):
            record = writer.create_warc_record(
                URL, kind, payload=io.BytesIO(data), length=len(data), http_headers=head
            )
            writer.write_record(record)
    return out.getvalue()


CAPTURES: Mapping[str, bytes] = {
    "browser.har": json.dumps(_har()).encode(),
    "spread.har": json.dumps(_har(), indent=1, ensure_ascii=False).encode(),
    "vcr.yaml": yaml.safe_dump(_vcr()).encode(),
    "narrow.yaml": yaml.safe_dump(_vcr(), allow_unicode=True, width=40).encode(),
    "quoted.yaml": yaml.safe_dump(_vcr(), default_style='"').encode(),
    "literal.yaml": yaml.safe_dump(_vcr(), default_style="|").encode(),
    "folded.yaml": yaml.safe_dump(_vcr(), default_style=">").encode(),
    "vcr.json": json.dumps(_vcr(), default=b64).encode(),
    "calls.jsonl": _lines().encode(),
    "client.log": _log().encode(),
    "crawl.warc": _warc(False),
    "crawl.warc.gz": _warc(True),
}
"""A capture of each kind, with a secret in every place that can have one."""


def redacted(data: bytes, name: str = "x", **options: Any) -> bytes:
    """The bytes of a capture without its secrets."""
    parts: list[bytes] = []
    redact_stream(io.BytesIO(data), name, parts.append, **options)
    return b"".join(parts)


def anonymised(data: bytes, name: str = "x") -> bytes:
    """Like `redacted`, with fake addresses of a fixed salt."""
    return redacted(data, name, anonymise=Anonymiser("salt"))


_PACKED = re.compile(rb"(?:[A-Za-z0-9+/]{40,}\s*)+[A-Za-z0-9+/]*={0,2}")
_ESCAPES = re.compile(r"\\u00([0-9a-fA-F]{2})")


def remaining(data: bytes, words: Iterable[str]) -> list[str]:
    """The words that are still in a capture, including encoded or compressed ones."""
    texts: list[str] = []
    for piece in _pieces(data, 0):
        for encoding in ("utf-8", "utf-16-le"):
            text = piece.decode(encoding, "replace")
            texts += (text, _ESCAPES.sub(lambda m: chr(int(m[1], 16)), text))
            texts.append(re.sub(r"\s+|<!-- -->", "", text))
    return sorted(word for word in words if any(word in text for text in texts))


def _pieces(data: bytes, depth: int) -> Iterable[bytes]:
    yield data
    if depth > 4:
        return
    starts = [match.start() for match in re.finditer(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]", data)]
    for start, window in [(start, 47) for start in starts] + [(0, -15)]:
        try:
            inner = zlib.decompressobj(window).decompress(data[start:])
        except zlib.error:
            continue
        if inner:
            yield from _pieces(inner, depth + 1)
    for match in _PACKED.finditer(data):
        digits = re.sub(rb"[\s=]", b"", match[0])
        yield from _pieces(base64.b64decode(digits[: len(digits) // 4 * 4]), depth + 1)


PACKERS: dict[str, tuple[Callable[[bytes], bytes], Callable[[bytes], bytes]]] = {
    ".gz": (gzip.compress, gzip.decompress),
    ".bz2": (bz2.compress, bz2.decompress),
    ".xz": (lzma.compress, lzma.decompress),
    ".zst": (
        lambda data: zstandard.ZstdCompressor().compress(data),
        lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
    ),
}
