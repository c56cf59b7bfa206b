"""The values inside records: two functions for each kind, from text and to text.

`read` raises `ValueError` with the reason if the text has the wrong form, `write` if the value has
no such form. `read` accepts only the form that the API writes; lax mode strips the text first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec

# "it will return a date in a MySQL timestamp format - YYYY-MM-DD HH:MM:SS"
_TIMESTAMP = "[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_MOMENTS = msgspec.json.Decoder(list[datetime])

LARGEST_NUMBER = 999_999_999_999_999
"""The largest count or code: 15 digits, exact in every JSON parser."""

LARGEST_SECONDS = 253_402_300_799
"""The last second of the year 9999, as a Unix time."""

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Scalar(msgspec.Struct, frozen=True):
    """A kind of value: the rule for invalid ones, the expected form, and both functions."""

    rule: str
    expected: str
    read: Callable[[str], Any]
    write: Callable[[Any], str]


def read_timestamp(text: str) -> datetime | None:
    """`2009-06-10 12:40:30` as a naive `datetime`; None for the empty text of an older API page."""
    if not text:
        return None
    if re.fullmatch(_TIMESTAMP, text) is None:
        raise ValueError("not of the form YYYY-MM-DD HH:MM:SS")
    return datetime.fromisoformat(text)


def read_timestamps(texts: Sequence[str | None]) -> list[datetime | None] | None:
    """Many timestamps at once, each None if its text is empty or None; None if one is invalid.

    msgspec accepts more forms, but none is shorter than 19 characters. So if the texts have 19
    characters on average, each has 19, and only the separator between date and time (` `, `T` or
    `t`) remains to check. A quote or a backslash in a text never makes a valid timestamp.
    """
    given = texts if all(texts) else [text for text in texts if text]
    if not given:
        return [None] * len(texts)
    joined = '","'.join(given)  # type: ignore[arg-type]
    if len(joined) != 22 * len(given) - 3 or joined[10::22] != " " * len(given):
        return None
    try:
        moments: list[Any] = _MOMENTS.decode(f'["{joined}"]')
    except (msgspec.DecodeError, UnicodeEncodeError):
        return None
    if given is texts:
        return moments
    each = iter(moments)
    return [next(each) if text else None for text in texts]


def write_timestamp(value: object) -> str:
    """A naive `datetime` of whole seconds as `2009-06-10 12:40:30`."""
    if not isinstance(value, datetime):
        raise ValueError(f"expected a datetime, found {type(value).__name__}")
    if value.tzinfo is not None:
        raise ValueError("expected a naive datetime, found one with a zone")
    if value.microsecond:
        raise ValueError("expected whole seconds, found a fraction of a second")
    return value.isoformat(" ")


def write_text(value: object) -> str:
    """Text, unchanged; other types are refused."""
    if not isinstance(value, str):
        raise ValueError(f"expected str, found {type(value).__name__}")
    return value


def read_number(text: str) -> int:
    """Up to 15 digits as an integer."""
    if not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise ValueError("not a whole number of 1 to 15 digits")
    return int(text)


def write_number(value: object) -> str:
    """An integer from 0 to 999999999999999 as digits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"expected int, found {type(value).__name__}")
    if not 0 <= value <= LARGEST_NUMBER:
        raise ValueError("expected a number of 1 to 15 digits")
    return str(value)


SCALARS: Mapping[str, Scalar] = {
    "text": Scalar("wrong-type", "text", str, write_text),
    "timestamp": Scalar(
        "invalid-timestamp", "YYYY-MM-DD HH:MM:SS", read_timestamp, write_timestamp
    ),
    "number": Scalar("invalid-number", "a whole number", read_number, write_number),
}
