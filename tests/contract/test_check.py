"""`check`: the problems of an exchange in order, and exchanges that are not checked."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats.contract.answer
from sgformats._scan.document import read_document
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.captures import Exchange, Source
from sgformats.codec import validate
from sgformats.contract import check, skip_reason
from sgformats.contract.answer import Answer
from sgformats.contract.check import examine_exchange
from sgformats.errors import (
    ArgumentError,
    DecodeError,
    Location,
    Problem,
    UnknownOperationError,
    ValidationError,
)
from sgformats.operations import OPERATIONS
from sgformats.request import Request
from sgformats.rules import RULES
from sgformats.testing import load_corpus
from sgformats.testing.hostile import HOSTILE
from sgformats.testing.strategies import hostile, mutated, payloads

KEYS = "api_user=***&api_key=***"
HERE = Source("x.har", 0)
FAULT = Problem("unreadable-body", "error", "expected base64, found x", Location("", "", 1, 4, 3))


def exchange(call: str, body: bytes | None, status: int | None = 200, **more: Any) -> Exchange:
    verb = more.pop("verb", None)
    request = Request.parse(call, more.pop("form", None), verb)
    return Exchange(request, status, None, body, HERE, url=call, verb=verb, **more)


def bare(body: bytes | None, status: int | None = None, **more: Any) -> Exchange:
    return Exchange(None, status, None, body, HERE, **more)


def rules(exchange: Exchange, **options: Any) -> list[str]:
    return [problem.rule for problem in check(exchange, **options)]


def test_the_problems_of_the_call_come_first_and_the_answers_in_document_order() -> None:
    call = "/api/invalidemails.get.json?api_user=u&api_key=k&limit=1&email=a&date=1&page=2&days=0"
    body = b'[{"email":"a","reason":"r","created":"now"},\n {"email":"b","reason":"r","x":""}]'
    found = [(p.rule, p.location.path, p.location.offset) for p in check(exchange(call, body, 500))]
    assert found == [
        ("unknown-parameter", "page", call.index("page=2")),
        ("invalid-parameter", "days", len(call) - 1),
        ("secret-in-url", "api_key", call.index("k&limit")),
        ("invalid-timestamp", "[0].created", 37),
        ("missing-created", "[1].created", 46),
        ("too-many-records", "[1]", 46),
        ("unrelated-record", "[1].email", 55),
        ("unknown-field", "[1].x", 72),
    ]


def test_an_answer_is_checked_as_one_of_its_call() -> None:
    call = f"/api/bounces.get.xml?{KEYS}"
    assert rules(exchange(call, b"<bounces/>")) == []
    assert rules(exchange(call, b"<bounces/>"), operation="blocks.get") == []
    assert rules(exchange(call, b"<bounces>")) == ["truncated"]
    assert rules(exchange(call, b"")) == ["not-an-answer"]
    found = examine_exchange(exchange(call, b'{"message":"No User"}'))
    assert (found.operation, found.format) == ("bounces.get", "json")
    found = examine_exchange(exchange(call, b"no"))
    assert (found.operation, found.format) == ("bounces.get", None)


def test_an_answer_without_a_call_is_checked_as_the_given_or_any_operation() -> None:
    body = b'[{"email":"a","reason":"r"}]'
    assert rules(bare(body)) == []
    assert rules(bare(body), operation="invalidemails.get") == []
    assert rules(bare(body), operation="bounces.get") == ["missing-field"]
    assert rules(bare(b"[]", 500)) == ["status-mismatch"]
    assert rules(bare(b"oops", 500)) == ["not-an-answer"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<bounces/>", ("bounces.get", "xml")),
        (b'[{"email":"a","reason":"r"}]', ("invalidemails.get", "json")),
        (b"[]", (None, "json")),
        (b'{"message":"success"}', (None, "json")),
        (b'{"errors":[{"message":"no"}]}', (None, "json-v3")),
        (b"oops", (None, None)),
    ],
)
def test_an_answer_without_a_call_is_detected_as_far_as_possible(
    body: bytes, expected: tuple[str | None, str | None]
) -> None:
    found = examine_exchange(bare(body))
    assert (found.operation, found.format) == expected


def test_of_several_possible_operations_the_valid_one_is_used() -> None:
    # Only the fields are wrong, and more of them for `bounces`.
    body = b'[{"email":"a","ip":"1.2.3.4","created":"2009-06-10"}]'
    assert rules(bare(body)) == [p.rule for p in validate(body)] == ["invalid-timestamp"]


# Missing calls and answers


def test_a_204_without_a_body_is_a_successful_v3_delete() -> None:
    call = "/v3/suppression/bounces/a"
    assert rules(exchange(call, b"", 204, verb="DELETE")) == []
    assert rules(exchange(call, None, 204, verb="DELETE")) == []
    assert rules(exchange(call, b"", 200, verb="DELETE")) == ["not-an-answer"]
    assert rules(exchange(call, b"", 204)) == ["not-an-answer"]
    older = f"/api/bounces.delete.json?{KEYS}"
    assert rules(exchange(older, b"", 204)) == ["not-an-answer"]
    assert rules(bare(b"", 204)) == []
    assert rules(bare(b"", 204), operation="bounces.delete") == []
    assert rules(bare(b"", 204), operation="bounces.count") == ["not-an-answer"]


def test_an_unreadable_body_is_the_only_problem_of_the_answer() -> None:
    call = f"/api/bounces.get.json?{KEYS}&limit=x"
    problems = check(exchange(call, b"<html>", 500, fault=FAULT))
    assert [problem.rule for problem in problems] == ["invalid-parameter", "unreadable-body"]
    assert problems[1] is FAULT
    assert check(bare(None, fault=FAULT)) == [FAULT]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (
            Exchange(None, 200, None, b"[]", HERE, url="https://h/logo.png?api_key=k"),
            "expected a call of this API such as /api/invalidemails.get.json, found the path "
            '"/logo.png"',
        ),
        (
            Exchange(None, 200, None, b"[]", HERE, url="/v3/suppression/bounces", verb="OPTIONS"),
            'expected GET or DELETE, found "OPTIONS"',
        ),
        (
            Exchange(None, 200, None, b"[]", HERE, url="/apiv2/customer.bounces.json"),
            "expected one task among the parameters, found none",
        ),
        (
            Exchange(None, 200, None, b"[]", HERE, url="/api/bounces.get.json", verb="POST"),
            "expected a form as the body, found other content",
        ),
        (bare(None), "the capture holds no answer"),
        (bare(None, 200), "the capture holds no answer"),
        (bare(b"", 0), "the capture holds no answer"),
        (bare(b"", 304), "an HTTP status of 304 carries no answer"),
        (bare(None, 101), "an HTTP status of 101 carries no answer"),
        (exchange("/api/bounces.get.json?limit=x", None), "the capture holds no answer"),
    ],
)
def test_other_calls_and_missing_answers_have_a_skip_reason(given: Exchange, reason: str) -> None:
    assert skip_reason(given) == reason
    assert check(given, operation="bounces.get") == []


def test_an_exchange_to_check_has_no_skip_reason() -> None:
    whole = [bare(b""), bare(b"x", 304), bare(None, 204), bare(None, fault=FAULT)]
    assert [skip_reason(each) for each in whole] == [None] * 4
    assert [rules(each) for each in whole] == [
        ["not-an-answer"],
        ["not-an-answer"],
        [],
        ["unreadable-body"],
    ]


def test_an_unknown_operation_is_an_argument_error() -> None:
    with pytest.raises(UnknownOperationError):
        check(bare(b"[]"), operation="bounces.git")
    with pytest.raises(UnknownOperationError):
        check(bare(None), operation="bounces.git")
    assert issubclass(UnknownOperationError, ArgumentError)


def test_an_answer_beyond_max_bytes_is_not_read() -> None:
    call = f"/api/bounces.get.json?{KEYS}&limit=1"
    assert rules(exchange(call, b"[" + b" " * 100 + b"]", 500), max_bytes=50) == ["too-large"]


# Any input


VALUES = st.sampled_from(
    ("", "0", "1", "2", "a", "isaac@hotmail.comm", "2009-06-01", "2009-06-30", "9999-12-31", "%ff")
)
NAMES = st.sampled_from(
    (
        *("date", "days", "start_date", "end_date", "limit", "offset", "email", "type"),
        *("start_time", "end_time", "task", "method", "user", "api_user", "api_key", "x"),
    )
)
TIMES = st.sampled_from((None, "", "2009-06-10T12:40:30Z", "9999-12-31T23:59:59", "1244635200"))


@st.composite
def exchanges(draw: st.DrawFn) -> tuple[Exchange, str]:
    """An exchange of any call, and its operation."""
    operation = draw(st.sampled_from(list(OPERATIONS.values())))
    pairs = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    query = "&".join(f"{name}={value}" for name, value in pairs)
    path, verb = f"/api/{operation.name}.{draw(st.sampled_from(('xml', 'json')))}", "GET"
    if operation.in_v3 and draw(st.booleans()):
        path = f"/v3/suppression/{operation.method.v3}{draw(st.sampled_from(('', '/a@b')))}"
        verb = "DELETE" if operation.task == "delete" else "GET"
    answered = draw(st.sampled_from((operation, operation, *OPERATIONS.values())))
    forms: list[Format] = ["xml", "json"]
    form = "json-v3" if path[1] == "v" and answered.in_v3 else draw(st.sampled_from(forms))
    body = draw(
        st.one_of(
            payloads(answered, form).map(lambda written: written[1]),
            mutated(payloads(answered, form)),
            hostile(),
        )
    )
    status = draw(st.sampled_from((None, 0, 200, 200, 204, 302, 401, 404, 500, 999, -1)))
    call = f"{path}?{query}" if query else path
    return exchange(call, body, status, verb=verb, time=draw(TIMES)), operation.name


@given(exchanges())
def test_check_never_raises_and_orders_problems(drawn: tuple[Exchange, str]) -> None:
    given, name = drawn
    assert given.body is not None
    found = examine_exchange(given)
    assert check(given) == [*found.of_call, *found.of_capture, *found.of_answer]
    offsets = [problem.location.offset for problem in found.of_answer]
    assert offsets == sorted(offsets)
    assert all(0 <= at <= len(given.body) for at in offsets)
    assert {p.rule for p in check(given)} <= RULES.keys()
    assert all(p.severity == RULES[p.rule].severity for p in check(given))
    if skip_reason(given) is None:
        assert found.operation == name


@given(exchanges())
def test_the_fast_and_the_full_reader_agree(drawn: tuple[Exchange, str]) -> None:
    given, _ = drawn
    short = check(given)

    def refuse(*args: Any, **options: Any) -> None:
        raise ValidationError(())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sgformats.contract.answer, "parse", refuse)
        assert check(given) == short


def test_the_fast_reader_and_the_tree_give_the_same_answer() -> None:
    for case in load_corpus():
        try:
            document = read_document(case.payload)
        except DecodeError:
            continue
        for operation in OPERATIONS.values():
            fast = Answer(case.payload, operation, None, MAX_BYTES)
            full = Answer(case.payload, operation, None, MAX_BYTES, document)
            assert (fast.format, fast.reply, fast.problems) == (
                full.format,
                full.reply,
                full.problems,
            ), (case.name, operation.name)


@given(exchanges())
def test_the_problems_of_a_payload_are_those_of_validate(drawn: tuple[Exchange, str]) -> None:
    given, name = drawn
    assert given.body is not None and given.request is not None
    if skip_reason(given) is not None or (given.status == 204 and not given.body):
        return
    found = [
        p
        for p in examine_exchange(given).of_answer
        if RULES[p.rule].stage not in ("exchange", "capture")
    ]
    form = examine_exchange(given).format
    expected = validate(given.body, OPERATIONS[name], format=form)
    if [p.rule for p in found] == ["wrong-operation"] and found != expected:
        assert {p.rule for p in expected} >= {"unknown-field"}
    else:
        assert found == expected


@pytest.mark.parametrize("times", [2_000, pytest.param(50_000, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_answers_are_checked_in_bounded_time(number: int, times: int) -> None:
    call = f"/api/invalidemails.get.json?{KEYS}&date=1&limit=1&email=a&start_date=2009-06-01"
    body = HOSTILE[number](times)
    problems = check(exchange(call, body))
    # Two of them are an empty list in some form.
    assert problems or validate(body, "invalidemails.get") == []
