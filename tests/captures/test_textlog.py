"""Text logs: which payload is the answer to which call, among lines that are neither."""

from __future__ import annotations

import pytest

from tests.captures.textlogkit import (
    CASES,
    DONE,
    FORM_URL,
    URL,
    XML_URL,
    Found,
    read,
)


def found_in(log: str | bytes) -> list[Found]:
    return [
        Found(
            e.url,
            None if e.body is None else e.body.decode("latin-1"),
            e.source.line or 0,
            e.verb,
            e.status,
            e.time,
        )
        for e in read(log)
    ]


@pytest.mark.parametrize("name", CASES)
def test_every_exchange_is_found_and_nothing_else(name: str) -> None:
    log, expected = CASES[name]
    assert found_in(log) == expected


@pytest.mark.parametrize("name", CASES)
def test_the_last_line_may_lack_its_end(name: str) -> None:
    log, expected = CASES[name]
    assert found_in(log.rstrip("\n")) == expected


def test_places_are_those_of_the_line_of_the_call() -> None:
    log = f"\ufeffé\r\n\r\n {URL} []\n{URL}\n".encode()
    assert [(e.source.entry, e.source.line, e.source.offset) for e in read(log)] == [
        (0, 3, 9),
        (1, 4, 9 + len(URL) + 5),
    ]


def test_a_form_is_found_in_all_its_places() -> None:
    form = "api_user=u&api_key=k&email=a%40b"
    for log in (
        f"POST {FORM_URL} {form} -> {DONE}\n",
        f'POST {FORM_URL} body="{form}" {DONE}\n',
        f"POST {FORM_URL}\n{form}\n{DONE}\n",
        f"POST /api/invalidemails.delete.json HTTP/1.1\nHost: x\n\n{form}\n\nHTTP/1.1 200 OK\n\n{DONE}\n",
        f"curl -d '{form}' {FORM_URL}\n{DONE}\n",
        f'curl {FORM_URL} -d api_user=u -d "api_key=k" -d email=a@b\n{DONE}\n',
        f"send: b'POST /api/invalidemails.delete.json HTTP/1.1\\r\\n\\r\\n'\nsend: b'{form}'\n{DONE}\n",
    ):
        (found,) = read(log)
        assert found.request is not None, log
        assert found.request.parameters == (("api_user", "u"), ("api_key", "k"), ("email", "a@b"))
        assert (found.verb, found.body) == ("POST", DONE.encode())


def test_a_content_type_is_that_of_the_answer() -> None:
    head = "Content-Type: application/x-www-form-urlencoded"
    (found,) = read(
        f"POST {FORM_URL}\n{head}\nHTTP/1.1 200 OK\nContent-Type: text/html; charset=utf-8\n\n{DONE}\n"
    )
    assert found.content_type == "text/html; charset=utf-8"


def test_bytes_that_are_not_text_are_kept() -> None:
    payload = (
        b"<invalidemails><invalidemail><email>\xe9\x00\x02</email></invalidemail></invalidemails>"
    )
    (found,) = read(b"\xff " + XML_URL.encode() + b"&x=\xe9\n" + payload + b"\n\x80\n")
    assert (found.url, found.body) == (XML_URL + "&x=\udce9", payload)
