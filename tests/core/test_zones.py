"""Time zones: timestamps to moments and back, and every refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats
from sgformats import ArgumentError
from sgformats._model.zones import ZoneError, find_zone, from_moment, in_utc, to_moment
from tests.core.zonekit import (
    ANGELES,
    BARE,
    MOMENT,
    NAIVE,
    SKIPPED,
    TWICE,
    UTC,
    V2_JSON,
    V2_XML,
    MeanTime,
    Odd,
    broken,
    emails,
    refusal,
    today_only,
)


class Pytz(MeanTime):
    """Like a zone of pytz: local mean time itself, but `fromutc` gives moments of another zone."""

    def fromutc(self, moment: datetime) -> datetime:
        return (moment - timedelta(hours=8)).replace(tzinfo=timezone(timedelta(hours=-8)))


class Foldless(MeanTime):
    """Like a zone of dateutil: in the skipped hour it has one offset, whatever the fold."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        assert moment is not None
        summer = moment.replace(tzinfo=None) >= datetime(2009, 3, 8, 2)
        return timedelta(hours=-7 if summer else -8)

    def fromutc(self, moment: datetime) -> datetime:
        summer = moment.replace(tzinfo=None) >= datetime(2009, 3, 8, 10)
        return moment + timedelta(hours=-7 if summer else -8)


# A zone, by its name or as a value.
def test_a_zone_is_found_by_its_name() -> None:
    zone = find_zone(ANGELES, 1)
    assert zone is not None
    assert (zone.name, zone.info, zone.fold) == (ANGELES, ZoneInfo(ANGELES), 1)


def test_utc_needs_no_data() -> None:
    for name in ("UTC", "utc"):
        zone = find_zone(name)
        assert zone is not None
        assert (zone.name, zone.info, zone.fold) == ("UTC", UTC, None)


def test_a_zone_may_be_a_tzinfo() -> None:
    for info, name in ((timezone(timedelta(hours=-7)), "UTC-07:00"), (ZoneInfo(ANGELES), ANGELES)):
        zone = find_zone(info, 0)
        assert zone is not None
        assert (zone.name, zone.info, zone.fold) == (name, info, 0)


def test_no_zone_is_none() -> None:
    assert (find_zone(None), find_zone(None, 1)) == (None, None)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "America", "../etc/passwd", "/etc/localtime", "a\0b", "\ud800", "A" * 999],
)
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"^expected a zone such as America/Los_Angeles, found"):
        find_zone(name)


@pytest.mark.parametrize("call", ["parse", "validate", "encode", "convert", "compare"])
def test_every_call_refuses_a_wrong_zone(call: str) -> None:
    calls: dict[str, Callable[..., object]] = {
        "parse": lambda **options: sgformats.parse(V2_JSON, "invalidemails.get", **options),
        "validate": lambda **options: sgformats.validate(V2_JSON, "invalidemails.get", **options),
        "encode": lambda **options: sgformats.encode(emails(NAIVE), "json-v3", **options),
        "convert": lambda **options: sgformats.convert(V2_JSON, "json-v3", **options),
        "compare": lambda **options: sgformats.compare(V2_JSON, V2_XML, **options),
    }
    with pytest.raises(ArgumentError, match=r'^expected a zone such as .*, found "Mars"; if this '):
        calls[call](zone="Mars")
    with pytest.raises(ArgumentError, match=r"^expected a zone's name or a tzinfo, found 7$"):
        calls[call](zone=7)
    with pytest.raises(ArgumentError, match=r"^expected fold to be 0, 1 or None, found 2$"):
        calls[call](zone=ANGELES, fold=2)


@pytest.mark.parametrize(
    "zone",
    [
        BARE,
        Odd(broken),
        Odd(lambda moment: None),
        Odd(lambda moment: 7),
        Odd(lambda moment: timedelta(days=2)),
        Pytz(),
    ],
)
def test_a_tzinfo_without_a_reliable_offset_is_refused(zone: tzinfo) -> None:
    kind = f"{type(zone).__module__}.{type(zone).__name__}"
    expected = "expected a tzinfo that works at any time, such as a ZoneInfo, found "
    with pytest.raises(ArgumentError) as refused:
        sgformats.parse(V2_JSON, "invalidemails.get", zone=zone)
    assert str(refused.value) == expected + kind


# Timestamps to moments and back.
@pytest.mark.parametrize(
    ("naive", "fold", "hour"),
    [
        (datetime(2009, 3, 8, 1, 59, 59), None, 9),
        (datetime(2009, 3, 8, 3, 0, 0), None, 10),
        (datetime(2009, 11, 1, 0, 59, 59), None, 7),
        (datetime(2009, 11, 1, 1, 0, 0), 0, 8),
        (datetime(2009, 11, 1, 1, 59, 59), 0, 8),
        (datetime(2009, 11, 1, 1, 0, 0), 1, 9),
        (datetime(2009, 11, 1, 1, 59, 59), 1, 9),
        (datetime(2009, 11, 1, 2, 0, 0), None, 10),
    ],
)
def test_a_timestamp_converts_to_a_moment_and_back(naive: datetime, fold: Any, hour: int) -> None:
    zone = find_zone(ANGELES, fold)
    assert zone is not None
    moment = to_moment(naive, zone)
    assert repr(moment) == repr(naive.replace(hour=hour, tzinfo=UTC))
    assert repr(from_moment(moment, zone)) == repr(naive)


