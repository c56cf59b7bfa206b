"""Bytes to characters and back to the same bytes, also where they are none in their encoding."""

from __future__ import annotations

import re

from sgformats._text.declared import declared_encoding
from sgformats._text.encodings import recognise
from sgformats.redaction import masked
from sgformats.secrets import starred
from sgformats.secrets.search import find_secrets

_HEAD = 4096
_WIDE = {"UTF-16LE": 2, "UTF-16BE": 2, "UTF-32LE": 4, "UTF-32BE": 4}
# Wide characters hardly ever look like so much ASCII.
_ASCII = re.compile(rb"[ -~]{24}")


def encoding_of(data: bytes) -> str | None:
    """The encoding in which a text can be read and written; None where it is no text."""
    seen = recognise(data[:_HEAD])
    if seen.encoding != "UTF-8":
        return seen.encoding
    if b"\x00" in data[:_HEAD]:
        return None
    return declared_encoding(data[seen.mark :]) or "UTF-8"


def errors_of(encoding: str) -> str:
    """How bytes that are no text are kept as characters."""
    return "surrogatepass" if encoding in _WIDE else "surrogateescape"


def trailing(size: int, encoding: str) -> int:
    """How many bytes at the end are no whole unit."""
    return size % _WIDE.get(encoding, 1)


def decode(data: bytes, encoding: str) -> str:
    """The characters of bytes. Raises `UnicodeDecodeError` for what no character could keep."""
    return data.decode(encoding, errors_of(encoding))


def encode(text: str, encoding: str) -> bytes:
    """The bytes of characters that `decode` gave; what the encoding lacks becomes a reference."""
    errors = errors_of(encoding)
    try:
        return text.encode(encoding, errors)
    except UnicodeEncodeError:
        return b"".join(_encode(char, encoding, errors) for char in text)


def _encode(char: str, encoding: str, errors: str) -> bytes:
    try:
        return char.encode(encoding, errors)
    except UnicodeEncodeError:
        return char.encode(encoding, "xmlcharrefreplace")


def hide_ascii(data: bytes, encoding: str | None) -> bytes:
    """Bytes with stars for the secrets in ASCII that their encoding does not show.

    Damage may make a text look as if it had wide characters, or as if it were no text (None).
    """
    if encoding is None:
        text = data.decode("latin-1")
        spans = (secret[:2] for secret in find_secrets(text))
        return starred(text, spans, keep=True).encode("latin-1")
    if encoding not in _WIDE or _ASCII.search(data) is None:
        return data
    return masked(data.decode("latin-1")).encode("latin-1")
