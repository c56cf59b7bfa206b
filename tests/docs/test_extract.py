"""The pages on extraction: every step prints the output shown, and the tables are complete."""

from __future__ import annotations

import json
import re
from pathlib import Path

import duckdb
import pytest
from lxml import etree

from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.sinks import SINKS
from tests.docs.pagekit import ROOT, blocks_of, run_step, steps_of, untimed

REFERENCE = ROOT / "docs" / "extract.md"
TUTORIAL = ROOT / "docs" / "tutorial.md"
SECRET = "Correct-Horse-9"


def work_through(page: Path, folder: Path) -> int:
    """Run all steps of a page, and return how many of them have an output."""
    (folder / "corpus").symlink_to(ROOT / "corpus")
    names: dict[str, object] = {}
    shown = 0
    for step in steps_of(page):
        if step.code.startswith("pip install"):
            (extras,) = re.findall(r"\[([\w,]+)\]", step.code)
            project = (ROOT / "pyproject.toml").read_text("utf-8")
            assert all(f"\n{extra} = [" in project for extra in extras.split(","))
            continue
        printed = run_step(step, names)
        assert untimed(printed) == untimed(step.shown or ""), step.code
        shown += step.shown is not None
    assert shown == sum(language == "text" for language, _ in blocks_of(page))
    return shown


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.thorough
def test_the_reference_shows_the_output(folder: Path) -> None:
    assert work_through(REFERENCE, folder) == 6


@pytest.mark.thorough
def test_the_tutorial_draws_its_chart(folder: Path) -> None:
    assert work_through(TUTORIAL, folder) == 7
    chart = etree.parse("reasons.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    bars = chart.findall(f"{space}rect[{space}title]")
    assert len(bars) == 36
    assert all(0 <= float(bar.get("y", "-1")) < 300 for bar in bars)
    drawn_again = Path("reasons.svg").read_text("utf-8")
    assert drawn_again == (ROOT / "docs" / "reasons.svg").read_text("utf-8"), "run docs/chart.py"
    titles = [bar.findtext(f"{space}title") for bar in bars]
    with duckdb.connect("archive.duckdb", read_only=True) as base:
        for table in TABLES:
            leaks = f"SELECT count(*) FROM {table} AS t WHERE contains(t::VARCHAR, '{SECRET}')"
            assert base.execute(leaks).fetchone() == (0,)
    # The chart and the text above it have the same numbers.
    (drawn,) = [step.shown for step in steps_of(TUTORIAL) if "bar(bounces" in step.code]
    rows = re.findall(r"^(\S+) +(\d+) (.*?) +[█▏▎▍▌▋▊▉]", drawn or "", re.MULTILINE)
    assert len(rows) == 5
    assert {f"{month}: {bounces} × {reason}" for month, bounces, reason in rows} <= {*titles}


@pytest.mark.thorough
@pytest.mark.parametrize("bounces", [0, 12])
def test_the_tutorial_draws_a_chart_of_any_logs(folder: Path, bounces: int) -> None:
    Path("logs").mkdir()
    records = [
        {
            "email": f"a{n}@b.de",
            "created": f"20{n + 10}-05-01 00:00:00",
            "status": "5.0.0",
            "reason": f"<{n}> & so",
        }
        for n in range(bounces)
    ]
    url = "https://sendgrid.com/api/bounces.get.json?api_user=a&api_key=b&date=1"
    line = {"url": url, "status": 200, "body": json.dumps(records)}
    Path("logs/own.jsonl").write_text(json.dumps(line), "utf-8")
    names: dict[str, object] = {}
    steps = [*steps_of(TUTORIAL)]
    start = next(n for n, step in enumerate(steps) if "sgformats extract" in step.code)
    for step in steps[start:-1]:
        run_step(step, names)
    chart = etree.parse("reasons.svg").getroot()
    space = "{http://www.w3.org/2000/svg}"
    assert len(chart.findall(f"{space}rect[{space}title]")) == bounces
    texts = [text.text for text in chart.findall(f"{space}text")]
    assert {"Bounces", "Month"} <= set(texts)
    assert ("all others" in texts) == (bounces > 5)


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)^## ", REFERENCE.read_text("utf-8"), re.M | re.S)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_is_on_the_page_in_order(table: Table) -> None:
    named = re.findall(r"^\| `(\w+)` \|", section(f"The {table}"), re.MULTILINE)
    assert named == [column.name for column in TABLES[table]]


def test_every_format_is_on_the_page_with_its_suffixes() -> None:
    named = re.findall(r"^\| (`\.[^|]*) \|", section("Output formats"), re.MULTILINE)
    assert sorted(tuple(re.findall(r"`(\.\w+)`", cell)) for cell in named) == sorted(
        sink.suffixes for sink in SINKS.values()
    )
