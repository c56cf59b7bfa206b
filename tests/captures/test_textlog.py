"""Text logs: which payload is the answer to which call, among lines that are neither."""

from __future__ import annotations

import gzip
import io
import random
import time
import tracemalloc
from itertools import pairwise
from typing import BinaryIO, NamedTuple, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import read_capture, textlog
from sgformats.captures.build import Options
from sgformats.captures.exchange import Exchange
from sgformats.errors import CaptureError

PATH = "/api/invalidemails.get.json?api_user=u&api_key=k"
URL = f"https://sendgrid.com{PATH}"
XML_URL = URL.replace("json?", "xml?")
FORM_URL = "https://sendgrid.com/api/invalidemails.delete.json"
OTHER = "https://shop.example/api/orders.json"
LIST = '[{"email":"isaac","reason":"see https:\\/\\/x.example\\/api\\/bounces.get.json [1]"}]'
XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<invalidemails>
   <invalidemail>
      <email>isaac</email>
      <reason>550 5.1.1 unknown,
see https://mail.example/api/help?id=5</reason>
   </invalidemail>
</invalidemails>"""
DONE = '{"message":"success"}'
HTML = "<html>\n<head><title>502</title></head>\n<body>see\nPOST it\n<hr></body></html>"


class Found(NamedTuple):
    """What a case is about: the call, and the answer as text."""

    url: str | None
    body: str | None
    line: int = 1
    verb: str | None = None
    status: int | None = None
    time: str | None = None


def read(log: str | bytes, max_bytes: int = Options().max_bytes) -> list[Exchange]:
    data = log.encode() if isinstance(log, str) else log
    return list(textlog.read(io.BytesIO(data), "f", Options(max_bytes)))


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


CASES: dict[str, tuple[str, list[Found]]] = {
    # On the line of the call.
    "behind the URL": (f"{URL} {LIST}\n", [Found(URL, LIST)]),
    "behind an arrow": (f"{URL} -> [] (12 ms)\n", [Found(URL, "[]")]),
    "behind a status": (f"GET {URL} 200 {LIST}\n", [Found(URL, LIST, 1, "GET", 200)]),
    "behind a label": (f"url={URL} status=200 body={{}}\n", [Found(URL, "{}", 1, None, 200)]),
    "before a status": (f"url={URL} body=[] status=503\n", [Found(URL, "[]", 1, None, 503)]),
    "in quotes": (f'"GET {URL}" "{DONE}"\n', [Found(URL, DONE, 1, "GET")]),
    "as a string": (
        f'url="{URL}" body="[{{\\"email\\":\\"a\\\\u00e9\\"}}]" code=200\n',
        [Found(URL, '[{"email":"a\\u00e9"}]', 1, None, 200)],
    ),
    "two on a line": (f"{URL} {LIST} {URL} []\n", [Found(URL, LIST), Found(URL, "[]")]),
    "begun on the line": (f"{XML_URL} {XML}\n", [Found(XML_URL, XML)]),
    "sorry": (
        f"{URL} 503 The service is not available. Please try again later.\nx\n",
        [Found(URL, "The service is not available. Please try again later.", 1, None, 503)],
    ),
    "not the parameters": (f'{URL} headers={{}} params={{"a":1}}\n', [Found(URL, None)]),
    # On the next lines.
    "next line": (f"hello\n{URL}\n{LIST}\nbye []\n", [Found(URL, LIST, 2)]),
    "after empty lines": (f"{URL}\n\n \n{LIST}", [Found(URL, LIST)]),
    "indented": (f"{URL}\n\t  {LIST}\n", [Found(URL, LIST)]),
    "after noise": (f"{URL}\nINFO waiting [0]\nslept 5 s {{x}}\n{LIST}\n", [Found(URL, LIST)]),
    "XML": (f"{XML_URL}\n{XML}\nbye\n", [Found(XML_URL, XML)]),
    "XML without declaration": (
        f"{XML_URL}\n<invalidemails/>\n",
        [Found(XML_URL, "<invalidemails/>")],
    ),
    "pretty JSON": (
        f'{URL}\n[\n  {{\n    "email": "a"\n  }},\n\n  {{}}\n]\nbye\n',
        [Found(URL, '[\n  {\n    "email": "a"\n  },\n\n  {}\n]')],
    ),
    "empty object": (f"{FORM_URL}\n{{}}\n", [Found(FORM_URL, "{}")]),
    "another root": (f"{XML_URL}\n<error>x</error>\n", [Found(XML_URL, "<error>x</error>")]),
    "another root, not at once": (f"{XML_URL}\nnoise\n<error>x</error>\n", [Found(XML_URL, None)]),
    "CR LF": (
        f"{XML_URL}\n{XML}\n".replace("\n", "\r\n"),
        [Found(XML_URL, XML.replace("\n", "\r\n"))],
    ),
    "a record of the log": (
        f'{URL}\n{{"message":"queue is long","level":"warn"}}\n[]\n',
        [Found(URL, "[]")],
    ),
    "a page": (f"{URL}\n{HTML}\nbye\n", [Found(URL, HTML)]),
    "a sentence": (
        f"{URL}\nThe service is not available. Please try again later.\nbye\n",
        [Found(URL, "The service is not available. Please try again later.")],
    ),
    "no sentence": (f"{URL}\nDone.\n", [Found(URL, None)]),
    "a label": (f"{URL}\nResponse body (2 bytes): []\n", [Found(URL, "[]")]),
    "no label": (f"{URL}\nreceived 5 items, cache: [] now\n[] done\n", [Found(URL, "[]")]),
    # Logs of all kinds.
    "Python": (
        f'DEBUG:urllib3.connectionpool:https://sendgrid.com:443 "GET {PATH} HTTP/1.1" 200 None\n'
        "DEBUG:app:[]\n",
        [Found(PATH, "[]", 1, "GET", 200)],
    ),
    "http.client": (
        f"send: b'GET {PATH} HTTP/1.1\\r\\nHost: sendgrid.com\\r\\n\\r\\n'\n"
        f"reply: 'HTTP/1.1 200 OK\\r\\n'\nheader: Content-Type: text/html\n{LIST}\n",
        [Found(PATH, LIST, 1, "GET", 200)],
    ),
    "Java": (
        f"2009-06-10 12:40:30,123 DEBUG [main] com.shop.Client - GET {URL}\n"
        "2009-06-10 12:40:31,001 DEBUG [main] com.shop.Client - []\n",
        [Found(URL, "[]", 1, "GET", None, "2009-06-10 12:40:30,123")],
    ),
    "Ruby": (
        f"D, [2009-06-10T12:40:30.123456 #12] DEBUG -- : GET {URL}\n"
        "D, [2009-06-10T12:40:31.123456 #12] DEBUG -- : []\n",
        [Found(URL, "[]", 1, "GET", None, "2009-06-10T12:40:30.123456")],
    ),
    "PHP": (
        f"[10-Jun-2009 12:40:30 UTC] {URL}\n[10-Jun-2009 12:40:31 UTC] Response: {LIST}\n",
        [Found(URL, LIST, 1, None, None, "10-Jun-2009 12:40:30 UTC")],
    ),
    "logfmt": (
        f'time=2009-06-10T12:40:30Z level=debug url="{URL}"\n'
        'time=2009-06-10T12:40:31Z level=debug status=200 body="[]"\n',
        [Found(URL, "[]", 1, None, 200, "2009-06-10T12:40:30Z")],
    ),
    "Rails": (
        f'Started GET "{PATH}" for 192.0.2.1 at 2009-06-10 12:40:30 +0000\nCompleted 200 OK in 9ms\n[]\n',
        [Found(PATH, "[]", 1, "GET", 200)],
    ),
    "access log": (
        f'192.0.2.1 - - [10/Jun/2009:12:40:30 +0000] "GET {PATH} HTTP/1.1" 200 2 "{URL}" "curl/7"\n',
        [Found(PATH, None, 1, "GET", 200, "10/Jun/2009:12:40:30 +0000")],
    ),
    "wget": (
        f"--2009-06-10 12:40:30--  {URL}\nHTTP request sent, awaiting response... 200 OK\n\n[]\n",
        [Found(URL, "[]", 1, None, 200, "2009-06-10 12:40:30")],
    ),
    "syslog": (
        "".join(
            f"Jun 10 12:40:{n:02} web app[12]: {line}\n"
            for n, line in enumerate(
                [f"call {XML_URL}", *XML.replace(",\n", " ").split("\n"), "bye"]
            )
        ),
        [Found(XML_URL, XML.replace(",\n", " "), 1, None, None, "Jun 10 12:40:00")],
    ),
    "docker": (
        "".join(f"app_1  | {line}\n" for line in [URL, "[", ' {"email":"a"}', "]", "bye"]),
        [Found(URL, '[\n {"email":"a"}\n]')],
    ),
    # Calls in all forms.
    "curl": (
        f"$ curl -v '{XML_URL}'\n* Connected\n> GET {XML_URL[20:]} HTTP/1.1\n> Host: sendgrid.com\n>\n"
        f"< HTTP/1.1 200 OK\n< Content-Type: text/html\n<\n{XML}* Connection #0 left intact\n",
        [Found(XML_URL, XML, 1, "GET", 200)],
    ),
    "curl, over several lines": (
        "curl -X POST \\\n  -d 'api_user=u&api_key=k' \\\n"
        f"  --data-urlencode email=a@b {FORM_URL}\n{DONE}\n",
        [Found(FORM_URL, DONE, 1, "POST")],
    ),
    "HTTP": (
        f"GET {PATH} HTTP/1.1\nHost: sendgrid.com\n\n"
        "HTTP/1.1 200 OK\nServer: x\n\nwe are sorry\nfor it\n\nx\n",
        [Found(PATH, "we are sorry\nfor it", 1, "GET", 200)],
    ),
    "no content": (
        "> DELETE /v3/suppression/bounces/a@b.c HTTP/1.1\n< HTTP/1.1 204 No Content\n<\nINFO gone\n",
        [Found("/v3/suppression/bounces/a@b.c", "", 1, "DELETE", 204)],
    ),
    "mangled": (
        "http://sendgrid.com/api/distributor.manage.xml?api_user=u&amp;api;_key=k&amp;method;="
        "invalidemails&user;=c&task;=get\n<invalidemails/>\n",
        [
            Found(
                "http://sendgrid.com/api/distributor.manage.xml?api_user=u&amp;api;_key=k&amp;method;="
                "invalidemails&user;=c&task;=get",
                "<invalidemails/>",
            )
        ],
    ),
    "in a sentence": (f"It was ({URL}), I think.\n[]\n", [Found(URL, "[]")]),
    "without scheme": (f"GET {URL[8:]}\n[]\n", [Found(URL[8:], "[]", 1, "GET")]),
    "told twice": (
        f"12:00:00 Requesting {URL}\n12:00:01 Response 200 for {URL}: []\n",
        [Found(URL, "[]", 1, None, 200, "12:00:00")],
    ),
    "asked twice": (
        f"GET {URL}\nGET {URL}\n[]\n",
        [Found(URL, None, 1, "GET"), Found(URL, "[]", 2, "GET")],
    ),
    # What belongs to nobody, and to others.
    "no call": (f"hi\n{LIST}\n", [Found(None, LIST, 2)]),
    "no call, not sure": ('[]\n{}\n{"message":"started"}\n{"count":[]\n<a/>\n', []),
    "no call, but sure": (
        f'{DONE}\n{{"count":"2"}}\n{{"error":{{"code":401,"message":"x"}}}}\n<result>success</result>\n',
        [
            Found(None, DONE, 1),
            Found(None, '{"count":"2"}', 2),
            Found(None, '{"error":{"code":401,"message":"x"}}', 3),
            Found(None, "<result>success</result>", 4),
        ],
    ),
    "another's answer": (
        f"GET {URL}\nGET {OTHER}\n{DONE}\n",
        [Found(URL, None, 1, "GET"), Found(OTHER, DONE, 2, "GET")],
    ),
    "another's call": (f"GET {OTHER}\nsee {OTHER}\n", []),
    "a mention": (f"GET {URL}\nsee {OTHER}\n[]\n", [Found(URL, "[]", 1, "GET")]),
    "a call of this kind": (
        "POST /api/mail.send.json HTTP/1.1\n",
        [Found("/api/mail.send.json", None, 1, "POST")],
    ),
    "nothing": ("hello\n[x] {y} <z>\n\n", []),
    # Damage.
    "cut by a message": (
        f'12:00:01 {URL}\n[{{"email":"isaac","rea\n12:00:02 INFO sleeping\n',
        [Found(URL, '[{"email":"isaac","rea', 1, None, None, "12:00:01")],
    ),
    "cut by a call": (
        f"{XML_URL}\n<invalidemails>\n <in\n\n{URL}\n[]\n",
        [Found(XML_URL, "<invalidemails>\n <in"), Found(URL, "[]", 5)],
    ),
    "cut by other text": (
        f'{URL}\n[\n {{"email":"a"}},\nsleeping\n{XML_URL}\n<invalidemails>\n</invalidemail>\nbye\n',
        [Found(URL, '[\n {"email":"a"},'), Found(XML_URL, "<invalidemails>\n</invalidemail>", 5)],
    ),
    "cut by the end": (f"{URL}\n[\n {{", [Found(URL, "[\n {")]),
    "a second >": (
        f"{XML_URL}\n<result>success</result>>\nbye\n",
        [Found(XML_URL, "<result>success</result>>")],
    ),
    "a second ]": (f"{URL}\n[]]\nbye\n", [Found(URL, "[]]")]),
    "a first < lost": (
        f"{XML_URL}\ninvalidemails><invalidemail/></invalidemails>\nbye\n",
        [Found(XML_URL, "invalidemails><invalidemail/></invalidemails>")],
    ),
    "a last > lost": (
        f"{XML_URL}\n<result>success</result\nbye\n",
        [Found(XML_URL, "<result>success</result")],
    ),
    "brackets lost": (
        f'{URL}\n{{"email":"a"}},{{"email":"b"}}\nbye\n',
        [Found(URL, '{"email":"a"},{"email":"b"}')],
    ),
    "braces lost": (f'{URL}\n"message":"success"\nbye\n', [Found(URL, '"message":"success"')]),
    "an end tag lost": (
        f"{XML_URL}\n<result><message>x</message><result>\nbye\n{URL}\n[]\n",
        [Found(XML_URL, "<result><message>x</message><result>"), Found(URL, "[]", 4)],
    ),
    "a stray result": (
        f"{XML_URL}\n<result>\n <message>success</message>\n <result> </result>\n</result>\nbye\n",
        [Found(XML_URL, "<result>\n <message>success</message>\n <result> </result>\n</result>")],
    ),
}


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


def test_bytes_that_are_no_text_stay_as_they_are() -> None:
    payload = (
        b"<invalidemails><invalidemail><email>\xe9\x00\x02</email></invalidemail></invalidemails>"
    )
    (found,) = read(b"\xff " + XML_URL.encode() + b"&x=\xe9\n" + payload + b"\n\x80\n")
    assert (found.url, found.body) == (XML_URL + "&x=\udce9", payload)


def test_a_payload_that_is_too_large_is_named_and_the_next_call_is_found() -> None:
    rows = "".join(f'{{"email":"{n}"}},\n' for n in range(100))
    for large in (f"[{rows}{{}}]", "[" + '{"email":"a"},' * 100 + "{}]", '["' + "x" * 5000):
        found = read(f"{URL}\n{large}\n{URL} []\n", max_bytes=1000)
        assert [(e.body, e.fault and e.fault.rule) for e in found] == [
            (b"", "too-large"),
            (b"[]", None),
        ]
    assert read("x" * 5000 + "\n", max_bytes=1000) == []


WHOLE = "".join(log for log, _ in CASES.values())


def test_a_log_cut_at_any_byte_keeps_every_exchange_before() -> None:
    logs = [(log.encode(), 1) for log, _ in CASES.values()]
    for data, step in [*logs, (WHOLE.encode(), 13)]:
        whole = read(data)
        for end in range(0, len(data), step):
            # Sure is what ended before the line that is cut.
            line = data.count(b"\n", 0, end) + 1
            sure = [e for e, after in pairwise(whole) if (after.source.line or 0) < line]
            assert read(data[:end])[: len(sure)] == sure


def test_logs_behind_each_other_are_read_as_each_alone() -> None:
    logs = [log for log, expected in CASES.values() if expected and expected[0].url]
    chosen = random.Random(1)
    for _ in range(100):
        one, two = chosen.choice(logs), chosen.choice(logs)
        first, both = read(one), read(f"{one}\n{two}")
        more = [e for e in both if (e.source.line or 0) > one.count("\n") + 1]
        assert [(e.url, e.body) for e in both[: len(first)]] == [(e.url, e.body) for e in first]
        assert [(e.url, e.body, e.status) for e in more] == [
            (e.url, e.body, e.status) for e in read(two)
        ]


@given(st.lists(st.sampled_from(WHOLE.splitlines(keepends=True)), max_size=20))
def test_any_lines_in_any_order_give_exchanges_in_order(lines: list[str]) -> None:
    data = "".join(lines).encode()
    found = read(data)
    assert [e.source.entry for e in found] == list(range(len(found)))
    assert [e.source.line for e in found] == sorted(e.source.line or 0 for e in found)
    for e in found:
        assert e.source.offset == sum(
            map(len, data.splitlines(keepends=True)[: (e.source.line or 1) - 1])
        )
        assert e.url is None or e.url.encode() in data


@given(st.binary(max_size=80), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_any_bytes_give_exchanges(noise: bytes, start: int, end: int) -> None:
    data = WHOLE[start : start + 300].encode() + noise + WHOLE[end : end + 300].encode()
    for e in read(data):
        assert e.body is None or len(e.body) <= len(data)


HOSTILE = {
    "brackets": b"[" * 300_000,
    "open": URL.encode() + b"\n" + b"[{" * 100_000,
    "calls": URL.encode() * 4000,
    "answers": (f"{URL} [] " * 3000).encode(),
    "slashes": b"/" * 300_000,
    "spaces": URL.encode() + b"\n" + b" " * 300_000 + b"x",
    "quotes": URL.encode() + b'\n["' + b'\\"' * 150_000,
    "tags": XML_URL.encode() + b"\n" + b"<result>" * 40_000,
    "less": XML_URL.encode() + b"\n" + b"<" * 300_000,
    "comments": XML_URL.encode() + b"\n" + b"<!--\n" * 60_000,
    "records": URL.encode() + b"\n" + b'{"email":"a"},' * 20_000,
    "labels": URL.encode() + b"\n" + b"body [] x " * 30_000,
    "prefix": b"2009-06-10 12:40:30 " + b"a: " * 100_000 + b"[",
    "stamps": b"2009-06-10 " * 30_000,
    "curl": b"curl " + b"-d ' https://a " * 20_000,
    "keys": b"api_user=" * 30_000,
    "continued": b"curl \\\n" * 40_000,
    "words": b"GET " * 75_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_the_log_and_no_faster(name: str) -> None:
    data = HOSTILE[name]
    times = []
    for part in (data[: len(data) // 4], data):
        begin = time.process_time()
        read(part)
        times.append(time.process_time() - begin)
    assert times[1] < 10 * times[0] + 0.5


def test_memory_holds_one_exchange() -> None:
    class Endless(io.RawIOBase):
        left = 50

        def read(self, size: int = -1, /) -> bytes:
            self.left -= 1
            return f"noise {self.left}\n{URL}\n{LIST}\n".encode() * 200 if self.left > 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read_capture(cast("BinaryIO", Endless())))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 49 * 200
    assert peak < 1_500_000


def test_a_command_that_is_cut_with_its_file_is_found_before_the_damage() -> None:
    log = f"curl {FORM_URL} \\\n  -d api_user=u \\\n".encode()
    # Stored, not compressed: all of it can be had.
    packed = gzip.compress(log, 0)[:-8]
    found: list[str | None] = []
    with pytest.raises(CaptureError, match="line 3, byte"):
        found.extend(e.url for e in read_capture(io.BytesIO(packed), name="x.log"))
    assert found == [FORM_URL]


def test_no_secret_is_told() -> None:
    secret = "Correct-Horse"
    for found in read(f"GET {URL}{secret} {DONE}\nGET {OTHER}?api_key={secret} {DONE}\n"):
        assert secret not in repr(found)
