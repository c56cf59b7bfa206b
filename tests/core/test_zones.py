"""Zones and the successor's format: moments there and back, and every refusal with its path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats
from sgformats import (
    ArgumentError,
    Block,
    Bounce,
    Count,
    EncodeError,
    Failure,
    InvalidEmail,
    Listing,
    SpamReport,
    Success,
    Unsubscribe,
    ValidationError,
)
from sgformats.payload import Format
from sgformats.zones import ZoneError, find_zone, from_moment, in_utc, to_moment

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
V3_JSON = b'[{"created":1244637630,"email":"a","reason":"r"}]'


Nothing: Any = tzinfo
BARE: tzinfo = Nothing()


class Sun(tzinfo):
    """The sun's time of Los Angeles."""

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return timedelta(hours=-7, minutes=-53)

    def dst(self, moment: datetime | None) -> timedelta:
        return timedelta(0)

    def tzname(self, moment: datetime | None) -> str:
        return "LMT"


class Odd(Sun):
    """A zone whose offset is whatever a function says, raises or returns."""

    def __init__(self, offset: Callable[[datetime | None], Any]) -> None:
        self.offset = offset

    def utcoffset(self, moment: datetime | None) -> Any:
        return self.offset(moment)

    def __str__(self) -> str:
        return "Odd/Zone"


def broken(moment: datetime | None) -> Any:
    raise RuntimeError("not today")


def today_only(moment: datetime | None) -> timedelta | None:
    """An offset in 2009, none later."""
    return timedelta(hours=-7) if moment is not None and moment.year == 2009 else None


class Stand(Sun):
    """Like a zone of pytz: by itself the sun's time, and others stand in for it."""

    def fromutc(self, moment: datetime) -> datetime:
        return (moment - timedelta(hours=8)).replace(tzinfo=timezone(timedelta(hours=-8)))


class Foldless(Sun):
    """Like a zone of dateutil in spring: one offset for each second of the skipped hour."""

    def utcoffset(self, moment: datetime | None) -> timedelta:
        assert moment is not None
        summer = moment.replace(tzinfo=None) >= datetime(2009, 3, 8, 2)
        return timedelta(hours=-7 if summer else -8)

    def fromutc(self, moment: datetime) -> datetime:
        summer = moment.replace(tzinfo=None) >= datetime(2009, 3, 8, 10)
        return moment + timedelta(hours=-7 if summer else -8)


def emails(*created: datetime | None) -> Listing[Any]:
    return Listing("invalidemails", tuple(InvalidEmail("a", "r", when) for when in created))


def refusal(reply: Any, format: Format, **said: Any) -> tuple[str, str]:
    with pytest.raises(EncodeError) as refused:
        sgformats.encode(reply, format, **said)
    return refused.value.path, refused.value.reason


# A zone, by its name or as a value.


def test_a_zone_is_known_by_its_name() -> None:
    zone = find_zone(ANGELES, 1)
    assert zone is not None
    assert (zone.name, zone.info, zone.fold) == (ANGELES, ZoneInfo(ANGELES), 1)


def test_utc_needs_no_data() -> None:
    for name in ("UTC", "utc"):
        zone = find_zone(name)
        assert zone is not None
        assert (zone.name, zone.info, zone.fold) == ("UTC", UTC, None)


def test_a_zone_may_be_a_value() -> None:
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
def test_a_name_that_is_no_zone_s_is_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"^expected a zone such as America/Los_Angeles, found"):
        find_zone(name)


