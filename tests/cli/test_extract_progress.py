"""`sgformats extract` shows its progress on a terminal and in logs of CI only."""

from __future__ import annotations

import io
import re
from functools import partial
from pathlib import Path

import pytest

from sgformats.cli import main
from sgformats.extract.run.extraction import extract
from tests.cli.clikit import CALLS


class Stream(io.StringIO):
    """A stream that is, or is not, a terminal."""

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run of many parts that shows the progress of each."""
    Path("calls.jsonl").write_bytes(CALLS * 20)
    for name in ("_DELAY", "_INTERVAL", "_CI_INTERVAL"):
        monkeypatch.setattr(f"sgformats.cli.progress.{name}", 0)
    many = partial(extract, split=len(CALLS))
    monkeypatch.setattr("sgformats.cli.commands.extract.extraction.extract", many)
    for name in ("CI", "NO_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def shown_by(monkeypatch: pytest.MonkeyPatch, *options: str, terminal: bool) -> str:
    stream = Stream(terminal)
    monkeypatch.setattr("sys.stderr", stream)
    assert main(["extract", "calls.jsonl", "-o", "out.csv", "--workers", "1", *options]) == 0
    return stream.getvalue()


@pytest.mark.usefixtures("impatient")
def test_a_terminal_shows_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "90")
    shown = shown_by(monkeypatch, terminal=True)
    assert re.search(
        r"━+.* 100 % 8.2 of 8.2 kB 20 records, 20 rejects [\d.]+ .*/s 0:00 left\r\x1b\[2K$", shown
    )
    drawn = [int(number) for number in re.findall(r" (\d+) records?,", shown)]
    assert drawn == sorted(drawn)
    assert len(set(drawn)) >= 10
    assert all(len(line) <= 90 for line in re.sub(r"\x1b\[[\d;]*m", "", shown).split("\r\x1b[2K"))


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("columns", [40, 60, 80])
def test_the_progress_is_one_line_even_on_a_narrow_terminal(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = re.sub(r"\x1b\[[\d;]*m", "", shown_by(monkeypatch, terminal=True))
    lines = shown.split("\r\x1b[2K")
    assert all("\n" not in line and len(line) <= columns for line in lines)
    assert ("━" in shown) == (columns >= 60)
    assert "left" in shown


@pytest.mark.usefixtures("impatient")
def test_a_log_in_ci_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    lines = shown_by(monkeypatch, terminal=False).splitlines()
    assert re.fullmatch(
        r"sgformats: 100 %, 8.2 of 8.2 kB, 20 records, 20 rejects, .*/s, 0:00 left", lines[-1]
    )
    assert len(lines) >= 10


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("terminal", "quiet", "variables"),
    [
        (False, False, {}),
        (False, False, {"CI": "false"}),
        (False, True, {"CI": "true"}),
        (True, True, {}),
        (True, False, {"TERM": "dumb"}),
    ],
)
def test_nothing_is_shown_without_a_terminal(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, quiet: bool, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert shown_by(monkeypatch, *(["-q"] if quiet else []), terminal=terminal) == ""
