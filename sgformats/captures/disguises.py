"""Bodies that were converted to other text before recording, recognised by their bytes.

These are base64 that is not declared as such, the `repr` of Python bytes, and a Node Buffer as
JSON. No answer of the API begins like one of these.
"""

from __future__ import annotations

import binascii
import re

import msgspec

from sgformats.captures.literals import read_literal

_BASE64 = re.compile(rb"[A-Za-z0-9+/]{2,}={0,2}\Z")
_BASE64_BEGINS = (b"W", b"e", b"P", b"I", b"H4sI", b"7", b"C", b"D")
_OPENS = re.compile(rb'\s*(?:\[\s*[\]{]|\{\s*[}"]|<[?!A-Za-z])|\x1f\x8b\x08|\xef\xbb\xbf')
_REPR = (b"b'", b'b"')
_SPACED_BUFFER = re.compile(rb'\s*\{\s*"type"\s*:\s*"Buffer"\s*,\s*"data"\s*:\s*\[')


class _Buffer(msgspec.Struct):
    data: list[int]


_buffer = msgspec.json.Decoder(_Buffer).decode


def undisguised(body: bytes) -> bytes:
    """Undo such a conversion; any other body stays as it is.

    >>> undisguised(b"W10="), undisguised(b"b'[]'")
    (b'[]', b'[]')
    """
    if body.startswith(_REPR):
        literal = read_literal(body, 0)
        return literal.value if literal and not body[literal.end :].strip() else body
    if body.lstrip()[:1] == b"{":
        return _from_buffer(body) if _SPACED_BUFFER.match(body) else body
    if body.startswith(_BASE64_BEGINS):
        return _from_base64(body)
    return body


def _from_base64(body: bytes) -> bytes:
    digits = body.translate(None, b" \t\r\n")
    if _BASE64.match(digits) is None:
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
