"""What a payload can be: its types and limits, and its bytes."""

from __future__ import annotations

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
            message = (
                f"expected characters, found half of a surrogate pair U+{ord(data[start]):04X}"
            )
            raise text.problem("bad-encoding", message, start) from None
    elif isinstance(data, (bytes, bytearray, memoryview)):
        raw = bytes(data)
    else:
        raise ArgumentError(f"expected a payload as bytes or str, found {type(data).__name__}")
    if len(raw) > max_bytes:
        message = (
            f"expected at most {max_bytes} bytes, found {len(raw)}; a larger max_bytes allows more"
        )
        raise Text("", "UTF-8").problem("too-large", message, 0)
    return raw, given_text
