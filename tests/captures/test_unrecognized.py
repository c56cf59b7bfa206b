"""A call counts as unanswered only if nothing beside it could be its answer."""

from __future__ import annotations

import base64
import io
import json

import pytest

from sgformats.captures import read_capture
from sgformats.captures.bodies import undisguised
from sgformats.captures.exchange import Exchange
from sgformats.errors import Problem
from tests.captures.textlogkit import LIST, OTHER, URL, XML_URL, read

XML = "<bounces><bounce/></bounces>"
FOUND = "expected an answer in XML or JSON, found"


def lines(**values: object) -> Exchange:
    data = json.dumps({"url": URL, **values}).encode()
    (found,) = read_capture(io.BytesIO(data), name="a.jsonl")
    return found


def fault_of(fault: Problem | None) -> tuple[str, str] | None:
    return None if fault is None else (fault.rule, fault.message)


@pytest.mark.parametrize("key", ["responseBody", "response", "text", "content", "payload", "got"])
@pytest.mark.parametrize("body", [LIST, XML, "[]", '{"error":"x"}'])
def test_the_answer_of_a_line_is_found_by_content(key: str, body: str) -> None:
    found = lines(**{key: body, "requestHeaders": '{"message":"x"}', "host": "a"})
    assert (found.body, found.fault) == (body.encode(), None)


def test_an_answer_in_a_value_of_a_line_is_found() -> None:
    assert lines(response={"status": 200, "text": LIST}).body == LIST.encode()
    assert json.loads(lines(result=json.loads(LIST)).body or b"") == json.loads(LIST)


def test_the_keys_of_possible_answers_are_reported() -> None:
    assert fault_of(lines(response="[{email: a}]", note="x").fault) == (
        "unrecognized-body",
        'expected an answer as `body`, found a possible one under the keys "response"; '
        "--field body=KEY names the one to read",
    )
    assert fault_of(lines(first="[]", second=LIST).fault) == (
        "unrecognized-body",
        "expected an answer as `body`, found several values that can be the answer under the keys "
        '"first, second"; --field body=KEY names the one to read',
    )


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"status": 204},
        {"duration": "12"},
        {"request": LIST},
        {"level": "info", "msg": "called"},
    ],
)
def test_a_line_without_a_sign_of_an_answer_has_none(values: dict[str, object]) -> None:
    found = lines(**values)
    assert (found.body, found.fault) == (None, None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("INFO [{'email': 'isaac', 'reason': 'x'}]", "INFO [{'email': 'isaac', 'reason': 'x'}]"),
        ("INFO [{:email=>'isaac'}]", "INFO [{:email=>'isaac'}]"),
        ("INFO [{email=isaac, reason=x}]", "INFO *** ***"),
        ("INFO [email] => isaac", "INFO [email] => isaac"),
        ("INFO &lt;bounces&gt;", "INFO &lt;bounces&gt;"),
        ("INFO {'message': 'success'}", "INFO {'message': 'success'}"),
        ("got %5B%7B%22email%22%3A%22a%22%7D%5D", "got %5B%7B%22email%22%3A%22a%22%7D%5D"),
        ("got %3C%3Fxml%20version", "got %3C%3Fxml%20version"),
        ("Buffer.from(W3siZW1haWwiOiJhIn1d)", "Buffer.from(W3siZW1haWwiOiJhIn1d)"),
        ("got eyJtZXNzYWdlIjoiYSJ9", "got eyJtZXNzYWdlIjoiYSJ9"),
    ],
)
def test_text_instead_of_an_answer_is_reported(text: str, shown: str) -> None:
    (found,) = read(f"GET {URL}\n{text}\nbye\n")
    quoted = json.dumps(shown)
    assert (found.body, found.raw) == (None, text.encode() + b"\n")
    assert fault_of(found.fault) == (
        "unrecognized-body",
        f"{FOUND} {quoted}; write answers to the log as they came",
    )


