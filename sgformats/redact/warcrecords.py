"""Redacts WARC files record by record, and updates lengths and digests.

A record without changes is copied. A changed record keeps its header order, its chunked or compressed
transfer, and its position in the file; only hidden values are rewritten.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache, partial

from sgformats.captures.httpmessages import HeaderField, header_fields, http_heads, read_chunks
from sgformats.captures.loose import header
from sgformats.captures.opening import Opened
from sgformats.captures.warcrecords import WarcRecord, WarcRecords
from sgformats.errors import CaptureError
from sgformats.redact.edits import apply
from sgformats.redact.names import kind_of
from sgformats.redact.rewriting import Rewriter

_HTTP = re.compile(rb"[A-Z]{3,10} [^\r\n]*HTTP/|HTTP/[0-9]")
_BODY = re.compile(rb"\r?\n\r?\n")
_PAYLOAD_DIGEST = "warc-payload-digest"
_DIGESTS = ("warc-block-digest", _PAYLOAD_DIGEST)
_IDS = ("warc-record-id", "warc-concurrent-to", "warc-refers-to")
_Digest = Callable[[bytes, str], bytes | None]


def redacted_records(
    file: Opened, name: str, rewriter: Rewriter, report: Callable[[CaptureError], None]
) -> Iterator[tuple[bytes, bytes]]:
    """The records of a WARC file, each in its original and its redacted form.

    `report` is called with damage; what cannot be read is omitted. It is also called for a record
    of more than `max_bytes`, which is omitted too.
    """
    most = rewriter.max_bytes
    records = WarcRecords(file, name, lambda headers, length: length <= most)
    try:
        while (record := records.next()) is not None:
            place = record.line, record.offset
            if record.fault is not None:
                report(CaptureError(name, "expected a WARC record, found other bytes", *place))
            elif not record.head:
                yield record.end, record.end
            elif record.block is not None:
                yield _redacted(record, record.block, rewriter)
            else:
                limit = f"expected at most {most} bytes in a WARC record, found {record.length}"
                report(CaptureError(name, f"{limit}; a larger max_bytes allows more", *place))
            if record.damage is not None:
                raise record.damage
    except CaptureError as error:
        report(error)


def _redacted(record: WarcRecord, block: bytes, rewriter: Rewriter) -> tuple[bytes, bytes]:
    first, *lines, last = record.head
    new = rewriter.complete(partial(http_message, block, rewriter))
    digest = _digests(new) if new != block else None
    head = [_field(field, new, digest, rewriter) for field in header_fields(lines)]
    old = b"".join((*record.head, block, record.end))
    return old, b"".join((first, *head, last, new, record.end))


def _field(field: HeaderField, block: bytes, digest: _Digest | None, rewriter: Rewriter) -> bytes:
    """Redact a header of a record."""
    if field.key == "content-length":
        return field.with_value(b"%d" % len(block))
    if digest is not None and field.key in _DIGESTS:
        made = digest(field.value, field.key)
        return b"" if made is None else field.with_value(made)
    if field.key in _IDS:
        return field.with_value(field.value)
    return field.with_value(_text(field.value, "", rewriter))


def _digests(block: bytes) -> _Digest:
    """A function for the digests of a block, which computes each digest once."""

    @cache
    def hashed(algorithm: str, key: str) -> hashlib._Hash:
        end = _BODY.search(block) if key == _PAYLOAD_DIGEST and _HTTP.match(block) else None
        return hashlib.new(algorithm, block[end.end() :] if end else block, usedforsecurity=False)

    def digest(old: bytes, key: str) -> bytes | None:
        """The digest for a header in the notation of the old one; None if that is unknown."""
        label, _, written = old.partition(b":")
        algorithm = label.decode("latin-1").lower().replace("-", "")
        if algorithm not in ("md5", "sha1", "sha256", "sha512"):
            return None
        made = hashed(algorithm, key)
        in_hex = len(written) == 2 * made.digest_size
        shown = made.hexdigest() if in_hex else base64.b32encode(made.digest()).decode()
        return label + b":" + shown.encode()

    return digest


def http_message(data: bytes, rewriter: Rewriter) -> bytes:
    """Redact a request or an answer as it was sent; treat any other bytes as a body."""
    if _HTTP.match(data) is None:
        return rewriter.bytes(data)
    heads, at = [], 0
    for head in http_heads(data):
        heads.append(data[at : head.end])
        at = head.end
    body, headers = data[at:], head.headers
    chunked = "chunked" in (header(headers, "Transfer-Encoding") or "").lower()
    new = _chunked_body(body, rewriter) if chunked else rewriter.bytes(body)
    encoding = (header(headers, "Content-Encoding") or "").lower()
    if new == body and encoding in ("br", "zstd", "compress"):
        rewriter.opaque += bool(body)
    written = []
    for raw in heads:
        first, *lines = raw.splitlines(keepends=True)
        written.append(_text(first, "", rewriter))
        for field in header_fields(lines):
            is_length = field.key == "content-length" and field.value == b"%d" % len(body)
            value = b"%d" % len(new) if is_length else _text(field.value, field.key, rewriter)
            written.append(field.with_value(value))
    return b"".join((*written, new))


def _text(raw: bytes, name: str, rewriter: Rewriter) -> bytes:
    text = raw.decode("utf-8", "surrogateescape")
    named = name and kind_of(name)
    edits = rewriter.string(text, name) if named else rewriter.hider.text(text)
    return apply(text, edits).encode("utf-8", "surrogateescape") if edits else raw


def _chunked_body(body: bytes, rewriter: Rewriter) -> bytes:
    """Redact the content of a chunked body; it becomes one chunk if it changes."""
    content, end, _ = read_chunks(body)
    new = rewriter.bytes(content)
    chunks = body[:end]
    if new != content:
        chunks = b"%x\r\n%b\r\n" % (len(new), new) if new else b""
    return chunks + rewriter.bytes(body[end:])
