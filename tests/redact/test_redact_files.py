"""Files and folders are redacted as a whole, even if parts are damaged."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sgformats.captures import read_captures
from sgformats.errors import ArgumentError, CaptureError
from sgformats.redact import Anonymiser, Redaction, redact_capture
from tests.redact.redactkit import (
    CAPTURES,
    JSON,
    KEY,
    PACKERS,
    SECRETS,
    redacted,
    remaining,
)


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_compressed_capture_keeps_its_compression(suffix: str, tmp_path: Path) -> None:
    pack, unpack = PACKERS[suffix]
    source = tmp_path / f"calls.jsonl{suffix}"
    source.write_bytes(pack(CAPTURES["calls.jsonl"]))
    target = tmp_path / "out" / source.name
    assert redact_capture(source, target) == Redaction(1, 1, 4, 0)
    assert unpack(target.read_bytes()) == redacted(CAPTURES["calls.jsonl"])
    # A file without secrets is copied, not compressed again.
    clean = target.read_bytes()
    assert redact_capture(target, target) == Redaction(1, 0, 0, 0)
    assert target.read_bytes() == clean


def test_a_folder_is_redacted_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    for name in ("a/b/calls.jsonl", "client.log", ".hidden"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CAPTURES.get(path.name, b"api_key=hunter22"))
    folder.joinpath("clean.json").write_bytes(b"[]")
    assert redact_capture(folder, tmp_path / "out") == Redaction(3, 2, 5, 0)
    found = sorted(
        p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.*")
    )
    assert found == ["a/b/calls.jsonl", "clean.json", "client.log"]
    assert (tmp_path / "out/client.log").read_bytes() == redacted(CAPTURES["client.log"])
    assert redact_capture(folder, folder / "inside") == Redaction(3, 2, 5, 0)


def test_several_processes_write_the_same_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name, data in CAPTURES.items():
        (source / name).write_bytes(data)
    (source / "gone.log").symlink_to("nowhere")
    done = []
    for workers in (1, 2):
        with pytest.raises(CaptureError) as caught:
            redact_capture(source, tmp_path / str(workers), workers=workers)
        files = (tmp_path / str(workers)).iterdir()
        done.append((str(caught.value), sorted((file.name, file.read_bytes()) for file in files)))
    assert done[0] == done[1]


def test_a_file_that_cannot_be_read_does_not_stop_the_others(tmp_path: Path) -> None:
    tmp_path.joinpath("a.log").symlink_to(tmp_path / "nowhere")
    tmp_path.joinpath("b.log").write_bytes(b"api_key=hunter22")
    with pytest.raises(CaptureError, match="No such file"):
        redact_capture(tmp_path, tmp_path / "out")
    assert (tmp_path / "out" / "b.log").read_bytes() == b"api_key=***"


def test_one_anonymiser_gives_the_same_fakes_in_every_file(tmp_path: Path) -> None:
    fake = Anonymiser()
    for name in ("a.json", "b.json"):
        tmp_path.joinpath(name).write_bytes(JSON.encode())
    redact_capture(tmp_path, tmp_path, anonymise=fake)
    first, second = (tmp_path.joinpath(name).read_bytes() for name in ("a.json", "b.json"))
    assert first == second != JSON.encode()


def test_the_readable_part_of_a_damaged_capture_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "cut.jsonl.gz", tmp_path / "out.jsonl.gz"
    source.write_bytes(gzip.compress(CAPTURES["calls.jsonl"])[:-20])
    with pytest.raises(CaptureError, match="gzip"):
        redact_capture(source, target)
    written = gzip.decompress(target.read_bytes())
    assert written.count(b"\n") in (2, 3, 4)
    assert remaining(written, SECRETS) == []


def test_a_file_that_cannot_be_read_or_written_is_a_capture_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="No such file"):
        redact_capture(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    tmp_path.joinpath("x.json").write_bytes(b"[]")
    tmp_path.joinpath("folder").mkdir()
    with pytest.raises(CaptureError, match="cannot write it: Is a directory"):
        redact_capture(tmp_path / "x.json", tmp_path / "folder")
    with pytest.raises(CaptureError, match="cannot write it: "):
        redact_capture(tmp_path / "x.json", tmp_path / "x.json" / "y")
    with pytest.raises(CaptureError, match=r"cannot write it: expected a path without U\+0000"):
        redact_capture(tmp_path / "x.json", "a\0b")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "x.json"]


def test_an_unknown_kind_is_an_argument_error(tmp_path: Path) -> None:
    tmp_path.joinpath("x.json").write_bytes(b"[]")
    with pytest.raises(ArgumentError, match='found "csv"'):
        redact_capture(tmp_path / "x.json", tmp_path / "y.json", kind="csv")
    assert not (tmp_path / "y.json").exists()


def test_the_kind_can_be_given(tmp_path: Path) -> None:
    text = b"Cookie:\n- a=b\n- c=d\n"
    assert redacted(text, kind="vcr") == b"Cookie:\n- a=***\n- c=***\n"
    assert KEY not in redacted(CAPTURES["browser.har"], kind="har").decode()


def test_a_capture_can_be_redacted_in_place(tmp_path: Path) -> None:
    path = tmp_path / "calls.jsonl"
    path.write_bytes(CAPTURES["calls.jsonl"])
    redact_capture(path, path)
    assert [exchange.status for exchange in read_captures(path)] == [200, 200, 200, 200]


def test_nothing_outside_the_output_folder_is_written(tmp_path: Path) -> None:
    """Links come with a cloned repository or an unpacked archive."""
    captures, outside = tmp_path / "captures", tmp_path / "outside"
    outside.mkdir()
    (captures / "sub").mkdir(parents=True)
    log = b'{"url":"http://h/api/bounces.get.json?api_user=u&api_key=hunter2hunter2","body":"[]"}\n'
    for name in ("a.jsonl", "b.jsonl"):
        (outside / name).write_bytes(log)
    (captures / "a.jsonl").symlink_to("../outside/a.jsonl")
    (captures / "sub" / "b.jsonl").write_bytes(log)
    redact_capture(captures, captures)
    assert not (captures / "a.jsonl").is_symlink()
    assert (captures / "a.jsonl").read_bytes() == log.replace(b"hunter2hunter2", b"***").replace(
        b"=u&", b"=***&"
    )
    made = tmp_path / "made"
    made.mkdir()
    (made / "sub").symlink_to("../outside")
    with pytest.raises(CaptureError) as caught:
        redact_capture(captures, made)
    assert str(caught.value) == (
        f"{made}/sub/b.jsonl: cannot write it: a link leads out of the output folder"
    )
    assert (made / "a.jsonl").is_file()
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == {
        "a.jsonl": log,
        "b.jsonl": log,
    }
