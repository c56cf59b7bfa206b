"""Settings of `sgformats check` in `pyproject.toml`, valid and invalid."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sgformats.cli.commands.check import command
from sgformats.contract.configuration import KEYS, find_config
from sgformats.errors import quote
from tests.cli.clikit import run

pytestmark = pytest.mark.usefixtures("calls")


def configure(text: str, folder: str = ".") -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    Path(folder, "pyproject.toml").write_text(text, "utf-8")


def rules_of(*arguments: str) -> list[str]:
    ended = run("check", *arguments, "--report", "json")
    assert ended.err == b""
    return [one["rule"] for one in json.loads(ended.out)["problems"]]


def test_every_key_is_an_option_of_the_command_and_every_other_option_is_for_one_run() -> None:
    names = {str(one.name).replace("_", "-") for one in command.params}
    assert names - {"help"} == {*KEYS, "new-baseline", "allow-empty", "workers"}


def test_the_table_sets_options_that_the_command_line_omits() -> None:
    configure('[tool.sgformats]\npaths = ["calls.jsonl"]\nignore = ["missing-created"]\n')
    assert rules_of() == ["invalid-timestamp"]
    assert rules_of("calls.jsonl", "--ignore", "invalid-timestamp") == ["missing-created"]
    ended = run("check", "answers/done.json")
    assert ended.out.startswith(b"1 exchange in 1 file: ")


def test_every_key_has_its_effect() -> None:
    Path("odd.log").write_text(
        '{"u":{"r":"/api/blocks.count.json?api_user=u&api_key=***"},"b":"[]"}'
    )
    run("check", "calls.jsonl", "--write-baseline", "known.json")
    configure(
        """
        [tool.sgformats]
        paths = ["odd.log", "calls.jsonl", "answers/bounces.xml"]
        report = ["json=out.json"]
        select = ["wrong-operation", "not-an-answer", "too-large", "missing-created"]
        ignore = ["too-large"]
        severity = "error"
        mode = "lax"
        operation = "bounces.get"
        kind = "jsonl"
        max-problems = 1
        max-bytes = 100000
        baseline = "known.json"

        [tool.sgformats.field]
        url = "u.r"
        body = "b"
        """
    )
    ended = run("check")
    assert (ended.out, ended.err) == (b"", b"")
    said = json.loads(Path("out.json").read_bytes())
    first = said["problems"][0]
    assert (first["rule"], first["source"]["file"]) == ("wrong-operation", "odd.log")
    configure('[tool.sgformats]\nmax-bytes = 3\noperation = "bounces.get"\nseverity = "error"')
    assert rules_of("answers/done.json") == ["too-large"]
    configure('[tool.sgformats]\noperation = "bounces.get"\nmax-problems = 1\nmode = "lax"')
    assert rules_of("answers/done.json") == ["wrong-operation"]
    assert len(rules_of("calls.jsonl")) == 1
    configure('[tool.sgformats]\nbaseline = "known.json"')
    assert run("check", "calls.jsonl").code == 0


def test_the_nearest_file_with_the_table_counts_and_its_paths_start_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configure('[tool.sgformats]\npaths = ["calls.jsonl"]\nreport = ["json=out/a.json"]\n')
    configure('[project]\nname = "x"\n', "deep/er")
    Path("out").mkdir()
    Path("known.json").write_text('{"version": 1, "problems": []}')
    monkeypatch.chdir("deep/er")
    assert run("check") == (1, b"", b"")
    said = json.loads(Path("../../out/a.json").read_bytes())
    assert {one["source"]["file"] for one in said["problems"]} == {"../../calls.jsonl"}
    configure('[tool.sgformats]\npaths = ["here.jsonl"]\nbaseline = "known.json"\n')
    Path("here.jsonl").write_bytes(b"")
    ended = run("check")
    assert ended.err == b"sgformats: known.json: expected a baseline: No such file or directory\n"


def test_without_a_table_there_are_no_settings(tmp_path: Path) -> None:
    assert find_config(tmp_path) == (None, {})
    configure("[tool.other]\nx = 1\n[tool.black]\nline-length = 9\n")
    assert find_config(tmp_path) == (None, {})
    configure("[tool.sgformats]\n")
    assert find_config(tmp_path) == (tmp_path / "pyproject.toml", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[tool.sgformats]\nigore = ["x"]',
            '[tool.sgformats]: unknown key "igore": did you mean "ignore"?',
        ),
        (
            "[tool.sgformats]\nmax_problems = 5",
            '[tool.sgformats]: unknown key "max_problems": did you mean "max-problems"?',
        ),
        (
            "[tool.sgformats]\nxyz = 5",
            '[tool.sgformats]: unknown key "xyz": expected one of paths, report, select, ignore, '
            "severity, mode, operation, kind, field, max-problems, max-bytes, max-ratio, "
            "max-unpacked, baseline",
        ),
        (
            '[tool.sgformats]\nignore = "x"',
            "[tool.sgformats]: ignore: expected a list of texts, found text",
        ),
        (
            '[tool.sgformats]\nignore = ["x", 5]',
            "[tool.sgformats]: ignore: expected a list of texts, found a whole number in it",
        ),
        (
            '[tool.sgformats]\nfield = {url = ["x"]}',
            "[tool.sgformats]: field: expected a table of texts, found a list in it",
        ),
        (
            "[tool.sgformats]\nmax-bytes = true",
            "[tool.sgformats]: max-bytes: expected a whole number, found a boolean",
        ),
        (
            "[tool.sgformats]\nmode = 2009-06-10",
            "[tool.sgformats]: mode: expected text, found a date or time",
        ),
        (
            '[tool.sgformats]\nmode = "loose"',
            '[tool.sgformats]: mode: expected strict or lax as mode, found "loose"',
        ),
        (
            "[tool.sgformats]\nmax-problems = 0",
            "[tool.sgformats]: max-problems: expected a number of at least 1, found 0",
        ),
        (
            '[tool.sgformats]\nreport = ["jsn"]',
            "[tool.sgformats]: report: expected one of text, json, junit, sarif, github, markdown, "
            "html, found 'jsn'.",
        ),
        (
            '[tool.sgformats]\nselect = ["invalid-timestmp"]',
            '[tool.sgformats]: select: expected a rule in select, found "invalid-timestmp"; did you mean '
            "invalid-timestamp or invalid-parameter or invalid-number?",
        ),
        ("tool.sgformats = 5", "[tool.sgformats]: expected a table, found a whole number"),
        ("[tool.sgformats", "[tool.sgformats]: expected TOML: "),
    ],
)
def test_an_invalid_setting_is_one_line_and_code_2(text: str, message: str) -> None:
    configure(text)
    # Even if the command line overrides it.
    ended = run(
        "check", "calls.jsonl", "--mode", "strict", "--report", "text", "--select", "differs"
    )
    assert (ended.code, ended.out) == (2, b"")
    said = ended.err.decode()
    if message.endswith(": "):
        assert said.startswith(f"sgformats: pyproject.toml: {message}")
        assert said.count("\n") == 1
    else:
        assert said == f"sgformats: pyproject.toml: {message}\n"


def test_an_unknown_operation_is_reported_with_the_file() -> None:
    configure('[tool.sgformats]\noperation = "bounce.get"')
    ended = run("check", "calls.jsonl")
    assert ended.code == 2
    assert ended.err.startswith(b"sgformats: pyproject.toml: [tool.sgformats]: operation: expected")


def test_a_file_that_is_not_utf_8_is_a_one_line_error() -> None:
    Path("pyproject.toml").write_bytes(b'[tool.x]\ny = "\xe9"')
    ended = run("check", "calls.jsonl")
    assert ended == (
        2,
        b"",
        b"sgformats: pyproject.toml: [tool.sgformats]: expected UTF-8, found another byte at 14\n",
    )


def test_other_commands_ignore_the_settings() -> None:
    configure("[tool.sgformats")
    assert run("validate", "answers/done.json").code == 0


@pytest.mark.parametrize(
    "file", ["../out.json", "inside/out.json", "{}/out.json", "a/../../out.json"]
)
def test_a_report_in_the_settings_must_be_in_their_folder(file: str, tmp_path: Path) -> None:
    """A cloned repository must not choose files to overwrite outside of it."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "out.json").write_text("precious")
    Path("work/a").mkdir(parents=True)
    Path("out.json").write_text("precious")
    Path("work/inside").symlink_to(outside)
    named = file.format(outside)
    configure(f'[tool.sgformats]\nreport = ["json={named}"]\n', "work")
    os.chdir("work")
    ended = run("check", "../calls.jsonl")
    said = (
        "sgformats: pyproject.toml: [tool.sgformats]: report: expected a file in the folder of "
        f"pyproject.toml, found {quote(named)}; the command line may name any\n"
    )
    assert (ended.code, ended.out, ended.err.decode()) == (2, b"", said)
    assert (outside / "out.json").read_text() == Path("../out.json").read_text() == "precious"
    assert run("check", "../calls.jsonl", "--report", "json=../out.json").code == 1
