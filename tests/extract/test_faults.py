"""Extraction in spite of everything: killed, out of room, with files that change under it.

docs/design.md, promise 6: "also after `kill -9` and a resume".

Whatever happens, OUT is as it was or complete, and the next run ends with the bytes of one that was
never disturbed: not a record lost, none doubled, nothing left behind.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from sgformats.errors import ExtractError
from sgformats.extract import Options, Progress, extract
from sgformats.extract.shards import find_shards
from tests.extract.runkit import (
    SPLIT,
    asked,
    children,
    end,
    kill,
    kill_at_work,
    lives,
    parts_of,
    start,
    strays,
    wait_for_parts,
    write_log,
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("logs") / "calls.jsonl", 2000)


@pytest.fixture(scope="module")
def undisturbed(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a run gives that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("out.jsonl", "out.csv", "out.arrow", "out.parquet"):
        extract(log, folder / name, workers=1, split=SPLIT)
    return folder


def same(out: Path, undisturbed: Path) -> None:
    """OUT and its rejects are those of the undisturbed run, and there is nothing else."""
    rejects = f"{out.name}.rejects.jsonl"
    assert out.read_bytes() == (undisturbed / out.name).read_bytes()
    assert out.with_name(rejects).read_bytes() == (undisturbed / rejects).read_bytes()
    assert sorted(os.listdir(out.parent)) == [out.name, rejects]


@pytest.mark.parametrize(("workers", "name"), [(1, "out.jsonl"), (2, "out.parquet")])
def test_killed_again_and_again_it_comes_to_the_same_end(
    workers: int, name: str, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / name
    arguments = asked(log, out, workers)
    kills = 0
    for number in range(1, 1000, 12):
        process = start(**arguments)
        if not wait_for_parts(process, out, number):
            break
        kill(process)
        kills += 1
        assert not out.exists()
        assert len(parts_of(out)) >= number
        assert list(strays(tmp_path)) == [f".{name}.parts"]
    assert kills > 3
    done = end(process)
    assert done["reused"] >= 12 * (kills - 1) + 1
    same(out, undisturbed)


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_at_any_moment_it_comes_to_the_same_end(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    arguments = asked(log, out, workers)
    chance = Random(workers)
    for _ in range(12):
        process = start(**arguments)
        time.sleep(chance.uniform(0.1, 0.9))
        kill(process)
        assert out.exists() or not out.with_name("out.csv.rejects.jsonl").exists() or parts_of(out)
    end(start(**arguments))
    same(out, undisturbed)


# Forks of one process, which has imported everything: each is killed by itself one step later, where
# a step is anything that it does to a file but to read it.
_STEPS = """
import os, signal, sys
from pathlib import Path
from typing import Any
from sgformats.extract import extract
log, folder, name = sys.argv[1:]
out = Path(folder, name)
events = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
writing = os.O_WRONLY | os.O_RDWR

def is_step(event, args):
    mine = any(folder in str(arg) for arg in args[:2])
    return mine and (event in events or event == "open" and args[2] & writing)

def run(last):
    pid = os.fork()
    if not pid:
        left = [last]
        def hook(event, args):
            if is_step(event, args):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
        sys.addaudithook(hook)
        try:
            extract(log, out, workers=1, split={split})
        finally:
            os._exit(0)
    return os.waitpid(pid, 0)[1]

def result():
    return {{path.name: path.read_bytes() for path in Path(folder).iterdir() if path.is_file()}}

extract(log, out, workers=1, split={split})
expected = result()
steps = 0
while True:
    steps += 1
    for path in Path(folder).iterdir():
        path.unlink()
    status = run(steps)
    if status == 0:
        break
    assert status == signal.SIGKILL, status
    before = result()
    assert set(before) <= set(expected), before
    assert all(before[name] == expected[name] for name in before)
    assert name not in before or len(before) == len(expected), before
    assert run(0) == 0
    assert result() == expected, steps
    assert not [path for path in Path(folder).iterdir() if path.name.startswith(".")]
