"""Records that the call did not request: too many, out of range, or of another address."""

from __future__ import annotations

import pytest

from sgformats.contract import check
from sgformats.contract.ranges import DateRange, read_time
from tests.contract.exchangekit import (
    JSON,
    KEYS,
    V3,
    V3_LIST,
    WEB,
    XML,
    Place,
    at,
    exchange,
    offset,
    places,
    rules,
)


# too-many-records
@pytest.mark.parametrize(
    ("body", "form", "limit", "expected"),
    [
        (JSON, "json", 2, ("too-many-records", "[2]", "/2", 3, 2, 104)),
        (JSON, "json", 1, ("too-many-records", "[1]", "/1", 2, 2, 39)),
        (XML, "xml", 2, ("too-many-records", "[2]", "/invalidemails/invalidemail[3]", 5, 2, 234)),
    ],
)
def test_limit_is_the_most_records(body: bytes, form: str, limit: int, expected: Place) -> None:
    call = WEB % form + f"&limit={limit}&offset=7"
    found = [place for place in places(exchange(call, body)) if place[0] != "unexpected-created"]
    assert found == [expected]
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize("limit", ["3", "0", "-1", "1&limit=1", "x", "000000000000000000001", ""])
def test_a_kept_or_uncertain_limit_gives_no_problem(limit: str) -> None:
    assert "too-many-records" not in rules(exchange(WEB % "json" + f"&limit={limit}", JSON))


def test_v3_has_a_limit_but_the_reseller_api_has_none() -> None:
    assert places(exchange(V3 + "?limit=1", V3_LIST)) == [
        ("too-many-records", "[1]", "/1", 2, 2, 66)
    ]
    reseller = f"/apiv2/reseller.manage.json?{KEYS}&user=u&method=bounces&task=get&limit=1"
    two = b'[{"email":"a","reason":"r","status":"5"},{"email":"b","reason":"r","status":"5"}]'
    assert rules(exchange(reseller, two)) == ["unknown-parameter"]


# out-of-range
def dated(created: str) -> bytes:
    return b'[{"email":"a","reason":"r","created":"%b"}]' % created.encode()


@pytest.mark.parametrize(
    ("query", "created", "inside"),
    [
        # The first of June begins at 2009-05-31 10:00 UTC, 14 hours east; 12 hours west a clock
        # then showed 2009-05-30 22:00.
        ("start_date=2009-06-01", "2009-05-30 22:00:00", True),
        ("start_date=2009-06-01", "2009-05-30 21:59:59", False),
        ("start_date=2009-06-01", "2009-06-01 00:00:00", True),
        # Its last second is 2009-06-02 11:59:59 UTC, 12 hours west.
        ("end_date=2009-06-01", "2009-06-03 01:59:59", True),
        ("end_date=2009-06-01", "2009-06-03 02:00:00", False),
        ("start_date=2009-06-01&end_date=2009-06-30", "2009-06-15 12:00:00", True),
        ("start_date=2009-06-01&end_date=2009-06-30", "2009-07-15 12:00:00", False),
        ("start_date=2009-06-01&end_date=2009-06-30", "2008-06-15 12:00:00", False),
        # Invalid or ambiguous parameters give no range.
        ("start_date=2009-06-30&end_date=2009-06-01", "2008-06-15 12:00:00", True),
        ("start_date=2009-06-30&end_date=2009-06-30", "2008-06-15 12:00:00", True),
        ("start_date=2009-02-29", "2008-06-15 12:00:00", True),
        ("start_date=2009-06-01&start_date=2009-06-01", "2008-06-15 12:00:00", True),
        # The edges of the calendar.
        ("start_date=9999-12-31", "0001-01-01 00:00:00", False),
        ("end_date=9999-12-31", "9999-12-31 23:59:59", True),
        ("start_date=0001-01-01", "0001-01-01 00:00:00", True),
        # At noon UTC of the tenth: the tenth began at 2009-06-09 12:00:01 UTC at the earliest.
        ("days=1", "2009-06-09 00:00:00", True),
        ("days=1", "2009-06-08 23:59:59", False),
        ("days=3", "2009-06-07 00:00:00", True),
        ("days=3", "2009-06-06 23:59:59", False),
        ("days=1", "2009-06-12 02:00:00", True),
        ("days=1", "2009-06-12 02:00:01", False),
        ("days=999999999999999", "0001-01-01 00:00:00", True),
        ("days=0", "1999-06-08 23:59:59", True),
    ],
)
def test_a_time_is_out_of_range_only_if_it_is_in_every_zone(
    query: str, created: str, inside: bool
) -> None:
    call = WEB % "json" + f"&date=1&{query}"
    found = places(exchange(call, dated(created), time="2009-06-10T12:00:00Z"))
    found = [place for place in found if place[0] != "invalid-parameter"]
    expected = ("out-of-range", "[0].created", "/0/created", 1, 38, 37)
    assert found == ([] if inside else [expected])


