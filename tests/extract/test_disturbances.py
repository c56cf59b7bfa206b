"""Extraction onto a full disk, and from files that change meanwhile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sgformats.errors import ExtractError
from sgformats.extract import Options, Progress, extract
from tests.extract.runkit import (
    SPLIT,
    asked,
    end,
    kill,
    parts_of,
    same,
    start,
    stopped,
    strays,
    write_log,
)


@pytest.mark.thorough
@pytest.mark.parametrize("workers", [1, 2])
def test_no_room_for_a_part(workers: int, log: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Files have a size that they cannot grow beyond, as on a disk that is full."""
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, workers)
    process = start(stop_at=3, **arguments)
    assert stopped(process)
    kill(process)
    kept = len(parts_of(out))
    told = end(start(no_more_than(20_000), **arguments))
    text = re.sub("[0-9]+", "N", told["text"].removeprefix(str(out)).replace(str(log), "LOG"))
    # Whichever is too large first: the next part, or OUT with those that are kept.
    assert text.replace(" at part N of it (LOG, bytes N to N)", "") == (
        ": cannot be written: File too large; "
        + re.sub("[0-9]+", "N", f"finished parts are kept in {tmp_path}/.out.jsonl.parts: ")
        + "run the same command again to resume"
    )
    assert os.listdir(tmp_path) == [".out.jsonl.parts"]
    kept = len(parts_of(out))
    assert end(start(**arguments))["reused"] == kept >= 3
    same(out, undisturbed)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.arrow", "out.parquet", "out.duckdb"])
