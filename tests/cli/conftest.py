"""A folder of sample answers as the working directory of every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.clikit import SAMPLES


@pytest.fixture(autouse=True)
def answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "answers"
    folder.mkdir()
    for name, data in SAMPLES.items():
        (folder / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    return folder
