"""Killed runs and dead workers.

docs/design.md, promise 6: "also after `kill -9` and a resume".

OUT is always unchanged or complete, and the next run gives the same bytes as an undisturbed one: no
record is lost or duplicated, and no file is left behind.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from sgformats.errors import ExtractError
from sgformats.extract import Options, extract
from sgformats.extract.read.shards import find_shards
from tests.extract.runkit import (
    SPLIT,
    arguments_for,
    children,
    end,
    kill,
    lives,
    parts_of,
    same,
    start,
    stopped,
    stopping_at_step,
    strays,
    with_a_worker_that_dies,
    with_all_workers,
    write_log,
)


@pytest.mark.thorough
@pytest.mark.parametrize(("workers", "name"), [(1, "out.jsonl"), (2, "out.parquet")])
def test_a_run_that_is_killed_repeatedly_gives_the_same_output(
    workers: int, name: str, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / name
    arguments = arguments_for(log, out, workers)
    kills = 0
    for number in range(1, 1000, 12):
        process = start(stop_at=number, **arguments)
        if not stopped(process):
            break
        kill(process)
        kills += 1
        assert not out.exists()
        assert len(parts_of(out)) >= number
        assert list(strays(tmp_path)) == [f".{name}.parts"]
    done = end(process)
    assert kills == len(range(1, done["parts"] + 1, 12)) > 3
    assert done["reused"] >= 12 * (kills - 1) + 1
    same(out, undisturbed)


@pytest.mark.thorough
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_is_killed_at_random_steps_gives_the_same_output(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    arguments = arguments_for(log, out, workers)
    chance = Random(workers)
    kills = 0
    for _ in range(12):
        process = start(stopping_at_step(chance.randrange(1, 40), tmp_path), **arguments)
        if not stopped(process):
            end(process)
            continue
        kill(process)
        kills += 1
        assert out.exists() or not out.with_name("out.csv.rejects.jsonl").exists() or parts_of(out)
    assert kills > 3
    end(start(**arguments))
    same(out, undisturbed)


# Forks of one process that has imported everything. Each kills itself one step later than the one
# before; a step is any change to a file.
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
    # A name without a folder belongs to an open folder, which only the run has.
    is_ours = any(folder in str(arg) for arg in args[:2]) or os.path.basename(str(args[0])) == args[0]
    return is_ours and (event in events or event == "open" and args[2] & writing)

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


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["out.jsonl", "out.arrow"])
def test_a_run_that_is_killed_at_each_step_gives_the_same_output(name: str, tmp_path: Path) -> None:
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


@pytest.mark.thorough
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_finished_parts_and_leaves_no_process(
    workers: int, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = arguments_for(log, out, workers)
    process = start(with_all_workers(workers), stop_at=3, **arguments)
    assert stopped(process)
    others = children(process.pid)
    assert len(others) == (workers if workers > 1 else 0)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGCONT)
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


@pytest.mark.thorough
def test_a_killed_worker_is_reported_with_its_shard(
    log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    arguments = arguments_for(log, out, 2)
    printed = end(start(with_a_worker_that_dies(Path(f"{tmp_path}.died")), **arguments))
    assert printed["error"] == "ExtractError"
    names = {str(shard): shard.number for shard in find_shards([log], Options(), split=SPLIT)}
    subject, _, text = printed["text"].partition(": ")
    assert text == (
        "the process that read it ended with SIGKILL; finished parts are kept in "
        f"{tmp_path}/.out.jsonl.parts: run the same command again to resume"
    )
    # Another worker finished all other shards.
    lost = f"{names.pop(subject):08}.done"
    kept = parts_of(out)
    assert kept == [f"{number:08}.done" for number in sorted(names.values())]
    assert lost not in kept
    done = end(start(**arguments))
    assert (done["parts"], done["reused"]) == (len(kept) + 1, len(kept))
    same(out, undisturbed)


@pytest.mark.thorough
def test_workers_that_cannot_start_end_the_run(log: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    before = "from sgformats.workers import pool; pool._MAIN = 'import os; os._exit(7)'"
    printed = end(start(before, paths=str(log), out=str(out), workers=2, split=SPLIT))
    # Any of the shards can be the first.
    text = re.sub("bytes [0-9]+ to [0-9]+", "bytes", printed["text"])
    assert text == (
        f"{log}, bytes: the process that read it ended with exit code 7 (and 2 more); "
        "run the same command again once this is fixed"
    )
    assert os.listdir(tmp_path) == []


def test_two_runs_cannot_write_the_same_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    log = write_log(tmp_path / "log.jsonl", 40)
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
                f"{tmp_path}/{name}: another run is writing it; wait until it ends"
            )
        other.communicate()
    assert not out.exists()
    assert extract(log, out, workers=1).counts.exchanges == 40


_HOLDING = """
import sys
from sgformats.extract.run.partsfolder import use_folder

def hold(folder):
    print("held", flush=True)
    sys.stdin.read()

use_folder(sys.argv[1], hold)
"""
# A killed run may leave a process that holds its lock for a moment.
_LEFT = """
import os, subprocess, sys
from sgformats.extract.run.partsfolder import use_folder

def leave(folder):
    code = "import sys; print(flush=True); sys.stdin.read()"
    subprocess.Popen([sys.executable, "-c", code], pass_fds=(folder.lock,))
    os._exit(0)

use_folder(sys.argv[1], leave)
"""


@pytest.mark.thorough
def test_the_next_run_waits_for_the_processes_of_a_killed_run(
    log: Path, undisturbed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    sleep = time.sleep
    with subprocess.Popen(
        [sys.executable, "-c", _LEFT, str(out)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None and other.stdout is not None
        other.stdout.readline()
        other.wait()
        left = other.stdin

        def end_holder(seconds: float) -> None:
            left.close()
            sleep(seconds)

        monkeypatch.setattr("sgformats.extract.run.partsfolder.time.sleep", end_holder)
        extract(log, out, workers=1, split=SPLIT)
        assert other.stdin.closed
    same(out, undisturbed)
