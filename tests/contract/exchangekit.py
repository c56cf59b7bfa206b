"""Calls and answers in both formats, and the problems between them."""

from __future__ import annotations

from typing import Any

from sgformats.captures import Exchange, Source
from sgformats.contract import check
from sgformats.request import Request

KEYS = "api_user=***&api_key=***"
WEB = f"/api/invalidemails.get.%s?{KEYS}"
V3 = "/v3/suppression/bounces"
# The second of three records has a time, the third an empty one.
JSON = (
    b'[{"email":"a@b.c","reason":"\\u00e9"},\n'
    b' {"reason":"r","created":"2009-06-10 12:40:30","email":"A@B.C"},\n'
    b' {"email":"x","reason":"r","created":""}]'
)
XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<invalidemails>\n'
    " <invalidemail><email>a@b.c</email><reason>é</reason></invalidemail>\n"
    " <invalidemail><reason>é</reason><created>2009-06-10 12:40:30</created><email>A@B.C</email>"
    "</invalidemail>\n"
    " <invalidemail><email>x</email><reason>r</reason><created/></invalidemail>\n</invalidemails>"
).encode()
V3_LIST = (
    b'[{"created":1244637630,"email":"a","reason":"r","status":"550"},\n'
    b' {"created":1262304000,"email":"b","reason":"r","status":"550"}]'
)
Place = tuple[str, str, str, int, int, int]


def exchange(call: str, body: bytes | None, status: int | None = 200, **more: Any) -> Exchange:
    verb = more.pop("verb", None)
    request = Request.parse(call, more.pop("form", None), verb)
    return Exchange(request, status, None, body, Source("x.har", 0), url=call, verb=verb, **more)


def places(exchange: Exchange) -> list[Place]:
    """Rule, path, native path, line, column and offset of each problem."""
    return [(p.rule, p.location.path, p.location.native, *at(p.location)) for p in check(exchange)]


def at(location: Any) -> tuple[int, int, int]:
    return location.line, location.column, location.offset


def rules(exchange: Exchange) -> list[str]:
    return [problem.rule for problem in check(exchange)]


def offset(body: bytes, line: int, column: int) -> int:
    """The offset of a line and column, counted independently."""
    lines = body.decode().split("\n")
    return len("\n".join([*lines[: line - 1], lines[line - 1][: column - 1]]).encode())
