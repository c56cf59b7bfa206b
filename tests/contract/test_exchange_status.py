"""Rules on the HTTP status, and on keys in URLs."""

from __future__ import annotations

import pytest

from sgformats.captures import Exchange, Source
from sgformats.contract import check
from sgformats.contract.check import examine_exchange
from sgformats.request import Request
from tests.contract.exchangekit import (
    KEYS,
    V3,
    WEB,
    at,
    exchange,
    places,
    rules,
)

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


def test_an_unreadable_body_under_204_is_a_mismatch() -> None:
    assert places(exchange(WEB % "json", b"\n<html>", 204)) == [
        ("not-an-answer", "", "", 2, 1, 1),
        ("status-mismatch", "", "", 2, 1, 1),
    ]
    assert rules(exchange(WEB % "json", b"<html>", 500)) == ["not-an-answer"]


def test_a_mismatch_says_what_was_expected() -> None:
    (problem,) = check(exchange(WEB % "json", FAILED, 403))
    assert problem.message == "expected the HTTP status 401 of the failure, found 403"


# secret-in-url
def test_a_key_in_the_url_is_a_warning_at_its_place() -> None:
    call = "/api/bounces.get.json?api_user=u&api;_key=k%C3%A9"
    (problem,) = check(exchange(call, b"[]"))
    location = problem.location
    assert (problem.rule, problem.severity) == ("secret-in-url", "warning")
    assert (location.path, location.native) == ("api_key", "?api_key")
    assert at(location) == (1, call.index("k%C3") + 1, call.index("k%C3"))
    assert problem.message == 'expected "api_key" in the form of a POST, found "api_key" in the URL'


def test_a_key_in_a_form_is_in_its_place() -> None:
    form = "api_user=u&api_key=k"
    assert rules(exchange("/api/bounces.get.json", b"[]", form=form)) == []
    assert rules(exchange("/api/bounces.get.json?api_key=k", b"[]", form="api_user=u")) == [
        "secret-in-url"
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        *("***", "*", "<API_KEY>", "[FILTERED]", "redacted", "{{key}}", "${API_KEY}", "xxxxxx"),
        *("YOUR_API_KEY", "PASSWORD", "secret", "%25API_KEY%25", "dummy-key"),
    ],
)
def test_a_removed_key_is_not_a_secret(hidden: str) -> None:
    call = f"/api/bounces.get.json?api_user=u&api_key={hidden}"
    assert rules(exchange(call, b"[]")) == []
    assert rules(exchange(call + "7Gq2", b"[]")) == ["secret-in-url"]


@pytest.mark.parametrize(
    "query", ["", "?api_user=u", "?api_user=&api_key=", "?api_key=***", "?date=1&api_user="]
)
def test_removed_credentials_of_a_recording_are_not_a_problem(query: str) -> None:
    call = f"/api/bounces.get.json{query}"
    assert rules(exchange(call, b"[]")) == []
    assert Request.parse(call).problems() != []
    given = exchange(call, b"[]")
    live = [problem.location.path for problem in examine_exchange(given, recorded=False).of_call]
    assert live and set(live) <= {"api_user", "api_key"}


def test_a_password_before_the_host_is_a_warning_at_its_place() -> None:
    call = "GET https://é:pass@sendgrid.com/v3/suppression/bounces HTTP/1.1"
    (problem,) = check(exchange(call, b"[]"))
    assert (problem.rule, problem.location.path) == ("secret-in-url", "password")
    assert at(problem.location) == (1, 15, 15)
    assert call[14:].startswith("pass")
    assert rules(exchange("https://u@h/v3/suppression/bounces", b"[]")) == []
    assert rules(exchange("https://u:***@h/v3/suppression/bounces", b"[]")) == []


def test_a_request_made_by_hand_has_the_places_of_its_encoded_form() -> None:
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
