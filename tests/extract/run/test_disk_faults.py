"""Full disks, and files that change between or during runs."""

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
    arguments_for,
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
def test_a_part_that_exceeds_the_file_size_limit_fails(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    """The limit has the same effect as a full disk."""
    out = tmp_path / "out.jsonl"
    arguments = arguments_for(log, out, workers)
    process = start(stop_at=3, **arguments)
    assert stopped(process)
    kill(process)
    kept = len(parts_of(out))
    printed = end(start(file_size_limit(20_000), **arguments))
    text = re.sub("[0-9]+", "N", printed["text"].removeprefix(str(out)).replace(str(log), "LOG"))
    # Either the next part or OUT is too large first.
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
def test_an_output_that_exceeds_the_file_size_limit_fails(
    name: str, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / name
    arguments = arguments_for(log, out, 1)
    printed = end(
        start(file_size_limit(50_000), rejects=str(tmp_path / f"{name}.rejects.jsonl"), **arguments)
    )
    assert re.fullmatch(
        f"{re.escape(str(tmp_path))}/{name}(.rejects.jsonl)?: cannot be written: (.*: )?"
        f"File too large; finished parts are kept in {re.escape(str(tmp_path))}/.{name}.parts: "
        "run the same command again to resume",
        printed["text"],
    )
    assert os.listdir(tmp_path) == [f".{name}.parts"]
    kept = len(parts_of(out))
    assert kept > 0
    done = extract(**arguments)
    assert done.reused == kept
    assert not list(strays(tmp_path))
    if name != "out.duckdb":
        same(out, undisturbed)


def file_size_limit(size: int) -> str:
    """Code that limits the size of files."""
    return f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"


def test_a_full_device_is_reported(log: Path, tmp_path: Path) -> None:
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
def test_a_run_on_a_full_disk_can_be_resumed(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
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
def test_missing_and_shrunken_files_are_reported_after_all_others_are_read(
    workers: int, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(12):
        write_log(logs / f"{number:02}.jsonl", 60, seed=number)
    out = tmp_path / "out.jsonl"
    if workers > 1:  # With several workers, the order of reading is not known.
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
def test_changed_files_and_options_prevent_reuse(log: Path, tmp_path: Path) -> None:
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
    # Parts are not reused with other options, or for the same name in another folder.
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
def test_damaged_parts_are_not_reused(log: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    arguments = arguments_for(log, out, 1)
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
