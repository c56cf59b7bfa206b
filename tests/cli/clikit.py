"""What the tests of the command line share: sample answers, and ways to run it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "sgformats")

BOUNCES_XML = b"""<?xml version="1.0" encoding="ISO-8859-1"?>
<bounces>
   <bounce>
      <email>isaac@hotmail.comm</email>
      <status>5.1.1</status>
      <reason>Mail domain mentioned in email address is unknown</reason>
      <created>2009-06-10 12:40:30</created>
   </bounce>
</bounces>
"""
BOUNCES_JSON = (
    b'[{"email":"isaac@hotmail.comm","status":"5.1.1","reason":"Mail domain mentioned in email '
    b'adress is unknown","created":"2009-06-01 19:41:39"}]'
)
DAMAGED = (
    b'[{"email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"},\n'
    b' {"email":"isaac","reason":"x","status":"550","created":" 2009-02-28 12:40:30"}]'
)
DONE = b'{"message":"success"}'
REFUSED = b'{"error":{"code":401,"message":"Permission denied"}}'
# Calls and their answers as JSON lines: one with two faults, one of another service, one sound.
CALLS = rb"""
{"url":"/api/bounces.get.json?api_user=sam&api_key=***&date=1","status":200,"body":
"[{\"email\":\"isaac\",\"status\":\"550\",\"reason\":\"gone\"},\n
{\"email\":\"brandon\",\"status\":\"550\",\"reason\":\"full\",\"created\":\"2009-02-29 12:40:30\"}]"}
!{"url":"https://example.com/logo.png","status":200,"body":"GIF89a"}
!{"url":"/api/blocks.count.json?api_user=sam&api_key=***","status":200,"body":"{\"count\":2}"}!
""".replace(b"\n", b"").replace(b"!", b"\n")
SAMPLES = {
    "bounces.xml": BOUNCES_XML,
    "bounces.json": BOUNCES_JSON,
    "damaged.json": DAMAGED,
    "done.json": DONE,
}


class Result(NamedTuple):
    """How a run ended."""

    code: int
    out: bytes
    err: bytes


def environment(**changes: str) -> dict[str, str]:
    """The environment of a run: nothing in it that would change what is printed."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED", "LC_ALL"}
    unwanted |= {"GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "SGFORMATS_SALT"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1", "TERM": "xterm", **changes}


def run(*arguments: str | bytes, input: bytes = b"", **changes: str) -> Result:
    """Runs the command with its standard streams as pipes."""
    ended = subprocess.run(
        [*COMMAND, *arguments], input=input, capture_output=True, env=environment(**changes)
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def shell(script: str, **changes: str) -> Result:
    """Runs a line of shell in which `sgformats` is the command."""
    function = f'sgformats() {{ "{sys.executable}" -m sgformats "$@"; }}\n'
    ended = subprocess.run(
        ["bash", "-c", function + script],
        input=b"",
        capture_output=True,
        env=environment(**changes),
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def on_terminal(*arguments: str, columns: int = 80, **changes: str) -> tuple[int, str]:
    """Runs the command on a terminal; gives its exit code and all that it shows."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment(**changes),
        close_fds=True,
    ) as process:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # Linux's way to say that nobody writes any more.
                break
            if not part:
                break
            shown += part
        os.close(leader)
    return process.returncode, shown.decode().replace("\r\n", "\n")
