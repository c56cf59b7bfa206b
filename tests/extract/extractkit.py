"""A log with all kinds of lines, and the rows that it must give."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from sgformats import OPERATIONS, Failure, Listing, Record, Reply, Success, encode
from sgformats.captures.pieces import SPLIT
from sgformats.extract import TABLES, Counts, Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import find_shards
from sgformats.operations import METHODS, Method

SECRET = "Correct-Horse-Battery"
USER = "who-asks@shop.example"
_HTML = "<!DOCTYPE html><html><head><title>502</title></head><body>Bad gateway</body></html>"
_GARBAGE = (
    "-- MARK --",
    '{"url":"https://sendgrid.com/api/bounces.get.json?api_user=' + USER + "&api_key=" + SECRET,
    "Traceback (most recent call last):",
    "{}",
    "\x00\x01\x02 binary",
)


class Made(NamedTuple):
    """A log, its whole and its salvageable records with their lines, and the rejected lines."""

    data: bytes
    records: list[tuple[int, Record]]
    partly: list[tuple[int, Record]]
    rejected: set[int]
    lines: int


def make_log(lines: int, seed: int = 1) -> Made:
    """A log of lists, results, truncated answers, HTML pages, garbage, and blank lines."""
    chance = Random(seed)
    parts: list[bytes] = []
    records: list[tuple[int, Record]] = []
    partly: list[tuple[int, Record]] = []
    rejected: set[int] = set()
    for number in range(1, lines + 1):
        fate = chance.random()
        ending = b"\r\n" if chance.random() < 0.2 else b"\n"
        if fate < 0.03:
            parts.append(b"  " + ending)
            continue
        if fate < 0.06:
            parts.append(chance.choice(_GARBAGE).encode() + ending)
            rejected.add(number)
            continue
        method = chance.choice(METHODS)
        format = chance.choice(("xml", "json"))
        made = [_record(chance, method, n) for n in range(chance.randrange(12))]
        task = "get"
        reply: Reply = Listing(method.name, tuple(made))
        if fate < 0.12:
            task = "delete"
            reply = Success() if chance.random() < 0.5 else Failure("Email does not exist")
        body = encode(reply, format).decode("latin-1" if format == "xml" else "utf-8")  # type: ignore[arg-type]
        status = 200
        if fate < 0.08:
            status, body = 502, _HTML
            rejected.add(number)
        elif fate > 0.95 and task == "get" and made:
            body = body[: chance.randrange(len(body) // 2, len(body))]
            rejected.add(number)
            partly += [(number, record) for record in made]
        elif task == "get":
            records += [(number, record) for record in made]
        line = {"url": _url(chance, method, task, format), "status": status, "body": body}
        parts.append(json.dumps(line, ensure_ascii=chance.random() < 0.5).encode() + ending)
    return Made(b"".join(parts), records, partly, rejected, lines)


def _record(chance: Random, method: Method, number: int) -> Record:
    texts = {
        "email": f"u{chance.randrange(10**6)}-{number}@example.comm",
        "reason": chance.choice(('550 "no" \\ such <user>', "é, ü; &", "Bad Syntax", "a\tb")),
        "status": "5.1.1",
        "ip": "174.36.80.219",
    }
    names = [field.name for field in method.fields if field.scalar == "text"]
    record: Record = method.record(**{name: texts[name] for name in names})
    return record


def _url(chance: Random, method: Method, task: str, format: str) -> str:
    given = f"api_user={USER}&api_key={SECRET}"
    if chance.random() < 0.5:
        return f"https://sendgrid.com/api/{method.name}.{task}.{format}?{given}&email=a%40b"
    return (
        f"https://sendgrid.com/apiv2/customer.{method.name}.{format}?{given}&user=c%40d&task={task}"
    )


class Rows(NamedTuple):
    """All rows of the tables, and the counts."""

    records: list[dict[str, Any]]
    exchanges: list[dict[str, Any]]
    rejects: list[dict[str, Any]]
    counts: Counts


def read(
    paths: Iterable[Path | str], *, split: int = SPLIT, limit: int | None = None, **options: Any
) -> Rows:
    """Read paths into rows, in one process."""
    counts = Counts()
    tables: dict[str, list[dict[str, Any]]] = {"records": [], "exchanges": [], "rejects": []}
    chosen = Options(**options)
    for shard in find_shards(paths, chosen, split=split):
        for block in read_shard(shard, chosen, counts, limit=limit):
            names = [column.name for column in TABLES[block.table]]
            rows = zip(*map(block.values, names), strict=True)
            tables[block.table] += [dict(zip(names, row, strict=True)) for row in rows]
    assert counts.add_up()
    return Rows(tables["records"], tables["exchanges"], tables["rejects"], counts)


def record_of(row: dict[str, Any]) -> Record:
    """The record in a row."""
    method = OPERATIONS[row["operation"]].method
    record: Record = method.record(**{name: row[name] for name in method.names})
    return record


def lines_of(rows: list[dict[str, Any]]) -> Counter[int]:
    """The number of rows of each line."""
    return Counter(row["source_line"] for row in rows)


URL = "https://sendgrid.com/api/{}.get.json?api_user=someone&api_key=k3y-k3y-k3y"


def log(path: Path, *lines: Mapping[str, object] | str) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("\n".join(texts) + "\n")
    return path
