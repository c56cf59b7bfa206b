"""WARC files without what is to be hidden: record by record, lengths and digests set right.

A record in which nothing changes is copied as it is. One that does keeps its order of headers, its
chunked or compressed transfer, and its place; only what was hidden is written anew.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator

from sgformats.captures.opening import Opened
from sgformats.contract.redact.edits import Edit, apply
from sgformats.contract.redact.hider import kind_of
from sgformats.contract.redact.rewriting import Rewriter
from sgformats.errors import CaptureError

_BLANK = (b"\r\n", b"\n")
_HEADER = re.compile(rb"([^:\r\n]+):([ \t]*)(.*?)([ \t]*\r?\n)\Z", re.DOTALL)
_LENGTH = re.compile(rb"[0-9]{1,18}")
_HTTP = re.compile(rb"[A-Z]{3,10} [^\r\n]*HTTP/|HTTP/[0-9]")
_BODY = re.compile(rb"\r?\n\r?\n")
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,16})[^\r\n]*\r\n")


def warc_records(
    file: Opened, name: str, rewriter: Rewriter, stop: Callable[[CaptureError], None]
) -> Iterator[tuple[bytes, bytes]]:
    """The records of a WARC file, each as it is and as it is to be written.

    `stop` is told of damage, which ends the file: what cannot be read as a record is left out.
    """
    try:
        while file.peek(1):
            start = file.tell()
            headers = list(_lines(file))
            length = _length(headers)
            if length is None or not headers[0].startswith(b"WARC/") or headers[-1] not in _BLANK:
                raise CaptureError(name, "expected a WARC record, found other bytes", None, start)
            head = headers[:-1]
            block = _block(file, length, stop)
            # The empty lines behind a record are its own, so that it can be compressed by itself.
            end = b"".join(_blank_lines(file))
            new = _message(block, rewriter)
            lines = [_header(line, new, new != block, rewriter) for line in head[1:]]
            old = b"".join((*headers, block, end))
            yield old, b"".join((head[0], *lines, headers[-1], new, end))
            if len(block) < length:
                message = f"expected {length} bytes in a WARC record, found {len(block)}"
                raise CaptureError(name, message, None, start)
    except CaptureError as error:
        stop(error)


def _lines(file: Opened) -> Iterator[bytes]:
    """The lines of a head, with the empty one behind it."""
    while line := file.readline():
        yield line
        if line in _BLANK:
            return


def _block(file: Opened, length: int, stop: Callable[[CaptureError], None]) -> bytes:
    try:
        return file.read(length)
    except CaptureError as error:
        stop(error)
        return b""


def _blank_lines(file: Opened) -> Iterator[bytes]:
    while file.peek(2)[:1] in (b"\r", b"\n"):
        yield file.readline()


def _length(headers: list[bytes]) -> int | None:
    for line in headers[1:]:
        match = _HEADER.match(line)
        if match and match[1].strip().lower() == b"content-length" and _LENGTH.fullmatch(match[3]):
            return int(match[3])
    return None


def _message(block: bytes, rewriter: Rewriter) -> bytes:
    """A record's block; read again where a secret was met for the first time."""
    known, opaque = list(rewriter.hider.known), rewriter.opaque
    new = http_message(block, rewriter)
    if known != list(rewriter.hider.known):
        rewriter.opaque = opaque
        new = http_message(block, rewriter)
    return new


def _header(line: bytes, block: bytes, changed: bool, rewriter: Rewriter) -> bytes:
    match = _HEADER.match(line)
    if match is None:
        return _text(line, "", rewriter)
    named, space, value, end = match.groups()
    name = named.strip().lower()
    if name == b"content-length":
        value = b"%d" % len(block)
    elif changed and name in (b"warc-block-digest", b"warc-payload-digest"):
        end_of_head = _BODY.search(block) if _HTTP.match(block) else None
        payload = block[end_of_head.end() :] if end_of_head else block
        digest = _digest(value, block if name == b"warc-block-digest" else payload)
        if digest is None:
            return b""
        value = digest
    elif name not in (b"warc-record-id", b"warc-concurrent-to", b"warc-refers-to"):
        value = _text(value, "", rewriter)
    return b"".join((named, b":", space, value, end))


def _digest(old: bytes, data: bytes) -> bytes | None:
    """The digest of other data, written as the old one was; None where that is not known."""
    algorithm, _, digest = old.partition(b":")
    plain = algorithm.decode("latin-1").lower().replace("-", "")
    if plain not in ("md5", "sha1", "sha256", "sha512"):
        return None
    made = hashlib.new(plain, data, usedforsecurity=False)
    in_hex = len(digest) == 2 * made.digest_size
    shown = made.hexdigest() if in_hex else base64.b32encode(made.digest()).decode()
    return algorithm + b":" + shown.encode()


def http_message(data: bytes, rewriter: Rewriter) -> bytes:
    """A request or an answer as the wire had it; any other bytes as a body."""
    if _HTTP.match(data) is None:
        return rewriter.bytes(data)
    found = _BODY.search(data)
    end = found.end() if found else len(data)
    head, body = data[:end], data[end:]
    lines = head.splitlines(keepends=True)
    names = {}
    for line in lines[1:]:
        match = _HEADER.match(line)
        if match:
            names[match[1].strip().lower()] = match[3].lower()
    new = _body(body, b"chunked" in names.get(b"transfer-encoding", b""), rewriter)
    if new == body and names.get(b"content-encoding", b"") in (b"br", b"zstd", b"compress"):
        rewriter.opaque += bool(body)
    written = [_text(lines[0], "", rewriter)]
    for line in lines[1:]:
        match = _HEADER.match(line)
        if match is None:
            written.append(_text(line, "", rewriter))
            continue
        named, space, value, rest = match.groups()
        if named.strip().lower() == b"content-length" and value == b"%d" % len(body):
            value = b"%d" % len(new)
        else:
            value = _text(value, named.decode("latin-1").strip(), rewriter)
        written.append(b"".join((named, b":", space, value, rest)))
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
    """A body without its chunks; None where they are none."""
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
