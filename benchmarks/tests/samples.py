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
from benchmarks.results import IMPORT, Results
from benchmarks.tasks import FULL, tasks
from benchmarks.timing import Timed

# Three rounds of a few tasks; the second round was slow for all.
TIMES: dict[str, dict[str, tuple[float, ...]]] = {
    "parse/json/3": {
        "orjson.loads": (1e-6, 2e-6, 1e-6),
        "sgformats": (2e-6, 5e-6, 4e-6),
        "pydantic": (4e-6, 8e-6, 4e-6),
        "json + jsonschema": (1e-4, 2e-4, 1e-4),
    },
    "parse/json/1000": {
        "orjson.loads": (1e-4, 2e-4, 1e-4),
        "sgformats": (1.1e-4, 2.2e-4, 1.2e-4),
        "pydantic": (4e-4, 8e-4, 4e-4),
        "json + jsonschema": (0.022, 0.044, 0.024),
    },
    "parse/json-spaced/1000": {
        "orjson.loads": (1e-4, 2e-4, 1e-4),
        "sgformats": (1e-4, 1.8e-4, 0.9e-4),
    },
    "validate/xml/1000": {
        "etree.fromstring": (1e-3, 2e-3, 1e-3),
        "sgformats": (4e-3, 8e-3, 4e-3),
    },
    "growth/parse/json/sgformats": {
        "1,000 records": (1e-4, 2e-4, 1e-4),
        "100,000 records": (2e-2, 4e-2, 1e-2),
    },
    "memory/parse/json/100000": {"orjson.loads": (68e6,), "sgformats": (51e6,)},
    "memory/validate/json/10000": {"sgformats": (30e6,)},
    "memory/validate/json/100000": {"sgformats": (330e6,)},
    "memory/parse/xml/100000": {"etree.fromstring": (100e6,), "sgformats": (180e6,)},
}
EXTRACTIONS: dict[Way, tuple[float, ...]] = {
    SCRIPTED: (4.0, 8.0, 4.0),
    GOOD_SCRIPT: (2.0, 4.0, 2.0),
    ALONE: (1.2, 2.0, 1.0),
    TOGETHER: (0.6, 1.4, 0.6),
    QUARTER: (0.4, 0.8, 0.4),
    **dict.fromkeys(COMMANDS, (1.2, 2.4, 1.2)),
    DAMAGED: (2.4, 4.0, 2.0),
    **dict.fromkeys(JSON, (1.0, 2.0, 1.0)),
}


def timed(name: str, *values: float, records: int = 1) -> Timed:
    return Timed(name, records, 1, values)


def results() -> Results:
    found = Results(FULL, 3, records_size=25_000_000)
    for task in tasks(FULL):
        if taken := TIMES.get(task.name):
            parts = [part for part in task.parts if part.name in taken]
            found.tasks.append(task._replace(parts=parts))
            found.times[task.name] = [
                timed(part.name, *taken[part.name], records=part.size) for part in parts
            ]
    found.times[IMPORT] = [
        timed("lxml.etree", 0.01, 0.02, 0.01),
        timed("sgformats", 0.035, 0.062, 0.031),
    ]
    ways = {way: extracted(way, *seconds) for way, seconds in EXTRACTIONS.items()}
    found.extraction = Extraction(8_000, 60_000_000, 400_000, ways)
    return found


def extracted(way: Way, *seconds: float) -> Extracted:
    """An extraction of 60 MB, or of a quarter of it, in 50 MB of memory or 40."""
    part, peak = (4, 40e6) if way.log == "quarter" else (1, 50e6)
    cost, peaks = (
        timed(way.name, *values, records=60_000_000 // part)
        for values in (seconds, [peak] * len(seconds))
    )
    return Extracted(cost, peaks, 400_000 // part, sum(seconds) / len(seconds), 9)
