"""Redacts WARC files record by record, and updates lengths and digests.

A record without changes is copied. A changed record keeps its header order, its chunked or compressed
transfer, and its position in the file; only hidden values are rewritten.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice
from typing import NamedTuple

from sgformats.captures.opening import Opened
from sgformats.errors import CaptureError
from sgformats.redact.edits import Edit, apply
from sgformats.redact.hider import kind_of
from sgformats.redact.rewriting import Rewriter

_BLANK = (b"\r\n", b"\n")
_PIECE = 1 << 16
_LONGEST_HEAD = 1 << 20
_MOST_BLANK_LINES = 1_000
_HEADER = re.compile(rb"([^:\r\n]+):([ \t]*)")
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HTTP = re.compile(rb"[A-Z]{3,10} [^\r\n]*HTTP/|HTTP/[0-9]")
_BODY = re.compile(rb"\r?\n\r?\n")
_DIGESTS = (b"warc-block-digest", b"warc-payload-digest")
_Digest = Callable[[bytes, bytes], bytes | None]
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})[^\r\n]*\r\n")


def warc_records(
    file: Opened, name: str, rewriter: Rewriter, stop: Callable[[CaptureError], None]
) -> Iterator[tuple[bytes, bytes]]:
    """The records of a WARC file, each in its original and its redacted form.

    `stop` is called with damage, which ends the file: the unreadable rest is omitted. It is also
    called for a record of more than `max_bytes`, which is omitted; the file continues after it.
    """
    try:
        while file.peek(1):
            start = file.tell()
            headers = list(_lines(file))
            length = _length(headers)
            if length is None or not headers[0].startswith(b"WARC/") or headers[-1] not in _BLANK:
                raise CaptureError(name, "expected a WARC record, found other bytes", None, start)
            if length > rewriter.max_bytes:
                found = _pass_by(file, length)
                limit = f"expected at most {rewriter.max_bytes} bytes in a WARC record"
                more = "a larger max_bytes allows more"
                stop(CaptureError(name, f"{limit}, found {length}; {more}", None, start))
                if found < length:
                    return
                continue
            head = headers[:-1]
            block = _block(file, length, stop)
            # The empty lines after a record belong to it, so that it can be compressed by itself.
            end = b"".join(islice(_blank_lines(file), _MOST_BLANK_LINES))
            new = _message(block, rewriter)
            digest = _digests(new) if new != block else None
            lines = [_header(line, new, digest, rewriter) for line in head[1:]]
            old = b"".join((*headers, block, end))
            yield old, b"".join((head[0], *lines, headers[-1], new, end))
            if len(block) < length:
                message = f"expected {length} bytes in a WARC record, found {len(block)}"
                raise CaptureError(name, message, None, start)
        file.read(1)  # Raises the error if the file ends with damage.
    except CaptureError as error:
        stop(error)


def _lines(file: Opened) -> Iterator[bytes]:
    """The lines of a head, with the empty line after it; without that if the head is too long."""
    left = _LONGEST_HEAD
    while left > 0 and (line := file.readline(left)):
        left -= len(line)
        yield line
        if line in _BLANK:
            return


def _block(file: Opened, length: int, stop: Callable[[CaptureError], None]) -> bytes:
    try:
        return file.read(length)
    except CaptureError as error:
        stop(error)
        return b""


def _pass_by(file: Opened, length: int) -> int:
    """Skip a block and the empty lines after it; return the number of bytes of the block."""
    left = length
    while left and (data := file.read(min(_PIECE, left))):
        left -= len(data)
    for _ in _blank_lines(file):
        pass
    return length - left


def _blank_lines(file: Opened) -> Iterator[bytes]:
    while file.peek(2)[:1] in (b"\r", b"\n"):
        yield file.readline()


def _length(headers: list[bytes]) -> int | None:
    for line in headers[1:]:
        header = _split(line)
        if header and header.key == b"content-length" and _LENGTH.fullmatch(header.value):
            return int(header.value)
    return None


class _Header(NamedTuple):
    """A header line: its name, the blanks after the colon, its value, and the line ending."""

    name: bytes
    space: bytes
    value: bytes
    end: bytes

    @property
    def key(self) -> bytes:
        """The name in the form for comparisons."""
        return self.name.strip().lower()

    def with_value(self, value: bytes) -> bytes:
        """The line with another value."""
        return b"".join((self.name, b":", self.space, value, self.end))


def _split(line: bytes) -> _Header | None:
    match = _HEADER.match(line)
    if match is None or not line.endswith(b"\n"):
        return None
    bare = line[:-1].removesuffix(b"\r")
    value = bare[match.end() :].rstrip(b" \t")
    return _Header(match[1], match[2], value, line[match.end() + len(value) :])


def _message(block: bytes, rewriter: Rewriter) -> bytes:
    """Redact a record's block; read it again if a new secret was found."""
    known, opaque = list(rewriter.hider.known), rewriter.opaque
    new = http_message(block, rewriter)
    if known != list(rewriter.hider.known):
        rewriter.opaque = opaque
        new = http_message(block, rewriter)
    return new


