"""What an answer owes to its call: each rule, exactly where, in XML and in JSON."""

from __future__ import annotations

from typing import Any

import pytest

from sgformats.captures import Exchange, Source
from sgformats.contract import check
from sgformats.contract.exchange_rules import EXCHANGE_RULES
from sgformats.contract.ranges import Span, read_time
from sgformats.request import Request
from sgformats.rules import RULES

KEYS = "api_user=***&api_key=***"
WEB = f"/api/invalidemails.get.%s?{KEYS}"
V3 = "/v3/suppression/bounces"

# The second of three records has a time, the third an empty one.
JSON = (
    b'[{"email":"a@b.c","reason":"\\u00e9"},\n'
    b' {"reason":"r","created":"2009-06-10 12:40:30","email":"A@B.C"},\n'
    b' {"email":"x","reason":"r","created":""}]'
)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<invalidemails>\n'
    " <invalidemail><email>a@b.c</email><reason>é</reason></invalidemail>\n"
    " <invalidemail><reason>é</reason><created>2009-06-10 12:40:30</created><email>A@B.C</email>"
    "</invalidemail>\n"
    " <invalidemail><email>x</email><reason>r</reason><created/></invalidemail>\n</invalidemails>"
).encode()
V3_LIST = (
    b'[{"created":1244637630,"email":"a","reason":"r","status":"550"},\n'
    b' {"created":1262304000,"email":"b","reason":"r","status":"550"}]'
)
Place = tuple[str, str, str, int, int, int]


def exchange(call: str, body: bytes | None, status: int | None = 200, **more: Any) -> Exchange:
    verb = more.pop("verb", None)
    request = Request.parse(call, more.pop("form", None), verb)
    return Exchange(request, status, None, body, Source("x.har", 0), url=call, verb=verb, **more)


def places(exchange: Exchange) -> list[Place]:
    """Rule, path, native path, line, column and offset of each problem."""
    return [(p.rule, p.location.path, p.location.native, *at(p.location)) for p in check(exchange)]


def at(location: Any) -> tuple[int, int, int]:
    return location.line, location.column, location.offset


def rules(exchange: Exchange) -> list[str]:
    return [problem.rule for problem in check(exchange)]


def offset(body: bytes, line: int, column: int) -> int:
    """The offset of a line and column, counted anew."""
    lines = body.decode().split("\n")
    return len("\n".join([*lines[: line - 1], lines[line - 1][: column - 1]]).encode())


def test_every_rule_is_in_both_tables() -> None:
    documented = [rule.name for rule in RULES.values() if rule.stage == "exchange"]
    assert sorted(EXCHANGE_RULES) == sorted(documented)


# missing-created, unexpected-created


@pytest.mark.parametrize(
    ("body", "form", "expected"),
    [
        (
            JSON,
            "json",
            [
                ("missing-created", "[0].created", "/0", 1, 2, 1),
                ("missing-created", "[2].created", "/2/created", 3, 38, 140),
            ],
        ),
        (
            XML,
            "xml",
            [
                ("missing-created", "[0].created", "/invalidemails/invalidemail[1]", 3, 2, 56),
                (
                    "missing-created",
                    "[2].created",
                    "/invalidemails/invalidemail[3]/created",
                    5,
                    50,
                    282,
                ),
            ],
        ),
    ],
)
def test_date_1_asks_every_record_for_a_time(body: bytes, form: str, expected: list[Place]) -> None:
    found = places(exchange(WEB % form + "&date=1", body))
    assert found == expected
    for _, _, _, line, column, place in found:
        assert place == offset(body, line, column)


@pytest.mark.parametrize("asked", ["", "&date=0"])
@pytest.mark.parametrize(
    ("body", "form", "expected"),
    [
        (JSON, "json", ("unexpected-created", "[1].created", "/1/created", 2, 16, 53)),
        (
            XML,
            "xml",
            (
                "unexpected-created",
                "[1].created",
                "/invalidemails/invalidemail[2]/created",
                4,
                34,
                159,
            ),
        ),
    ],
)
def test_without_date_1_no_record_tells_a_time(
    body: bytes, form: str, expected: Place, asked: str
) -> None:
    subuser = f"/apiv2/customer.invalidemails.{form}?{KEYS}&user=u&task=get{asked}"
    problems = check(exchange(subuser, body))
    assert [(p.rule, p.location.path, p.location.native, *at(p.location)) for p in problems] == [
        expected
    ]
    assert problems[0].severity == "warning"
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize("asked", ["&date=1&date=0", "&date=yes", "&date="])
def test_a_date_that_may_be_either_is_the_only_problem(asked: str) -> None:
    assert set(rules(exchange(WEB % "json" + asked, JSON))) == {"invalid-parameter"}


