"""Sample results."""

from __future__ import annotations

from benchmarks.extraction import (
    ALONE,
    COMMANDS,
    DAMAGED,
    GOOD_SCRIPT,
    JSON,
    QUARTER,
    SCRIPTED,
    TOGETHER,
    Extracted,
    Extraction,
    Way,
)
from benchmarks.fresh import Peak
from benchmarks.results import Results
from benchmarks.tasks import FULL, tasks
from benchmarks.timing import Timed


def timed(name: str, *values: float, records: int = 1, floor: bool = False) -> Timed:
    return Timed(name, records, floor, 1, values)


def results() -> Results:
    """Three rounds of a few tasks; the second round was slow for all."""
    found = Results(FULL, 3)
    found.tasks = [
        task
        for task in tasks(FULL)
        if task.name
        in (
            "parse/json/3",
            "parse/json/1000",
            "parse/json-spaced/1000",
            "validate/xml/1000",
            "growth/parse/json/sgformats",
        )
    ]
    found.times = {
        "parse/json/3": [
            timed("orjson.loads", 1e-6, 2e-6, 1e-6, records=3, floor=True),
            timed("sgformats", 2e-6, 5e-6, 4e-6, records=3),
        ],
        "parse/json/1000": [
            timed("orjson.loads", 1e-4, 2e-4, 1e-4, records=1000, floor=True),
            timed("sgformats", 1.1e-4, 2.2e-4, 1.2e-4, records=1000),
            timed("pydantic", 4e-4, 8e-4, 4e-4, records=1000),
            timed("json + jsonschema", 0.022, 0.044, 0.024, records=1000),
        ],
        "parse/json-spaced/1000": [
            timed("orjson.loads", 1e-4, 2e-4, 1e-4, records=1000, floor=True),
            timed("sgformats", 1e-4, 1.8e-4, 0.9e-4, records=1000),
        ],
        "validate/xml/1000": [
            timed("etree.fromstring", 1e-3, 2e-3, 1e-3, records=1000, floor=True),
            timed("sgformats", 4e-3, 8e-3, 4e-3, records=1000),
        ],
        "growth/parse/json/sgformats": [
            timed("1,000 records", 1e-4, 2e-4, 1e-4, records=1000, floor=True),
            timed("100,000 records", 2e-2, 4e-2, 1e-2, records=100_000),
        ],
    }
    found.peaks = [
        peak("parse", "orjson.loads", 68_000_000, floor=True),
        peak("parse", "sgformats", 52_000_000, 50_000_000),
        Peak("memory/parse/xml/100000", "etree.fromstring", "xml", True, 100_000, (100_000_000,)),
        Peak("memory/parse/xml/100000", "sgformats", "xml", False, 100_000, (180_000_000,)),
        Peak("memory/validate/json/10000", "sgformats", "json", False, 10_000, (30_000_000,)),
        peak("validate", "sgformats", 330_000_000),
    ]
    found.records_size = 25_000_000
    found.imports = [
        timed("lxml.etree", 0.01, 0.02, 0.01, floor=True),
        timed("sgformats", 0.035, 0.062, 0.031),
    ]
    found.extraction = Extraction(
        8_000,
        60_000_000,
        400_000,
        (
            extracted(SCRIPTED, 4.0, 8.0, 4.0),
            extracted(GOOD_SCRIPT, 2.0, 4.0, 2.0),
            extracted(ALONE, 1.2, 2.0, 1.0),
            extracted(TOGETHER, 0.6, 1.4, 0.6),
            extracted(QUARTER, 0.4, 0.8, 0.4),
            *(extracted(way, 1.2, 2.4, 1.2) for way in COMMANDS),
            extracted(DAMAGED, 2.4, 4.0, 2.0),
            *(extracted(way, 1.0, 2.0, 1.0) for way in JSON),
        ),
    )
    return found


def extracted(way: Way, *seconds: float) -> Extracted:
    """An extraction of 400,000 records, or of a quarter of them, in 50 MB of memory or 40."""
    part = 4 if way.log == "quarter" else 1
    one = timed(way.name, *seconds, records=400_000 // part, floor=way == SCRIPTED)
    peaks = tuple(40_000_000 if part > 1 else 50_000_000 for _ in seconds)
    return Extracted(way, 60_000_000 // part, one, peaks, sum(seconds) / len(seconds), 9)


def peak(work: str, name: str, *values: int, floor: bool = False) -> Peak:
    return Peak(f"memory/{work}/json/100000", name, "json", floor, 100_000, values)
