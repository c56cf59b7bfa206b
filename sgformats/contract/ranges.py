"""The time range that a call requests, and the timestamps that are certainly outside of it.

The days of a call and the timestamps of an answer have no time zone. Each may be in any zone from
UTC-12 to UTC+14, so a timestamp is a span of moments, and a range is as wide as any zone allows.
Outside is only what no time zone could explain. Moments are seconds since 1970, UTC.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from typing import NamedTuple

_EPOCH = datetime(1970, 1, 1)
_HOUR = 3600
_DAY = 24 * _HOUR
_EAST = 14 * _HOUR
_WEST = 12 * _HOUR

_ISO = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,][0-9]{1,9})?"
    r" ?([Zz]|UTC|([+-])([0-9]{2}):?([0-9]{2}))?"
)
_RFC = re.compile(
    r"(?:[A-Z][a-z]{2}, )?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}:[0-9]{2}:[0-9]{2})"
    r" (?:GMT|UTC|([+-])([0-9]{2})([0-9]{2}))"
)
_UNIX = re.compile(r"([0-9]{9,10})(?:\.[0-9]{1,9})?|([0-9]{12,13})")
_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}


class DateRange(NamedTuple):
    """The earliest and the latest moment that a time can mean."""

    least: float
    most: float

    def misses(self, other: DateRange) -> bool:
        """Whether the two have no moment in common."""
        return self.most < other.least or self.least > other.most


ALWAYS = DateRange(float("-inf"), float("inf"))


def moment(time: datetime) -> DateRange:
    """The moments that a timestamp can mean; only one if it has a zone."""
    if time.tzinfo is None:
        seconds = _seconds(time)
        return DateRange(seconds - _EAST, seconds + _WEST)
    return _exactly(_seconds(time.astimezone(timezone.utc).replace(tzinfo=None)))


def since_day(day: str) -> DateRange:
    """From the first moment of a day, in the zone where it begins first."""
    return DateRange(_seconds(_midnight(day)) - _EAST, ALWAYS.most)


def until_day(day: str) -> DateRange:
    """To the last second of a day, in the zone where it ends last."""
    return DateRange(ALWAYS.least, _seconds(_midnight(day)) + _DAY + _WEST - 1)


def last_days(count: int, now: DateRange) -> DateRange:
    """The last days before a time, its own included ("includes today").

    Its own day may have begun up to 24 hours before.
    """
    return DateRange(now.least - count * _DAY, now.most + _DAY)


def since(seconds: str) -> DateRange:
    """From a Unix time."""
    return DateRange(int(seconds), ALWAYS.most)


def until(seconds: str) -> DateRange:
    """To a Unix time."""
    return DateRange(ALWAYS.least, int(seconds))


def read_time(text: str | None) -> DateRange | None:
    """Read the time of a capture; None if its form is unknown.

    Known forms are ISO 8601 (`2009-06-10T12:40:30.5Z`), the dates of HTTP and mail, and Unix
    seconds or milliseconds.
    """
    text = (text or "").strip()
    unix = _UNIX.fullmatch(text)
    if unix is not None:
        return _exactly(int(unix[1]) if unix[1] else int(unix[2]) // 1000)
    try:
        return _read_iso(text) or _read_rfc(text)
    except ValueError:  # Not a date of the calendar.
        return None


def _read_iso(text: str) -> DateRange | None:
    found = _ISO.fullmatch(text)
    if found is None:
        return None
    seconds = _seconds(datetime.fromisoformat(f"{found[1]} {found[2]}"))
    if found[3] is None:
        return DateRange(seconds - _EAST, seconds + _WEST)
    return _exactly(seconds - _offset(*found.group(4, 5, 6)))


def _read_rfc(text: str) -> DateRange | None:
    found = _RFC.fullmatch(text)
    if found is None or found[2] not in _MONTHS:
        return None
    written = f"{found[3]}-{_MONTHS[found[2]]:02}-{int(found[1]):02} {found[4]}"
    return _exactly(_seconds(datetime.fromisoformat(written)) - _offset(*found.group(5, 6, 7)))


def _offset(sign: str | None, hours: str | None, minutes: str | None) -> int:
    if sign is None:
        return 0
    return (-1 if sign == "-" else 1) * (int(hours or 0) * _HOUR + int(minutes or 0) * 60)


def _exactly(seconds: int) -> DateRange:
    return DateRange(seconds, seconds)


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time())


def _seconds(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(seconds=1)
