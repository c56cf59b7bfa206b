"""Decodes bytes to characters and back to the same bytes, even if they are invalid."""

from __future__ import annotations

import re

from sgformats._text.declared import declared_encoding
from sgformats._text.encodings import recognise
from sgformats.redaction import masked
from sgformats.secrets import starred
from sgformats.secrets.search import find_secrets

_HEAD = 4096
_WIDE = {"UTF-16LE": 2, "UTF-16BE": 2, "UTF-32LE": 4, "UTF-32BE": 4}
# Text in UTF-16 or UTF-32 hardly ever has this much ASCII.
_ASCII = re.compile(rb"[ -~]{24}")


def encoding_of(data: bytes) -> str | None:
    """The encoding in which a text can be read and written; None if the data is not text."""
    seen = recognise(data[:_HEAD])
    if seen.encoding != "UTF-8":
        return seen.encoding
    if b"\x00" in data[:_HEAD]:
        return None
    return declared_encoding(data[seen.mark :]) or "UTF-8"


def errors_of(encoding: str) -> str:
    """The codec error handler that keeps invalid bytes."""
    return "surrogatepass" if encoding in _WIDE else "surrogateescape"


def trailing(size: int, encoding: str) -> int:
    """How many bytes at the end are not a whole code unit."""
    return size % _WIDE.get(encoding, 1)


def decode(data: bytes, encoding: str) -> str:
    """Decode bytes. Raises `UnicodeDecodeError` for bytes that no character can represent."""
    return data.decode(encoding, errors_of(encoding))


def encode(text: str, encoding: str) -> bytes:
    """Encode text from `decode`; characters that the encoding lacks become references."""
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
    """Replace ASCII secrets that are invisible in the detected encoding with stars.

    Damage may make a text look like UTF-16 or UTF-32, or not like text (None).
    """
    if encoding is None:
        text = data.decode("latin-1")
        spans = (secret[:2] for secret in find_secrets(text))
        return starred(text, spans, keep=True).encode("latin-1")
    if encoding not in _WIDE or _ASCII.search(data) is None:
        return data
    return masked(data.decode("latin-1")).encode("latin-1")
