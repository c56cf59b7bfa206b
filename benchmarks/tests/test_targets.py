"""Targets: which there are, what is measured for them, and when they are hit."""

from __future__ import annotations

import os

import pytest

from benchmarks.extraction import SCRIPT
from benchmarks.results import Results
from benchmarks.targets import Judged, judged
from benchmarks.tasks import QUICK
from benchmarks.tests.samples import results
from benchmarks.timing import Ratio


def told(found: list[Judged]) -> list[tuple[str, str, float, float, bool]]:
    return [(t.work, t.peer, t.limit, round(t.found.median, 3), t.hit) for t in found]


def test_every_target_that_was_measured_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert told(judged(results())) == [
        ("JSON, 1,000 records, strict parse", "orjson.loads", 1.0, 1.1, False),
        ("JSON, 3 records, strict parse", "orjson.loads", 3.0, 2.5, True),
        (
            "JSON with spaces after `:` and `,`, 1,000 records, strict parse",
            "orjson.loads",
            1.0,
            0.9,
            True,
        ),
        ("JSON, 1,000 records, strict parse", "pydantic", 1.0, 0.275, True),
        ("JSON, 1,000 records, strict parse", "json + jsonschema", 1.0, 0.005, True),
        ("XML, 1,000 records, validate, one bad", "etree.fromstring", 40.0, 4.0, True),
        ("JSON, 100,000 records, strict parse, by record", "1,000 records", 1.6, 2.0, False),
        (
            "JSON, 100,000 records, validate, every one bad, memory by record",
            "10,000 records",
            1.6,
            1.1,
            True,
        ),
        (
            "JSON, 100,000 records, strict parse, peak memory",
            "3 × the records themselves",
            1.0,
            0.68,
            True,
        ),
        (
            "XML, 100,000 records, strict parse, peak memory",
            "3 × the records themselves + the bare tree",
            1.0,
            1.029,
            False,
        ),
        ("`import sgformats`", "`import lxml.etree`", 3.0, 3.1, False),
        ("Extraction of a log to CSV, 1 worker, by record", SCRIPT, 1 / 3, 0.25, True),
        ("Extraction of a log to CSV, 2 workers, by record", SCRIPT, 1 / 3, 0.15, True),
        ("Extraction of a log to CSV, 2 workers", "1 worker", 1 / 1.7, 0.6, False),
        (
            "Extraction of a log to CSV, 1 worker, peak memory",
            "a quarter of the log",
            1.2,
            1.25,
            False,
        ),
    ]


def test_two_workers_are_judged_where_there_are_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    works = [target.work for target in judged(results())]
    assert [work for work in works if work.startswith("Extraction")] == [
        "Extraction of a log to CSV, 1 worker, by record",
        "Extraction of a log to CSV, 1 worker, peak memory",
    ]


def test_a_target_is_hit_up_to_its_limit() -> None:
    assert Judged("", "", 2.0, Ratio(2.0, 1.0, 3.0)).hit
    assert not Judged("", "", 2.0, Ratio(2.001, 1.0, 3.0)).hit


def test_nothing_measured_is_nothing_judged() -> None:
    assert judged(Results((3, 1_000, 100_000), 3)) == []


def test_a_quick_run_is_not_judged() -> None:
    found = results()
    found.sizes = QUICK
    assert judged(found) == []
