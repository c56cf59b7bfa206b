"""JSON lines: every line gives an exchange, and no line affects another."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sgformats.captures import read_capture
from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import Location, Problem

URL = "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=k"
LIST = '[{"email":"isaac","reason":"\\/ é"}]'
NEEDED = "expected `url` or `body` or `body_base64` in the line, found "


def read(data: bytes, **options: Any) -> list[Exchange]:
    return list(read_capture(io.BytesIO(data), name="f", kind="jsonl", **options))


def one(line: bytes | dict[str, Any], **options: Any) -> Exchange:
    data = line if isinstance(line, bytes) else json.dumps(line).encode()
    (found,) = read(data, **options)
    return found


def fault(message: str, index: int, column: int | None = None) -> Problem:
    location = Location("", "", 1, (index if column is None else column - 1) + 1, index)
    shown = message.partition("; --field")[0]
    expected, found = shown.removeprefix("expected ").split(", found ")
    return Problem("unreadable-entry", "error", message, location, False, expected, found)


def test_a_line_is_an_exchange() -> None:
    line = {
        "url": URL,
        "verb": "get",
        "status": 200,
        "content_type": "text/html",
        "body": LIST,
        "time": "2009-06-10T12:41:00Z",
    }
    found = one(line)
    assert found.request is not None
    assert found == Exchange(
        found.request,
        200,
        "text/html",
        LIST.encode(),
        Source("f", 0, 1, 0),
        URL,
        "GET",
        "2009-06-10T12:41:00Z",
    )
    assert found.request.operation == "invalidemails.get"


def test_a_form_may_be_text_or_an_object() -> None:
    form = {"api_user": "u", "api_key": "k&=", "date": 1, "days": None, "x": True}
    pairs = (("api_user", "u"), ("api_key", "k&="), ("date", "1"), ("days", ""), ("x", "1"))
    for given_form in (form, "api_user=u&api_key=k%26%3D&date=1&days=&x=1"):
        line: dict[str, Any] = {
            "url": "/api/bounces.get.json",
            "method": "POST",
            "request_body": given_form,
            "body": [],
        }
        request = one(line).request
        assert request is not None
        assert request.parameters == pairs


@pytest.mark.parametrize(
    ("raw", "body"),
    [
        (b'"[]"', b"[]"),
        (b'""', b""),
        (b"null", None),
        (b'[ {"a" : 1.0, "a":\t"\\u0041"} ]', b'[ {"a" : 1.0, "a":\t"\\u0041"} ]'),
        (b'{"message":"success"}', b'{"message":"success"}'),
        (b"{}", b"{}"),
        (b"5", b"5"),
        (b'"\xe9"', b"\xe9"),
        (b'["\xe9"]', b'["\xe9"]'),
        (b'"\\ud800"', b"\xed\xa0\x80"),
        (b'["\\ud800"]', b'["\\ud800"]'),
        (b'["a\tb"]', b'["a\tb"]'),
        (b'"a\tb"', b"a\tb"),
        (b"[NaN]", b"[NaN]"),
        (b"[1,]", b"[1,]"),
        (b"[" * 3000 + b"]" * 3000, b"[" * 3000 + b"]" * 3000),
        (
            '"<?xml version=\\"1.0\\" encoding=\\"ISO-8859-1\\"?>é"'.encode(),
            b'<?xml version="1.0" encoding="ISO-8859-1"?>\xe9',
        ),
    ],
)
def test_a_body_is_kept_as_written(raw: bytes, body: bytes | None) -> None:
    found = one(b'{"url":"x","body":' + raw + b',"status":200}')
    assert (found.body, found.status, found.fault) == (body, 200, None)


def test_base64_comes_before_text() -> None:
    assert one({"body": "x", "body_base64": "W10="}).body == b"[]"
    assert one({"body": "x", "body_base64": None}).body == b"x"


def test_broken_base64_is_a_fault_of_the_body() -> None:
    found = one({"url": URL, "status": 200, "body_base64": "W10*"})
    assert found.fault is not None
    assert (found.body, found.fault.rule, found.fault.location.offset) == (
        b"[]",
        "unreadable-body",
        3,
    )
    assert (found.url, found.status) == (URL, 200)


def test_a_compressed_body_is_decompressed() -> None:
    packed = "H4sIAAAAAAAC/4uOBQApu0wNAgAAAA=="
    assert one({"body_base64": packed, "content_encoding": "br"}).body == b"[]"


@pytest.mark.parametrize(
    ("status", "number"), [(200, 200), ("404", 404), ("200 OK", 200), (200.0, 200), (None, None)]
)
def test_a_status_is_a_number_however_it_is_written(status: object, number: int | None) -> None:
    found = one({"url": "x", "status": status})
    assert (found.status, found.fault) == (number, None)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"nonsense", fault('expected a JSON object in the line, found "n"', 0)),
        (b"[1]", fault('expected a JSON object in the line, found "["', 0)),
        (b'  {"url":', fault("expected a JSON object in the line, found the end of the line", 9)),
        (
            b'{"url":"abc',
            fault("expected a JSON object in the line, found the end of the line", 11),
        ),
        (b'{"body":[1', fault("expected a JSON object in the line, found the end of the line", 10)),
        (b'{"url":"x"} x', fault('expected a JSON object in the line, found "x"', 12)),
        (b'{"url":"x"}}', fault('expected a JSON object in the line, found "}"', 11)),
        (b'{"url" "x"}', fault('expected a JSON object in the line, found """', 7)),
        (b'{"url":"x",}', fault('expected a JSON object in the line, found "}"', 11)),
        (b'{5:"x"}', fault('expected a JSON object in the line, found ":"', 2)),
        (b'{"\xc3\xa9":"\xe9" 1}', fault('expected a JSON object in the line, found "1"', 10, 10)),
        (b"{}", fault(NEEDED + "none", 0)),
        (b'{"URL":"x","api_key":"k"}', fault(NEEDED + 'the keys "URL, api_key"', 0)),
    ],
)
def test_a_line_that_is_not_an_exchange_is_a_fault(line: bytes, problem: Problem) -> None:
    source = Source("f", 0, 1, 0)
    assert one(line) == Exchange(None, None, None, None, source, fault=problem, raw=line)


