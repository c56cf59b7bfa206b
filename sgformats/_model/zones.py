"""Timestamps without a zone to moments and back, where the caller says which zone they were in.

The wire's timestamps name no zone, so nobody may choose one for the caller. Twice a year a zone's
clock shows one hour twice, or none at all: there `to_moment` refuses rather than choose, unless the
caller says which of the two by `fold` (0 the earlier, 1 the later, as in `datetime.fold`).

A `tzinfo` is other people's code: whatever it raises becomes an error of this library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone, tzinfo
from typing import Any, Literal

import msgspec

from sgformats.errors import ArgumentError, describe, quote

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

    Raises `ArgumentError` for a name that the machine's zone data does not have, and for a `tzinfo`
    that cannot tell its offset at any time.
    """
    if fold is not None and (type(fold) is not int or fold not in (0, 1)):
        raise ArgumentError(f"expected fold to be 0, 1 or None, found {describe(fold)}")
    if zone is None:
        return None
    if isinstance(zone, tzinfo):
        return _checked(zone, fold)
    if not isinstance(zone, str):
        raise ArgumentError(f"expected a zone's name or a tzinfo, found {describe(zone)}")
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
    earlier, later = (in_utc(naive.replace(tzinfo=zone.info, fold=fold)) for fold in (0, 1))
    if earlier < later and zone.fold is None:
        raise ZoneError("ambiguous-time", f"a time that came twice in {zone.name}")
    moment = later if zone.fold else earlier
    if _clock(moment, zone) != naive:
        raise ZoneError("nonexistent-time", f"a time that {zone.name} skipped")
    return moment


def from_moment(moment: datetime, zone: Zone) -> datetime:
    """The timestamp that the zone's clock showed at a moment.

    Raises `ZoneError` where the same timestamp came twice, so that no reader could tell which.
    """
    moment = in_utc(moment)
    naive = _clock(moment, zone)
    if to_moment(naive, zone) != moment:
        raise ZoneError("ambiguous-time", f"a time that came twice in {zone.name}")
    return naive


def localise(records: Sequence[Any], names: Sequence[str], zone: Zone) -> list[Any]:
    """The records with moments in some fields. Raises what `to_moment` raises."""
    found = list(records)
    for name in names:
        for place, record in enumerate(found):
            naive: datetime | None = getattr(record, name)
            if naive is not None and naive.tzinfo is None:
                found[place] = msgspec.structs.replace(record, **{name: to_moment(naive, zone)})
    return found


def is_naive(time: datetime) -> bool:
    """Whether a time names no moment, as `datetime` has it: no zone, or one that has no offset.

    Raises `ZoneError` where the zone does not tell.
    """
    with _asking():
        return time.utcoffset() is None


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises `ZoneError` where its zone does not tell."""
    with _asking():
        offset = moment.utcoffset()
        if offset is not None:
            return moment.replace(tzinfo=timezone.utc, fold=0) - offset
    raise ZoneError("invalid-timestamp", "a time whose zone tells no offset")


def _clock(moment: datetime, zone: Zone) -> datetime:
    """What the zone's clock showed at a moment in UTC."""
    with _asking():
        return moment.astimezone(zone.info).replace(tzinfo=None, fold=0)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except OverflowError:
        raise ZoneError("invalid-timestamp", "a moment outside the years 1 to 9999") from None
    except Exception:
        raise ZoneError("invalid-timestamp", "a time whose zone tells no offset") from None


def _checked(zone: tzinfo, fold: Fold | None) -> Zone:
    """The zone of a `tzinfo` that answers for itself, in winter and in summer.

    Those of pytz give out others in their place, and by themselves tell the offset of long ago.
    """
    moments = [datetime(2009, month, 1, tzinfo=timezone.utc) for month in (1, 7)]
    try:
        known = all(moment.astimezone(zone).tzinfo is zone for moment in moments)
        name = f"{zone!s:.60}"
    except Exception:
        known = False
    if not known:
        found = f"{type(zone).__module__}.{type(zone).__name__}"
        raise ArgumentError(
            f"expected a tzinfo that tells its offset at any time, as zoneinfo's do, found {found}"
        )
    return Zone(name, zone, fold)
