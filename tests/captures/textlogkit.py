"""Calls and answers of text logs, and ways to read them."""

from __future__ import annotations

import io
from typing import NamedTuple

from sgformats.captures import textlog
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange

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
    """The expectation of a case: the call, and the answer as text."""

    url: str | None
    body: str | None
    line: int = 1
    verb: str | None = None
    status: int | None = None
    time: str | None = None


def read(log: str | bytes, max_bytes: int = CaptureOptions().max_bytes) -> list[Exchange]:
    data = log.encode() if isinstance(log, str) else log
    return list(textlog.read(io.BytesIO(data), "f", CaptureOptions(max_bytes)))


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
    "logged twice": (
        f"12:00:00 Requesting {URL}\n12:00:01 Response 200 for {URL}: []\n",
        [Found(URL, "[]", 1, None, 200, "12:00:00")],
    ),
    "asked twice": (
        f"GET {URL}\nGET {URL}\n[]\n",
        [Found(URL, None, 1, "GET"), Found(URL, "[]", 2, "GET")],
    ),
    # Answers without a call, and calls of other services.
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