@pytest.mark.parametrize("call", ["parse", "validate", "encode", "convert", "compare"])
def test_every_call_refuses_what_is_no_zone(call: str) -> None:
    calls: dict[str, Callable[..., object]] = {
        "parse": lambda **said: sgformats.parse(V2_JSON, "invalidemails.get", **said),
        "validate": lambda **said: sgformats.validate(V2_JSON, "invalidemails.get", **said),
        "encode": lambda **said: sgformats.encode(emails(NAIVE), "json-v3", **said),
        "convert": lambda **said: sgformats.convert(V2_JSON, "json-v3", **said),
        "compare": lambda **said: sgformats.compare(V2_JSON, V2_XML, **said),
    }
    with pytest.raises(ArgumentError, match=r'^expected a zone such as .*, found "Mars"; where '):
        calls[call](zone="Mars")
    with pytest.raises(ArgumentError, match=r"^expected a zone's name or a tzinfo, found int$"):
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
        Stand(),
    ],
)
def test_a_value_that_cannot_tell_its_offset_is_no_zone(zone: tzinfo) -> None:
    kind = f"{type(zone).__module__}.{type(zone).__name__}"
    expected = "expected a tzinfo that tells its offset at any time, as zoneinfo's do, found "
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
def test_a_timestamp_is_one_moment_and_back(naive: datetime, fold: Any, hour: int) -> None:
    zone = find_zone(ANGELES, fold)
    assert zone is not None
    moment = to_moment(naive, zone)
    assert repr(moment) == repr(naive.replace(hour=hour, tzinfo=UTC))
    assert repr(from_moment(moment, zone)) == repr(naive)


@pytest.mark.parametrize("fold", [None, 0, 1])
def test_a_skipped_timestamp_is_no_moment(fold: Any) -> None:
    for info in (ZoneInfo(ANGELES), Foldless()):
        zone = find_zone(info, fold)
        assert zone is not None
        with pytest.raises(ZoneError, match=r"^a time that .* skipped$") as refused:
            to_moment(SKIPPED, zone)
        assert refused.value.rule == "nonexistent-time"


def test_a_timestamp_that_came_twice_is_no_moment_without_a_fold() -> None:
    zone = find_zone(ANGELES)
    assert zone is not None
    with pytest.raises(ZoneError, match=f"^a time that came twice in {ANGELES}$") as refused:
        to_moment(TWICE, zone)
    assert refused.value.rule == "ambiguous-time"


@pytest.mark.parametrize(("hour", "fold"), [(8, 1), (9, 0), (8, None), (9, None)])
def test_a_moment_is_no_timestamp_that_would_be_read_as_another(hour: int, fold: Any) -> None:
    zone = find_zone(ANGELES, fold)
    assert zone is not None
    with pytest.raises(ZoneError, match=r"^a time that came twice in ") as refused:
        from_moment(datetime(2009, 11, 1, hour, 30, tzinfo=UTC), zone)
    assert refused.value.rule == "ambiguous-time"


def test_a_moment_told_in_its_own_zone_keeps_its_fold() -> None:
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


def test_the_calendar_s_edges_are_moments() -> None:
    first, last = datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59)
    for naive, zone in ((first, "UTC"), (last, "UTC"), (first, ANGELES), (last, "Asia/Tokyo")):
        place = find_zone(zone)
        assert place is not None
        assert from_moment(to_moment(naive, place), place) == naive


def test_a_zone_that_stops_telling_its_offset_is_a_problem_of_the_timestamp() -> None:
    later = V2_JSON.replace(b"2009", b"2010")
    zone = Odd(today_only)
    reply = sgformats.parse(V2_JSON, "invalidemails.get", zone=zone)
    assert reply == emails(MOMENT)
    (problem,) = sgformats.validate(later, "invalidemails.get", zone=zone)
    assert (problem.rule, problem.location.path) == ("invalid-timestamp", "[0].created")
    assert problem.message == (
        'expected one moment of Odd/Zone, found "2010-06-10 05:40:30", '
        "a time whose zone tells no offset"
    )
    reason = "a time whose zone tells no offset"
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


# Replies into the successor's format.


def test_a_timestamp_without_a_zone_is_not_written_as_seconds() -> None:
    place, reason = refusal(emails(MOMENT, NAIVE), "json-v3")
    assert (place, reason) == (
        "[1].created",
        "json-v3 counts seconds in UTC: say with zone= where it was",
    )


def test_a_record_without_a_timestamp_is_not_written_as_the_successor_s() -> None:
    reason = "json-v3 needs a created in every record, found NoneType"
    assert refusal(emails(MOMENT, None), "json-v3", zone=ANGELES) == ("[1].created", reason)
    odd: Any = "2009-06-10 12:40:30"
    reason = "json-v3 needs a created in every record, found str"
    assert refusal(emails(odd), "json-v3", zone=ANGELES) == ("[0].created", reason)


