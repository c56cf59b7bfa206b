"""Several processes find what one finds, in the same order, and count the same."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sgformats.captures import pieces
from sgformats.census import take_census
from sgformats.contract import CheckSummary, check_captures
from sgformats.contract.baseline import Baseline, entries_of, read_baseline, write_baseline
from sgformats.contract.run import CheckOptions
from sgformats.errors import CaptureError
from tests.captures.textlogkit import LIST, URL

GOOD = {"url": URL, "status": 200, "body": LIST}
BAD = {"url": URL, "status": 200, "body": '[{"email":"x"}]'}
OTHER = {"url": "https://shop.example/x", "status": 200, "body": "{}"}


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Captures of several kinds; one of them is cut into pieces."""
    lines = [json.dumps([GOOD, BAD, OTHER][n % 3]) for n in range(90)]
    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "a.jsonl").write_text("\n".join([*lines, "no JSON", ""]))
    (tmp_path / "captures" / "b.jsonl.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    (tmp_path / "captures" / "c.har").write_bytes(b'{"log":{"entries":[{"request"')
    (tmp_path / "captures" / "d.log").write_text(f"GET {URL}\n{BAD['body']}\n")
    (tmp_path / "captures" / "e").symlink_to("nowhere")
    (tmp_path / "captures" / "README.md").write_text("Read this")
    yield tmp_path / "captures"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a kilobyte."""
    monkeypatch.setattr(pieces.list_pieces, "__defaults__", (1024,))
    assert pieces.SPLIT > 1024


def check(folder: Any, workers: int, baseline: Baseline | None = None) -> tuple[Any, ...]:
    summary, options = CheckSummary(), CheckOptions(baseline=baseline)
    outcomes = list(check_captures(folder, options, summary, workers=workers))
    return outcomes, summary


def test_check_finds_the_same_with_any_number_of_workers(folder: Path) -> None:
    alone, figures = check([folder], 1)
    together, same = check([folder], 2)
    assert together == alone
    assert same == figures
    assert figures.files == 6
    assert figures.unread == 2
    assert [one.source.entry for one in together if one.source.file.endswith("a.jsonl")] == [
        *range(91)
    ]


def test_a_baseline_matches_with_any_number_of_workers(folder: Path, tmp_path: Path) -> None:
    outcomes, _ = check([folder], 1)
    entries = [entry for outcome in outcomes for entry in entries_of(outcome, tmp_path)]
    write_baseline(
        tmp_path / "known.json", [*entries[5:], msgspec.structs.replace(entries[0], path="[9]")]
    )
    baseline = read_baseline(tmp_path / "known.json")
    alone = check([folder], 1, baseline)
    assert check([folder], 2, baseline) == alone
    assert alone[1].known
    assert alone[1].errors
    assert alone[1].vanished


def test_a_census_has_the_same_counts_with_any_number_of_workers(folder: Path) -> None:
    sizes: list[int] = []
    alone = take_census([folder])
    assert take_census([folder], workers=2, tell=sizes.append) == alone
    assert sum(sizes) == sum(path.stat().st_size for path in folder.iterdir() if path.exists())


def test_streams_and_missing_files_keep_their_order(folder: Path) -> None:
    def sources() -> list[Any]:
        return [str(folder / "a.jsonl"), io.BytesIO(json.dumps(BAD).encode()), "nowhere", folder]

    assert check(sources(), 2) == check(sources(), 1)
    assert take_census(sources(), workers=2) == take_census(sources())


def test_a_large_capture_is_read_in_the_calling_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = check([folder], 1)
    monkeypatch.setattr(pieces, "_MAX_SHARED", 100)
    monkeypatch.setattr(pieces, "_MAX_COMPRESSED", 100)
    assert check([folder], 2) == alone


def broken(piece: object) -> object:
    raise CaptureError("x", "broken")


def test_a_fault_in_a_process_is_reported(folder: Path) -> None:
    def nothing(piece: object) -> Iterator[object]:
        return iter(())

    with pytest.raises(CaptureError, match="broken"):
        found = pieces.list_pieces([folder], None, None, 2)
        list(pieces.read_in_parallel(found, broken, nothing, 2, print))
