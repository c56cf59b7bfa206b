"""The targets: their list, their measurements, and when they are hit."""

from __future__ import annotations

import os

import pytest

from benchmarks.results import Results
from benchmarks.targets import Judged, judged
from benchmarks.tasks import QUICK
from benchmarks.tests.samples import results
from benchmarks.timing import Ratio

JUDGED = """
JSON, 1,000 records, strict parse | orjson.loads | 1.4 | 1.1 | hit
JSON, 3 records, strict parse | orjson.loads | 3 | 2.5 | hit
JSON with spaces after `:` and `,`, 1,000 records, strict parse | orjson.loads | 1.4 | 0.9 | hit
JSON, 3 records, strict parse | pydantic | 1 | 0.625 | hit
JSON, 3 records, strict parse | json + jsonschema | 1 | 0.025 | hit
JSON, 1,000 records, strict parse | pydantic | 1 | 0.275 | hit
JSON, 1,000 records, strict parse | json + jsonschema | 1 | 0.005 | hit
XML, 1,000 records, validate, one record bad | etree.fromstring | 40 | 4 | hit
JSON, 100,000 records, strict parse, per record | 1,000 records | 1.6 | 2 | –
JSON, 100,000 records, validate, every record bad, memory per record | 10,000 records | 1.6 | 1.1 | hit
JSON, 100,000 records, strict parse, peak memory | 3 × the records themselves | 1 | 0.68 | hit
XML, 100,000 records, strict parse, peak memory | 3 × the records themselves + the bare tree | 1 | 1.03 | –
`import sgformats` | `import lxml.etree` | 1.5 | 3.1 | –
Extraction of a mixed log to CSV, 1 worker | orjson, lxml, csv | 0.667 | 0.5 | hit
Extraction of a mixed log to CSV, 2 workers | 1 worker | 0.588 | 0.6 | –
Extraction of a JSON log to CSV, 1 worker | orjson, lxml, csv | 0.667 | 1 | –
Extraction of a JSON log to CSV, 1 worker | DuckDB, SQL | 2 | 1 | hit
Extraction of a JSON log to CSV, 1 worker | Polars | 2 | 1 | hit
Extraction of a half-damaged log, per byte | the undamaged log | 1.67 | 2 | –
`check` of a mixed log, 1 worker | its extraction | 3.33 | 3 | hit
`census` of a mixed log, 1 worker | its extraction | 3.33 | 3 | hit
`redact` of a mixed log, 1 worker | its extraction | 3.33 | 3 | hit
Extraction of a mixed log to CSV, 1 worker, peak memory | a quarter of the log | 1.2 | 1.25 | –
"""


def lines(found: list[Judged]) -> list[str]:
    return [
        f"{t.work} | {t.peer} | {t.limit:.3g} | {t.found.median:.3g} | {'hit' if t.hit else '–'}"
        for t in found
    ]


def test_every_target_that_was_measured_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert lines(judged(results())) == JUDGED.strip().splitlines()


def test_two_workers_are_judged_where_there_are_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert [target.work for target in judged(results()) if "2 workers" in target.work] == []


def test_a_target_is_hit_up_to_its_limit() -> None:
    assert Judged("", "", 2.0, Ratio(2.0, 1.0, 3.0)).hit
    assert not Judged("", "", 2.0, Ratio(2.001, 1.0, 3.0)).hit


def test_without_measurements_nothing_is_judged() -> None:
    assert judged(Results((3, 1_000, 100_000), 3)) == []


def test_a_quick_run_is_not_judged() -> None:
    found = results()
    found.sizes = QUICK
    assert judged(found) == []
