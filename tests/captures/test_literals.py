"""Strings of programming languages: each escape by the rules of its own language."""

from __future__ import annotations

import gzip

import pytest

from sgformats.captures.literals import Literal, read_literal
from tests.captures.textlogkit import URL, read

BODY = '[{"email":"isaac","reason":"see http:\\/\\/x.example \\u00e9 can\'t"}]'
RUBY_ESCAPES = {7: "\\a", 10: "\\n", 34: '\\"', 92: "\\\\"}


def ruby(data: bytes) -> str:
    signs = (RUBY_ESCAPES.get(b) or (chr(b) if 32 <= b < 127 else f"\\x{b:02X}") for b in data)
    return '"' + "".join(signs) + '"'


def go(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb"""'a\n\t\\n\'"'""", b"a\n\t\\n'\""),
        (rb'"\"\x41\303\251\u00e9\u{1F600}\U0001F600\e\a"', '"Aéé😀😀\x1b\a'.encode()),
        (rb'"\ud83d\ude00"', "😀".encode()),
        (rb"b'\xe9\u00e9'", b"\xe9\\u00e9"),
        (rb"u'\xe9'", "é".encode()),
        (rb"'\q'", rb"\q"),
    ],
)
def test_escapes_are_undone(text: bytes, value: bytes) -> None:
    assert read_literal(text + b" 'x", 0) == Literal(value, len(text))


@pytest.mark.parametrize("text", [b"", b"b", b"x'y'", b"'open\\'", b'"open'])
def test_an_unclosed_string_is_not_a_string(text: bytes) -> None:
    assert read_literal(text, 0) is None


@pytest.mark.parametrize(
    "shown",
    [
        repr(BODY),
        repr(BODY.encode()),
        "u" + repr(BODY),
        f"response={BODY.encode()!r}",
        f"({BODY.encode()!r}, 200)",
        ruby(BODY.encode()),
        go(BODY),
        f"resp: {go(BODY)}, 12ms",
    ],
)
def test_an_answer_in_a_string_is_read_exactly(shown: str) -> None:
    (found,) = read(f"GET {URL}\n{shown}\n")
    assert found.body == BODY.encode()


CSV_BODY = BODY.replace('"', '""')


@pytest.mark.parametrize(
    ("shown", "body"),
    [
        (f'1,200,"{CSV_BODY}",2', BODY),
        (f'1,"200 OK {CSV_BODY}"', BODY),
        ('1,"{""message"":""success""}"', '{"message":"success"}'),
        (
            '1,"<?xml version=""1.0""?><bounces></bounces>"',
            '<?xml version="1.0"?><bounces></bounces>',
        ),
        (
            "(1,'" + BODY.replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'") + "',2);",
            BODY,
        ),
    ],
)
def test_an_answer_in_csv_or_sql_is_read_exactly(shown: str, body: str) -> None:
    for log in (f"{URL},{shown}\n", f"GET {URL}\n{shown}\n"):
        (found,) = read(log)
        assert found.body == body.encode()


XML_BODY = '<?xml version="1.0" encoding="ISO-8859-1"?>\n<bounces>\n <bounce/>\n</bounces>'
JSON_BODY = '[\n  {\n    "email": "a",\n    "reason": "b \\"c\\""\n  }\n]'


@pytest.mark.parametrize("body", [XML_BODY, JSON_BODY, f"{XML_BODY}\n"])
def test_a_field_of_csv_may_have_several_lines(body: str) -> None:
    field = body.replace('"', '""')
    found = read(f'id,url,body\n1,"{URL}","{field}",200\n"2","{URL}","{field}"\n')
    assert [(each.url, each.body) for each in found] == [(URL, body.encode())] * 2


@pytest.mark.parametrize("more", ["", "\n", "\nGET /x HTTP/1.1\n"])
def test_an_unclosed_field_of_csv_ends_where_something_new_begins(more: str) -> None:
    for body in (BODY, XML_BODY):
        found = read(f'{URL},"' + body.replace('"', '""') + more)[0]
        assert found.body == body.encode()


@pytest.mark.parametrize("shown", [f"'{BODY}'", f'"{BODY}"', f"response='{BODY}' ok"])
def test_an_answer_only_in_quotes_keeps_its_escapes(shown: str) -> None:
    (found,) = read(f"GET {URL}\n{shown}\n")
    assert found.body == BODY.encode()


def test_a_compressed_answer_in_a_string_is_decompressed() -> None:
    data = gzip.compress(BODY.encode(), mtime=0)
    for shown in (ruby(data), repr(data)):
        (found,) = read(f"GET {URL}\n-> {shown}\n")
        assert (found.body, found.fault) == (BODY.encode(), None)
