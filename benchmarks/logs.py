"""A reproducible log to extract from.

It has JSON lines of calls and answers: lists of 0 to 100 records in XML or JSON, of all methods,
called by owners and by resellers. Of the answers, 1 in 50 is truncated and 1 in 100 is an HTML page
of a proxy; 1 line in 100 is not JSON. Every log begins with all shorter ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.contender import FORMATS, Format, Row, dicts_of
from benchmarks.payloads import compact_json, latin_xml, xml_list
from benchmarks.records import rows
from sgformats.operations import METHODS, Method

MOST = 100  # records in an answer
_ROWS = 2_000
_BEGIN = datetime(2011, 3, 1)
_HTML = (
    "<!DOCTYPE html>\n<html><head><title>502 Bad Gateway</title></head>"
    "<body><h1>502 Bad Gateway</h1><p>nginx</p></body></html>"
)
_GARBAGE = (
    "Traceback (most recent call last):",
    "2011-03-09 17:02:11,482 WARNING worker 3 restarted",
    '{"time":"2011-03-09T17:02:11Z","verb":"GET","url":"https://sendgrid.com/api/bou',
    "-- MARK --",
)


class Log(NamedTuple):
    """A log's lines and bytes, and the number of records in its complete answers."""

    path: Path
    lines: int
    bytes: int
    records: int


def write_log(
    path: Path, lines: int, *, formats: Sequence[Format] = FORMATS, cut: float = 0.02
) -> Log:
    """Write a log with answers in these formats; `cut` is the share of truncated answers."""
    records = 0
    with path.open("wb") as file:
        for line, whole in _lines(lines, formats, cut):
            file.write(line.encode() + b"\n")
            records += whole
    return Log(path, lines, path.stat().st_size, records)


def _lines(count: int, formats: Sequence[Format], cut: float) -> Iterator[tuple[str, int]]:
    """Lines, each with the number of its records, 0 for a truncated answer."""
    chance = Random(20090610)
    texts = dicts_of(_mixed())
    for number in range(count):
        kind = chance.random()
        if kind < 0.01:
            yield chance.choice(_GARBAGE), 0
            continue
        method, format = chance.choice(METHODS), chance.choice(formats)
        size = chance.randrange(MOST + 1)
        start = chance.randrange(len(texts) - MOST)
        records = [_fields(method, text) for text in texts[start : start + size]]
        if format == "json":
            body = compact_json(records)
        else:
            body = latin_xml(xml_list(records, method.name, method.item)).decode("iso-8859-1")
        status, whole = 200, size
        if kind < 0.02:
            status, body, whole = 502, _HTML, 0
        elif kind < 0.02 + cut:
            body, whole = body[: chance.randrange(len(body) // 2, len(body))], 0
        line = {
            "time": f"{_BEGIN + timedelta(seconds=7 * number):%Y-%m-%dT%H:%M:%SZ}",
            "verb": "GET",
            "url": _url(chance, method, format),
            "status": status,
            "content_type": "text/html" if status == 502 else f"text/{format}",
            "body": body,
        }
        yield json.dumps(line), whole


def _mixed() -> list[Row]:
    """Records: mostly plain, some with other letters, some with characters to escape."""
    series = (rows("plain", _ROWS), rows("plain", _ROWS), rows("accented", _ROWS))
    mixed = [*zip(*series, rows("awkward", _ROWS), strict=True)]
    return [row for few in mixed for row in few]


def _fields(method: Method, text: Mapping[str, str]) -> dict[str, str]:
    """A record's fields in the order of the API's pages."""
    made = {"status": "5.1.1", "ip": "174.36.80.219", **text}
    return {field.name: made[field.name] for field in method.fields}


def _url(chance: Random, method: Method, format: Format) -> str:
    """The URL of a call by an owner, or by a reseller."""
    owner = chance.randrange(20)
    given = f"api_user=owner{owner}&api_key=Correct-Horse-{owner * 7919}"
    if chance.random() < 0.5:
        query = f"date=1&days={chance.randrange(1, 31)}"
        return f"https://sendgrid.com/api/{method.name}.get.{format}?{given}&{query}"
    user = f"user=customer{chance.randrange(400)}%40example.com"
    path = f"apiv2/customer.{method.name}.{format}"
    return f"https://sendgrid.com/{path}?{given}&{user}&task=get&date=1"
