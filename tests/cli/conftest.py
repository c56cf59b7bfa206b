"""A working directory with a folder of sample answers for every test, and calls for some."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.clikit import CALLS, SAMPLES


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    for name, data in SAMPLES.items():
        (folder / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def calls(answers: Path) -> Path:
    path = Path("calls.jsonl")
    path.write_bytes(CALLS)
    return path
