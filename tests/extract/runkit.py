"""Extractions in processes that can be killed, and a log to read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

SPLIT = 20_000
_HTML = "<html><head><title>502</title></head><body>Bad Gateway</body></html>"
_CODE = """
import json, os, signal, sys
from sgformats.errors import SgformatsError
from sgformats.extract import extract
{before}
stop_at = {stop_at}
def tell(progress):
    global stop_at
    if stop_at and progress.parts >= stop_at:
        stop_at = 0
        os.kill(os.getpid(), signal.SIGSTOP)
try:
    done = extract(**json.loads(sys.argv[1]), tell=tell)
except SgformatsError as error:
    print(json.dumps({{"error": type(error).__name__, "text": str(error)}}))
else:
    print(json.dumps({{"parts": done.parts, "reused": done.reused, "records": done.counts.records}}))
"""


def write_log(path: Path, lines: int, *, seed: int = 1) -> Path:
    """Write JSON lines of calls with whole, truncated and invalid answers, in XML and JSON."""
    chance = Random(seed)
    path.write_text("".join(f"{_line(chance, number)}\n" for number in range(lines)))
    return path


def _line(chance: Random, number: int) -> str:
    fate = chance.random()
    if fate < 0.05:
        return f"-- MARK {number} --"
    names = [f"{chance.randrange(10**6)}@example{number}.com" for _ in range(chance.randrange(8))]
    form = chance.choice(("xml", "json"))
    if form == "json":
        rows = [
            {"email": name, "reason": "a, b", "created": "2011-03-01 10:00:00"} for name in names
        ]
        body = json.dumps(rows)
    else:
        rows_ = "".join(
            f"<invalidemail><email>{name}</email><reason>é</reason>"
            "<created>2011-03-01 10:00:00</created></invalidemail>"
            for name in names
        )
        body = f"<invalidemails>{rows_}</invalidemails>"
    if fate < 0.1:
        body = body[: len(body) // 2]
    elif fate < 0.15:
        body = _HTML
    url = f"https://sendgrid.com/api/invalidemails.get.{form}?api_user=me&api_key=s3cret-passw0rd&date=1"
    return json.dumps({"url": url, "status": 200, "body": body})


def arguments_for(log: Path, out: Path, workers: int) -> dict[str, Any]:
    """The arguments of an extraction in many parts."""
    return {"paths": str(log), "out": str(out), "workers": workers, "split": SPLIT}


# Stops the process before its n-th change to a file in the folder.
_STOPPING_AT_STEP = """
left = {step}
def hook(event, args):
    global left
    events = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate")
    is_ours = any({folder!r} in str(arg) for arg in args[:2])
    if is_ours and (event in events or event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR)):
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGSTOP)
sys.addaudithook(hook)
"""

# The first worker that begins a second part dies.
_WORKER_DIES = """
from sgformats.workers import pool
pool._MAIN = '''
import os, signal, sys
left = 3
def hook(event, args):
    global left
    if event == "open" and str(args[0]).endswith(".tmp"):
        left -= 1
        if not left:
            try:
                os.mkdir({marker!r})
            except FileExistsError:
                return
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
''' + pool._MAIN
"""

# No worker returns a result before all workers have started.
_ALL_WORKERS = """
import threading
from sgformats.workers import pool
begin, barrier, begun = pool._Process._started, threading.Barrier({workers}), set()
def started(self, task):
    process = begin(self, task)
    if self not in begun:
        begun.add(self)
        barrier.wait()
    return process
pool._Process._started = started
"""


def stopping_at_step(step: int, folder: Path) -> str:
    """Code that stops the process at a step, which is a change to a file in the folder."""
    return _STOPPING_AT_STEP.format(step=step, folder=str(folder))


def with_all_workers(workers: int) -> str:
    """Code that starts all workers before the first part is finished."""
    return _ALL_WORKERS.format(workers=workers)


def with_a_worker_that_dies(marker: Path) -> str:
    """Code by which one worker kills itself in the middle of a part."""
    return _WORKER_DIES.format(marker=str(marker))


def start(before: str = "", stop_at: int = 0, **arguments: Any) -> subprocess.Popen[bytes]:
    """Start a process that runs the code `before`, extracts, and prints the result.

    It stops itself with SIGSTOP when `stop_at` parts are finished: `stopped` waits for this.
    """
    return subprocess.Popen(
        [sys.executable, "-c", _CODE.format(before=before, stop_at=stop_at), json.dumps(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Background jobs of a shell ignore Ctrl-C, and so do their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def end(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Wait for a successful extraction, and return what it printed."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    printed: dict[str, Any] = json.loads(out)
    return printed


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, and check that its children end."""
    others = children(process.pid)
    process.kill()
    process.communicate(timeout=30)  # The children have the pipes open too.
    until = time.monotonic() + 30
    while any(map(lives, others)):
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.001)


def children(pid: int) -> list[int]:
    """The child processes of a process."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return [
            int(child)
            for task in tasks
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):  # It has ended.
        return []


def lives(pid: int) -> bool:
    """Whether a process exists and is not a zombie."""
    try:
        return _state(pid) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def parts_of(out: Path) -> list[str]:
    """The finished parts of an output file."""
    folder = out.with_name(f".{out.name}.parts")
    return sorted(path.name for path in folder.glob("*.done"))


def stopped(process: subprocess.Popen[bytes]) -> bool:
    """Wait until a process stops itself or ends; whether it has stopped."""
    found = os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    return found is not None and found.si_code == os.CLD_STOPPED


def strays(folder: Path) -> Iterator[str]:
    """The hidden files in a folder."""
    return (path.name for path in folder.iterdir() if path.name.startswith("."))


def same(out: Path, undisturbed: Path) -> None:
    """OUT and its rejects equal those of the undisturbed run, and no other file is there."""
    rejects = f"{out.name}.rejects.jsonl"
    assert out.read_bytes() == (undisturbed / out.name).read_bytes()
    assert out.with_name(rejects).read_bytes() == (undisturbed / rejects).read_bytes()
    assert sorted(os.listdir(out.parent)) == [out.name, rejects]