def test_a_record_that_is_invalid_elsewhere_is_asked_for_a_time_too() -> None:
    body = b'[{"email":5,"reason":"r"},{"email":"x"},7,{"email":"x","reason":"r","created":"soon"}]'
    assert places(exchange(WEB % "json" + "&date=1", body)) == [
        ("missing-created", "[0].created", "/0", 1, 2, 1),
        ("wrong-type", "[0].email", "/0/email", 1, 11, 10),
        ("missing-field", "[1].reason", "/1", 1, 27, 26),
        ("missing-created", "[1].created", "/1", 1, 27, 26),
        ("wrong-type", "[2]", "/2", 1, 41, 40),
        ("invalid-timestamp", "[3].created", "/3/created", 1, 79, 78),
    ]
    assert places(exchange(WEB % "json", body))[-2:] == [
        ("unexpected-created", "[3].created", "/3/created", 1, 69, 68),
        ("invalid-timestamp", "[3].created", "/3/created", 1, 79, 78),
    ]


@pytest.mark.parametrize(
    ("form", "body", "expected"),
    [
        ("json", b'{"email":"a","created":""}', ("missing-created", "/created", 1, 24, 23)),
        (
            "xml",
            b"<invalidemail><email>a</email></invalidemail>",
            ("missing-created", "/invalidemail", 1, 1, 0),
        ),
    ],
)
def test_one_record_alone_is_a_list_of_one(form: str, body: bytes, expected: Any) -> None:
    found = places(exchange(WEB % form + "&date=1&email=b", body))
    rest = [(rule, path) for rule, path, *_ in found]
    assert sorted(rest) == [
        ("missing-created", "[0].created"),
        ("missing-field", "[0].reason"),
        ("unrelated-record", "[0].email"),
        ("wrong-type", ""),
    ]
    (made,) = [place for place in found if place[0] == "missing-created"]
    assert made[2:] == expected[1:]


def test_a_list_that_the_successor_does_not_have_is_no_list_of_its() -> None:
    body = b'[{"created":1244637630,"email":"a"}]'
    call = f"/api/unsubscribes.get.json?{KEYS}&date=1"
    assert places(exchange(call, body)) == [("wrong-type", "[0].created", "/0/created", 1, 13, 12)]


def test_a_time_that_stands_twice_is_neither_missing_nor_unexpected() -> None:
    body = b'[{"email":"x","reason":"r","created":"","created":"2009-06-10 12:40:30"}]'
    assert rules(exchange(WEB % "json" + "&date=1", body)) == ["duplicate-field"]
    assert rules(exchange(WEB % "json", body)) == ["duplicate-field"]


def test_the_successor_always_tells_a_time() -> None:
    assert rules(exchange(V3, V3_LIST)) == []
    short = b'[{"email":"a","reason":"r","status":"550"}]'
    assert places(exchange(V3, short)) == [("missing-field", "[0].created", "/0", 1, 2, 1)]


# wrong-format


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        (WEB % "json", b"<invalidemails/>", [("wrong-format", "", "/invalidemails", 1, 1, 0)]),
        (WEB % "xml", b" \n []", [("wrong-format", "", "", 2, 2, 3)]),
        (WEB % "xml", b'{"message":"No User"}', [("wrong-format", "", "", 1, 1, 0)]),
        (
            WEB % "json",
            b"<result><message/><message>b</message></result>",
            [
                ("wrong-format", "", "/result", 1, 1, 0),
                ("duplicate-field", "message", "/result/message[2]", 1, 19, 18),
            ],
        ),
        # The successor and the older calls, each in the other's JSON.
        (
            f"/api/bounces.get.json?{KEYS}&date=1",
            V3_LIST,
            [("wrong-format", "", "", 1, 1, 0)],
        ),
        (
            f"/api/bounces.get.json?{KEYS}",
            b'{"errors":[{"message":"no"}]}',
            [("wrong-format", "", "", 1, 1, 0)],
        ),
        (
            V3,
            b'[{"email":"a","reason":"r","status":"5","created":"2009-06-10 12:40:30"}]',
            [("wrong-format", "", "", 1, 1, 0)],
        ),
        (V3, b"<bounces/>", [("wrong-format", "", "/bounces", 1, 1, 0)]),
        (
            V3,
            b'{"errors":[{"message":"no"}],"message":"error"}',
            [
                ("wrong-format", "", "", 1, 1, 0),
                ("wrong-type", "errors[0]", "/errors/0", 1, 12, 11),
            ],
        ),
        (V3, b"[]", []),
        # Fields in another order, and a fault: still the successor's.
        (V3, b'[{"email":"a","reason":"r","status":"5","created":1}]', []),
    ],
)
def test_the_path_says_the_format(call: str, body: bytes, expected: list[Place]) -> None:
    status = 404 if call == V3 and body.startswith(b"{") else 200
    assert places(exchange(call, body, status)) == expected


