"""Timestamps without a zone to moments and back, in a zone that the caller names.

The API's timestamps have no zone, and this library never assumes one. When a zone's clock is set
back or forward, an hour occurs twice or never. `to_moment` refuses such times unless `fold` chooses
one of the two (0: the earlier, 1: the later, as in `datetime.fold`).

Every exception that a foreign `tzinfo` raises becomes an error of this library.
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
    """The zone of timestamps; `fold` chooses between two times in an hour that occurs twice."""

    name: str
    info: tzinfo
    fold: Fold | None = None


class ZoneError(ValueError):
    """A timestamp that is not exactly one moment of its zone; `rule` is the broken rule."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(reason)
        self.rule = rule


def find_zone(zone: str | tzinfo | None, fold: Fold | None = None) -> Zone | None:
    """The zone with a name such as `America/Los_Angeles`, or of a `tzinfo`.

    Raises `ArgumentError` if the machine's zone data lacks the name, and for a `tzinfo` that does
    not return an offset for every time.
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
        hint = "if this machine has no zone data, run `pip install tzdata`"
        raise ArgumentError(
            f"expected a zone such as America/Los_Angeles, found {quote(zone)}; {hint}"
        ) from None


def to_moment(naive: datetime, zone: Zone) -> datetime:
    """The moment, in UTC, at which the zone's clock showed a timestamp.

    Raises `ZoneError` if that was never, or twice and the zone has no `fold`.
    """
    earlier, later = (in_utc(naive.replace(tzinfo=zone.info, fold=fold)) for fold in (0, 1))
    if earlier < later and zone.fold is None:
        raise ZoneError("ambiguous-time", f"a time that occurred twice in {zone.name}")
    moment = later if zone.fold else earlier
    if _clock(moment, zone) != naive:
        raise ZoneError("nonexistent-time", f"a time that {zone.name} skipped")
    return moment


def from_moment(moment: datetime, zone: Zone) -> datetime:
    """The timestamp that the zone's clock showed at a moment.

    Raises `ZoneError` if that timestamp does not convert back to the same moment.
    """
    moment = in_utc(moment)
    naive = _clock(moment, zone)
    if to_moment(naive, zone) != moment:
        raise ZoneError("ambiguous-time", f"a time that occurred twice in {zone.name}")
    return naive


def localise(records: Sequence[Any], names: Sequence[str], zone: Zone) -> list[Any]:
    """The records with moments instead of timestamps in the fields `names`. Raises `ZoneError`."""
    found = list(records)
    for name in names:
        for place, record in enumerate(found):
            naive: datetime | None = getattr(record, name)
            if naive is not None and naive.tzinfo is None:
                found[place] = msgspec.structs.replace(record, **{name: to_moment(naive, zone)})
    return found


def is_naive(time: datetime) -> bool:
    """Whether a time is naive as `datetime` defines it: no zone, or a zone without an offset.

    Raises `ZoneError` if the zone raises.
    """
    with _zone_errors():
        return time.utcoffset() is None


def in_utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises `ZoneError` if its zone returns no offset."""
    with _zone_errors():
        offset = moment.utcoffset()
        if offset is not None:
            return moment.replace(tzinfo=timezone.utc, fold=0) - offset
    raise ZoneError("invalid-timestamp", "a time whose zone has no offset")


def _clock(moment: datetime, zone: Zone) -> datetime:
    """The time that the zone's clock showed at a moment in UTC."""
    with _zone_errors():
        return moment.astimezone(zone.info).replace(tzinfo=None, fold=0)


@contextmanager
def _zone_errors() -> Iterator[None]:
    try:
        yield
    except OverflowError:
        raise ZoneError("invalid-timestamp", "a moment outside the years 1 to 9999") from None
    except Exception:  # A caller's `tzinfo` may raise anything.
        raise ZoneError("invalid-timestamp", "a time whose zone has no offset") from None


def _checked(zone: tzinfo, fold: Fold | None) -> Zone:
    """The zone of a `tzinfo` that works with `astimezone`, in winter and in summer.

    Those of pytz do not: `astimezone` replaces them, and their own offset is that of long ago.
    """
    moments = [datetime(2009, month, 1, tzinfo=timezone.utc) for month in (1, 7)]
    try:
        known = all(moment.astimezone(zone).tzinfo is zone for moment in moments)
        name = f"{zone!s:.60}"
    except Exception:  # So may its `str`.
        known = False
    if not known:
        found = f"{type(zone).__module__}.{type(zone).__name__}"
        raise ArgumentError(
            f"expected a tzinfo that works at any time, such as a ZoneInfo, found {found}"
        )
    return Zone(name, zone, fold)