@pytest.mark.parametrize(
    "created",
    [
        MOMENT,
        MOMENT.astimezone(timezone(timedelta(hours=5, minutes=45))),
        MOMENT.astimezone(ZoneInfo(ANGELES)),
        NAIVE.replace(tzinfo=Odd(today_only)),
    ],
)
def test_a_moment_needs_no_zone_whatever_it_is_told_in(created: datetime) -> None:
    assert sgformats.encode(emails(created), "json-v3") == V3_JSON
    assert sgformats.encode(emails(created), "json-v3", zone="Asia/Tokyo") == V3_JSON


@pytest.mark.parametrize("fold", [0, 1])
def test_a_moment_that_came_twice_is_written_by_its_fold(fold: int) -> None:
    created = TWICE.replace(tzinfo=ZoneInfo(ANGELES), fold=fold)
    seconds = 1257064200 + 3600 * fold
    expected = b'[{"created":%d,"email":"a","reason":"r"}]' % seconds
    assert sgformats.encode(emails(created), "json-v3") == expected


@pytest.mark.parametrize(
    ("created", "reason"),
    [
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "json-v3 counts seconds from 1970 on"),
        (datetime(1, 1, 1, tzinfo=UTC), "json-v3 counts seconds from 1970 on"),
        (MOMENT.replace(microsecond=1), "json-v3 has no fraction of a second"),
        (MOMENT - timedelta(days=99999, microseconds=1), "json-v3 has no fraction of a second"),
        (
            MOMENT.replace(tzinfo=timezone(timedelta(microseconds=1))),
            "json-v3 has no fraction of a second",
        ),
        (NAIVE.replace(microsecond=1), "json-v3 has no fraction of a second"),
        (TWICE, f"a time that came twice in {ANGELES}"),
        (SKIPPED, f"a time that {ANGELES} skipped"),
        (datetime(9999, 12, 31, 23, 59, 59), "a moment outside the years 1 to 9999"),
        (MOMENT.replace(tzinfo=BARE), "a time whose zone tells no offset"),
        (MOMENT.replace(tzinfo=Odd(broken)), "a time whose zone tells no offset"),
        (MOMENT.replace(tzinfo=Odd(lambda moment: 5)), "a time whose zone tells no offset"),
    ],
)
def test_what_is_no_whole_second_from_1970_is_refused(created: datetime, reason: str) -> None:
    reply = emails(MOMENT, created)
    assert refusal(reply, "json-v3", zone=ANGELES) == ("[1].created", reason)


def test_the_edges_of_the_seconds_are_written() -> None:
    first = datetime(1970, 1, 1, tzinfo=UTC)
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    body = sgformats.encode(emails(first, last), "json-v3")
    assert b'"created":0,' in body
    assert b'"created":253402300799,' in body
    assert repr(sgformats.parse(body, "invalidemails.get")) == repr(emails(first, last))


@pytest.mark.parametrize(
    ("records", "method", "body"),
    [
        (
            [Bounce("a", "5.1.1", "r", MOMENT)],
            "bounces",
            b'[{"created":1244637630,"email":"a","reason":"r","status":"5.1.1"}]',
        ),
        (
            [Block("a", "4.0.0", "é/<", MOMENT)],
            "blocks",
            '[{"created":1244637630,"email":"a","reason":"é/<","status":"4.0.0"}]'.encode(),
        ),
        (
            [SpamReport("a", "10.0.0.1", MOMENT), SpamReport("b", None, MOMENT)],
            "spamreports",
            b'[{"created":1244637630,"email":"a","ip":"10.0.0.1"},'
            b'{"created":1244637630,"email":"b"}]',
        ),
        ([], "blocks", b"[]"),
    ],
)
def test_every_list_is_written_as_the_successor_orders_it(
    records: Sequence[Any], method: str, body: bytes
) -> None:
    reply: Listing[Any] = Listing(method, tuple(records))
    assert sgformats.encode(reply, "json-v3") == body
    read = sgformats.parse(body, f"{method}.get", format="json-v3")
    assert repr(read) == repr(reply)


