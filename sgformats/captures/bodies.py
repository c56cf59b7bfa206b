"""Bodies as the server sent them, without base64, compression and conversion to text.

Every function returns the bytes it could decode, and a `Problem` (`unreadable-body`, `too-large`)
for what it could not, or None. Nothing raises, and no result exceeds `max_bytes`. A header is only
a hint: a body that is already decoded stays as it is, whatever the header says.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import NamedTuple

import msgspec

from sgformats._text.declared import declared_encoding
from sgformats._text.encodings import recognise
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.literals import read_literal
from sgformats.captures.unpacking import GZIP, STEP, ZSTD, Damage, inflate, unzstd
from sgformats.errors import Location, MissingPackageError, Problem, describe_fault, quote
from sgformats.rules import problem_of

_ZLIB = re.compile(rb"x[\x01\x5e\x9c\xda]")
_PACKED = (GZIP, b"x", ZSTD)  # First bytes of compressed bodies, except brotli.
_ZLIB_NAMES = ("gzip", "x-gzip", "deflate")
_ROUNDS = 4
_PIECE = 64 * 1024
_HEAD = 1024
_SPACE = re.compile(r"\s+")
_NOT_SPACE = re.compile(r"\S")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufffd]")
_DISGUISED = re.compile(rb"[A-Za-z0-9+/]{2,}={0,2}\Z")
_DISGUISED_BEGINS = (b"W", b"e", b"P", b"I", b"H4sI", b"7", b"C", b"D")
_OPENS = re.compile(rb'\s*(?:\[\s*[\]{]|\{\s*[}"]|<[?!A-Za-z])|\x1f\x8b\x08|\xef\xbb\xbf')
_REPR = (b"b'", b'b"')
_SPACED_BUFFER = re.compile(rb'\s*\{\s*"type"\s*:\s*"Buffer"\s*,\s*"data"\s*:\s*\[')
_PLAIN = ("", "identity", "none", "binary", "utf-8")


class Body(NamedTuple):
    """A body as far as it could be decoded, and why not further."""

    body: bytes
    fault: Problem | None = None


def decoded(body: bytes, content_encoding: str | None = None, max_bytes: int = MAX_BYTES) -> Body:
    """Undo the content encodings of a body: gzip, zstandard, brotli, zlib, raw deflate.

    >>> decoded(b"[]", "gzip")
    Body(body=b'[]', fault=None)
    """
    if not content_encoding and not body.startswith(_PACKED):
        return _bounded(body, max_bytes)
    named = [name.strip().lower() for name in (content_encoding or "").split(",")]
    hints = [name for name in named if name not in _PLAIN]
    for _ in range(_ROUNDS):
        hint = hints.pop() if hints else None
        if body.startswith(GZIP):
            result = inflated(body, 31, max_bytes)
        elif hint in _ZLIB_NAMES or _ZLIB.match(body):
            result = _deflated(body, max_bytes, hint)
        elif body.startswith(ZSTD):
            result = joined(unzstd(iter((body,))), max_bytes)
        elif hint is None:
            break
        elif _is_readable(body):
            continue
        elif hint == "br":
            result = joined(_unbrotli(body), max_bytes)
        else:
            known = "gzip, deflate, zstd or br"
            return Body(body, unreadable(f"{known} as content encoding", quote(hint)))
        if result.fault is not None:
            return result
        body = result.body
    return _bounded(body, max_bytes)


def from_base64(text: str, max_bytes: int = MAX_BYTES) -> Body:
    """Decode base64, ignoring white space.

    >>> from_base64("W10=").body
    b'[]'
    """
    if text.lstrip()[:1] in ("[", "{", "<"):  # Plain text that a recorder flagged as base64.
        return Body(from_text(text))
    digits = _SPACE.sub("", text)
    if len(digits) * 3 // 4 > max_bytes + 2:
        return Body(b"", too_large(max_bytes))
    unpadded = digits.rstrip("=")
    invalid = _NO_BASE64.search(unpadded)
    valid = len(unpadded) if invalid is None else invalid.start()
    rest = valid % 4
    padding = len(digits) - len(unpadded)
    usable = valid - 1 if rest == 1 else valid
    body = base64.b64decode(unpadded[:usable] + "=" * (-usable % 4))
    if invalid is None and rest != 1 and padding == -valid % 4:
        return _bounded(body, max_bytes)
    found = "the end" if invalid is None and padding < -valid % 4 else "another character"
    place = next(islice(_NOT_SPACE.finditer(text), valid, None), None)
    offset = len(text) if place is None else place.start()
    return Body(body, unreadable("base64", found, offset))


class Chunks(NamedTuple):
    """The bytes of a body that is kept as a list of strings, all in hex or all in base64."""

    body: bytes
    hexadecimal: bool

    @classmethod
    def of(cls, text: str) -> Chunks | None:
        """Decode a JSON list of chunks; None for any other text."""
        try:
            chunks = msgspec.json.decode(text.encode(), type=list[str])
        except (msgspec.MsgspecError, UnicodeEncodeError):
            return None
        for read in (bytes.fromhex, partial(base64.b64decode, validate=True)):
            with suppress(ValueError):
                return cls(b"".join(map(read, chunks)), read == bytes.fromhex)
        return None

    def encode(self, body: bytes) -> str:
        """Encode another body in the same notation, as a list of one string."""
        return f'["{body.hex() if self.hexadecimal else base64.b64encode(body).decode()}"]'


def from_text(text: str) -> bytes:
    """The bytes of a body that a recorder kept as text, in the encoding that the body declares.

    A lone surrogate that stands for a byte (Python's `surrogateescape`) becomes that byte.
    """
    encoding = declared_encoding(text[:200].encode("latin-1", "replace")) or "UTF-8"
    try:
        return text.encode(encoding, "surrogateescape")
    except UnicodeEncodeError:
        errors = "surrogatepass" if encoding == "UTF-8" else "xmlcharrefreplace"
        return text.encode(encoding, errors)


def unreadable(
    expected: str, found: str, offset: int = 0, *, rule: str = "unreadable-body", advice: str = ""
) -> Problem:
    """The problem of an answer that cannot be decoded or read from byte `offset` on."""
    location = Location("", "", 1, offset + 1, offset)
    message = f"{describe_fault(expected, found)}; {advice}" if advice else ""
    return problem_of(rule, location, expected, found, message=message)


def too_large(max_bytes: int) -> Problem:
    """The problem of an answer that is too large to read from the capture."""
    advice = "a larger max_bytes allows more"
    return unreadable(f"at most {max_bytes} bytes", "more", rule="too-large", advice=advice)


def _bounded(body: bytes, max_bytes: int) -> Body:
    return Body(body) if len(body) <= max_bytes else Body(b"", too_large(max_bytes))


def _deflated(body: bytes, max_bytes: int, hint: str | None) -> Body:
    """Inflate as zlib or raw deflate, whichever is complete; else unchanged if it is readable."""
    results = [inflated(body, window, max_bytes) for window in ((15, -15) if hint else (15,))]
    for result in results:
        if result.fault is None or result.fault.rule == "too-large":
            return result
    if hint is None or _is_readable(body):
        return Body(body)
    if hint == "deflate":
        return max(results, key=lambda result: len(result.body))
    return Body(body, unreadable("a gzip stream", "other bytes"))


def inflated(body: bytes, window: int, max_bytes: int, *, exact: bool = False) -> Body:
    """Inflate all members of a stream; `window` is zlib's `wbits`.

    Other bytes after the stream are ignored; if `exact`, the body is unreadable because of them.
    """
    outputs: list[bytes] = []
    size = at = 0
    stream = zlib.decompressobj(window)
    while at < len(body):
        data = body[at : at + STEP]
        output, damaged_at = inflate(stream, data)
        outputs.append(output)
        size += len(output)
        if size > max_bytes:
            return Body(b"", too_large(max_bytes))
        if damaged_at is not None:
            fault = unreadable("a compressed body", "damage", at + damaged_at)
            return Body(b"".join(outputs), fault)
        at += len(data) - len(stream.unused_data)
        if stream.eof:
            if window < 31 or not body.startswith(GZIP, at):
                if exact and at < len(body):
                    return Body(b"", unreadable("the end of a body", "more bytes", at))
                return Body(b"".join(outputs))
            stream = zlib.decompressobj(window)
    fault = unreadable("the rest of a compressed body", "the end of the body", len(body))
    return Body(b"".join(outputs), fault)


def joined(pieces: Iterator[bytes], max_bytes: int) -> Body:
    """Join the pieces of a decompressed body, up to the damage."""
    outputs: list[bytes] = []
    size = 0
    try:
        for piece in pieces:
            outputs.append(piece)
            size += len(piece)
            if size > max_bytes:
                return Body(b"", too_large(max_bytes))
    except Damage:
        fault = unreadable("a whole compressed body", "a damaged or truncated one", 0)
        return Body(b"".join(outputs), fault)
    except MissingPackageError as error:
        location = Location("", "", 1, 1, 0)
        return Body(b"", problem_of("unreadable-body", location, message=str(error)))
    return Body(b"".join(outputs))


def _unbrotli(body: bytes) -> Iterator[bytes]:
    """Decompress brotli in pieces. Raises `Damage`, and `MissingPackageError` without brotli."""
    try:
        import brotli
    except ImportError:
        raise MissingPackageError("a body in brotli", "brotli", "captures") from None
    stream = brotli.Decompressor()
    while not stream.is_finished():
        try:
            piece = stream.process(body, output_buffer_limit=_PIECE)
        except brotli.error:
            raise Damage("{} data", "damaged bytes") from None
        if not piece and not body and not stream.is_finished():
            raise Damage("the rest of the {} data", "its end")
        body = b""
        yield piece


def _is_readable(body: bytes) -> bool:
    """Whether a body is already text, even if damaged."""
    seen = recognise(body[:_HEAD])
    text = body[:_HEAD].decode(seen.encoding, "replace")
    return 5 * len(_CONTROL.findall(text)) <= len(text)


class _Buffer(msgspec.Struct):
    data: list[int]


_buffer = msgspec.json.Decoder(_Buffer).decode


def undisguised(body: bytes) -> bytes:
    """Undo a conversion to other text before recording; any other body stays as it is.

    It may be base64 that is not declared as such, the `repr` of Python bytes, or a Node Buffer as
    JSON. No answer of the API begins like one of these.

    >>> undisguised(b"W10="), undisguised(b"b'[]'")
    (b'[]', b'[]')
    """
    if body.startswith(_REPR):
        literal = read_literal(body, 0)
        return literal.value if literal and not body[literal.end :].strip() else body
    if body.lstrip()[:1] == b"{":
        return _from_buffer(body) if _SPACED_BUFFER.match(body) else body
    if body.startswith(_DISGUISED_BEGINS):
        return _plain(body)
    return body


def _plain(body: bytes) -> bytes:
    digits = body.translate(None, b" \t\r\n")
    if _DISGUISED.match(digits) is None:
        return body
    try:
        found = binascii.a2b_base64(digits)
    except binascii.Error:
        return body
    return found if _OPENS.match(found) else body


def _from_buffer(body: bytes) -> bytes:
    try:
        return bytes(_buffer(body).data)
    except (msgspec.MsgspecError, ValueError, OverflowError, RecursionError):
        return body
