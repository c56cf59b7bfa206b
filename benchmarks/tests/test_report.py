"""The page, the picture and the values, from sample results."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pyperf  # type: ignore[import-untyped]  # it has no types
import pytest

from benchmarks import facts
from benchmarks.chart import panels, svg
from benchmarks.report import page
from benchmarks.results import Results, suite
from benchmarks.targets import judged
from benchmarks.tasks import FULL
from benchmarks.tests.samples import results
from benchmarks.wording import digits, seconds

PARSE = """\
## Strict parse of JSON

|  | 3 records | 1,000 records |
| --- | ---: | ---: |
| orjson.loads | **1.00 ×** 1.00 ± 0.00 µs | **1.00 ×** 100 ± 0 µs |
| **sgformats** | **2.50 ×** 4.00 ± 1.00 µs | **1.10 ×** 120 ± 10 µs |
| pydantic | **4.00 ×** 4.00 ± 0.00 µs | **4.00 ×** 400 ± 0 µs |
| json + jsonschema | **100 ×** 100 ± 0 µs | **220 ×** 24.0 ± 2.0 ms |
"""
OTHERS = """\
## Validation of XML with one bad record

|  | reports | 1,000 records |
| --- | --- | ---: |
| etree.fromstring | only syntax errors | **1.00 ×** 1.00 ± 0.00 ms |
| **sgformats** | every problem: rule, path, line, column, byte | **4.00 ×** 4.00 ± 0.00 ms |

## Strict parse of other spellings

| payload | floor | its time | sgformats |
| --- | --- | ---: | ---: |
| JSON with spaces after `:` and `,`, 1,000 records | orjson.loads | 100 ± 0 µs | **0.90 ×** 100 ± 10 µs |

## Growth

The time for one record, in a small payload and in a large one.

| work | one of 1,000 | one of 100,000 | growth |
| --- | ---: | ---: | ---: |
| sgformats, strict parse of JSON | 100 ± 0 ns | 200 ± 100 ns | 2.00 × |

## Peak memory

The growth of the resident memory of a fresh process after it has loaded the payload.
100,000 records take 25.0 MB as sgformats stores them.

| work |  | records | peak | × the records |
| --- | --- | ---: | ---: | ---: |
| strict parse of JSON | orjson.loads | 100,000 | 68.0 MB | 2.72 × |
| strict parse of JSON | **sgformats** | 100,000 | 51.0 MB | 2.04 × |
| validation of JSON, every record bad | **sgformats** | 10,000 | 30.0 MB | – |
| validation of JSON, every record bad | **sgformats** | 100,000 | 330 MB | – |
| strict parse of XML | etree.fromstring | 100,000 | 100 MB | 4.00 × |
| strict parse of XML | **sgformats** | 100,000 | 180 MB | 7.20 × |

## Import

In a fresh process, without the time to start Python.

|  | time |
| --- | ---: |
| `import lxml.etree` | **1.00 ×** 10.0 ± 0.0 ms |
| **`import sgformats`** | **3.10 ×** 35.0 ± 4.0 ms |
"""


def test_the_page_shows_the_numbers_as_measured() -> None:
    written = page(results(), picture=True)
    assert f"{PARSE}\n{OTHERS}" in written
    for target in judged(results()):
        text = "hit" if target.hit else "**missed** by"
        assert f"| {target.work} | {target.peer} | {text}" in written
    extraction = results().extraction
    assert extraction is not None
    rows = written.partition("## Extraction")[2].partition("\n## ")[0]
    assert rows.count("\n|") == len(extraction.taken) + 2
    assert (
        "| **sgformats**, CSV, 1 worker | **0.25 ×** 1.20 ± 0.20 s | 1.40 s | 50.0 | 50.0 | 50.0 MB | 9 |"
        in rows
    )
    assert "\n![Time of every contender as a multiple of the floor](benchmarks.svg)\n" in written
    assert "There are 3 rounds, or 1 for slow tasks and for memory." in written
    assert "](" not in page(results(), picture=False)


def test_every_table_has_as_many_cells_in_each_row() -> None:
    for block in re.findall(r"(?:^\|.*\|\n)+", page(results(), picture=False), re.MULTILINE):
        assert len({line.count(" | ") for line in block.splitlines()}) == 1, block


def test_a_single_round_is_marked_as_a_check_only() -> None:
    empty = Results(FULL, 1)
    assert "it only checks that everything works" in page(empty, picture=False)
    assert "it only checks that everything works" not in page(results(), picture=False)
    assert "## Targets" not in page(empty, picture=False)


def test_the_picture_has_a_bar_for_every_contender_of_the_middle_size() -> None:
    found = panels(results())
    assert {
        title: [(name, round(value, 6)) for name, value in bars] for title, bars in found.items()
    } == {
        "Strict parse of JSON": [
            ("orjson.loads", 1.0),
            ("sgformats", 1.1),
            ("pydantic", 4.0),
            ("json + jsonschema", 220.0),
        ],
        "Validation of XML with one bad record": [("etree.fromstring", 1.0), ("sgformats", 4.0)],
    }


def test_the_picture_is_the_same_bytes_each_time_and_bears_no_date() -> None:
    drawn = svg(results())
    assert drawn is not None
    assert drawn == svg(results())
    assert b"<dc:date>" not in drawn
    for text in (">sgformats<", ">json + jsonschema<", "220 ×", ">Strict parse of JSON<"):
        assert text.encode() in drawn


def test_nothing_to_draw_is_no_picture() -> None:
    assert svg(Results(FULL, 3)) is None


def test_pyperf_can_read_the_values(tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    suite(results()).dump(str(file))
    read = pyperf.BenchmarkSuite.load(str(file))
    one = read.get_benchmark("parse/json/1000: sgformats")
    assert (one.get_values(), one.get_unit()) == ((1.1e-4, 2.2e-4, 1.2e-4), "second")
    assert read.get_benchmark("memory/parse/json/100000: sgformats").get_unit() == "byte"
    assert read.get_benchmark("import: sgformats").median() == 0.035
    assert read.get_benchmark("extract: sgformats, CSV, 2 workers").median() == 0.6
    assert read.get_benchmark("memory/extract: sgformats, CSV, 1 worker").get_unit() == "byte"
    assert len({one.get_name() for one in read.get_benchmarks()}) == len(read.get_benchmarks())


@pytest.mark.parametrize(
    "key", ["hostname", "python_executable", "python_config_args", "boot_time"]
)
def test_the_results_do_not_name_the_machine(key: str, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    suite(results()).dump(str(file))
    shown = [*facts.about_run().values(), *json.loads(file.read_text())["metadata"].values()]
    assert key in pyperf.Run([1.0]).get_metadata()
    assert key not in file.read_text()
    assert not any(str(value).startswith("/") for value in shown)
    assert str(Path.home()) not in page(results(), picture=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.00057, "0.00057"),
        (0.036, "0.036"),
        (0.5, "0.50"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (99.94, "99.9"),
        (99.96, "100"),
        (3551.2, "3,551"),
    ],
)
def test_a_number_has_three_digits(value: float, shown: str) -> None:
    assert digits(value) == shown


@pytest.mark.parametrize(
    ("value", "deviation", "shown"),
    [
        (2.5, 0.25, "2.50 ± 0.25 s"),
        (0.0123, 0.00012, "12.3 ± 0.1 ms"),
        (933e-6, None, "933 µs"),
        (5e-10, None, "0.50 ns"),
    ],
)
def test_a_time_has_the_unit_that_fits(value: float, deviation: float | None, shown: str) -> None:
    assert seconds(value, deviation) == shown
