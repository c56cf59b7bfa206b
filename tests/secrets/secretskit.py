"""All outputs for a capture, and captures that damage has torn."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import sgformats
from sgformats.captures.pieces import Piece
from sgformats.captures.reading import read_capture
from sgformats.contract.outcome import CheckSummary
from sgformats.contract.run import check_captures
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import Shard
from sgformats.redact import redact_stream
from sgformats.report import REPORTS

_DIGITS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789"


def redacted(data: bytes, name: str) -> str:
    """The text that `redact` writes."""
    parts: list[bytes] = []
    redact_stream(io.BytesIO(data), name, parts.append)
    return b"".join(parts).decode("utf-8", "replace")


def outputs(path: Path) -> Iterator[tuple[str, str]]:
    """Every output for a capture: its name and its text."""
    summary = CheckSummary()
    found = list(check_captures([path], None, summary))
    yield "outcomes", repr(found)
    for name, report in REPORTS.items():
        parts: list[bytes] = []
        writer = report(parts.append)
        for outcome in found:
            writer.add(outcome)
        writer.finish(summary)
        yield name, b"".join(parts).decode("utf-8", "replace")
    try:
        for exchange in read_capture(path):
            yield "exchange", repr(exchange)
            yield "problems", "".join(map(repr, sgformats.check(exchange)))
            if exchange.request is not None:
                yield "request", repr(exchange.request.redacted().parameters)
                yield "call", "".join(map(str, exchange.request.problems()))
    except sgformats.SgformatsError as error:
        yield "error", str(error)
    for block in read_shard(Shard(0, (Piece(str(path)),)), Options(), Counts()):
        if block.table != "records":  # Records are the data itself.
            yield block.table, repr(block.columns)
    yield "redact", redacted(path.read_bytes(), path.name)


def make_key(chance: Random) -> str:
    """A random key that looks like a real one."""
    return "".join(chance.choice(_DIGITS) for _ in range(chance.choice((14, 16, 22, 32))))


def captures(key: str) -> Mapping[str, tuple[str, str]]:
    """Captures that hold a key, each in another place: the name and the text of each file."""
    call = "https://sendgrid.com/api/invalidemails.get.json?api_user=acmeuser"
    last = f"https://sendgrid.com/api/bounces.get.xml?api_key={key}&api_user=acmeuser"
    form = f"api_user=acmeuser&api_key={key}&task=get&user=bob"
    body = '[{"email": "a@b.example", "reason": "user unknown", "created": ""}]'
    lines = {
        "url": {"url": f"{call}&api_key={key}&date=1", "body": "[]", "status": 200},
        "end": {"status": 200, "body": body, "url": last},
        "form": {"url": "https://sendgrid.com/api/user.bounces.json", "request_body": form},
        "header": {
            "url": "https://api.sendgrid.com/v3/suppression/bounces",
            "request_headers": {"Authorization": f"Bearer {key}"},
            "body": "[]",
        },
        "json": {
            "url": "https://sendgrid.com/api/bounces.get.json",
            "params": {"api_user": "acmeuser", "api_key": key},
        },
    }
    logs = {
        "logged url": f"GET {call}&api_key={key}&date=1 HTTP/1.1\n{body}\n",
        "message": f"2010-01-01 10:00:00 INFO calling {last}\n",
        "headers": f"> GET /v3/suppression/bounces HTTP/1.1\n> Authorization: Bearer {key}\n\n[]\n",
        "logged form": f'POST /api/bounces.delete.json\n{form}\n{{"message":"success"}}\n',
        "curl": f"curl -d '{form}' https://sendgrid.com/api/bounces.get.json\n",
        "userinfo": f"GET https://acmeuser:{key}@sendgrid.com/api/bounces.get.json HTTP/1.1\n",
    }
    found = {name: ("x.jsonl", json.dumps(line) + "\n") for name, line in lines.items()}
    return {**found, **{name: ("x.log", text) for name, text in logs.items()}}


def torn(chance: Random, data: bytes, around: int) -> bytes:
    """The bytes with one to three holes, mostly near a place."""
    out = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        near = around + chance.randrange(-14, 4)
        at = near if chance.random() < 0.5 else chance.randrange(len(out))
        at = max(0, min(len(out) - 1, at))
        size = chance.randrange(1, 7)
        filler = bytes(chance.choice((chance.randrange(256), 33 + at % 94)) for _ in range(size))
        filler = filler.replace(b"\n", b"\r")  # The line stays one line.
        out[at : at + chance.choice((0, size))] = chance.choice((b"", filler))
    return bytes(out)
