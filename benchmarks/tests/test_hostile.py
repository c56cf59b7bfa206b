"""The table of hostile files shows the memory of commands, which stay within the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import hostile
from benchmarks.hostile import COMMANDS, SHAPES, limit, measure


def test_every_file_has_about_the_requested_size() -> None:
    for name, make in SHAPES.items():
        if "bomb" not in name:
            assert 1_900_000 < sum(map(len, make(3_000_000))) < 7_000_000, name


@pytest.mark.thorough
def test_a_command_above_the_limit_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(hostile, "BASE", 1_000_000)
    assert (
        hostile.main(["--shape", "one-line.log", "--command", "validate", "--size", "2000000"]) == 1
    )
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("one-line")]
    assert line.split()[:2] == ["one-line.log", "validate"]
    assert line.endswith("TOO MUCH")


@pytest.mark.thorough
@pytest.mark.parametrize("shape", SHAPES)
def test_no_command_exceeds_the_limit(shape: str, tmp_path: Path) -> None:
    peaks = [*measure(shape, tmp_path, 16 << 20)]
    assert len(peaks) == len(COMMANDS)
    assert [peak for peak in peaks if not 0 < peak.bytes <= limit()] == []