@pytest.mark.parametrize(
    ("line", "index", "name", "wanted"),
    [
        (b'{"url":5,"body":"[]"}', 7, "url", "text"),
        (b'{"body":"[]","url":["x"]}', 19, "url", "text"),
        (b'{"\xc3\xa9":1,"body":"[]","status":true}', 29, "status", "an HTTP status"),
        (b'{"body":"[]","status":"OK"}', 22, "status", "an HTTP status"),
        (b'{"body":"[]","time":{}}', 20, "time", "text"),
    ],
)
def test_a_value_of_another_type_is_reported_and_the_rest_is_read(
    line: bytes, index: int, name: str, wanted: str
) -> None:
    found = one(line)
    column = len(line[:index].decode()) + 1
    problem = fault(f"expected {wanted} as `{name}`, found another value", index, column)
    assert (found.body, found.fault) == (b"[]", problem)


def test_names_are_mapped_and_nested_with_dots() -> None:
    line = {
        "req": {"target": URL, "m": {"verb": "POST"}},
        "http.status": 201,
        "res": {"h.type": "text/xml", "b": [1]},
        "url": "no",
    }
    fields = {
        "url": "req.target",
        "verb": "req.m.verb",
        "status": "http.status",
        "content_type": "res.h.type",
        "body": "res.b",
    }
    found = one(line, fields=fields)
    assert (found.url, found.verb, found.status, found.content_type, found.body) == (
        URL,
        "POST",
        201,
        "text/xml",
        b"[1]",
    )
    wrong = one(b'{"req":{"target": 5}, "res":{"b":[]}}', fields=fields)
    assert wrong.fault == fault("expected text as `req.target`, found another value", 18)
    assert one({"url": URL}, fields=fields).fault == fault(
        'expected the call under `req.target`, found one under "url"; '
        "--field url=KEY names the one to read",
        0,
    )


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ({"requestUrl": URL, "responseBody": LIST}, "requestUrl"),
        ({"req": {"m": {"url": URL}}}, "req.m.url"),
        ({"url": {"full": f"GET {URL} HTTP/1.1"}}, "url.full"),
        ({"referrer": "https://x.example/?next=" + URL}, None),
        ({"a": {"b": {"c": {"d": {"e": URL}}}}}, None),
    ],
)
def test_a_call_under_another_key_is_named(line: Any, name: str | None) -> None:
    problem = one(line).fault
    assert problem is not None
    if name is None:
        assert "--field" not in problem.message
    else:
        assert problem.message == (
            f'expected the call under `url`, found one under "{name}"; '
            "--field url=KEY names the one to read"
        )


def test_a_comma_after_a_line_is_part_of_a_lost_array() -> None:
    line = json.dumps({"url": URL, "body": LIST}).encode()
    found = read(line + b",\n" + line + b",\r\n" + line)
    assert [exchange.body for exchange in found] == [LIST.encode()] * 3


def test_places_count_every_byte_and_every_line() -> None:
    lines = [
        b"\xef\xbb\xbf" + b'{"url":"a"}\r\n',
        b"\n",
        b" \t\r\n",
        b"\0\0\0\0\n",
        b'\0\0{"url":"b"}\n',
        b'\xef\xbb\xbf{"url":"c"}\r\n',
        b"x\n",
        b'{"url":"d"}',
    ]
    found = [(e.source.entry, e.source.line, e.source.offset, e.url) for e in read(b"".join(lines))]
    assert found == [
        (0, 1, 0, "a"),
        (1, 5, 26, "b"),
        (2, 6, 40, "c"),
        (3, 7, 56, None),
        (4, 8, 58, "d"),
    ]