def test_what_cannot_be_read_has_no_format() -> None:
    assert rules(exchange(WEB % "json", b"<invalidemails>")) == ["truncated"]
    assert rules(exchange(WEB % "xml", b"<html>")) == ["not-an-answer"]


# wrong-operation


UNLIKE = b'[{"ip":"1.2.3.4","email":"a"},{"ip":"1.2.3.4","email":"b"}]'


@pytest.mark.parametrize(
    ("call", "body", "expected"),
    [
        ("invalidemails.get.xml", b"<bounces/>", [("wrong-operation", 0)]),
        ("bounces.get.json", b'{"count":2}', [("wrong-operation", 0)]),
        ("bounces.get.json", b'{"message":"success"}', [("wrong-operation", 0)]),
        ("bounces.count.json", b'{"message":"success"}', [("wrong-operation", 0)]),
        ("bounces.delete.json", b"[]", [("wrong-operation", 0)]),
        ("bounces.get.xml", b"<result><count>2</count></result>", [("wrong-operation", 0)]),
        # Only the records' fields tell: two differences, one of them a field that is not ours.
        ("bounces.get.json", UNLIKE, [("wrong-operation", 0)]),
        (
            "unsubscribes.get.json",
            b' [{"email":"a","status":"5","reason":"r"}]',
            [("wrong-operation", 1)],
        ),
        # A single difference may be a fault of this call's answer.
        ("bounces.get.json", b'[{"email":"a","reason":"r"}]', [("missing-field", 1)]),
        ("bounces.get.json", b'[{"email":"a"}]', [("missing-field", 1)] * 2),
        (
            "invalidemails.get.json",
            b'[{"email":"a","status":"5","reason":"r"}]',
            [("unknown-field", 14)],
        ),
        # One record is not unlike, or none is quite the other's.
        (
            "bounces.get.json",
            b'[{"ip":"1","email":"a"},{"email":"b","status":"5","reason":"r"}]',
            [("missing-field", 1), ("missing-field", 1), ("unknown-field", 2)],
        ),
        (
            "bounces.get.json",
            b'[{"ip":"1","email":"a","x":""}]',
            [
                ("missing-field", 1),
                ("missing-field", 1),
                ("unknown-field", 2),
                ("unknown-field", 23),
            ],
        ),
    ],
)
def test_an_answer_of_another_call_is_told(
    call: str, body: bytes, expected: list[tuple[str, int]]
) -> None:
    problems = check(exchange(f"/api/{call}?{KEYS}", body))
    assert [(problem.rule, problem.location.offset) for problem in problems] == expected


def test_an_answer_of_another_call_is_asked_for_nothing_else() -> None:
    call = f"/api/bounces.get.json?{KEYS}&date=1&limit=1&email=c"
    (problem,) = check(exchange(call, UNLIKE))
    assert problem.message == "expected an answer to bounces.get, found a list of spamreports"
    assert problem.location.path == problem.location.native == ""
    other = exchange(f"/api/invalidemails.get.xml?{KEYS}&date=1", b"<blocks><block/></blocks>")
    assert rules(other) == ["wrong-operation"]


# too-many-records


