"""Pages of the documentation, block by block, as a reader works through them."""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# The times and speeds in an output, which differ in every run.
_TIMES = re.compile(r"[\d.]+ s with \d+ workers?: [\d.,]+ (bytes|[kMG]B)/s, [\d,]+ records/s")


class Step(NamedTuple):
    """A block to run, and the output shown below it, if any."""

    language: str
    code: str
    shown: str | None


def blocks_of(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks in order: language and text."""
    return _BLOCK.findall(page.read_text("utf-8"))


def steps_of(page: Path) -> Iterator[Step]:
    """The blocks of shell commands and of Python."""
    blocks = blocks_of(page)
    for (language, code), (following, text) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language in ("sh", "python"):
            yield Step(language, code, text if following == "text" else None)


def untimed(text: str) -> list[str]:
    """The lines of an output without times and speeds."""
    return [line.rstrip() for line in _TIMES.sub("(times)", text).rstrip().splitlines()]


def run_step(step: Step, names: dict[str, object]) -> str:
    """Run a step and return its output. `names` are the variables of the page's Python."""
    if step.language == "python":
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(step.code, names)
        return printed.getvalue()
    done = bash(step.code)
    assert (done.returncode, done.stderr) == (0, ""), step.code
    return done.stdout


def environment(**changes: str) -> dict[str, str]:
    """The environment for a command, without the variables of CI and pytest."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GITHUB_", "CI", "PYTEST_", "COV_"))
    }
    return {**kept, **changes}


def bash(script: str, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a script as GitHub does, with the commands of the tests' environment."""
    commands = Path.cwd() / ".commands"
    commands.mkdir(exist_ok=True)
    for name, command in (("sgformats", "-m sgformats"), ("pytest", "-m pytest"), ("python3", "")):
        file = commands / name
        file.write_text(f'#!/bin/sh\nexec "{sys.executable}" {command} "$@"\n')
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment(PATH=f"{commands}{os.pathsep}{os.environ['PATH']}", **changes),
    )
