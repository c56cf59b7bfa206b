"""`.ci/run`: its stages, its folders of tests, and its interpreters."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.conftest import APART
from tests.docs.pagekit import ROOT

SCRIPT = ROOT / ".ci" / "run"
TEXT = SCRIPT.read_text("utf-8")
FOLDERS = set(re.findall(r"\b(?:\w+/)*tests(?:/\w+)*\b", TEXT))


def run(*stages: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", str(SCRIPT), *stages],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", **environment},
    )


def test_no_test_file_is_named() -> None:
    assert re.findall(r"\btest_\w*|\w+kit\b", TEXT) == []
    assert [folder for folder in FOLDERS if not (ROOT / folder).is_dir()] == []


def test_every_folder_that_must_be_named_is_named() -> None:
    assert {f"tests/{name}" for name in APART} | {"benchmarks/tests"} <= FOLDERS


def test_an_unknown_stage_is_refused_and_the_stages_are_listed() -> None:
    refused = run("lint", "nothing")
    (names,) = re.findall(r"^stages=\((.*)\)$", TEXT, re.MULTILINE)
    assert refused.returncode == 2
    assert [line.split()[0] for line in refused.stdout.splitlines()] == names.split()
    assert (run("--help").returncode, run("--help").stdout) == (0, refused.stdout)


def interpreter(path: Path, script: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_only_interpreters_that_run_are_found(tmp_path: Path) -> None:
    commands = tmp_path / "a folder" / "bin"
    commands.mkdir(parents=True)
    for name in ("bash", "dirname", "mktemp", "rm", "sh"):
        tool = shutil.which(name)
        assert tool is not None
        (commands / name).symlink_to(tool)
    for version in ("3.10", "3.11", "3.12"):  # Shims, as pyenv makes them for every version.
        shim = commands / f"python{version}"
        interpreter(shim, f"echo 'pyenv: python{version}: command not found' >&2; exit 127")
    managed = tmp_path / "managed"
    pyenv = interpreter(managed / "versions" / "3.10.13" / "bin" / "python3.10", "echo 3.10")
    uv = interpreter(tmp_path / ".local/share/uv/python/cpython/bin/python3.11", "echo 3.11")
    interpreter(tmp_path / ".asdf/installs/python/3.12.1/bin/python3.12", "exit 1")
    interpreter(commands / "python3", "echo 3.13")
    found = run("pythons", HOME=str(tmp_path), PYENV_ROOT=str(managed), PATH=str(commands))
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines()[2:6] == [
        f"Python 3.10: {pyenv}",
        f"Python 3.11: {uv}",
        "Python 3.12: not found",
        f"Python 3.13: {commands}/python3",
    ]
