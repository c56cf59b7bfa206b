"""What a payload can be: its types and limits, and its bytes."""

from __future__ import annotations

import os
import re
from typing import Literal

from sgformats._text.positions import Text
from sgformats.errors import ArgumentError

Syntax = Literal["xml", "json"]
Format = Literal["xml", "json", "json-v3"]
Payload = bytes | bytearray | memoryview | str

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 256
WHITE = " \t\r\n"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that XML cannot hold, not even as a reference."""


def _hint(data: object) -> str:
    """The end of a message, with what was meant."""
    if hasattr(data, "status_code") or (hasattr(data, "status") and hasattr(data, "headers")):
        return ": of a response, give parse_response the whole, or parse its content"
    if hasattr(data, "read"):
        return ": of an open file, give what its read() gives"
    if isinstance(data, os.PathLike):
        return ": of a file, give what its read_bytes() gives"
    return ""


def as_bytes(data: object, max_bytes: int) -> tuple[bytes, bool]:
    """The payload as bytes, and whether it came as characters.

    Raises `DecodeError` for more than `max_bytes` and for a `str` with half of a surrogate pair,
    `ArgumentError` for anything that is neither bytes nor `str`.
    """
    given_text = isinstance(data, str)
    if isinstance(data, str):
        try:
            raw = data.encode("utf-8")
        except UnicodeEncodeError as error:
            start = error.start
            text = Text(data[:start], "UTF-8")
            found = f"half of a surrogate pair U+{ord(data[start]):04X}"
            raise text.error("bad-encoding", start, "characters", found) from None
    elif isinstance(data, (bytes, bytearray, memoryview)):
        raw = bytes(data)
    else:
        found = type(data).__name__
        raise ArgumentError(f"expected a payload as bytes or str, found {found}{_hint(data)}")
    if len(raw) > max_bytes:
        expected, advice = f"at most {max_bytes} bytes", "a larger max_bytes allows more"
        raise Text("", "UTF-8").error("too-large", 0, expected, str(len(raw)), advice)
    return raw, given_text
