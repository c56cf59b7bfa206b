"""Logs for several test files, and the output of an undisturbed run."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgformats.extract import extract
from tests.extract.runkit import SPLIT, write_log
from tests.extract.sinkkit import REASON, call


@pytest.fixture(scope="session")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("logs") / "calls.jsonl", 2000)


@pytest.fixture(scope="session")
def undisturbed(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the output of an undisturbed run."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("out.jsonl", "out.csv", "out.arrow", "out.parquet"):
        extract(log, folder / name, workers=1, split=SPLIT)
    return folder


@pytest.fixture
def small_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text(
        call(
            [
                {
                    "email": "x@y",
                    "reason": REASON,
                    "status": "5.1.1",
                    "created": "2009-06-10 12:40:30",
                },
                {"email": "", "reason": "=1+1", "status": ""},
            ]
        )
        + "-- MARK --\n"
    )
