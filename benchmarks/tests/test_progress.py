"""The progress is shown only on a terminal."""

from __future__ import annotations

import io
import sys

import pytest

from benchmarks.progress import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def go() -> None:
    with progress(2) as begin:
        step = begin("parse/json/3")
        step()
        step()
        begin("import")()


def test_a_terminal_shows_the_current_part_and_the_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    go()
    shown = terminal.getvalue()
    assert "2/2" in shown
    assert shown.endswith("\x1b[2K")  # Gone when it is done.


def test_nothing_is_shown_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    go()
    assert capsys.readouterr() == ("", "")