def test_the_successor_s_lists_are_laid_out_or_escaped_like_the_others() -> None:
    reply = Listing("invalidemails", (InvalidEmail("é", "r", MOMENT),))
    laid_out = sgformats.encode(reply, "json-v3", indent=True)
    escaped = sgformats.encode(reply, "json-v3", encoding="US-ASCII")
    assert laid_out.decode() == (
        '[\n  {\n    "created": 1244637630,\n    "email": "é",\n    "reason": "r"\n  }\n]'
    )
    assert escaped == b'[{"created":1244637630,"email":"\\u00e9","reason":"r"}]'


def test_a_list_that_the_successor_does_not_have_is_not_written() -> None:
    for records in ((), (Unsubscribe("a", MOMENT),)):
        path, _ = refusal(Listing("unsubscribes", records), "json-v3")
        assert path == "method"


def test_a_failure_is_written_as_a_list_of_errors() -> None:
    body = sgformats.encode(Failure("error", ("a", "é")), "json-v3")
    assert body == '{"errors":[{"field":null,"message":"a"},{"field":null,"message":"é"}]}'.encode()
    assert sgformats.parse(body) == Failure("error", ("a", "é"))


@pytest.mark.parametrize(
    ("reply", "path", "reason"),
    [
        (Success(), "", "json-v3 has no body for a success"),
        (Count(2), "", "json-v3 has no body for a count"),
        (Failure("error", ("a",), 401), "code", "json-v3 has no code in a failure"),
        (
            Failure("No User Exists", ("a",)),
            "message",
            "json-v3 has only errors: expected the message error and a list",
        ),
        (
            Failure("error"),
            "message",
            "json-v3 has only errors: expected the message error and a list",
        ),
        (
            Failure("error", ("a", "\ud800")),
            "errors[1]",
            "U+D800 is half of a surrogate pair, no character",
        ),
        (
            Listing("invalidemails", (InvalidEmail("a", "\ud800", MOMENT),)),
            "[0].reason",
            "U+D800 is half of a surrogate pair, no character",
        ),
    ],
)
def test_what_the_successor_cannot_say_is_refused(reply: Any, path: str, reason: str) -> None:
    assert refusal(reply, "json-v3") == (path, reason)


# Moments into the older formats.


@pytest.mark.parametrize("others", [(), (None,), (NAIVE,)])
def test_a_time_whose_zone_has_no_offset_is_naive_as_datetime_has_it(others: Any) -> None:
    created = NAIVE.replace(tzinfo=Odd(lambda moment: None))
    told = emails(created, *others)
    for format in OLDER:
        expected = sgformats.encode(emails(NAIVE, *others), format)
        assert sgformats.encode(told, format) == expected
    place, reason = refusal(told, "json-v3")
    assert (place, reason.rpartition(": ")[2]) == ("[0].created", "say with zone= where it was")
    assert sgformats.encode(emails(created), "json-v3", zone=ANGELES) == V3_JSON


@pytest.mark.parametrize("format", OLDER)
def test_a_moment_is_not_written_as_a_timestamp_of_no_zone(format: Format) -> None:
    reason = "the wire's timestamp names no zone: say with zone= which to write"
    assert refusal(emails(NAIVE, MOMENT), format) == ("[1].created", reason)
    assert refusal(emails(MOMENT), format) == ("[0].created", reason)


@pytest.mark.parametrize("format", OLDER)
def test_a_moment_is_written_as_the_zone_s_clock_showed_it(format: Format) -> None:
    expected = sgformats.encode(emails(NAIVE, None), format)
    assert sgformats.encode(emails(MOMENT, None), format, zone=ANGELES) == expected
    there = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert sgformats.encode(emails(there, None), format, zone=ANGELES) == expected
    assert sgformats.encode(emails(NAIVE, None), format, zone="Asia/Tokyo") == expected


@pytest.mark.parametrize("format", OLDER)
@pytest.mark.parametrize(
    ("created", "reason"),
    [
        (MOMENT.replace(microsecond=1), "the wire's timestamp has no fraction of a second"),
        (datetime(2009, 11, 1, 8, 30, tzinfo=UTC), f"a time that came twice in {ANGELES}"),
        (datetime(2009, 11, 1, 9, 30, tzinfo=UTC), f"a time that came twice in {ANGELES}"),
        (MOMENT.replace(tzinfo=BARE), "a time whose zone tells no offset"),
        (MOMENT.replace(tzinfo=Odd(broken)), "a time whose zone tells no offset"),
    ],
)
def test_what_no_clock_shows_once_is_refused(
    format: Format, created: datetime, reason: str
) -> None:
    assert refusal(emails(created), format, zone=ANGELES) == ("[0].created", reason)


