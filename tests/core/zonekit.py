"""Usual and unusual time zones, and lists with timestamps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any

import pytest

import sgformats
from sgformats import EncodeError, InvalidEmail, Listing
from sgformats._text.payload import Format

UTC = timezone.utc
ANGELES = "America/Los_Angeles"
NAIVE = datetime(2009, 6, 10, 5, 40, 30)
MOMENT = datetime(2009, 6, 10, 12, 40, 30, tzinfo=UTC)
TWICE = datetime(2009, 11, 1, 1, 30)
SKIPPED = datetime(2009, 3, 8, 2, 30)
OLDER: tuple[Format, ...] = ("xml", "json")
V2_XML = (
    b"<invalidemails><invalidemail><email>a</email><reason>r</reason>"
    b"<created>2009-06-10 05:40:30</created></invalidemail></invalidemails>"
)
V2_JSON = b'[{"email":"a","reason":"r","created":"2009-06-10 05:40:30"}]'
Nothing: Any = tzinfo
BARE: tzinfo = Nothing()


class MeanTime(tzinfo):
    """The local mean time of Los Angeles."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return timedelta(hours=-7, minutes=-53)

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, moment: datetime | None) -> str:
        return "LMT"


class Odd(MeanTime):
    """A zone whose offset is what a function returns or raises."""

    def __init__(self, offset: Callable[[datetime | None], Any]) -> None:
        self.offset = offset

    def utcoffset(self, moment: datetime | None) -> Any:
        return self.offset(moment)

    def __str__(self) -> str:
        return "Odd/Zone"


def broken(moment: datetime | None) -> Any:
    raise RuntimeError("not today")


def today_only(moment: datetime | None) -> timedelta | None:
    """An offset in 2009, but none in other years."""
    return timedelta(hours=-7) if moment is not None and moment.year == 2009 else None


def emails(*created: datetime | None) -> Listing[Any]:
    return Listing("invalidemails", tuple(InvalidEmail("a", "r", when) for when in created))


def refusal(reply: Any, format: Format, **options: Any) -> tuple[str, str]:
    """The path and the reason with which `encode` refuses a reply."""
    with pytest.raises(EncodeError) as refused:
        sgformats.encode(reply, format, **options)
    return refused.value.path, refused.value.reason
