"""Converts UTF-16 text to UTF-8: Windows PowerShell writes UTF-16 when output is redirected."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator

_ENCODINGS = (
    ("utf-16-le", re.compile(rb"\xff\xfe(?!\0\0)|[\t\r\n -~]\0[\t\r\n -~]\0", re.DOTALL)),
    ("utf-16-be", re.compile(rb"\xfe\xff|\0[\t\r\n -~]\0[\t\r\n -~]", re.DOTALL)),
)


def wide_encoding(head: bytes) -> str | None:
    """The encoding of a text that begins like UTF-16, even without a byte-order mark; else None."""
    return next((name for name, pattern in _ENCODINGS if pattern.match(head)), None)


def to_utf8(pieces: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The text in UTF-8; invalid UTF-16 becomes a replacement character."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode()
    yield decoder.decode(b"", final=True).encode()


def utf8_head(head: bytes) -> bytes:
    """The first bytes of a text, converted to UTF-8 if they are UTF-16."""
    encoding = wide_encoding(head)
    return head if encoding is None else head.decode(encoding, "replace").encode()