def test_a_time_out_of_range_is_located_at_its_value_in_xml() -> None:
    (problem,) = check(exchange(WEB % "xml" + "&date=1&start_date=2010-01-01", XML))[1:2]
    assert (problem.rule, problem.location.native, *at(problem.location)) == (
        "out-of-range",
        "/invalidemails/invalidemail[2]/created",
        4,
        43,
        168,
    )
    assert problem.location.offset == offset(XML, 4, 43)
    assert problem.message == (
        "expected created within start_date=2010-01-01, found 2009-06-10 12:40:30"
    )


def test_a_record_is_out_of_range_once() -> None:
    call = WEB % "json" + "&date=1&days=1&start_date=2009-06-01"
    assert rules(exchange(call, dated("2001-01-01 00:00:00"), time="2009-06-10T12:00:00Z")) == [
        "out-of-range"
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("start_time=1244637630", []),
        ("start_time=1244637631", ["[0].created"]),
        ("end_time=1262304000", []),
        ("end_time=1262303999", ["[1].created"]),
        ("start_time=1244637631&end_time=1262303999", ["[0].created", "[1].created"]),
        ("start_time=1262303999&end_time=1244637631", []),
        ("start_time=soon", []),
    ],
)
def test_v3_ranges_are_in_seconds(query: str, expected: list[str]) -> None:
    problems = check(exchange(f"{V3}?{query}", V3_LIST))
    found = [p.location.path for p in problems if p.rule == "out-of-range"]
    assert found == expected
    assert {p.rule for p in problems} <= {"out-of-range", "invalid-parameter"}


def test_a_v3_timestamp_is_shown_with_utc() -> None:
    (problem,) = check(exchange(f"{V3}?start_time=1244637631", V3_LIST))
    assert problem.message == (
        "expected created within start_time=1244637631, found 2009-06-10 12:40:30 UTC"
    )
    assert at(problem.location) == (1, 13, 12)


NOON = 1244635200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2009-06-10T12:00:00Z", (NOON, NOON)),
        ("2009-06-10T12:00:00.123456789Z", (NOON, NOON)),
        (" 2009-06-10t14:00+02:00 ", (NOON, NOON)),
        ("2009-06-10 05:00:00 -0700", (NOON, NOON)),
        ("2009-06-10 12:00:00", (NOON - 14 * 3600, NOON + 12 * 3600)),
        ("Wed, 10 Jun 2009 12:00:00 GMT", (NOON, NOON)),
        ("10 Jun 2009 14:00:00 +0200", (NOON, NOON)),
        ("1244635200", (NOON, NOON)),
        ("1244635200.5", (NOON, NOON)),
        ("1244635200999", (NOON, NOON)),
        ("2009-02-29T12:00:00Z", None),
        ("31 Feb 2009 12:00:00 GMT", None),
        ("10 Foo 2009 12:00:00 GMT", None),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_the_time_of_a_capture_is_read_in_its_usual_forms(
    text: str | None, expected: tuple[int, int] | None
) -> None:
    assert read_time(text) == (None if expected is None else DateRange(*expected))


@pytest.mark.parametrize("time", [None, "yesterday", "2009-06-10"])
def test_days_without_a_known_time_give_no_range(time: str | None) -> None:
    call = WEB % "json" + "&date=1&days=1"
    assert rules(exchange(call, dated("1999-01-01 00:00:00"), time=time)) == []


# unrelated-record
@pytest.mark.parametrize(
    ("body", "form", "expected"),
    [
        (JSON, "json", ("unrelated-record", "[2].email", "/2/email", 3, 11, 113)),
        (
            XML,
            "xml",
            ("unrelated-record", "[2].email", "/invalidemails/invalidemail[3]/email", 5, 23, 255),
        ),
    ],
)
def test_email_requests_one_address(body: bytes, form: str, expected: Place) -> None:
    call = WEB % form + "&email=%20a@B.c"
    found = [place for place in places(exchange(call, body)) if place[0] != "unexpected-created"]
    assert found == [expected]
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize(
    ("query", "email", "related"),
    [
        ("a+b@c", "a+b@c", True),
        ("a%2Bb@c", "a+b@c", True),
        ("a%2540c", "A@C ", True),
        ("a@c", "a@c.d", False),
        ("a@c", "", False),
        ("a&email=b", "c", True),
        ("", "c", True),
        ("%ff", "c", True),
    ],
)
def test_an_unrelated_address_is_reported_only_if_certain(
    query: str, email: str, related: bool
) -> None:
    body = b'[{"email":"%b","reason":"r"}]' % email.encode()
    found = rules(exchange(WEB % "json" + f"&email={query}", body))
    assert ("unrelated-record" not in found) == related


def test_the_address_of_v3_is_in_the_path() -> None:
    assert places(exchange(V3 + "/a", V3_LIST)) == [
        ("unrelated-record", "[1].email", "/1/email", 2, 32, 96)
    ]
    # With two addresses, neither is certain.
    assert rules(exchange(V3 + "/a?email=b", V3_LIST)) == ["unknown-parameter"]


def test_blocks_has_no_filters() -> None:
    body = b'[{"email":"a","reason":"r","status":"5"}]'
    assert rules(exchange(f"/api/blocks.get.json?{KEYS}&email=b", body)) == ["unknown-parameter"]
