"""The wrapper of a collector or a logger is removed before a log is read."""

from __future__ import annotations

import json

import pytest

from sgformats.captures import textlog
from sgformats.errors import CaptureError
from tests.captures.textlogkit import DONE, FORM_URL, LIST, URL, XML_URL, Found, read

LONG = "[" + ",".join(f'{{"email":"user{n}@x.example"}}' for n in range(900)) + "]"
SHORT_XML = "<bounces>\n <bounce/>\n</bounces>"
WIRE = "2015-06-01 11:07:05 DEBUG org.apache.http.wire - http-outgoing-0"


def docker(*texts: str, stream: str = "stdout") -> str:
    """The lines of docker's json-file driver, each text cut at 16 KB."""
    parts = [
        text[at : at + 16384]
        for text in (t + "\n" for t in texts)
        for at in range(0, len(text), 16384)
    ]
    return "".join(
        json.dumps({"log": part, "stream": stream, "time": "2018-06-05T14:09:26.5Z"}) + "\n"
        for part in parts
    )


def cri(text: str) -> str:
    parts = [text[at : at + 16000] for at in range(0, len(text), 16000)]
    return "".join(
        f"2022-01-21T10:10:24.993695084Z stdout {'F' if part is parts[-1] else 'P'} {part}\n"
        for part in parts
    )


def fluentd(text: str) -> str:
    inner = json.dumps({"log": text, "stream": "stdout"})
    return (
        json.dumps({"time": "2019-06-05T19:29:26Z", "kubernetes": {"pod": "a"}, "log": inner})
        + "\n"
    )


def journal(text: str, *, binary: bool = False) -> str:
    message = list(text.encode()) if binary else text
    return json.dumps({"_HOSTNAME": "web", "MESSAGE": message}) + "\n"


def logfmt(text: str) -> str:
    return f'time="2015-06-10T12:40:30Z" level=debug msg={json.dumps(text)}\n'


def exported(form: str, *texts: str) -> str:
    """Messages as a tool exports them, in the place of `"M"`."""
    return "".join(form.replace('"M"', json.dumps(text)) + "\n" for text in texts)


