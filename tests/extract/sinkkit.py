"""Lines of a small log, and its rows."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import duckdb

URL = (
    "https://sendgrid.com/api/bounces.get.json?api_user=me&api_key=s3cret-passw0rd&date=1&user=shop"
)
MOMENT = datetime(2009, 6, 10, 12, 40, 30)
REASON = 'a, "b"\r\nc  é'


def call(body: Any, url: str = URL) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    return json.dumps({"url": url, "status": 200, "body": text}) + "\n"


FIRST = {
    "operation": "bounces.get",
    "email": "x@y",
    "reason": REASON,
    "status": "5.1.1",
    "ip": None,
    "created": "2009-06-10 12:40:30",
    "user": "shop",
    "source_file": "a.jsonl",
    "source_line": 1,
    "source_entry": None,
    "source_offset": 0,
    "record_index": 0,
    "format": "json",
    "salvaged": False,
}
SECOND = FIRST | {
    "email": "",
    "reason": "=1+1",
    "status": "",
    "created": None,
    "record_index": 1,
}


def rows_of(name: str, table: str) -> list[dict[str, Any]]:
    """The rows of a table in order."""
    with duckdb.connect(name, read_only=True) as base:
        found = base.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
