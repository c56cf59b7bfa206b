"""Timestamps with a zone, written as JSON v3 or in the older formats, and converted between them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import sgformats
from sgformats import (
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
from sgformats._text.payload import Format
from tests.core.zonekit import (
    ANGELES,
    BARE,
    MOMENT,
    NAIVE,
    OLDER,
    SKIPPED,
    TWICE,
    UTC,
    V2_JSON,
    V2_XML,
    Odd,
    broken,
    emails,
    refusal,
    today_only,
)

V3_JSON = b'[{"created":1244637630,"email":"a","reason":"r"}]'


# Writing JSON v3.
def test_a_timestamp_without_a_zone_is_not_written_as_seconds() -> None:
    reason = "json-v3 holds times in UTC, and this one has no zone: use zone= to name it"
    assert refusal(emails(MOMENT, NAIVE), "json-v3") == ("[1].created", reason)


def test_a_record_without_a_timestamp_is_not_written_as_v3() -> None:
    reason = "expected a datetime, which json-v3 requires, found NoneType"
    assert refusal(emails(MOMENT, None), "json-v3", zone=ANGELES) == ("[1].created", reason)
    odd: Any = "2009-06-10 12:40:30"
    reason = "expected a datetime, which json-v3 requires, found str"
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
def test_an_aware_datetime_needs_no_zone(created: datetime) -> None:
    assert sgformats.encode(emails(created), "json-v3") == V3_JSON
    assert sgformats.encode(emails(created), "json-v3", zone="Asia/Tokyo") == V3_JSON


@pytest.mark.parametrize("fold", [0, 1])
def test_an_ambiguous_time_is_written_by_its_fold(fold: int) -> None:
    created = TWICE.replace(tzinfo=ZoneInfo(ANGELES), fold=fold)
    seconds = 1257064200 + 3600 * fold
    expected = b'[{"created":%d,"email":"a","reason":"r"}]' % seconds
    assert sgformats.encode(emails(created), "json-v3") == expected


@pytest.mark.parametrize(
    ("created", "reason"),
    [
        (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "json-v3 cannot hold a time before 1970"),
        (datetime(1, 1, 1, tzinfo=UTC), "json-v3 cannot hold a time before 1970"),
        (MOMENT.replace(microsecond=1), "expected whole seconds, found a fraction of a second"),
        (
            MOMENT - timedelta(days=99999, microseconds=1),
            "expected whole seconds, found a fraction of a second",
        ),
        (
            MOMENT.replace(tzinfo=timezone(timedelta(microseconds=1))),
            "expected whole seconds, found a fraction of a second",
        ),
        (NAIVE.replace(microsecond=1), "expected whole seconds, found a fraction of a second"),
        (TWICE, f"a time that occurred twice in {ANGELES}"),
        (SKIPPED, f"a time that {ANGELES} skipped"),
        (datetime(9999, 12, 31, 23, 59, 59), "a moment outside the years 1 to 9999"),
        (MOMENT.replace(tzinfo=BARE), "a time whose zone has no offset"),
        (MOMENT.replace(tzinfo=Odd(broken)), "a time whose zone has no offset"),
        (MOMENT.replace(tzinfo=Odd(lambda moment: 5)), "a time whose zone has no offset"),
    ],
)
def test_only_whole_seconds_from_1970_on_are_written(created: datetime, reason: str) -> None:
    reply = emails(MOMENT, created)
    assert refusal(reply, "json-v3", zone=ANGELES) == ("[1].created", reason)


def test_the_first_and_the_last_second_are_written() -> None:
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
def test_v3_lists_have_their_own_order_of_fields(
    records: Sequence[Any], method: str, body: bytes
) -> None:
    reply: Listing[Any] = Listing(method, tuple(records))
    assert sgformats.encode(reply, "json-v3") == body
    read = sgformats.parse(body, sgformats.OPERATIONS[f"{method}.get"], format="json-v3")
    assert repr(read) == repr(reply)


def test_v3_lists_are_indented_and_escaped_like_the_others() -> None:
    reply = Listing("invalidemails", (InvalidEmail("é", "r", MOMENT),))
    laid_out = sgformats.encode(reply, "json-v3", indent=True)
    escaped = sgformats.encode(reply, "json-v3", encoding="US-ASCII")
    assert laid_out.decode() == (
        '[\n  {\n    "created": 1244637630,\n    "email": "é",\n    "reason": "r"\n  }\n]'
    )
    assert escaped == b'[{"created":1244637630,"email":"\\u00e9","reason":"r"}]'


def test_global_unsubscribes_are_written() -> None:
    reply = Listing("unsubscribes", (Unsubscribe("a", MOMENT),))
    assert sgformats.encode(reply, "json-v3") == b'[{"created":1244637630,"email":"a"}]'
    assert sgformats.encode(Listing("unsubscribes"), "json-v3") == b"[]"


@pytest.mark.parametrize("encoding", ["UTF-8", "US-ASCII"])
def test_a_success_is_written_as_an_empty_body(encoding: str) -> None:
    assert sgformats.encode(Success(), "json-v3", encoding=encoding) == b""
    assert sgformats.parse(b"", "bounces.delete", format="json-v3") == Success()
    done = b"<result><message>success</message></result>"
    assert sgformats.convert(done, "json-v3", "bounces.delete") == b""


def test_a_failure_is_written_as_a_list_of_errors() -> None:
    body = sgformats.encode(Failure("error", ("a", "é")), "json-v3")
    assert body == '{"errors":[{"field":null,"message":"a"},{"field":null,"message":"é"}]}'.encode()
    assert sgformats.parse(body) == Failure("error", ("a", "é"))


@pytest.mark.parametrize(
    ("reply", "path", "reason"),
    [
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
def test_replies_that_v3_cannot_hold_are_refused(reply: Any, path: str, reason: str) -> None:
    assert refusal(reply, "json-v3") == (path, reason)


# Writing the older formats.
@pytest.mark.parametrize("others", [(), (None,), (NAIVE,)])
def test_a_datetime_whose_zone_has_no_offset_is_naive(others: Any) -> None:
    created = NAIVE.replace(tzinfo=Odd(lambda moment: None))
    reply = emails(created, *others)
    for format in OLDER:
        expected = sgformats.encode(emails(NAIVE, *others), format)
        assert sgformats.encode(reply, format) == expected
    path, reason = refusal(reply, "json-v3")
    assert (path, reason.rpartition(": ")[2]) == ("[0].created", "use zone= to name it")
    assert sgformats.encode(emails(created), "json-v3", zone=ANGELES) == V3_JSON


@pytest.mark.parametrize("format", OLDER)
def test_an_aware_datetime_is_not_written_without_a_zone(format: Format) -> None:
    reason = "xml and json hold times without a zone: use zone= to name it"
    assert refusal(emails(NAIVE, MOMENT), format) == ("[1].created", reason)
    assert refusal(emails(MOMENT), format) == ("[0].created", reason)


@pytest.mark.parametrize("format", OLDER)
def test_an_aware_datetime_is_written_in_local_time(format: Format) -> None:
    expected = sgformats.encode(emails(NAIVE, None), format)
    assert sgformats.encode(emails(MOMENT, None), format, zone=ANGELES) == expected
    there = MOMENT.astimezone(timezone(timedelta(hours=-7)))
    assert sgformats.encode(emails(there, None), format, zone=ANGELES) == expected
    assert sgformats.encode(emails(NAIVE, None), format, zone="Asia/Tokyo") == expected


@pytest.mark.parametrize("format", OLDER)
@pytest.mark.parametrize(
    ("created", "reason"),
    [
        (MOMENT.replace(microsecond=1), "expected whole seconds, found a fraction of a second"),
        (datetime(2009, 11, 1, 8, 30, tzinfo=UTC), f"a time that occurred twice in {ANGELES}"),
        (datetime(2009, 11, 1, 9, 30, tzinfo=UTC), f"a time that occurred twice in {ANGELES}"),
        (MOMENT.replace(tzinfo=BARE), "a time whose zone has no offset"),
        (MOMENT.replace(tzinfo=Odd(broken)), "a time whose zone has no offset"),
    ],
)
def test_a_time_that_cannot_be_written_in_a_zone_is_refused(
    format: Format, created: datetime, reason: str
) -> None:
    assert refusal(emails(created), format, zone=ANGELES) == ("[0].created", reason)


@pytest.mark.parametrize(("fold", "hour"), [(0, 8), (1, 9)])
def test_fold_selects_one_of_two_moments(fold: Any, hour: int) -> None:
    moment = datetime(2009, 11, 1, hour, 30, tzinfo=UTC)
    body = sgformats.encode(emails(moment), "json", zone=ANGELES, fold=fold)
    assert body == b'[{"email":"a","reason":"r","created":"2009-11-01 01:30:00"}]'
    assert sgformats.parse(body, "invalidemails.get", zone=ANGELES, fold=fold) == emails(moment)


# Converting and comparing.
@pytest.mark.parametrize("body", [V2_XML, V2_JSON])
def test_older_payloads_convert_to_v3_and_back(body: bytes) -> None:
    v3 = sgformats.convert(body, "json-v3", "invalidemails.get", zone=ANGELES)
    assert v3 == V3_JSON
    for format, expected in zip(OLDER, (V2_XML, V2_JSON), strict=True):
        back = sgformats.convert(v3, format, "invalidemails.get", zone=ANGELES)
        assert back.removeprefix(b'<?xml version="1.0" encoding="ISO-8859-1"?>\n') == expected
    assert sgformats.convert(v3, "json-v3", "invalidemails.get") == V3_JSON
    reread = sgformats.parse(body, "invalidemails.get", zone=ANGELES)
    assert repr(reread) == repr(sgformats.parse(v3, "invalidemails.get")) == repr(emails(MOMENT))


def test_conversion_without_a_zone_suggests_the_option() -> None:
    with pytest.raises(EncodeError, match=r"\[0\]\.created: json-v3 .*: use zone= to name it$"):
        sgformats.convert(V2_XML, "json-v3", "invalidemails.get")
    with pytest.raises(
        EncodeError, match=r"\[0\]\.created: xml and json .*: use zone= to name it$"
    ):
        sgformats.convert(V3_JSON, "xml", "invalidemails.get")


def test_older_and_v3_payloads_compare_equal_in_their_zone() -> None:
    for older in (V2_XML, V2_JSON):
        assert sgformats.compare(older, V3_JSON, "invalidemails.get", zone=ANGELES) == []
        assert sgformats.compare(V3_JSON, older, "invalidemails.get", zone=ANGELES) == []
    pacific = timezone(timedelta(hours=-7))
    assert sgformats.compare(V2_XML, V3_JSON, "invalidemails.get", zone=pacific) == []


def test_a_difference_of_moments_has_both_locations() -> None:
    other = V3_JSON.replace(b"630", b"631").replace(b'"r"', b'"s"')
    found = sgformats.compare(V2_XML, other, "invalidemails.get", zone=ANGELES)
    assert [(d.path, d.kind, d.location_a.offset, d.location_b.offset) for d in found] == [
        ("[0].reason", "changed", V2_XML.index(b"r</reason>"), other.index(b'"s"')),
        ("[0].created", "changed", V2_XML.index(b"2009"), other.index(b"1244637631")),
    ]
    assert (found[0].a, found[0].b) == ("r", "s")


def test_without_a_zone_a_timestamp_differs_from_a_moment() -> None:
    found = sgformats.compare(V2_XML, V3_JSON, "invalidemails.get")
    assert [(d.path, d.kind) for d in found] == [("[0].created", "changed")]


def test_an_ambiguous_time_is_a_problem_unless_fold_is_given() -> None:
    twice = V2_XML.replace(b"2009-06-10 05:40:30", b"2009-11-01 01:30:00")
    export = V3_JSON.replace(b"1244637630", b"1257064200")
    with pytest.raises(ValidationError) as refused:
        sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES)
    (problem,) = refused.value.problems
    assert (problem.rule, problem.location.path) == ("ambiguous-time", "[0].created")
    assert problem.message == (
        'expected one moment of America/Los_Angeles, found "2009-11-01 01:30:00", '
        "a time that occurred twice in America/Los_Angeles"
    )
    assert sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES, fold=0) == []
    found = sgformats.compare(twice, export, "invalidemails.get", zone=ANGELES, fold=1)
    assert [(d.path, d.kind) for d in found] == [("[0].created", "changed")]