CASES: dict[str, tuple[str, list[Found]]] = {
    "Splunk": (
        exported('{"preview":false,"offset":1,"result":{"_raw":"M","source":"a"}}', URL, LIST),
        [Found(URL, LIST, 1)],
    ),
    "Elasticsearch": (
        exported('{"_index":"a","_source":{"@timestamp":"2015-06-10","message":"M"}}', URL, LIST),
        [Found(URL, LIST, 1, time="2015-06-10")],
    ),
    "Cloud Logging": (
        exported(
            '{"insertId":"a","jsonPayload":{"message":"M"},"timestamp":"2015-06-10"}', URL, LIST
        ),
        [Found(URL, LIST, 1, time="2015-06-10")],
    ),
    "Loki": (
        exported('{"labels":{"app":"a"},"line":"M","timestamp":"2015-06-10"}', URL, LIST),
        [Found(URL, LIST, 1, time="2015-06-10")],
    ),
    "GELF": (
        exported('{"version":"1.1","short_message":"M","full_message":"M"}', URL, LIST),
        [Found(URL, LIST, 1)],
    ),
    "a payload that is no message": (
        exported('{"insertId":"a","jsonPayload":{"got":"M"}}', URL, LIST),
        [Found(URL, LIST, 1)],
    ),
    "docker": (
        docker(URL, LIST, XML_URL, *SHORT_XML.split("\n"), "bye"),
        [
            Found(URL, LIST, 1, time="2018-06-05T14:09:26.5Z"),
            Found(XML_URL, SHORT_XML, 3, time="2018-06-05T14:09:26.5Z"),
        ],
    ),
    "docker, split": (
        docker(URL, LONG, "bye"),
        [Found(URL, LONG, 1, time="2018-06-05T14:09:26.5Z")],
    ),
    "docker, split and cut by the end": (
        "".join(docker(URL, LONG).splitlines(keepends=True)[:2]),
        [Found(URL, LONG[:16384], 1, time="2018-06-05T14:09:26.5Z")],
    ),
    "CRI": (cri(URL) + cri(LIST), [Found(URL, LIST, 1, time="2022-01-21T10:10:24.993695084Z")]),
    "CRI, split": (
        cri(URL) + cri(LONG) + cri("bye"),
        [Found(URL, LONG, 1, time="2022-01-21T10:10:24.993695084Z")],
    ),
    "CRI, two streams": (
        cri(URL) + cri(LONG).replace("F ", "stderr", 0).split("\n")[0] + "\n"
        "2022-01-21T10:10:24.993695084Z stderr F {x}\n" + "\n".join(cri(LONG).split("\n")[1:]),
        [Found(URL, LONG, 1, time="2022-01-21T10:10:24.993695084Z")],
    ),
    "two wrappers": (
        fluentd(URL) + fluentd(LIST),
        [Found(URL, LIST, 1, time="2019-06-05T19:29:26Z")],
    ),
    "journald": (
        journal(URL) + journal(LIST) + journal(XML_URL) + journal(SHORT_XML, binary=True),
        [Found(URL, LIST, 1), Found(XML_URL, SHORT_XML, 3)],
    ),
    "logfmt": (
        logfmt(f"GET {URL} -> 200 {SHORT_XML}") + logfmt(URL) + logfmt(f"response 200: {LIST}"),
        [
            Found(URL, SHORT_XML, 1, "GET", 200, "2015-06-10T12:40:30Z"),
            Found(URL, LIST, 2, None, 200),
        ],
    ),
    "colours": (
        f"\x1b[2m12:00:00\x1b[0m \x1b[1mGET\x1b[0m \x1b[34m{URL}\x1b[0m\n\x1b[33m{LIST}\x1b[0m\n",
        [Found(URL, LIST, 1, "GET", None, "12:00:00")],
    ),
    "rsyslog": (
        f"Jun 10 12:40:30 web app[1]: {XML_URL}\n"
        f"Jun 10 12:40:31 web app[1]: {SHORT_XML.replace(chr(10), '#012')}\n",
        [Found(XML_URL, SHORT_XML, 1, time="Jun 10 12:40:30")],
    ),
    "not rsyslog": (f'{URL}\n[{{"email":"a#012b"}}]\n', [Found(URL, '[{"email":"a#012b"}]')]),
    "Apache's wire": (
        f'{WIRE} >> "GET {URL[20:]} HTTP/1.1[\\r][\\n]"\n{WIRE} >> "[\\r][\\n]"\n'
        f'{WIRE} << "HTTP/1.1 200 OK[\\r][\\n]"\n{WIRE} << "[\\r][\\n]"\n'
        f'{WIRE} << "<bounces>[\\n]"\n{WIRE} << " <bounce/>[\\n]"\n{WIRE} << "</boun"\n{WIRE} << "ces>"\n',
        [Found(URL[20:], SHORT_XML, 1, "GET", 200)],
    ),
    "more than a message": (
        json.dumps({"msg": "called", "level": "info", "url": URL, "body": LIST}) + "\n",
        [Found(URL, LIST, 1)],
    ),
    "an answer is no wrapper": (
        f'{URL}\n{{"message":"success"}}\n',
        [Found(URL, '{"message":"success"}', 1)],
    ),
    # The trailer of Monolog.
    "Monolog": (
        f"[2017-05-31 14:16:19] app.INFO: GET {URL} [] []\n"
        f'[2017-05-31 14:16:20] app.INFO: {{"error":"Bad username / password"}} [] []\n'
        f'[2017-05-31 14:16:21] app.INFO: POST {FORM_URL} {{"email":"x"}} {{"uid":"5"}}\n'
        f"[2017-05-31 14:16:22] app.INFO: {DONE} [] []\n",
        [
            Found(
                URL, '{"error":"Bad username / password"}', 1, "GET", None, "2017-05-31 14:16:19"
            ),
            Found(FORM_URL, DONE, 3, "POST", None, "2017-05-31 14:16:21"),
        ],
    ),
    "Monolog, an empty list": (
        f"[2017-05-31 14:16:19] app.INFO: GET {URL} [] []\n[2017-05-31 14:16:20] app.INFO: [] [] []\n",
        [Found(URL, "[]", 1, "GET", None, "2017-05-31 14:16:19")],
    ),
    "Monolog, no answer": (
        f"[2017-05-31 14:16:19] app.INFO: GET {URL} [] []\n"
        f'[2017-05-31 14:16:20] app.ERROR: timed out {{"user":5}} []\n',
        [Found(URL, None, 1, "GET", None, "2017-05-31 14:16:19")],
    ),
    "Monolog, the answer in the context": (
        f'[2017-05-31 14:16:19] app.INFO: GET {URL} {{"response":{LIST}}} []\n',
        [Found(URL, LIST, 1, "GET", None, "2017-05-31 14:16:19")],
    ),
    "another format with the same end": (
        f"2017-05-31 14:16:19 GET {URL} [] []\n2017-05-31 14:16:20 {DONE} [] []\n",
        [Found(URL, DONE, 1, "GET", None, "2017-05-31 14:16:19")],
    ),
    # The webhook is another API.
    "events": (
        f'GET {URL}\nhook: [{{"email":"a@b.c","event":"bounce","reason":"x"}}]\n{LIST}\n',
        [Found(URL, LIST, 1, "GET")],
    ),
    "events without a call": ('[{"email":"a@b.c","timestamp":1,"reason":"x"}]\n', []),
}


