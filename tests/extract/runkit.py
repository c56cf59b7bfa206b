"""Extractions as processes that can be killed, and a log for them to read."""

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
import json, sys
from sgformats.errors import SgformatsError
from sgformats.extract import extract
{before}
try:
    done = extract(**json.loads(sys.argv[1]))
except SgformatsError as error:
    print(json.dumps({{"error": type(error).__name__, "text": str(error)}}))
else:
    print(json.dumps({{"parts": done.parts, "reused": done.reused, "records": done.counts.records}}))
"""


def write_log(path: Path, lines: int, *, seed: int = 1) -> Path:
    """JSON lines of calls, their answers whole, cut, or none, in XML and JSON."""
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


def asked(log: Path, out: Path, workers: int) -> dict[str, Any]:
    """The arguments of an extraction in many parts."""
    return {"paths": str(log), "out": str(out), "workers": workers, "split": SPLIT}


def start(before: str = "", **arguments: Any) -> subprocess.Popen[bytes]:
    """A process that extracts, and prints what came of it; it does `before` first."""
    return subprocess.Popen(
        [sys.executable, "-c", _CODE.format(before=before), json.dumps(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell's background job ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def end(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """What an extraction has printed, and nothing else."""
    out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, b"")
    told: dict[str, Any] = json.loads(out)
    return told


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a process as nothing can prevent, and looks whether those that it started end too."""
    others = children(process.pid)
    process.kill()
    process.communicate(timeout=30)  # Which the others have open as well.
    until = time.monotonic() + 30
    while any(map(lives, others)):
        assert time.monotonic() < until, "a process is left"
        time.sleep(0.001)


def kill_at_work(pid: int, out: Path) -> None:
    """Ends a process that makes parts of a file while it is in the middle of one."""
    until = time.monotonic() + 30
    while True:
        os.kill(pid, signal.SIGSTOP)
        while _state(pid) != "T":
            time.sleep(0.0001)
        if _makes_a_part(pid, out):
            break
        assert time.monotonic() < until, "it makes no part"
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.001)
    os.kill(pid, signal.SIGKILL)


def _makes_a_part(pid: int, out: Path) -> bool:
    folder = str(out.with_name(f".{out.name}.parts"))
    files = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return any(file.startswith(folder) and file.endswith(".tmp") for file in files)


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
        return [
            int(child)
            for task in tasks
            for child in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except (FileNotFoundError, ProcessLookupError):  # It has ended meanwhile.
        return []


def lives(pid: int) -> bool:
    """Whether there is such a process, and it is no corpse."""
    try:
        return _state(pid) != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def parts_of(out: Path) -> list[str]:
    """The parts that are kept for a file."""
    folder = out.with_name(f".{out.name}.parts")
    return sorted(path.name for path in folder.glob("*.done"))


def wait_for_parts(process: subprocess.Popen[bytes], out: Path, number: int) -> bool:
    """Whether so many parts are there before the process ends."""
    while process.poll() is None:
        if len(parts_of(out)) >= number:
            return True
        time.sleep(0.001)
    return False


def strays(folder: Path) -> Iterator[str]:
    """What a run has left in a folder beside files that do not begin with a dot."""
    return (path.name for path in folder.iterdir() if path.name.startswith("."))


def same(out: Path, undisturbed: Path) -> None:
    """OUT and its rejects are those of the undisturbed run, and there is nothing else."""
    rejects = f"{out.name}.rejects.jsonl"
    assert out.read_bytes() == (undisturbed / out.name).read_bytes()
    assert out.with_name(rejects).read_bytes() == (undisturbed / rejects).read_bytes()
    assert sorted(os.listdir(out.parent)) == [out.name, rejects]
