"""The command: its files and its errors."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pyperf  # type: ignore[import-untyped]  # it has no types
import pytest

from benchmarks import facts
from benchmarks.__main__ import main
from benchmarks.progress import progress
from benchmarks.run import names

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[2]


def test_a_part_is_printed_and_written_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    docs = {path: path.stat().st_mtime_ns for path in (ROOT / "docs").iterdir()}
    assert main(["--quick", "--only", "parse/json/3"]) == 0
    printed = capsys.readouterr().out
    assert re.findall(r"^#.*", printed, re.MULTILINE) == [
        "# Benchmarks",
        "## Strict parse of JSON",
        "## What the others do not check",
        "## How it is measured",
    ]
    assert {path: path.stat().st_mtime_ns for path in (ROOT / "docs").iterdir()} == docs


def test_the_page_the_picture_and_the_values_are_written_to_the_given_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, values = tmp_path / "new" / "docs", tmp_path / "values.json"
    arguments = ["--quick", "--only", "*/100", "--rounds", "3", "-o", str(folder)]
    assert main([*arguments, "--json", str(values)]) == 0
    assert capsys.readouterr() == ("", "")
    assert "](benchmarks.svg)" in (folder / "benchmarks.md").read_text("utf-8")
    assert (folder / "benchmarks.svg").read_bytes().startswith(b"<?xml")
    found = pyperf.BenchmarkSuite.load(str(values)).get_benchmark("parse/xml/100: xsdata")
    assert (found.get_nvalue(), found.get_metadata()["records"]) == (3, 100)


def test_a_missing_peer_is_an_error_that_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    known = facts.version_of
    gone = ("orjson", "xsdata")
    monkeypatch.setattr(facts, "version_of", lambda name: None if name in gone else known(name))
    assert main(["--quick"]) == 2
    assert capsys.readouterr() == (
        "",
        "benchmarks: all peers are required, but orjson, xsdata are not installed: "
        'pip install --editable ".[bench]"\n',
    )


def test_a_pattern_that_fits_nothing_is_an_error_that_names_all(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--only", "nothing"]) == 2
    text = capsys.readouterr().err
    assert text.startswith("benchmarks: no benchmark matches 'nothing'; there are parse/json/3, ")
    assert text.endswith(", import, extract\n")


@pytest.mark.parametrize("rounds", ["0", "-1", "x"])
def test_the_number_of_rounds_is_positive(rounds: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([f"--rounds={rounds}"])
    assert caught.value.code == 2
    assert f"invalid positive number value: '{rounds}'" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    assert main(["--quick", "--only", "parse/json/3", "-o", str(tmp_path / "file")]) == 2
    assert capsys.readouterr().err == "benchmarks: cannot write: File exists\n"


@pytest.mark.parametrize(
    ("pattern", "fitting"),
    [
        ("import", ["import"]),
        ("extract", ["extract"]),
        ("parse/json", ["parse/json/3", "parse/json/1000", "parse/json/100000"]),
        ("lax", ["lax/json/1000", "lax/xml/1000"]),
        (
            "*/json/1000",
            [f"{work}/json/1000" for work in ("parse", "lax", "validate", "encode", "convert")],
        ),
        (
            "memory/*/xml",
            [
                "memory/parse/xml/100000",
                "memory/validate/xml/10000",
                "memory/validate/xml/100000",
            ],
        ),
        ("json", []),
    ],
)
def test_a_pattern_fits_a_name_or_its_beginning(pattern: str, fitting: list[str]) -> None:
    assert names(False, pattern) == fitting


def test_the_extra_has_every_package_that_is_needed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *extras["bench"], *extras["cli"], *extras["tables"]]
    named = {re.split(r"[<>=\[; ]", line)[0] for line in lines}
    assert set(facts.MEASURED) | set(facts.TOOLS) <= named
    assert all(">=" in line for line in lines if not line.startswith("sgformats["))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("file", [Terminal(), io.StringIO()])
def test_the_progress_is_shown_on_a_terminal_only(
    file: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", file)
    monkeypatch.setenv("TERM", "xterm")
    with progress(2) as begin:
        step = begin("parse/json/3")
        step()
        step()
        begin("import")()
    shown = file.getvalue()
    assert ("2/2" in shown) is file.isatty()
    assert shown.endswith("\x1b[2K" if file.isatty() else "")  # Gone when it is done.