@pytest.mark.parametrize("name", CASES)
def test_a_message_is_read_without_its_wrapper(name: str) -> None:
    log, expected = CASES[name]
    found = [
        Found(
            e.url,
            None if e.body is None else e.body.decode(),
            e.source.line or 0,
            e.verb,
            e.status,
            e.time,
        )
        for e in read(log)
    ]
    assert found == expected


EXPORTED = '{"result":{"_raw":"M","_time":"T"},"offset":0}'


@pytest.mark.parametrize("form", [EXPORTED, '{"line":"M","timestamp":"T"}'])
def test_an_export_with_the_newest_message_first_is_refused(form: str) -> None:
    texts = (LIST, XML_URL, SHORT_XML, URL)
    times = (f"2015-06-10T12:00:0{second}Z" for second in (5, 4, 2, 1))
    log = "".join(
        exported(form.replace("T", at), text) for text, at in zip(texts, times, strict=True)
    )
    with pytest.raises(CaptureError) as refused:
        read(log)
    assert (refused.value.line, refused.value.reason) == (
        2,
        "expected log messages in the order of their time, found an earlier one; export or sort them "
        "with the oldest first",
    )
    assert textlog.matches(log.encode(), {})


@pytest.mark.parametrize(("early", "is_read"), [(1, True), (10, True), (11, False)])
def test_a_message_of_an_export_may_be_a_few_seconds_early(early: int, is_read: bool) -> None:
    times = ("2015-06-10T12:00:00Z", "2015-06-10T12:00:30Z", f"2015-06-10T12:00:{30 - early:02}Z")
    forms = (EXPORTED.replace('"T"', f'"{at}"') for at in times)
    log = "".join(exported(form, text) for form, text in zip(forms, ("x", URL, LIST), strict=True))
    if is_read:
        assert [(found.url, found.body) for found in read(log)] == [(URL, LIST.encode())]
    else:
        with pytest.raises(CaptureError):
            read(log)


@pytest.mark.parametrize(
    "row",
    [
        '"T","M"',
        "T,M",
        json.dumps({"_time": "T", "url": URL, "result": {"_raw": "x"}}),
        json.dumps({"timestamp": "T", "jsonPayload": {"url": URL, "message": "x"}}),
    ],
)
def test_a_call_in_an_export_with_the_newest_message_first_gets_no_answer(row: str) -> None:
    times = (f"2015-06-10T12:00:0{second}.000+0000" for second in (5, 4, 2, 1))
    calls = (DONE, f"POST {FORM_URL}", DONE, f"POST {FORM_URL}")
    rows = (
        row.replace("T", at, 1).replace("M", text.replace('"', '""'))
        for at, text in zip(times, calls, strict=True)
    )
    with pytest.raises(CaptureError, match="expected log messages in the order of their time"):
        read("\n".join(rows))


def test_a_comma_before_milliseconds_does_not_make_a_table() -> None:
    log = f"2015-06-10 12:00:05,123 GET {URL}\n2015-06-10 12:00:04,999 got {LIST}\n"
    assert [found.body for found in read(log)] == [LIST.encode()]


def test_times_in_another_form_are_compared_as_text() -> None:
    log = "".join(
        exported(EXPORTED.replace("T", at), text) for at, text in (("5", URL), ("4", LIST))
    )
    with pytest.raises(CaptureError):
        read(log)


def test_a_collector_may_mix_messages_up() -> None:
    form = '{"time":"T","kubernetes":{},"log":"M"}'
    log = exported(form.replace("T", "2015-06-10T12:00:01Z"), URL)
    (found,) = read(log + exported(form.replace("T", "2015-06-10T12:00:00Z"), LIST))
    assert (found.url, found.body) == (URL, LIST.encode())


def test_a_split_line_that_is_too_long_is_not_an_answer() -> None:
    (found,) = read(docker(URL, LONG), 20_000)
    assert found.fault is not None
    assert (found.fault.rule, found.body) == ("too-large", b"")
