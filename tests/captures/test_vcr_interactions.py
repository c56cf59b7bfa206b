"""Interactions of a cassette: bodies and statuses in all their forms."""

from __future__ import annotations

import pytest

from sgformats.request import Request
from tests.captures.vcrkit import (
    BARE,
    URL,
    all_of,
    facts,
    fault_of,
    from_json,
    vcrpy,
)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("{string: '[]'}", b"[]"),
        ("'[]'", b"[]"),
        ("{string: null}", b""),
        ("null", b""),
        ("{}", b""),
        ("{string: 'null'}", b"null"),
        ("{string: 2009-06-10}", b"2009-06-10"),
        ("{string: !!str null}", b"null"),
        ("{string: !!python/unicode '\\u00f6'}", b"\\u00f6"),
        ('{string: "\\u00f6"}', "ö".encode()),
        ("{encoding: ISO-8859-1, string: ö}", b"\xf6"),
        ("{encoding: ISO-8859-1, string: ł}", "ł".encode()),
        ("{encoding: ASCII-8BIT, string: ö}", "ö".encode()),
        ("{encoding: rot13, string: ö}", "ö".encode()),
        ("{encoding: iso-8859-99, string: ö}", "ö".encode()),
        ("{base64_string: W10=}", b"[]"),
        ("{base64_string: !binary W10=}", b"[]"),
        ("{string: !binary W10=}", b"[]"),
        ("!binary W10=", b"[]"),
        ('!!binary "W1 0="', b"[]"),
        ("{string: {str: !binary W10=}}", b"[]"),
        ("[{email: a, reason: b}]", b'[{"email":"a","reason":"b"}]'),
        ("{message: success}", b'{"message":"success"}'),
        ("[]", b"[]"),
    ],
)
def test_a_body_in_all_its_forms(body: str, wanted: bytes) -> None:
    (exchange,) = all_of(vcrpy(body))
    assert (exchange.body, exchange.fault) == (wanted, None)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("[a]", ("unreadable-body", "expected a string or a base64_string as body, found neither")),
        (
            "{text: a}",
            ("unreadable-body", "expected a string or a base64_string as body, found neither"),
        ),
        ("!binary W1*", ("unreadable-body", "expected base64, found another character")),
        (
            "{string: *x}",
            (
                "unreadable-entry",
                'expected a value with the anchor "x", found none, or too many aliases',
            ),
        ),
        (
            "&x [*x]",
            (
                "unreadable-entry",
                'expected a value with the anchor "x", found none, or too many aliases',
            ),
        ),
    ],
)
def test_an_undecodable_body_is_a_fault(body: str, wanted: tuple[str, str]) -> None:
    assert [fault_of(exchange) for exchange in all_of(vcrpy(body))] == [wanted]


@pytest.mark.parametrize(
    ("status", "wanted"),
    [
        ("{code: 200, message: OK}", 200),
        ("200", 200),
        ("'404'", 404),
        ("503 Busy", 503),
        ("x", None),
    ],
)
def test_a_status_in_all_its_forms(status: str, wanted: int | None) -> None:
    assert [exchange.status for exchange in all_of(vcrpy("'[]'", status))] == [wanted]


def test_only_a_204_may_have_no_body() -> None:
    request = {"method": "GET", "uri": URL}
    found = from_json(
        [{"request": request, "response": {"status": code}} for code in (200, 204, 304)]
    )
    assert [exchange.body for exchange in found] == [None, b"", b""]


@pytest.mark.parametrize("response", ["null", "[]", "5"])
def test_a_request_alone_is_a_call_without_an_answer(response: str) -> None:
    text = f"interactions:\n- request: {{method: GET, uri: '{URL}'}}\n  response: {response}\nversion: 1\n"
    assert [facts(exchange) for exchange in all_of(text)] == [(URL, "GET", None, None)]


def test_an_item_that_is_not_an_interaction_is_a_fault() -> None:
    neither = ("unreadable-entry", "expected a request and a response, found neither")
    text = "interactions:\n- 5\n- []\n- {}\n- {request: [], response: x}\n-\nversion: 1\n"
    assert [fault_of(exchange) for exchange in all_of(text)] == [neither] * 5
    no_object = ("unreadable-entry", "expected an object as entry, found another value")
    found = from_json([5, {}, {"request": None}])
    assert [fault_of(exchange) for exchange in found] == [no_object, neither, neither]


def test_the_last_item_of_a_list_in_brackets_is_always_read() -> None:
    neither = ("unreadable-entry", "expected a request and a response, found neither")
    assert [fault_of(exchange) for exchange in all_of("interactions: [5, x]")] == [neither] * 2


def test_content_that_is_not_a_form_keeps_the_call() -> None:
    request = {"method": "POST", "uri": BARE, "body": ["api_user", "u"]}
    (exchange,) = from_json([{"request": request, "response": {"status": 200, "body": "[]"}}])
    assert exchange.request == Request.parse(BARE, None, "POST")


def test_an_invalid_body_of_nock_is_a_fault() -> None:
    one = {"scope": "https://x", "path": "/", "status": 200, "response": {"a": "\ud800"}}
    assert [fault_of(exchange) for exchange in from_json([one])] == [
        ("unreadable-body", "expected a string or a base64_string as body, found neither")
    ]
