"""The ends of a run: help, wrong arguments, full disks, closed pipes, Ctrl-C, missing extras."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import sgformats
from sgformats.cli import main
from tests.cli.clikit import (
    COMMAND,
    ROOT,
    environment,
    run,
    run_process,
    shell,
)

COMMANDS = (
    "parse",
    "validate",
    "check",
    "convert",
    "diff",
    "classify",
    "census",
    "extract",
    "redact",
    "schema",
    "operations",
    "completion",
)


@pytest.mark.parametrize("command", [None, *COMMANDS])
def test_every_example_of_the_help_runs(command: str | None) -> None:
    text = run(*filter(None, [command]), "--help").out.decode()
    shown = re.findall(r"^ +(sgformats .*)$", text.partition("Examples:")[2], re.MULTILINE)
    examples = [example for example in shown if "…" not in example]
    assert len(examples) >= 1
    for example in examples:
        plain = not set(example) & set("|<>;$*")
        ended = run(*shlex.split(example)[1:]) if plain else shell(example)
        # The samples include a damaged payload and an ambiguous one.
        worst = 2 if example.startswith("sgformats parse answers") else 1
        assert ended.code <= worst, (example, ended)
        assert all(line.startswith(b"sgformats: ") for line in ended.err.splitlines()), ended
        assert ended.out or " -o " in example or " > " in example, example


def test_help_fits_80_columns() -> None:
    for arguments in ((), *((command,) for command in COMMANDS)):
        ended = run(*arguments, "--help")
        assert ended.code == 0
        assert all(len(line) <= 80 for line in ended.out.decode().splitlines()), arguments


def test_version_and_no_command() -> None:
    assert run("--version").out.decode() == f"sgformats {sgformats.__version__}\n"
    assert run().out == run("--help").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["parse"], "Missing argument 'FILE...'. See: sgformats parse --help"),
        (["nothing"], "No such command 'nothing'. See: sgformats --help"),
        (["diff", "a"], "Missing argument 'B'. See: sgformats diff --help"),
        (["diff", "-", "-"], "expected - once: standard input can be read only once"),
    ],
)
def test_wrong_arguments_are_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr() == ("", f"sgformats: {message}\n")


def test_an_unknown_operation_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "answers/done.json", "--operation", "a\x1b.get"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("sgformats: expected an operation such as invalidemails.get, ")
    assert err.endswith('found "a\\x1b.get"\n')


FULL = b"No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["parse answers/bounces.xml", "parse --help", "operations"])
def test_a_full_disk_behind_standard_output_is_one_line(command: str, unbuffered: str) -> None:
    ended = shell(f"sgformats {command} > /dev/full", PYTHONUNBUFFERED=unbuffered)
    assert ended == (2, b"", b"sgformats: cannot write standard output: " + FULL)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_device_is_one_line() -> None:
    ended = run("parse", "answers/done.json", "-o", "/dev/full")
    assert ended == (2, b"", b"sgformats: cannot write /dev/full: " + FULL)


def test_a_file_that_cannot_be_written_completely_is_unchanged() -> None:
    Path("out.csv").write_bytes(b"before")
    script = "trap '' XFSZ; ulimit -f 1; sgformats parse {} -o out.csv".format(
        "answers/bounces.xml " * 100
    )
    ended = shell(script)
    assert ended == (2, b"", b"sgformats: cannot write out.csv: File too large\n")
    assert Path("out.csv").read_bytes() == b"before"
    assert sorted(os.listdir()) == ["answers", "out.csv"]


def test_a_file_is_not_written_if_a_payload_is_unreadable() -> None:
    Path("out.csv").write_bytes(b"before")
    ended = run("parse", "answers/bounces.xml", "none.xml", "-o", "out.csv")
    assert ended == (
        2,
        b"",
        b"sgformats: cannot read none.xml: No such file or directory\n"
        b"sgformats: out.csv was not written: not everything could be read\n",
    )
    assert Path("out.csv").read_bytes() == b"before"
    refused = run("parse", "answers/done.json", "answers/damaged.json", "-o", "out.csv")
    assert refused.code == 1
    assert Path("out.csv").read_bytes().startswith(b"source_file,")


def test_a_folder_that_is_not_there_is_one_line() -> None:
    ended = run("parse", "answers/done.json", "-o", "none/out.json")
    assert ended == (2, b"", b"sgformats: cannot write none/out.json: No such file or directory\n")


def test_closed_streams_are_one_line() -> None:
    ended = shell("sgformats parse answers/done.json >&-")
    assert ended == (2, b"", b"sgformats: cannot write standard output: it is closed\n")
    ended = shell("sgformats parse - <&-")
    assert ended == (2, b"", b"sgformats: cannot read standard input: it is closed\n")
    assert shell("sgformats parse none.xml 2>&-") == (2, b"", b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_not_an_error(unbuffered: str) -> None:
    script = f"sgformats parse {'answers/bounces.xml ' * 2000} | head -n 1; echo ${{PIPESTATUS[0]}}"
    ended = shell(script, PYTHONUNBUFFERED=unbuffered)
    line, code = ended.out.splitlines()
    assert (line[:36], code, ended.err) == (b'{"source_file":"answers/bounces.xml"', b"141", b"")
    ended = shell("sgformats --help | true; echo ${PIPESTATUS[0]}", PYTHONUNBUFFERED=unbuffered)
    assert ended.err == b""


def test_ctrl_c_is_quiet() -> None:
    with subprocess.Popen(
        [*COMMAND, "parse", "answers/done.json", "-", "-o", "out.json"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        # Background jobs of a shell ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        deadline = time.monotonic() + 20
        while not any(name.startswith(".out") for name in os.listdir()):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, b"", b"")
    assert os.listdir() == ["answers"]


def test_no_encoding_of_the_terminal_is_too_small() -> None:
    Path("answers/wide.xml").write_text("<bounces>漢é</bounces>", "utf-8")
    for command in ("validate", "classify", "parse"):
        ended = run_process(
            *(command, "answers/wide.xml"),
            LC_ALL="C",
            PYTHONUTF8="0",
            PYTHONCOERCECLOCALE="0",
        )
        assert b"Error" not in ended.err
        assert ended.out.isascii()
        assert ended.code in (0, 1)


def test_missing_extras_are_one_line_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sgformats.cli.find_spec", lambda name: None)
    assert main(["--version"]) == 2
    needed = "click and rich and tomli" if sys.version_info < (3, 11) else "click and rich"
    assert capsys.readouterr().err == (
        f'sgformats: the command line needs {needed}: pip install "sgformats[cli]"\n'
    )


def test_the_library_imports_nothing_of_the_command_line() -> None:
    script = (
        "import sys, sgformats; "
        "print([m for m in ('click', 'rich', 'sgformats.cli') if m in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, env=environment(), cwd=ROOT
    )
    assert ended.stdout == b"[]\n"


def test_a_run_without_a_table_does_not_import_its_library() -> None:
    script = (
        "import sys; from sgformats.cli import main; main(['parse', 'answers/done.json']); "
        "print([m for m in ('rich.table', 'rich.console') if m in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment())
    assert ended.stderr == b"[]\n"
