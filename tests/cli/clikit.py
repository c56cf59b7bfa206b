"""Sample answers and ways to run the command line."""

from __future__ import annotations

import decimal
import fcntl
import io
import locale
import logging
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple
from unittest import mock

import click
import rich

from sgformats.cli import main

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
# Calls and answers as JSON lines: one with two faults, one of another service, one valid.
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
    """The result of a run."""

    code: int
    out: bytes
    err: bytes


def environment(**changes: str) -> dict[str, str]:
    """The environment of a run, without variables that change its output."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "PYTHONUNBUFFERED", "LC_ALL"}
    unwanted |= {"GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "SGFORMATS_SALT"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return {**kept, "PYTHONPATH": path, "PYTHONUTF8": "1", "TERM": "xterm", **changes}


def run(*arguments: str | bytes, input: bytes = b"", **changes: str) -> Result:
    """Run the command in this process, as if with pipes; it must not change the process."""
    # Errors are handled as Python does with PYTHONUTF8=1.
    stdin = io.TextIOWrapper(io.BytesIO(input), "utf-8", "surrogateescape")
    stdout = io.TextIOWrapper(io.BytesIO(), "utf-8", "surrogateescape")
    stderr = io.TextIOWrapper(io.BytesIO(), "utf-8", "backslashreplace")
    code = run_here(arguments, stdin, stdout, stderr, environment(**changes))
    return Result(code, written_to(stdout), written_to(stderr))


def run_here(
    arguments: Iterable[str | bytes],
    stdin: IO[str],
    stdout: IO[str],
    stderr: IO[str],
    variables: dict[str, str],
) -> int:
    """Run the command in this process with these streams and variables."""
    with (
        mock.patch.dict(os.environ, variables, clear=True),
        mock.patch.multiple(sys, stdin=stdin, stdout=stdout, stderr=stderr, __stdout__=stdout),
    ):
        before = global_state()
        code = main([os.fsdecode(argument) for argument in arguments])
        assert global_state() == before
        stdout.flush()
        stderr.flush()
    return code


def global_state() -> dict[str, object]:
    """The state of the process that a run could change; pytest restores the warnings."""
    return {
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "variables": dict(os.environ),
        "streams": (sys.stdin, sys.stdout, sys.stderr, sys.argv[:], sys.path[:]),
        "hooks": (sys.excepthook, sys.displayhook, threading.excepthook),
        "folder": os.getcwd(),
        "logging": (logging.root.level, logging.root.handlers[:], logging.root.disabled),
        "locale": locale.setlocale(locale.LC_ALL),
        "consoles": (vars(rich)["_console"], click.get_current_context(silent=True)),
        "decimal": decimal.getcontext().prec,
        "recursion": sys.getrecursionlimit(),
    }


def written_to(stream: io.TextIOWrapper) -> bytes:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


def run_process(*arguments: str | bytes, input: bytes = b"", **changes: str) -> Result:
    """Run the command as a process, with pipes: for settings read when Python starts."""
    ended = subprocess.run(
        [*COMMAND, *arguments], input=input, capture_output=True, env=environment(**changes)
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def shell(script: str, **changes: str) -> Result:
    """Run a shell line that can use `sgformats`."""
    function = f'sgformats() {{ "{sys.executable}" -m sgformats "$@"; }}\n'
    ended = subprocess.run(
        ["bash", "-c", function + script],
        input=b"",
        capture_output=True,
        env=environment(**changes),
    )
    return Result(ended.returncode, ended.stdout, ended.stderr)


def on_terminal(*arguments: str, columns: int = 80, **changes: str) -> tuple[int, str]:
    """Run the command here, on a terminal; return its exit code and its output."""
    with open_terminal(columns) as (follower, shown):
        stdin, stdout, stderr = (open(follower, mode, closefd=False) for mode in "rww")  # noqa: SIM115
        code = run_here(arguments, stdin, stdout, stderr, environment(**changes))
    return code, shown()


def process_on_terminal(*arguments: str, columns: int = 80, **changes: str) -> tuple[int, str]:
    """Run the command as a process, on a terminal."""
    with open_terminal(columns) as (follower, shown):
        ended = subprocess.run(
            [*COMMAND, *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=environment(**changes),
        )
    return ended.returncode, shown()


@contextmanager
def open_terminal(columns: int) -> Iterator[tuple[int, Callable[[], str]]]:
    """A terminal of this width, and its output once the context has ended."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    parts: list[bytes] = []

    def read() -> None:
        with suppress(OSError):  # On Linux this means that no process writes any more.
            while part := os.read(leader, 65536):
                parts.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield follower, lambda: b"".join(parts).decode().replace("\r\n", "\n")
    finally:
        os.close(follower)
        reader.join()
        os.close(leader)