def _header(line: bytes, block: bytes, digest: _Digest | None, rewriter: Rewriter) -> bytes:
    header = _split(line)
    if header is None:
        return _text(line, "", rewriter)
    name, value = header.key, header.value
    if name == b"content-length":
        value = b"%d" % len(block)
    elif digest is not None and name in _DIGESTS:
        made = digest(value, name)
        if made is None:
            return b""
        value = made
    elif name not in (b"warc-record-id", b"warc-concurrent-to", b"warc-refers-to"):
        value = _text(value, "", rewriter)
    return header.with_value(value)


def _digests(block: bytes) -> _Digest:
    """A function for the digests of a block, which computes each digest once."""

    @cache
    def hashed(plain: str, name: bytes) -> hashlib._Hash:
        end = _BODY.search(block) if name == _DIGESTS[1] and _HTTP.match(block) else None
        return hashlib.new(plain, block[end.end() :] if end else block, usedforsecurity=False)

    def digest(old: bytes, name: bytes) -> bytes | None:
        """The digest for a header in the notation of the old one; None if that is unknown."""
        algorithm, _, written = old.partition(b":")
        plain = algorithm.decode("latin-1").lower().replace("-", "")
        if plain not in ("md5", "sha1", "sha256", "sha512"):
            return None
        made = hashed(plain, name)
        in_hex = len(written) == 2 * made.digest_size
        shown = made.hexdigest() if in_hex else base64.b32encode(made.digest()).decode()
        return algorithm + b":" + shown.encode()

    return digest


def http_message(data: bytes, rewriter: Rewriter) -> bytes:
    """Redact a request or an answer as it was sent; treat any other bytes as a body."""
    if _HTTP.match(data) is None:
        return rewriter.bytes(data)
    found = _BODY.search(data)
    end = found.end() if found else len(data)
    head, body = data[:end], data[end:]
    lines = head.splitlines(keepends=True)
    names = {}
    for line in lines[1:]:
        header = _split(line)
        if header:
            names[header.key] = header.value.lower()
    new = _body(body, b"chunked" in names.get(b"transfer-encoding", b""), rewriter)
    if new == body and names.get(b"content-encoding", b"") in (b"br", b"zstd", b"compress"):
        rewriter.opaque += bool(body)
    written = [_text(lines[0], "", rewriter)]
    for line in lines[1:]:
        header = _split(line)
        if header is None:
            written.append(_text(line, "", rewriter))
        elif header.key == b"content-length" and header.value == b"%d" % len(body):
            written.append(header.with_value(b"%d" % len(new)))
        else:
            name = header.name.decode("latin-1").strip()
            written.append(header.with_value(_text(header.value, name, rewriter)))
    return b"".join((*written, new))


def _text(raw: bytes, name: str, rewriter: Rewriter) -> bytes:
    text = raw.decode("utf-8", "surrogateescape")
    read: Callable[[str], list[Edit]] = rewriter.hider.text
    edits = rewriter.string(text, name) if name and kind_of(name) else read(text)
    return apply(text, edits).encode("utf-8", "surrogateescape") if edits else raw


def _body(body: bytes, chunked: bool, rewriter: Rewriter) -> bytes:
    whole = _unchunked(body) if chunked else None
    if whole is None:
        return rewriter.bytes(body)
    new = rewriter.bytes(whole)
    if new == whole:
        return body
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(new), new) if new else b"0\r\n\r\n"


def _unchunked(body: bytes) -> bytes | None:
    """Decode a chunked body; None if it is not chunked."""
    parts: list[bytes] = []
    at = 0
    while (head := _CHUNK.match(body, at)) is not None:
        size = int(head[1], 16)
        if not size:
            return b"".join(parts)
        part = body[head.end() : head.end() + size]
        if len(part) < size:
            break
        parts.append(part)
        at = head.end() + size + 2
    return None