@pytest.mark.parametrize(
    ("body", "form", "limit", "expected"),
    [
        (JSON, "json", 2, ("too-many-records", "[2]", "/2", 3, 2, 104)),
        (JSON, "json", 1, ("too-many-records", "[1]", "/1", 2, 2, 39)),
        (XML, "xml", 2, ("too-many-records", "[2]", "/invalidemails/invalidemail[3]", 5, 2, 234)),
    ],
)
def test_limit_bounds_a_list(body: bytes, form: str, limit: int, expected: Place) -> None:
    call = WEB % form + f"&limit={limit}&offset=7"
    found = [place for place in places(exchange(call, body)) if place[0] != "unexpected-created"]
    assert found == [expected]
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize("limit", ["3", "0", "-1", "1&limit=1", "x", "000000000000000000001", ""])
def test_a_limit_that_is_kept_or_not_certain_bounds_nothing(limit: str) -> None:
    assert "too-many-records" not in rules(exchange(WEB % "json" + f"&limit={limit}", JSON))


def test_the_successor_has_a_limit_too_but_the_reseller_has_none() -> None:
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
    ("asked", "created", "inside"),
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
        # What is at fault, or may be read in two ways, asks for nothing.
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
def test_a_time_is_out_of_range_where_it_is_so_in_every_zone(
    asked: str, created: str, inside: bool
) -> None:
    call = WEB % "json" + f"&date=1&{asked}"
    found = places(exchange(call, dated(created), time="2009-06-10T12:00:00Z"))
    found = [place for place in found if place[0] != "invalid-parameter"]
    expected = ("out-of-range", "[0].created", "/0/created", 1, 38, 37)
    assert found == ([] if inside else [expected])


def test_a_time_out_of_range_stands_at_its_value_in_xml() -> None:
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
    ("asked", "expected"),
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
def test_the_successor_counts_seconds(asked: str, expected: list[str]) -> None:
    problems = check(exchange(f"{V3}?{asked}", V3_LIST))
    found = [p.location.path for p in problems if p.rule == "out-of-range"]
    assert found == expected
    assert {p.rule for p in problems} <= {"out-of-range", "invalid-parameter"}


def test_a_moment_of_the_successor_says_so_in_words() -> None:
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
    assert read_time(text) == (None if expected is None else Span(*expected))


