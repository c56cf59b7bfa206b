"""The problems of a request: rule, location and message."""

from __future__ import annotations

import msgspec
import pytest

from sgformats.errors import Location, Problem
from sgformats.request import Request
from tests.request.requestkit import KEY, PRINTED, USER, WHO, rules_of

RESELLER = f"{WHO}&user=c@example.com&method=invalidemails"
PROBLEMS: dict[str, tuple[str, str | None, list[tuple[str, str, int]]]] = {
    "a reseller's get": (f"/api/distributor.manage.xml?{RESELLER}&task=get&date=1", None, []),
    "nothing but the operation": (
        "/api/distributor.manage.xml?method=bounces&task=get",
        None,
        [
            ("missing-parameter", "?api_user", 52),
            ("missing-parameter", "?api_key", 52),
            ("missing-parameter", "?user", 52),
        ],
    ),
    "a reseller's date": (
        f"/api/distributor.manage.xml?date=0&{RESELLER}&task=get",
        None,
        [("invalid-parameter", "?date", 34)],
    ),
    "a reseller's delete": (
        f"/apiv2/reseller.manage.xml?date=1&{RESELLER}&task=delete",
        None,
        [("unknown-parameter", "?date", 28), ("missing-parameter", "?email", 121)],
    ),
    "a subuser's date": (
        f"/api/user.bounces.xml?task=delete&date=0&user=u&email=a@b&{WHO}",
        None,
        [],
    ),
    "a subuser without user": (
        f"/api/user.bounces.xml?task=get&date=2&{WHO}",
        None,
        [("invalid-parameter", "?date", 37), ("missing-parameter", "?user", 73)],
    ),
    "a subuser's count": (
        f"/api/user.bounces.xml?task=count&user=u&{WHO}",
        None,
        [("invalid-parameter", "?task", 28)],
    ),
    "no query": (
        "/api/bounces.get.json#x",
        None,
        [("missing-parameter", "?api_user", 22), ("missing-parameter", "?api_key", 22)],
    ),
    "a form": (
        "/api/bounces.get.json?api_user=u",
        "x=1&date=2",
        [
            ("unknown-parameter", "form:x", 1),
            ("invalid-parameter", "form:date", 10),
            ("missing-parameter", "form:api_key", 11),
        ],
    ),
    "a form with space around": (
        "/api/bounces.get.json",
        " x=1\n",
        [
            ("unknown-parameter", "form:x", 2),
            ("missing-parameter", "form:api_user", 5),
            ("missing-parameter", "form:api_key", 5),
        ],
    ),
    "twice": (
        f"/api/bounces.get.json?date=1&date=2&{WHO}&api_key={KEY}",
        None,
        [("invalid-parameter", "?date", 35), ("invalid-parameter", "?api_key", 80)],
    ),
    "in query and form": (
        f"/api/bounces.get.json?{WHO}",
        f"api_key={KEY}",
        [("invalid-parameter", "form:api_key", 9)],
    ),
    "unknown twice": (
        f"/api/bounces.get.json?%78=1&x=2&{WHO}",
        None,
        [("unknown-parameter", "?x", 23), ("unknown-parameter", "?x", 29)],
    ),
    "nothing in credentials": (
        "/api/bounces.get.json?api_user=&api_key",
        None,
        [("invalid-parameter", "?api_user", 32), ("invalid-parameter", "?api_key", 40)],
    ),
    "other spellings": (
        f"/api/bounces.get.json?{WHO}&apikey=1&API_KEY=2",
        None,
        [("unknown-parameter", "?apikey", 58), ("unknown-parameter", "?API_KEY", 67)],
    ),
    "a web add": (f"/api/unsubscribes.add.json?{WHO}", None, [("missing-parameter", "?email", 62)]),
    "a web wipe": (f"/api/unsubscribes.delete.json?{WHO}", None, []),
    "an address of a block": (
        f"/api/blocks.get.json?email=a@b&{WHO}",
        None,
        [("unknown-parameter", "?email", 22)],
    ),
    "days in order": (
        f"/api/bounces.get.json?start_date=2009-02-28&end_date=2009-03-01&{WHO}",
        None,
        [],
    ),
    "days of no order": (
        f"/api/bounces.get.json?end_date=2009-01-01&start_date=2009-01-01&{WHO}",
        None,
        [("invalid-parameter", "?start_date", 54)],
    ),
    "a day of no calendar": (
        f"/api/bounces.get.json?start_date=2009-02-29&end_date=2009-01-01&{WHO}",
        None,
        [("invalid-parameter", "?start_date", 34)],
    ),
    "v3 in bounds": (
        "/v3/suppression/bounces?limit=500&offset=0&start_time=5&end_time=5",
        None,
        [],
    ),
    "v3 out of bounds": (
        "/v3/suppression/bounces?limit=501&offset=-1&start_time=6&end_time=5",
        None,
        [
            ("invalid-parameter", "?limit", 31),
            ("invalid-parameter", "?offset", 42),
            ("invalid-parameter", "?start_time", 56),
        ],
    ),
    "v3 without its own limit": ("/v3/suppression/blocks?limit=501", None, []),
    "v3 with an address in the query": (
        "/v3/suppression/blocks?email=a@b&api_key=k",
        None,
        [("unknown-parameter", "?email", 24), ("unknown-parameter", "?api_key", 34)],
    ),
    "v3 with an address of bytes": (
        "https://h/v3/suppression/blocks/%FF",
        None,
        [("invalid-parameter", "/email", 33)],
    ),
    "v3 delete": (
        "DELETE /v3/suppression/blocks/a?limit=1",
        None,
        [("unknown-parameter", "?limit", 33)],
    ),
}


