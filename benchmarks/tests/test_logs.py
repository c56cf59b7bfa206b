"""The log: reproducible, and with a correct number of records."""

from __future__ import annotations

import hashlib
from pathlib import Path

import sgformats
from benchmarks.logs import MOST, write_log
from sgformats.captures import read_capture

LINES = 1_000


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