@pytest.mark.parametrize("time", [None, "yesterday", "2009-06-10"])
def test_days_before_no_known_time_are_no_range(time: str | None) -> None:
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
def test_email_asks_for_one_address(body: bytes, form: str, expected: Place) -> None:
    call = WEB % form + "&email=%20a@B.c"
    found = [place for place in places(exchange(call, body)) if place[0] != "unexpected-created"]
    assert found == [expected]
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize(
    ("asked", "told", "related"),
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
def test_an_address_is_another_where_that_is_certain(asked: str, told: str, related: bool) -> None:
    body = b'[{"email":"%b","reason":"r"}]' % told.encode()
    found = rules(exchange(WEB % "json" + f"&email={asked}", body))
    assert ("unrelated-record" not in found) == related


def test_the_address_of_the_successor_stands_in_the_path() -> None:
    assert places(exchange(V3 + "/a", V3_LIST)) == [
        ("unrelated-record", "[1].email", "/1/email", 2, 32, 96)
    ]
    # Of two addresses neither is certain.
    assert rules(exchange(V3 + "/a?email=b", V3_LIST)) == ["unknown-parameter"]


def test_blocks_know_no_filter() -> None:
    body = b'[{"email":"a","reason":"r","status":"5"}]'
    assert rules(exchange(f"/api/blocks.get.json?{KEYS}&email=b", body)) == ["unknown-parameter"]


# status-mismatch


FAILED = b'{"error":{"code":401,"message":"Permission denied, wrong credentials"}}'


@pytest.mark.parametrize(
    ("call", "status", "body", "mismatch"),
    [
        (WEB % "json", 500, b"[]", True),
        (WEB % "json", 503, b"[]", True),
        (WEB % "json", 404, b"[]", True),
        (WEB % "json", 302, b"[]", True),
        (WEB % "xml", 500, b"<invalidemails/>", True),
        (f"/api/bounces.count.json?{KEYS}", 500, b'{"count":2}', True),
        (f"/api/bounces.delete.xml?{KEYS}", 400, b"<result>success</result>", True),
        (WEB % "json", None, b"[]", False),
        (WEB % "json", 0, b"[]", False),
        (WEB % "json", 201, b"[]", False),
        (WEB % "json", 200, FAILED, False),
        (WEB % "json", 401, FAILED, False),
        (WEB % "json", 403, FAILED, True),
        (WEB % "json", 500, FAILED, True),
        (WEB % "json", 500, b'{"error":{"code":2,"message":"x"}}', False),
        (WEB % "json", 500, b'{"message":"No User Exists"}', False),
        (WEB % "json", 404, b'{"error":"Bad username / password"}', False),
        (WEB % "json", 204, b'{"message":"No User Exists"}', True),
        (V3, 200, b'{"errors":[{"message":"no"}]}', True),
        (V3, 401, b'{"errors":[{"message":"no"}]}', False),
        (V3, 204, b"[]", True),
    ],
)
def test_the_status_and_the_answer_agree(
    call: str, status: int | None, body: bytes, mismatch: bool
) -> None:
    root = "/" + body[1:].rstrip(b"/>").partition(b">")[0].decode() if body[:1] == b"<" else ""
    found = places(exchange(call, body, status))
    assert found == ([("status-mismatch", "", root, 1, 1, 0)] if mismatch else [])


def test_an_unreadable_body_under_204_is_one_too_many() -> None:
    assert places(exchange(WEB % "json", b"\n<html>", 204)) == [
        ("not-an-answer", "", "", 2, 1, 1),
        ("status-mismatch", "", "", 2, 1, 1),
    ]
    assert rules(exchange(WEB % "json", b"<html>", 500)) == ["not-an-answer"]


def test_a_mismatch_says_what_was_expected() -> None:
    (problem,) = check(exchange(WEB % "json", FAILED, 403))
    assert problem.message == "expected the HTTP status 401 that the failure tells, found 403"


# secret-in-url


def test_a_key_in_the_url_is_warned_of_where_it_stands() -> None:
    call = "/api/bounces.get.json?api_user=u&api;_key=k%C3%A9"
    (problem,) = check(exchange(call, b"[]"))
    location = problem.location
    assert (problem.rule, problem.severity) == ("secret-in-url", "warning")
    assert (location.path, location.native) == ("api_key", "?api_key")
    assert at(location) == (1, call.index("k%C3") + 1, call.index("k%C3"))
    assert problem.message == 'expected "api_key" in the form of a POST, found it in the URL'


def test_a_key_in_a_form_is_in_its_place() -> None:
    form = "api_user=u&api_key=k"
    assert rules(exchange("/api/bounces.get.json", b"[]", form=form)) == []
    assert rules(exchange("/api/bounces.get.json?api_key=k", b"[]", form="api_user=u")) == [
        "secret-in-url"
    ]


@pytest.mark.parametrize("hidden", ["***", "*", "<API_KEY>", "[FILTERED]", "redacted", "{{key}}"])
def test_a_key_that_was_taken_out_is_no_secret(hidden: str) -> None:
    call = f"/api/bounces.get.json?api_user=u&api_key={hidden}"
    assert rules(exchange(call, b"[]")) == []
    assert rules(exchange(call + "x", b"[]")) == ["secret-in-url"]


def test_a_password_before_the_host_is_warned_of_where_it_stands() -> None:
    call = "GET https://é:pass@sendgrid.com/v3/suppression/bounces HTTP/1.1"
    (problem,) = check(exchange(call, b"[]"))
    assert (problem.rule, problem.location.path) == ("secret-in-url", "password")
    assert at(problem.location) == (1, 15, 15)
    assert call[14:].startswith("pass")
    assert rules(exchange("https://u@h/v3/suppression/bounces", b"[]")) == []
    assert rules(exchange("https://u:***@h/v3/suppression/bounces", b"[]")) == []


def test_a_request_made_by_hand_has_its_places_where_they_would_be() -> None:
    parameters = (("api_user", "u"), ("api_key", "k"))
    request = Request("bounces.get", "json", "web", parameters)
    (problem,) = check(Exchange(request, 200, None, b"[]", Source("x")))
    assert (problem.rule, *at(problem.location)) == ("secret-in-url", 1, 42, 41)
    broken = Request(
        "bounces.get", "json", "web", (*parameters, ("limit", "x"), ("email", "\ud800"))
    )
    (problem,) = check(Exchange(broken, 200, None, b"[]", Source("x")))
    assert (problem.rule, problem.location.path) == ("invalid-parameter", "email")
    nowhere = Request("bounces.get", "json", "web", (("limit", "x"),), path="/x")
    assert check(Exchange(nowhere, 200, None, b"[]", Source("x"))) == []