assert result() == expected
print(steps)
"""


@pytest.mark.parametrize("name", ["out.jsonl", "out.arrow"])
def test_killed_at_each_of_its_steps_it_comes_to_the_same_end(name: str, tmp_path: Path) -> None:
    log = write_log(tmp_path / "calls.jsonl", 24)
    folder = tmp_path / "out"
    folder.mkdir()
    code = _STEPS.format(split=2_000)
    done = subprocess.run(
        [sys.executable, "-c", code, str(log), str(folder), name],
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert int(done.stdout) > 60


@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_is_done_and_leaves_no_process(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, workers)
    process = start(**arguments)
    assert wait_for_parts(process, out, 3)
    others = children(process.pid)
    assert len(others) == (workers if workers > 1 else 0)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err.splitlines()[-1]) == (-signal.SIGINT, b"KeyboardInterrupt")
    assert not any(map(lives, others))
    kept = parts_of(out)
    assert len(kept) >= 3
    assert os.listdir(tmp_path) == [".out.jsonl.parts"]
    folder = tmp_path / ".out.jsonl.parts"
    assert [path.name for path in folder.iterdir() if ".tmp" in path.name] == []
    assert end(start(**arguments))["reused"] == len(kept)
    same(out, undisturbed)


def test_a_worker_that_is_killed_is_told_of_by_what_it_read(
    log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, 2)
    process = start(**arguments)
    assert wait_for_parts(process, out, 2)
    kill_at_work(children(process.pid)[0], out)
    told = end(process)
    assert told["error"] == "ExtractError"
    names = {str(shard): shard.number for shard in find_shards([log], Options(), split=SPLIT)}
    subject, _, text = told["text"].partition(": ")
    assert text == (
        "the process that read it ended with SIGKILL; what is done is kept in "
        f"{tmp_path}/.out.jsonl.parts: run the same command again to go on"
    )
    # All else was done, by another one.
    lost = f"{names.pop(subject):08}.done"
    kept = parts_of(out)
    assert kept == [f"{number:08}.done" for number in sorted(names.values())]
    assert lost not in kept
    done = end(start(**arguments))
    assert (done["parts"], done["reused"]) == (len(kept) + 1, len(kept))
    same(out, undisturbed)


def test_workers_that_cannot_live_end_the_run(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    before = "from sgformats.extract import pool; pool._BEGIN = 'import os; os._exit(7)'"
    told = end(start(before, paths=str(log), out=str(out), workers=2, split=SPLIT))
    # Whichever of them is the first.
    text = re.sub("bytes [0-9]+ to [0-9]+", "bytes", told["text"])
    assert text == (
        f"{log}, bytes: the process that read it ended with exit code 7 (and 2 more); "
        "run the same command again when that is mended"
    )
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_no_room_for_a_part(workers: int, log: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Files have a size that they cannot grow beyond, as on a disk that is full."""
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, workers)
    process = start(**arguments)
    assert wait_for_parts(process, out, 3)
    kill(process)
    kept = len(parts_of(out))
    told = end(start(no_more_than(20_000), **arguments))
    text = re.sub("[0-9]+", "N", told["text"].removeprefix(str(out)).replace(str(log), "LOG"))
    # Whichever is too large first: the next part, or OUT with those that are kept.
    assert text.replace(" at part N of it (LOG, bytes N to N)", "") == (
        ": cannot be written: File too large; "
        + re.sub("[0-9]+", "N", f"what is done is kept in {tmp_path}/.out.jsonl.parts: ")
        + "run the same command again to go on"
    )
    assert os.listdir(tmp_path) == [".out.jsonl.parts"]
    kept = len(parts_of(out))
    assert end(start(**arguments))["reused"] == kept >= 3
    same(out, undisturbed)


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.arrow", "out.parquet", "out.duckdb"])
def test_no_room_for_all_parts(name: str, log: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / name
    arguments = asked(log, out, 1)
    told = end(
        start(no_more_than(50_000), rejects=str(tmp_path / f"{name}.rejects.jsonl"), **arguments)
    )
    assert re.fullmatch(
        f"{re.escape(str(tmp_path))}/{name}(.rejects.jsonl)?: cannot be written: (.*: )?"
        f"File too large; what is done is kept in {re.escape(str(tmp_path))}/.{name}.parts: "
        "run the same command again to go on",
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
        "run the same command again when that is mended"
    )
    with pytest.raises(ExtractError) as caught:
        extract(log, tmp_path / "out.csv", rejects="/dev/full", workers=1)
    assert str(caught.value) == (
        "/dev/full: cannot be written: No space left on device; "
        f"what is done is kept in {tmp_path}/.out.csv.parts: run the same command again to go on"
    )
    assert os.listdir(tmp_path) == [".out.csv.parts"]


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
        assert caught.value.advice.startswith("what is done is kept in ")
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
    with pytest.raises(ExtractError) as caught:
        extract(logs, out, workers=workers, split=30_000, tell=spoil)
    assert str(caught.value) == (
        f"{logs}/05.jsonl: "
        + (
            f"expected the {size} bytes of before, found 100 changed ones (and 1 more)"
            if workers == 1
            else "cannot be read: No such file or directory"
        )
        + f"; what is done is kept in {tmp_path}/.out.jsonl.parts: run the same command again to go on"
    )
    assert sorted(os.listdir(tmp_path)) == [".out.jsonl.parts", "logs"]
    assert len(parts_of(out)) == (10 if workers == 1 else 11)
    (logs / "05.jsonl").unlink()
    extract(logs, out, workers=workers, split=30_000)
    extract(logs, tmp_path / "new.jsonl", workers=1)
    assert out.read_bytes() == (tmp_path / "new.jsonl").read_bytes()


def test_what_changes_between_two_runs_is_read_again(log: Path, tmp_path: Path) -> None:
    own = tmp_path / "calls.jsonl"
    shutil.copyfile(log, own)
    out = tmp_path / "out.jsonl"
    arguments: dict[str, Any] = {"paths": str(own), "out": str(out), "workers": 1, "split": SPLIT}

    def killed_after(parts: int) -> int:
        process = start(**arguments)
        assert wait_for_parts(process, out, parts)
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


def test_parts_that_were_tampered_with_are_made_again(
    log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = asked(log, out, 1)
    process = start(**arguments)
    assert wait_for_parts(process, out, 6)
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


def test_two_runs_to_one_file_do_not_meet(log: Path, undisturbed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    (tmp_path / "link.jsonl").symlink_to(out)
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDING, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        for name in ("out.jsonl", "link.jsonl"):
            with pytest.raises(ExtractError) as caught:
                extract(log, tmp_path / name, workers=1)
            assert str(caught.value) == (
                f"{tmp_path}/{name}: another run is writing it; wait for that one to end"
            )
        other.communicate()
    (tmp_path / "link.jsonl").unlink()
    extract(log, out, workers=1, split=SPLIT)
    same(out, undisturbed)


_HOLDING = """
import sys
from sgformats.extract.folder import parts_folder
with parts_folder(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


# What a run that was killed may leave for a moment: a process that has its lock.
_LEFT = """
import os, subprocess, sys
from sgformats.extract.folder import parts_folder
with parts_folder(sys.argv[1]) as folder:
    code = "import sys; print(flush=True); sys.stdin.read()"
    subprocess.Popen([sys.executable, "-c", code], pass_fds=(folder.lock,))
    os._exit(0)
"""


def test_the_next_run_waits_for_what_is_left_of_one_that_was_killed(
    log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    with subprocess.Popen(
        [sys.executable, "-c", _LEFT, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        other.stdout.readline()
        other.wait()
        threading.Timer(0.5, other.stdin.close).start()
        extract(log, out, workers=1, split=SPLIT)
        assert other.stdin.closed
    same(out, undisturbed)