@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_skipped_timestamp_has_no_moment(fold: Any) -> None:
    for info in (ZoneInfo(ANGELES), Foldless()):
        zone = find_zone(info, fold)
        assert zone is not None
        with pytest.raises(ZoneError, match=r"^a time that .* skipped$") as refused:
            to_moment(SKIPPED, zone)
        assert refused.value.rule == "nonexistent-time"


def test_an_ambiguous_timestamp_needs_a_fold() -> None:
    zone = find_zone(ANGELES)
    assert zone is not None
    with pytest.raises(ZoneError, match=f"^a time that occurred twice in {ANGELES}$") as refused:
        to_moment(TWICE, zone)
    assert refused.value.rule == "ambiguous-time"


@pytest.mark.parametrize(("hour", "fold"), [(8, 1), (9, 0), (8, None), (9, None)])
def test_a_moment_is_not_written_as_the_timestamp_of_another(hour: int, fold: Any) -> None:
    zone = find_zone(ANGELES, fold)
    assert zone is not None
    with pytest.raises(ZoneError, match=r"^a time that occurred twice in ") as refused:
        from_moment(datetime(2009, 11, 1, hour, 30, tzinfo=UTC), zone)
    assert refused.value.rule == "ambiguous-time"


def test_an_aware_datetime_keeps_its_fold() -> None:
    for fold in (0, 1):
        there = TWICE.replace(tzinfo=ZoneInfo(ANGELES), fold=fold)
        zone = find_zone(ANGELES, 1 if fold else 0)
        assert zone is not None
        assert repr(in_utc(there)) == repr(datetime(2009, 11, 1, 8 + fold, 30, tzinfo=UTC))
        assert repr(from_moment(there, zone)) == repr(TWICE)


@pytest.mark.parametrize(
    ("naive", "zone"),
    [
        (datetime(1, 1, 1), "Asia/Tokyo"),
        (datetime(9999, 12, 31, 23, 59, 59), ANGELES),
        (datetime(1, 1, 1), timezone(timedelta(hours=23))),
        (datetime(9999, 12, 31, 23, 59, 59), timezone(timedelta(microseconds=-1000000))),
    ],
)
def test_a_moment_outside_the_calendar_is_refused(naive: datetime, zone: str | tzinfo) -> None:
    place = find_zone(zone)
    assert place is not None
    message = "^a moment outside the years 1 to 9999$"
    with pytest.raises(ZoneError, match=message) as refused:
        to_moment(naive, place)
    assert refused.value.rule == "invalid-timestamp"


@pytest.mark.parametrize(
    ("moment", "zone"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), ANGELES),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "Asia/Tokyo"),
        (datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=1))), "UTC"),
    ],
)
def test_a_timestamp_outside_the_calendar_is_refused(moment: datetime, zone: str) -> None:
    place = find_zone(zone)
    assert place is not None
    with pytest.raises(ZoneError, match=r"^a moment outside the years 1 to 9999$") as refused:
        from_moment(moment, place)
    assert refused.value.rule == "invalid-timestamp"
    assert refusal(emails(moment), "json", zone=zone) == ("[0].created", str(refused.value))


def test_the_first_and_the_last_timestamp_have_moments() -> None:
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
    for naive, zone in ((first, "UTC"), (last, "UTC"), (first, ANGELES), (last, "Asia/Tokyo")):
        place = find_zone(zone)
        assert place is not None
        assert from_moment(to_moment(naive, place), place) == naive


def test_a_missing_offset_is_a_problem_of_the_timestamp() -> None:
    later = V2_JSON.replace(b"2009", b"2010")
    zone = Odd(today_only)
    reply = sgformats.parse(V2_JSON, "invalidemails.get", zone=zone)
    assert reply == emails(MOMENT)
    (problem,) = sgformats.validate(later, "invalidemails.get", zone=zone)
    assert (problem.rule, problem.location.path) == ("invalid-timestamp", "[0].created")
    assert problem.message == (
        'expected one moment of Odd/Zone, found "2010-06-10 05:40:30", '
        "a time whose zone has no offset"
    )
    reason = "a time whose zone has no offset"
    late = datetime(2010, 6, 10, 5, 40, 30)
    assert refusal(emails(late), "json-v3", zone=zone) == ("[0].created", reason)
    moment = late.replace(tzinfo=UTC)
    assert refusal(emails(moment), "xml", zone=zone) == ("[0].created", reason)


@given(
    st.datetimes(datetime(1900, 1, 3), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from([ANGELES, "Europe/Dublin", "Australia/Lord_Howe", "Pacific/Apia", "UTC"]),
)
def test_every_moment_is_written_with_one_fold_and_read_back(moment: datetime, name: str) -> None:
    written = []
    for fold in (0, 1):
        zone = find_zone(name, 1 if fold else 0)
        assert zone is not None
        try:
            naive = from_moment(moment, zone)
        except ZoneError as error:
            assert error.rule == "ambiguous-time"
        else:
            assert naive == moment.astimezone(zone.info).replace(tzinfo=None)
            assert to_moment(naive, zone) == moment
            written.append(fold)
    assert written