@pytest.mark.parametrize(("fold", "hour"), [(0, 8), (1, 9)])
def test_a_fold_says_which_of_two_moments_is_written(fold: Any, hour: int) -> None:
    moment = datetime(2009, 11, 1, hour, 30, tzinfo=UTC)
    body = sgformats.encode(emails(moment), "json", zone=ANGELES, fold=fold)
    assert body == b'[{"email":"a","reason":"r","created":"2009-11-01 01:30:00"}]'
    assert sgformats.parse(body, "invalidemails.get", zone=ANGELES, fold=fold) == emails(moment)


# From one format to another.


@pytest.mark.parametrize("body", [V2_XML, V2_JSON])
def test_the_older_formats_become_the_successor_s_and_come_back(body: bytes) -> None:
    v3 = sgformats.convert(body, "json-v3", "invalidemails.get", zone=ANGELES)
    assert v3 == V3_JSON
    for format, expected in zip(OLDER, (V2_XML, V2_JSON), strict=True):
        back = sgformats.convert(v3, format, "invalidemails.get", zone=ANGELES)
        assert back.removeprefix(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n') == expected
    assert sgformats.convert(v3, "json-v3", "invalidemails.get") == V3_JSON
    reread = sgformats.parse(body, "invalidemails.get", zone=ANGELES)
    assert repr(reread) == repr(sgformats.parse(v3, "invalidemails.get")) == repr(emails(MOMENT))


def test_conversion_without_a_zone_is_refused_with_the_way_out() -> None:
    with pytest.raises(EncodeError, match=r"\[0\]\.created: .*say with zone= where it was$"):
        sgformats.convert(V2_XML, "json-v3", "invalidemails.get")
    with pytest.raises(EncodeError, match=r"\[0\]\.created: .*say with zone= which to write$"):
        sgformats.convert(V3_JSON, "xml", "invalidemails.get")


def test_an_older_archive_and_an_export_of_the_successor_say_the_same() -> None:
    for older in (V2_XML, V2_JSON):
        assert sgformats.compare(older, V3_JSON, "invalidemails.get", zone=ANGELES) == []
        assert sgformats.compare(V3_JSON, older, "invalidemails.get", zone=ANGELES) == []
    pacific = timezone(timedelta(hours=-7))
    assert sgformats.compare(V2_XML, V3_JSON, "invalidemails.get", zone=pacific) == []


def test_a_difference_of_moments_is_told_with_both_places() -> None:
    other = V3_JSON.replace(b"630", b"631").replace(b'"r"', b'"s"')
    found = sgformats.compare(V2_XML, other, "invalidemails.get", zone=ANGELES)
    assert [(d.path, d.kind, d.location_a.offset, d.location_b.offset) for d in found] == [
        ("[0].reason", "changed", V2_XML.index(b"r</reason>"), other.index(b'"s"')),
        ("[0].created", "changed", V2_XML.index(b"2009"), other.index(b"1244637631")),
    ]
    assert (found[0].a, found[0].b) == ("r", "s")


def test_without_a_zone_a_timestamp_is_no_moment() -> None:
    found = sgformats.compare(V2_XML, V3_JSON, "invalidemails.get")
    assert [(d.path, d.kind) for d in found] == [("[0].created", "changed")]


def test_what_a_zone_cannot_decide_is_told_and_not_chosen() -> None:
    twice = V2_XML.replace(b"2009-06-10 05:40:30", b"2009-11-01 01:30:00")
    export = V3_JSON.replace(b"1244637630", b"1257064200")
    with pytest.raises(ValidationError) as refused:
        sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.location.path) == ("ambiguous-time", "[0].created")
    assert problem.message == (
        'expected one moment of America/Los_Angeles, found "2009-11-01 01:30:00", '
        "a time that came twice in America/Los_Angeles"
    )
    assert sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES, fold=0) == []
    found = sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES, fold=1)
    assert [(d.path, d.kind) for d in found] == [("[0].created", "changed")]


# Values that no payload can mean, in any format.


