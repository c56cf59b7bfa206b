"""Timestamps without a zone to moments and back, where the caller says which zone they were in.

The wire's timestamps name no zone, so nobody may choose one for the caller. Twice a year a zone's
clock shows one hour twice, or none at all: there `to_moment` refuses rather than choose, unless the
caller says which of the two by `fold` (0 the earlier, 1 the later, as in `datetime.fold`).
"""

from __future__ import annotations

from datetime import datetime, timezone, tzinfo
from typing import Literal

import msgspec

from sgformats.errors import ArgumentError, quote

Fold = Literal[0, 1]


class Zone(msgspec.Struct, frozen=True, eq=False):
    """A zone that timestamps are read and written in; `fold` decides the hour that comes twice."""

    name: str
    info: tzinfo
    fold: Fold | None = None


class ZoneError(ValueError):
    """A timestamp that names no one moment of its zone; `rule` says which way."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule


def find_zone(zone: str | tzinfo | None, fold: Fold | None = None) -> Zone | None:
    """The zone of a name such as `America/Los_Angeles`, or of a `tzinfo`.

    Raises `ArgumentError` for a name that the machine's zone data does not have.
    """
    if fold not in (None, 0, 1):
        raise ArgumentError(f"expected fold to be 0, 1 or None, found {fold!r:.60}")
    if zone is None:
        return None
    if isinstance(zone, tzinfo):
        return Zone(str(zone), zone, fold)
    if not isinstance(zone, str):
        found = type(zone).__name__
        raise ArgumentError(f"expected a zone's name or a tzinfo, found {found}")
    if zone.upper() == "UTC":
        return Zone("UTC", timezone.utc, fold)
    from zoneinfo import ZoneInfo

    try:
        return Zone(zone, ZoneInfo(zone), fold)
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError
        hint = "where the machine has no zone data, `pip install tzdata` brings it"
        raise ArgumentError(
            f"expected a zone such as America/Los_Angeles, found {quote(zone)}; {hint}"
        ) from None


def to_moment(naive: datetime, zone: Zone) -> datetime:
    """The moment, in UTC, at which the zone's clock showed a timestamp.

    Raises `ZoneError` where it showed it twice (and no `fold` decides) or never.
    """
    earlier, later = (naive.replace(tzinfo=zone.info, fold=fold) for fold in (0, 1))
    before, after = earlier.utcoffset(), later.utcoffset()
    if before is None or after is None:
        raise ZoneError("invalid-timestamp", f"the zone {zone.name} has no offset then")
    if before < after:
        raise ZoneError("nonexistent-time", f"a time that {zone.name} skipped")
    if before > after and zone.fold is None:
        raise ZoneError("ambiguous-time", f"a time that came twice in {zone.name}")
    try:
        return (later if zone.fold else earlier).astimezone(timezone.utc)
    except OverflowError:
        raise ZoneError("invalid-timestamp", "a moment outside the years 1 to 9999") from None


def from_moment(moment: datetime, zone: Zone) -> datetime:
    """The timestamp that the zone's clock showed at a moment.

    Raises `ZoneError` where the same timestamp came twice, so that no reader could tell which.
    """
    try:
        naive = moment.astimezone(zone.info).replace(tzinfo=None, fold=0)
    except OverflowError:
        raise ZoneError("invalid-timestamp", "a moment outside the years 1 to 9999") from None
    if to_moment(naive, zone) != moment:
        raise ZoneError("ambiguous-time", f"a time that came twice in {zone.name}")
    return naive
