"""The names of files found in a folder are plain strings in all results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sgformats.captures import read_captures
from sgformats.census import take_census
from sgformats.contract import CheckOptions, check_captures
from sgformats.errors import CaptureError
from tests.cli.clikit import run

LINE = b'{"url":"/api/bounces.get.json","status":200,"body":"[]"}\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a capture and a broken link."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "calls.jsonl").write_bytes(LINE)
    (tmp_path / "in" / "gone.jsonl").symlink_to("nowhere")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "in"


def test_an_exchange_and_an_error_name_their_file_as_plain_text(folder: Path) -> None:
    exchanges = read_captures(folder)
    assert type(next(exchanges).source.file) is str
    with pytest.raises(CaptureError) as caught:
        next(exchanges)
    assert type(caught.value.file) is str


def test_a_census_and_a_check_name_their_files_as_plain_text(folder: Path) -> None:
    census = take_census([folder])
    assert [type(figures.file) for figures in census.files] == [str, str]
    outcomes = list(check_captures([folder], CheckOptions()))
    assert {type(outcome.source.file) for outcome in outcomes} == {str}


def test_every_command_writes_the_names_of_a_folder_as_json(folder: Path) -> None:
    names = ["in/calls.jsonl", "in/gone.jsonl"]
    for workers in ("1", "2"):
        ended = run("census", "in", "--to", "json", "--workers", workers)
        assert (ended.code, [one["file"] for one in json.loads(ended.out)["files"]]) == (2, names)
        ended = run("check", "in", "--report", "json", "--workers", workers)
        assert ended.code == 2
        assert json.loads(ended.out)["summary"]["exchanges"] == 1