@pytest.mark.parametrize("format", ["xml", "json", "json-v3"])
@pytest.mark.parametrize(
    ("reply", "path", "reason"),
    [
        (Listing("clicks"), "method", 'no method is called "clicks"'),
        (Listing("invalidemails", None), "records", "expected a tuple, found NoneType"),  # type: ignore[arg-type]
        (Listing("invalidemails", "ab"), "records", "expected a tuple, found str"),  # type: ignore[arg-type]
        (
            Listing("invalidemails", (InvalidEmail("a", "r", MOMENT), Unsubscribe("a"))),
            "[1]",
            "expected InvalidEmail, found Unsubscribe",
        ),
        (
            Listing("bounces", (Bounce("a", 550, "r", MOMENT),)),  # type: ignore[arg-type]
            "[0].status",
            "expected str, found int",
        ),
        (
            Listing("invalidemails", (InvalidEmail("a", None, MOMENT),)),  # type: ignore[arg-type]
            "[0].reason",
            "expected str, found NoneType",
        ),
        (Success("done"), "message", "a success's message reads success"),
        (Success(5), "message", "expected str, found int"),  # type: ignore[arg-type]
        (Failure(None), "message", "expected str, found NoneType"),  # type: ignore[arg-type]
        (Failure("error", "ab"), "errors", "expected a tuple, found str"),  # type: ignore[arg-type]
        (Failure("error", ("a", 5)), "errors[1]", "expected str, found int"),  # type: ignore[arg-type]
        (Failure("a", (), -1), "code", "expected a number of 1 to 15 digits"),
        (Failure("a", (), "1"), "code", "expected int, found str"),  # type: ignore[arg-type]
        (Count(10**15), "count", "expected a number of 1 to 15 digits"),
        (Count(True), "count", "expected int, found bool"),
    ],
)
def test_a_value_that_no_payload_means_is_refused(
    format: Format, reply: Any, path: str, reason: str
) -> None:
    assert refusal(reply, format, zone=ANGELES) == (path, reason)


@pytest.mark.parametrize("format", OLDER)
@pytest.mark.parametrize(
    ("created", "reason"),
    [
        ("2009-06-10 05:40:30", "expected a datetime, found str"),
        (NAIVE.date(), "expected a datetime, found date"),
        (NAIVE.replace(microsecond=1), "the wire's timestamp has no fraction of a second"),
    ],
)
def test_a_timestamp_that_is_none_is_refused(format: Format, created: Any, reason: str) -> None:
    assert refusal(emails(NAIVE, created), format) == ("[1].created", reason)


def test_what_is_no_reply_is_refused() -> None:
    odd: Any = InvalidEmail("a", "r")
    expected = "^expected a Listing, Success, Failure or Count, found InvalidEmail$"
    with pytest.raises(ArgumentError, match=expected):
        sgformats.encode(odd, "json")


@pytest.mark.parametrize("format", OLDER)
def test_columns_that_are_there_in_some_records_only_are_written(format: Format) -> None:
    reply = Listing("spamreports", (SpamReport("a", "10.0.0.1"), SpamReport("b", None, NAIVE)))
    body = sgformats.encode(reply, format)
    assert sgformats.parse(body, "spamreports.get") == reply
    assert body.count(b"created") == (2 if format == "xml" else 1)


@pytest.mark.parametrize(
    ("format", "record"),
    [
        ("xml", b"<spamreport><email>a</email></spamreport>"),
        ("json", b'{"email":"a"}'),
    ],
)
def test_columns_that_are_in_no_record_are_not_written(format: Format, record: bytes) -> None:
    reply = Listing("spamreports", (SpamReport("a"), SpamReport("a")))
    body = sgformats.encode(reply, format)
    assert sgformats.parse(body, "spamreports.get") == reply
    assert body.count(record) == 2


def test_half_of_a_surrogate_pair_is_found_in_a_column() -> None:
    reply = Listing("unsubscribes", (Unsubscribe("a", NAIVE), Unsubscribe("a\ud800", NAIVE)))
    with pytest.raises(EncodeError) as refused:
        sgformats.encode(reply, "json")
    assert (refused.value.path, refused.value.index) == ("[1].email", 1)
    assert refused.value.reason == "U+D800 is half of a surrogate pair, no character"
