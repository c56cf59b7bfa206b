"""The log: reproducible, with every kind of line, and with a correct number of records."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import sgformats
from benchmarks.logs import MOST, write_log
from sgformats.captures import read_capture

LINES = 1_000


def lines(path: Path) -> list[Any]:
    """The content of each line; None for garbage."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            found.append(None)
    return found


def test_the_log_is_always_the_same_and_a_shorter_one_is_its_beginning(tmp_path: Path) -> None:
    whole, part = write_log(tmp_path / "a", LINES), write_log(tmp_path / "b", LINES // 4)
    data = whole.path.read_bytes()
    assert data.startswith(part.path.read_bytes())
    assert (len(data), data.count(b"\n")) == (whole.bytes, whole.lines) == (7_105_759, LINES)
    assert hashlib.sha256(data).hexdigest()[:16] == "9fea9b0b2aab862f"
    assert part.records < whole.records == 48_181


def test_the_records_of_a_log_are_those_that_strict_parsing_finds(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", LINES // 4)
    found = 0
    for exchange in read_capture(log.path):
        if exchange.request is None or exchange.body is None:
            continue
        assert exchange.request.problems() == []
        try:
            reply = sgformats.parse(exchange.body, exchange.request.operation)
        except sgformats.SgformatsError:
            continue
        assert isinstance(reply, sgformats.Listing)
        assert len(reply.records) <= MOST
        found += len(reply.records)
    assert found == log.records


def test_every_kind_of_line_is_in_a_log(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", LINES)
    kinds: Counter[str] = Counter()
    for line in lines(log.path):
        if line is None:
            kinds["garbage"] += 1
        elif line["status"] == 502:
            kinds["page"] += 1
        else:
            whole = line["body"].endswith(("]", ">")) and line["body"][-2:] != "/>"
            kinds[line["content_type"] if whole else "cut"] += 1
    assert kinds == {
        "text/xml": 505,
        "text/json": 449,
        "cut": 18,
        "garbage": 17,
        "page": 11,
    }