def test_a_line_that_is_too_long_is_skipped() -> None:
    short, long = b'{"url":"a"}', b'{"url":"' + b"b" * 200_000 + b'"}'
    for end in (b"\n", b"\r\n"):
        found = read(short + end + long + end + short, max_bytes=len(short))
        assert [e.url for e in found] == ["a", None, "a"]
        assert found[1].fault is not None
        assert found[1].fault.rule == "too-large"
        assert found[2].source == Source("f", 2, 3, len(short) + len(long) + 2 * len(end))
    assert read(short + b"\n", max_bytes=len(short) - 1)[0].url is None


def test_memory_stays_flat_whatever_the_line_and_the_file() -> None:
    class Endless(io.RawIOBase):
        left = 200

        def read(self, size: int = -1, /) -> bytes:
            self.left -= 1
            return b"x" * 500_000 if self.left > 0 else b"\n" * (self.left == 0)

    tracemalloc.start()
    (found,) = read_capture(Endless(), kind="jsonl", max_bytes=1_000_000)  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.fault is not None
    assert found.fault.rule == "too-large"
    assert peak < 20_000_000


def test_no_message_holds_a_secret() -> None:
    secret = "Correct-Horse"
    lines = (
        f'{{"url":"https://x/?api_key={secret}" {secret}}}',
        f'{{"api_key":"{secret}","x":1}}',
        f'{{"url":["api_key={secret}"],"body":"[]"}}',
        f'{{"url":"{URL}{secret}","status":"{secret}"}}',
        f'{{"url":"x","body_base64":"{secret}"}}',
        f"{secret}",
    )
    for found in read("\n".join(lines).encode()):
        assert found.fault is not None
        assert secret not in str(found.fault)
        assert secret not in repr(found)


LINES = st.lists(
    st.one_of(
        st.binary(max_size=30).map(lambda raw: raw.replace(b"\n", b"")),
        st.dictionaries(
            st.sampled_from(["url", "status", "body", "body_base64", "request_body", "time", "x"]),
            st.recursive(
                st.one_of(
                    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)
                ),
                lambda inner: st.one_of(
                    st.lists(inner, max_size=3),
                    st.dictionaries(st.text(max_size=3), inner, max_size=3),
                ),
                max_leaves=4,
            ),
        ).map(lambda line: json.dumps(line).encode()),
    ),
    max_size=6,
)


# The first bytes of a file may be a byte-order mark or a magic number.
FIRST = b"{}\n"


@given(LINES)
@example([b"\xfd7zXZ\x00"])
@example([b"\xef\xbb\xbf{}"])
def test_every_line_is_read_on_its_own(lines: list[bytes]) -> None:
    def alone() -> Iterator[Exchange]:
        for line in lines:
            yield from read(FIRST + line)[1:]

    def content(found: Exchange) -> tuple[object, ...]:
        return (found.url, found.request, found.status, found.body, found.fault, found.time)

    _, *together = read(FIRST + b"\n".join(lines))
    assert list(map(content, together)) == list(map(content, alone()))
    assert [found.source.entry for found in together] == list(range(1, len(together) + 1))


def test_a_file_cut_at_any_byte_keeps_every_line_before() -> None:
    lines = [
        json.dumps({"url": URL, "status": 200, "body": LIST}, ensure_ascii=False).encode(),
        b'{"body":["\xe9"]}',
        b"nonsense",
        json.dumps({"url": URL, "body_base64": "W10="}).encode(),
    ]
    data = b"\n".join(lines)
    whole = read(data)
    for end in range(len(data)):
        found = read(data[:end])
        ended = data[:end].count(b"\n")
        assert found[:ended] == whole[:ended]
        assert len(found) == ended + (not data[:end].endswith(b"\n") and end > 0)


def test_a_line_may_hold_several_objects() -> None:
    one = b'{"url":"/api/bounces.get.json","body":"[]"}'
    data = b"\n" + one + b" " + one + one[:20] + b"\n" + one + b"x\n" + one + b"\n"
    found = list(read_capture(io.BytesIO(data), name="a.jsonl"))
    assert [exchange.fault is None for exchange in found] == [True, True, False, False, True]
    assert [exchange.source.line for exchange in found] == [2, 2, 2, 3, 4]
    assert [exchange.source.entry for exchange in found] == [0, 1, 2, 3, 4]
    for exchange in found:
        assert data.startswith(b'{"url"', exchange.source.offset)