@pytest.mark.parametrize(("url", "body", "expected"), PROBLEMS.values(), ids=PROBLEMS)
def test_every_problem_has_its_rule_and_location(
    url: str, body: str | None, expected: list[tuple[str, str, int]]
) -> None:
    problems = Request.parse(url, body).problems()
    assert [(p.rule, p.location.native, p.location.column) for p in problems] == expected
    assert [p.location.offset + 1 for p in problems] == [column for _, _, column in expected]
    assert [p.location.path for p in problems] == [
        native.lstrip("?/").removeprefix("form:") for _, native, _ in expected
    ]
    assert all(KEY not in str(problem) and USER not in str(problem) for problem in problems)


WRONG = {
    "date=01": 'expected 1 as date, found "01"',
    "days=0": 'expected a whole number from 1 as days, found "0"',
    "days=1.5": 'expected a whole number from 1 as days, found "1.5"',
    "days=": 'expected a whole number from 1 as days, found ""',
    "days=%D9%A3": 'expected a whole number from 1 as days, found "٣"',
    "limit=+5": 'expected a whole number from 0 as limit, found " 5"',
    "limit=-5": 'expected a whole number from 0 as limit, found "-5"',
    "offset=" + "9" * 5000: f'expected a whole number from 0 as offset, found "{"9" * 59}…"',
    "start_date=2009-1-1": (
        'expected a day of the form YYYY-MM-DD as start_date, found "2009-1-1"'
    ),
    "end_date=2009-01-01%0A": (
        'expected a day of the form YYYY-MM-DD as end_date, found "2009-01-01\\n"'
    ),
    "end_date=2009-02-29": 'expected a day of the calendar as end_date, found "2009-02-29"',
    "start_date=2009-01-02&end_date=2009-01-01": (
        'expected a day before end_date as start_date, found "2009-01-02"'
    ),
    "type=Hard": 'expected hard or soft as type, found "Hard"',
    "email=": 'expected a value as email, found ""',
    "email=%E9": 'expected UTF-8 as email, found "\\udce9"',
    "email=a&email=b": "unexpected second email",
    "page=2": 'unexpected parameter "page"',
    "%26api_key%3Dk=2": 'unexpected parameter "&api_key=***"',
}


@pytest.mark.parametrize(("query", "message"), WRONG.items(), ids=[q[:40] for q in WRONG])
def test_problems_say_what_was_expected(query: str, message: str) -> None:
    problems = Request.parse(f"/api/bounces.get.json?{query}&{WHO}").problems()
    assert [problem.message for problem in problems] == [message]


def test_a_bad_credential_is_not_shown() -> None:
    request = Request.parse(f"/api/bounces.get.json?api_user=u&api_key={KEY}%FF")
    assert [problem.message for problem in request.problems()] == [
        "expected UTF-8 as api_key, found ***"
    ]


def test_locations_count_characters_and_bytes() -> None:
    url = f"https://hé/api/bounces.get.json?{WHO}&email=%C3%A9é&é=1&days=x€"
    assert Request.parse(url).problems() == [
        Problem(
            "unknown-parameter",
            "error",
            'unexpected parameter "é"',
            Location("é", "?é", 1, url.index("é=1") + 1, len(url[: url.index("é=1")].encode())),
            found='parameter "é"',
        ),
        Problem(
            "invalid-parameter",
            "error",
            'expected a whole number from 1 as days, found "x€"',
            Location("days", "?days", 1, url.index("x€") + 1, len(url[: url.index("x€")].encode())),
            expected="a whole number from 1 as days",
            found='"x€"',
        ),
    ]
    body = f"{WHO}&email=".encode() + b"\xe9\xc3\xa9&days=x"
    (_, problem) = Request.parse("/api/bounces.get.json", body).problems()
    assert problem.location == Location("days", "form:days", 1, len(body) - 1, len(body) - 1)


def test_a_constructed_request_has_problems_in_its_encoded_url() -> None:
    request = Request("bounces.get", "json", "reseller-v2", (("method", "blocks"), ("x", "1")))
    assert rules_of(request) == [
        ("invalid-parameter", "?method"),
        ("unknown-parameter", "?x"),
        ("missing-parameter", "?api_user"),
        ("missing-parameter", "?api_key"),
        ("missing-parameter", "?user"),
        ("missing-parameter", "?task"),
    ]
    assert request.problems()[1].location == Location("x", "?x", 1, 43, 42)
    shorter = msgspec.structs.replace(Request.parse(PRINTED), parameters=(("task", "get"),))
    assert rules_of(shorter)[0] == ("missing-parameter", "?api_user")


EMPTY = {
    f"/api/bounces.get.json?date=&{WHO}": ("date", 'expected 1 as date, found ""'),
    f"/api/bounces.get.json?start_date=&{WHO}": (
        "start_date",
        'expected a day of the form YYYY-MM-DD as start_date, found ""',
    ),
    f"/api/bounces.get.json?email=&{WHO}": ("email", 'expected a value as email, found ""'),
    f"/apiv2/customer.bounces.xml?task=get&user=u&date=&{WHO}": (
        "date",
        'expected 0 or 1 as date, found ""',
    ),
    "/v3/suppression/bounces?limit=": (
        "limit",
        'expected a whole number from 0 to 500 as limit, found ""',
    ),
}


@pytest.mark.parametrize("url", EMPTY)
def test_an_empty_optional_value_is_a_warning(url: str) -> None:
    path, message = EMPTY[url]
    (problem,) = Request.parse(url).problems()
    assert (problem.rule, problem.severity) == ("empty-parameter", "warning")
    assert (problem.location.path, problem.message) == (path, message)


def test_an_empty_required_value_is_an_error() -> None:
    (problem,) = Request.parse(f"/api/blocks.delete.json?email=&{WHO}").problems()
    assert (problem.location.path, problem.severity) == ("email", "error")
