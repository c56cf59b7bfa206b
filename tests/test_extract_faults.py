"""Extraction in spite of everything: killed, out of room, with files that change under it.

Whatever happens, OUT is as it was or complete, and the next run ends with the bytes of one that was
never disturbed: not a record lost, none doubled, nothing left behind.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest
from runkit import (
    SPLIT,
    children,
    end,
    kill,
    lives,
    parts_of,
    start,
    strays,
    wait_for_parts,
    write_log,
)

from sgformats.errors import ExtractError
from sgformats.extract import Progress, extract


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("logs") / "calls.jsonl", 4000)


@pytest.fixture(scope="module")
def undisturbed(log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what a run gives that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    for name in ("out.jsonl", "out.csv", "out.parquet"):
        extract(log, folder / name, workers=1, split=SPLIT)
    return folder


def same(out: Path, undisturbed: Path) -> None:
    """OUT and its rejects are those of the undisturbed run, and there is nothing else."""
    rejects = f"{out.name}.rejects.jsonl"
    assert out.read_bytes() == (undisturbed / out.name).read_bytes()
    assert out.with_name(rejects).read_bytes() == (undisturbed / rejects).read_bytes()
    assert sorted(os.listdir(out.parent)) == [out.name, rejects]


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("name", ["out.jsonl", "out.parquet"])
def test_killed_again_and_again_it_comes_to_the_same_end(
    workers: int, name: str, log: Path, undisturbed: Path, tmp_path: Path
) -> None:
    out = tmp_path / name
    arguments = {"paths": str(log), "out": str(out), "workers": workers, "split": SPLIT}
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
    arguments = {"paths": str(log), "out": str(out), "workers": workers, "split": SPLIT}
    chance = Random(workers)
    for _ in range(12):
        process = start(**arguments)
        time.sleep(chance.uniform(0.1, 0.9))
        kill(process)
        assert out.exists() or not out.with_name("out.csv.rejects.jsonl").exists() or parts_of(out)
    end(start(**arguments))
    same(out, undisturbed)


# Forks of one process, which has imported everything: each is killed by itself one step later, where
# a step is anything that it does to a file.
_STEPS = """
import json, os, signal, sys, time
from pathlib import Path
from sgformats.extract import extract
log, folder, name, step = sys.argv[1:4] + [int(sys.argv[4])]
out = Path(folder, name)
events = ("open", "os.", "shutil.")

def run(last):
    pid = os.fork()
    if not pid:
        left = [last]
        def hook(event, args):
            if event.startswith(events) and any(str(folder) in str(arg) for arg in args):
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

assert run(0) == 0
expected = result()
steps, resumed = 0, 0
while True:
    steps += step
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
    log = write_log(tmp_path / "calls.jsonl", 60)
    folder = tmp_path / "out"
    folder.mkdir()
    code = _STEPS.format(split=5_000)
    done = subprocess.run(
        [sys.executable, "-c", code, str(log), str(folder), name, "1"],
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert int(done.stdout) > 60
