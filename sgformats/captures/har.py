"""HTTP archives (HAR 1.1 and 1.2) of browsers and proxies: `log.entries`, one at a time.

A HAR holds a body either as base64 of the bytes received, compressed or not, or as the text that
the browser decoded. Text is encoded again as the service sent it: an XML document in its declared
encoding if that can hold it (`ISO-8859-1` means windows-1252, as in browsers), unless the recorded
size shows that it was UTF-8; everything else in UTF-8. Lines and columns are the same in the text
and the bytes.

A body that the browser did not keep is None. A `status` of 0 (an aborted request) stays 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from sgformats._text.declared import declared_encoding
from sgformats.captures.bodies import Body, Chunks, from_base64, unreadable
from sgformats.captures.build import DEFAULTS, CaptureOptions, exchange, json_entries
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.loose import Members, mapping, status, text
from sgformats.errors import Problem, quote
from sgformats.request.forms import write_pairs

PATHS = (("log", "entries"),)

# Firefox puts the headers of an upload in front of its content.
_UPLOAD = re.compile(r"(?:Content-[A-Za-z-]+:[^\r\n]*\r\n)+\r\n")
_TEXT = ("", "utf-8", "utf8", "text", "plain", "identity")
_1252 = {
    ord(bytes([byte]).decode("windows-1252")): byte
    for byte in range(0x80, 0xA0)
    if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


def read(file: BinaryIO, name: str, options: CaptureOptions = DEFAULTS) -> Iterator[Exchange]:
    """The entries of a HAR, in order.

    An entry that is not an object, or is too large, becomes an exchange with the fault
    `unreadable-entry`. Raises `CaptureError` at damage, after the entries before it.
    """
    max_bytes = options.max_bytes
    for source, entry in json_entries(file, name, PATHS, max_bytes):
        if isinstance(entry, Problem):
            yield exchange(source, fault=entry)
        else:
            yield _exchange(entry, source, max_bytes)


def _exchange(entry: Members, source: Source, max_bytes: int) -> Exchange:
    request, response = mapping(entry.get("request")), mapping(entry.get("response"))
    content = mapping(response.get("content"))
    return exchange(
        source,
        text(request.get("url")),
        text(request.get("method")),
        _request_body(mapping(request.get("postData")), max_bytes),
        status(response.get("status")),
        _body(content, response, max_bytes),
        headers=response.get("headers"),
        content_type=text(content.get("mimeType")),
        time=text(entry.get("startedDateTime")),
        max_bytes=max_bytes,
    )


def _body(content: Members, response: Members, max_bytes: int) -> Body | None:
    """The answer's body as it was sent; None if it was not kept."""
    found, encoding = content.get("text"), content.get("encoding")
    if found is None or found == "":
        return Body(b"") if _is_empty(content, response) else None
    if not isinstance(found, str):
        return Body(b"", unreadable("text as content", "another value"))
    if content.get("_isBinary") is True and found.lstrip()[:1] == "[":  # Of Polly.JS.
        chunks = Chunks.of(found)
        if chunks is None:
            fault = unreadable("a list of chunks in hex or base64 as content", "another value")
            return Body(b"", fault)
        return Body(chunks.body)
    if not isinstance(encoding, str) or encoding.lower() in _TEXT:
        return Body(_sent_bytes(found, content.get("size")))
    if encoding.lower() == "base64":
        return from_base64(found, max_bytes)
    fault = unreadable("base64 as encoding of the content", quote(encoding))
    return Body(found.encode("utf-8", "surrogatepass"), fault)


def _is_empty(content: Members, response: Members) -> bool:
    """Whether an answer without content was really empty, rather than not kept."""
    sizes = (content.get("size"), response.get("bodySize"))
    if any(isinstance(size, int) and size > 0 for size in sizes):
        return False
    code = status(response.get("status"))
    is_known = content.get("size") == 0 or content.get("text") == ""
    return code == 204 or (bool(code) and is_known)


def _sent_bytes(found: str, size: object) -> bytes:
    """Restore the bytes that the service sent from the browser's text."""
    plain = found.encode("utf-8", "surrogatepass")
    declared = declared_encoding(plain[:200])
    if declared in (None, "UTF-8"):
        return plain
    bytewise = found.translate(_1252) if declared == "ISO-8859-1" else found
    try:
        sent = bytewise.encode(declared or "UTF-8")
    except UnicodeEncodeError:
        return plain
    return plain if size == len(plain) != len(sent) else sent


def _request_body(posted: Members, max_bytes: int) -> bytes | str | None:
    """The content of a request: its text, or else a form built from its parameters."""
    found, params = posted.get("text"), posted.get("params")
    if isinstance(found, str) and found:
        if posted.get("encoding") == "base64":
            return from_base64(found, max_bytes).body
        upload = _UPLOAD.match(found)
        return found if upload is None else found[upload.end() :]
    given = [mapping(param) for param in params] if isinstance(params, list) else []
    named = [(text(param.get("name")), text(param.get("value")) or "") for param in given]
    return write_pairs((name, value) for name, value in named if name is not None) or None