def test_no_room_for_all_parts(name: str, log: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    arguments = asked(log, out, 1)
    told = end(
        start(no_more_than(50_000), rejects=str(tmp_path / f"{name}.rejects.jsonl"), **arguments)
    )
    assert re.fullmatch(
        f"{re.escape(str(tmp_path))}/{name}(.rejects.jsonl)?: cannot be written: (.*: )?"
        f"File too large; finished parts are kept in {re.escape(str(tmp_path))}/.{name}.parts: "
        "run the same command again to resume",
        told["text"],
    )
    assert os.listdir(tmp_path) == [f".{name}.parts"]
    kept = len(parts_of(out))
    assert kept > 0
    done = extract(**arguments)
    assert done.reused == kept
    assert not list(strays(tmp_path))
    if name != "out.duckdb":
        same(out, undisturbed)


def no_more_than(size: int) -> str:
    """Code that lets no file grow beyond a size."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


def test_a_device_that_is_full(log: Path, tmp_path: Path) -> None:
    with pytest.raises(ExtractError) as caught:
        extract(log, "/dev/full", to="csv", workers=1)
    assert str(caught.value) == (
        "/dev/full: cannot be written: No space left on device; "
        "run the same command again once this is fixed"
    )
    with pytest.raises(ExtractError) as caught:
        extract(log, tmp_path / "out.csv", rejects="/dev/full", workers=1)
    assert str(caught.value) == (
        "/dev/full: cannot be written: No space left on device; "
        f"finished parts are kept in {tmp_path}/.out.csv.parts: run the same command again to resume"
    )
    assert os.listdir(tmp_path) == [".out.csv.parts"]


@pytest.mark.thorough
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a small file system")
@pytest.mark.parametrize("workers", [1, 2])
def test_a_disk_that_is_full(workers: int, log: Path, undisturbed: Path, tmp_path: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "small", tmp_path], check=True)
    try:
        out = tmp_path / "out.jsonl"
        with pytest.raises(ExtractError) as caught:
            extract(log, out, workers=workers, split=SPLIT)
        assert caught.value.subject in (str(out), f"{out}.rejects.jsonl")
        assert caught.value.reason.startswith("cannot be written")
        assert caught.value.reason.endswith("No space left on device")
        assert caught.value.advice.startswith("finished parts are kept in ")
        assert os.listdir(tmp_path) == [".out.jsonl.parts"]
        kept = len(parts_of(out))
        assert kept > 0
        subprocess.run(["mount", "-o", "remount,size=9m", tmp_path], check=True)
        assert extract(log, out, workers=workers, split=SPLIT).reused == kept
        same(out, undisturbed)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize("workers", [1, 2])
def test_what_is_not_there_or_shrinks_is_told_of_when_all_else_is_done(
    workers: int, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(12):
        write_log(logs / f"{number:02}.jsonl", 60, seed=number)
    out = tmp_path / "out.jsonl"
    if workers > 1:  # Of several nobody knows when they read what.
        (logs / "05.jsonl").unlink()
        (logs / "05.jsonl").symlink_to("nowhere")

    def spoil(progress: Progress) -> None:
        if progress.parts == 5 and workers == 1:
            os.truncate(logs / "05.jsonl", 100)
            (logs / "11.jsonl").unlink()

    size = 0 if workers > 1 else (logs / "05.jsonl").stat().st_size
    options = Options(strict_files=True)
    with pytest.raises(ExtractError) as caught:
        extract(logs, out, workers=workers, split=30_000, tell=spoil, options=options)
    assert str(caught.value) == (
        f"{logs}/05.jsonl: "
        + (
            f"the file changed during the run: {size} bytes before, 100 now (and 1 more)"
            if workers == 1
            else "cannot be read: No such file or directory"
        )
        + f"; finished parts are kept in {tmp_path}/.out.jsonl.parts: run the same command again to resume"
    )
    assert sorted(os.listdir(tmp_path)) == [".out.jsonl.parts", "logs"]
    assert len(parts_of(out)) == (10 if workers == 1 else 11)
    (logs / "05.jsonl").unlink()
    extract(logs, out, workers=workers, split=30_000, options=options)
    extract(logs, tmp_path / "new.jsonl", workers=1)
    assert out.read_bytes() == (tmp_path / "new.jsonl").read_bytes()


@pytest.mark.thorough
def test_what_changes_between_two_runs_is_read_again(log: Path, tmp_path: Path) -> None:
    own = tmp_path / "calls.jsonl"
    shutil.copyfile(log, own)
    out = tmp_path / "out.jsonl"
    arguments: dict[str, Any] = {"paths": str(own), "out": str(out), "workers": 1, "split": SPLIT}

    def killed_after(parts: int) -> int:
        process = start(stop_at=parts, **arguments)
        assert stopped(process)
        kill(process)
        return len(parts_of(out))

    killed_after(5)
    text = own.read_bytes()
    own.write_bytes(text.replace(b"@example3.", b"@example4."))
    assert killed_after(8) >= 8
    # Other options are other work, and so is another place for the same name.
    for options in (Options(zone="UTC"), Options(clip=1)):
        assert extract(own, tmp_path / "other.jsonl", options=options, workers=1).reused == 0
        done = extract(own, out, options=options, workers=1, split=SPLIT)
        assert done.reused == 0
        killed_after(4)
    own.write_bytes(text[: len(text) // 2])
    assert extract(own, out, workers=1, split=SPLIT).reused == 0
    extract(own, tmp_path / "new.jsonl", workers=1)
    assert out.read_bytes() == (tmp_path / "new.jsonl").read_bytes()


@pytest.mark.thorough
def test_parts_that_were_tampered_with_are_made_again(
    log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, 1)
    process = start(stop_at=6, **arguments)
    assert stopped(process)
    kill(process)
    kept = len(parts_of(out))
    folder = tmp_path / ".out.jsonl.parts"
    (folder / "00000000.done").write_text("{")
    (folder / "00000001.records").write_text("")
    (folder / "00000002.rejects").unlink()
    (folder / "00000003.done").unlink()
    (folder / "00000004.records.1234.tmp").write_text("{}")
    assert extract(**arguments).reused == kept - 4
    same(out, undisturbed)