def test_other_json_around_a_call_hides_neither_the_call_nor_its_answer() -> None:
    span = json.dumps({"name": "GET", "url": URL, "got": LIST})
    (found,) = read(f'started\n[{{"spans":[{span}]}}]\nbye\n')
    assert (found.url, found.body, found.fault) == (URL, LIST.encode(), None)
    before, found = read(f'GET {XML_URL}\n[{{"spans":[{span}]}}]\nbye\n')
    assert (before.url, before.body) == (XML_URL, None)
    assert (found.url, found.body, found.fault) == (URL, LIST.encode(), None)
    (found,) = read("started\n[" + span.replace(", ", ",\n") + "]\nbye\n")
    assert (found.url, found.body, found.source.line) == (None, None, 2)
    rule, message = fault_of(found.fault) or ("", "")
    assert (rule, message[: len(FOUND)]) == ("unrecognized-body", FOUND)


def test_json_with_the_call_of_another_service_is_no_answer() -> None:
    assert read(f'started\n[{{"name":"a",\n"url":"{OTHER}"}}]\nbye\n') == []


def test_an_answer_with_a_call_in_a_text_stays_whole() -> None:
    odd = LIST.replace("email", "mail").replace("\\/", "/")
    for url, body in ((None, LIST), (URL, LIST), (URL, odd)):
        (found,) = read(f"{url or 'started'}\n{body}\nbye\n")
        assert (found.url, found.body) == (url, body.encode())


def test_an_escaped_answer_without_a_call_is_an_exchange_if_it_is_certain() -> None:
    shown = json.dumps('[{"email":"a","reason":"b"}]')
    (found,) = read(f"got {shown}\n" + 'got "{\\"message\\":\\"other\\"}"\n')
    assert (found.url, found.body) == (None, b'[{"email":"a","reason":"b"}]')


def test_no_message_holds_a_secret() -> None:
    (found,) = read(f"GET {URL}\nINFO {{'email': 'a', 'password': 'Correct-Horse-9'}}\n")
    assert found.fault is not None
    assert "Correct-Horse" not in str(found.fault)


def test_sent_parameters_are_not_an_answer() -> None:
    (found,) = read(f"GET {URL}\nDEBUG params={{'email': 'isaac'}}\nremoved email: isaac\n")
    assert (found.body, found.fault) == (None, None)


def test_an_answer_after_an_unsupported_form_is_the_answer() -> None:
    (found,) = read(f"GET {URL}\nINFO parsed {{'email': 'isaac'}}\n{LIST}\n")
    assert (found.body, found.fault) == (LIST.encode(), None)


@pytest.mark.parametrize(
    "host", ["<%= host %>", "<HOST>", "{{host}}", "${HOST}", "#{host}", "<%= host %>:443", "<S G>"]
)
def test_a_placeholder_may_replace_the_host(host: str) -> None:
    data = json.dumps({"url": f"{host}/api/bounces.get.json?api_user=<%= u %>&date=1", "body": []})
    (found,) = read_capture(io.BytesIO(data.encode()), name="a.jsonl")
    assert found.request is not None
    assert found.request.operation == "bounces.get"


@pytest.mark.parametrize("body", [LIST, XML, "[]", '{"message":"success"}', "\ufeff[]"])
def test_a_body_converted_to_text_is_recognised_by_its_bytes(body: str) -> None:
    raw = body.encode()
    for text in (base64.b64encode(raw).decode(), base64.encodebytes(raw).decode(), repr(raw)):
        assert undisguised(text.encode()) == raw
    buffer = {"type": "Buffer", "data": list(raw)}
    assert lines(body=buffer).body == raw
    assert lines(body_base64=body.lstrip("\ufeff")).body == body.lstrip("\ufeff").encode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Weather",
        b"error",
        b"W10",
        b"b'[]",
        b"b'[]' x",
        b'{"type":"Buffer","data":[300]}',
        b"W10=x",
    ],
)
def test_any_other_body_is_unchanged(body: bytes) -> None:
    assert undisguised(body) == body


def test_lines_of_a_journal_are_a_log_whatever_the_name() -> None:
    data = "".join(json.dumps({"_HOSTNAME": "a", "MESSAGE": m}) + "\n" for m in (URL, LIST))
    (found,) = read_capture(io.BytesIO(data.encode()), name="a.jsonl")
    assert (found.url, found.body) == (URL, LIST.encode())
