"""The types and limits of payloads, and their bytes."""

from __future__ import annotations

import os
import re
from typing import Literal

from sgformats.errors import ArgumentError

Syntax = Literal["xml", "json"]
Format = Literal["xml", "json", "json-v3"]
Payload = bytes | bytearray | memoryview | str

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 256
MAX_VALUES = 1 << 18
"""How many values an item of a list, or an answer that is no list, may have: they are all in memory."""
LONG = MAX_VALUES
"""Characters of a payload beyond which the items of a list are read lazily: fewer hold fewer values."""
WHITE = " \t\r\n"
_NOT_WHITE = re.compile(r"[^ \t\r\n]")


def skip_white(chars: str, i: int) -> int:
    """The index of the first character from `i` on that is not white space, or the end."""
    match = _NOT_WHITE.search(chars, i)
    return match.start() if match else len(chars)


def _hint(data: object) -> str:
    """What to pass instead, as the end of a message."""
    if hasattr(data, "status_code") or (hasattr(data, "status") and hasattr(data, "headers")):
        return ": pass a response to parse_response, or its content to parse"
    if hasattr(data, "read"):
        return ": pass the result of its read()"
    if isinstance(data, os.PathLike):
        return ": pass the result of its read_bytes()"
    return ""


def as_bytes(data: object, max_bytes: int) -> tuple[bytes, bool]:
    """The payload as bytes, and whether it was a `str`.

    Raises `DecodeError` for more than `max_bytes` bytes and for a `str` with half of a surrogate
    pair, `ArgumentError` for a value that is neither bytes nor `str`.
    """
    given_text = isinstance(data, str)
    if isinstance(data, str):
        try:
            raw = data.encode("utf-8")
        except UnicodeEncodeError as error:
            from sgformats._text.positions import Text  # The fast readers need no positions.

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
        from sgformats._text.positions import Text

        expected, advice = f"at most {max_bytes} bytes", "a larger max_bytes allows more"
        raise Text("", "UTF-8").error("too-large", 0, expected, str(len(raw)), advice)
    return raw, given_text
