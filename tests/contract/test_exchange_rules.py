"""Rules on calls and their answers: the exact locations, in XML and in JSON."""

from __future__ import annotations

from typing import Any

import pytest

from sgformats.contract import check
from sgformats.contract.exchange_rules import EXCHANGE_RULES
from sgformats.rules import RULES
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
def test_with_date_1_every_record_must_have_a_time(
    body: bytes, form: str, expected: list[Place]
) -> None:
    found = places(exchange(WEB % form + "&date=1", body))
    assert found == expected
    for _, _, _, line, column, place in found:
        assert place == offset(body, line, column)


@pytest.mark.parametrize("query", ["", "&date=0"])
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
def test_without_date_1_no_record_has_created(
    body: bytes, form: str, expected: Place, query: str
) -> None:
    subuser = f"/apiv2/customer.invalidemails.{form}?{KEYS}&user=u&task=get{query}"
    problems = check(exchange(subuser, body))
    assert [(p.rule, p.location.path, p.location.native, *at(p.location)) for p in problems] == [
        expected
    ]
    assert problems[0].severity == "warning"
    assert expected[5] == offset(body, *expected[3:5])


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("&date=1&date=0", "invalid-parameter"),
        ("&date=yes", "invalid-parameter"),
        ("&date=", "empty-parameter"),
    ],
)
def test_a_date_that_may_be_either_is_the_only_problem(query: str, rule: str) -> None:
    assert set(rules(exchange(WEB % "json" + query, JSON))) == {rule}


def test_an_otherwise_invalid_record_must_have_a_time_too() -> None:
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


def test_a_v3_list_does_not_answer_an_older_call() -> None:
    body = b'[{"created":1244637630,"email":"a"}]'
    call = f"/api/unsubscribes.get.json?{KEYS}&date=1"
    assert places(exchange(call, body)) == [("wrong-format", "", "", 1, 1, 0)]


def test_a_duplicate_time_is_neither_missing_nor_unexpected() -> None:
    body = b'[{"email":"x","reason":"r","created":"","created":"2009-06-10 12:40:30"}]'
    assert rules(exchange(WEB % "json" + "&date=1", body)) == ["duplicate-field"]
    assert rules(exchange(WEB % "json", body)) == ["duplicate-field"]


def test_v3_always_has_created() -> None:
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
        # v3 and the older API, each with JSON of the other.
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
        # Fields in another order, and a fault: still v3.
        (V3, b'[{"email":"a","reason":"r","status":"5","created":1}]', []),
    ],
)
def test_the_format_is_in_the_path(call: str, body: bytes, expected: list[Place]) -> None:
    status = 404 if call == V3 and body.startswith(b"{") else 200
    assert places(exchange(call, body, status)) == expected


def test_an_unreadable_answer_has_no_format() -> None:
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
        # Only fields decide: two differences, one of them an unknown field.
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
        # One record fits this call, or none fits the other one completely.
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
def test_an_answer_of_another_call_is_reported(
    call: str, body: bytes, expected: list[tuple[str, int]]
) -> None:
    problems = check(exchange(f"/api/{call}?{KEYS}", body))
    assert [(problem.rule, problem.location.offset) for problem in problems] == expected


def test_an_answer_of_another_call_has_no_further_problems() -> None:
    call = f"/api/bounces.get.json?{KEYS}&date=1&limit=1&email=c"
    (problem,) = check(exchange(call, UNLIKE))
    assert problem.message == "expected an answer to bounces.get, found a list of spamreports"
    assert problem.location.path == problem.location.native == ""
    other = exchange(f"/api/invalidemails.get.xml?{KEYS}&date=1", b"<blocks><block/></blocks>")
    assert rules(other) == ["wrong-operation"]
