"""`sgformats check`: its input, its output and its exit codes."""

from __future__ import annotations

import contextlib
import gzip
import io
import itertools
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from sgformats.cli.progress import ProgressLine
from tests.cli.clikit import CALLS, environment, on_terminal, run, run_process

pytestmark = pytest.mark.usefixtures("calls")

# The rules of CALLS, in order, with the places inside the answer.
FOUND = [("missing-created", 1, 2), ("invalid-timestamp", 2, 61)]


def test_every_problem_comes_with_its_place_in_the_capture_and_in_the_answer() -> None:
    ended = run("check", "calls.jsonl")
    assert ended.out.decode() == (
        "calls.jsonl:1: missing-created: the call said date=1, but the record has no created\n"
        "  entry 0, [0].created, line 1, column 2 of the answer to GET /api/bounces.get.json\n"
        '   1 | [{"email":"isaac","status":"550","reason":"gone"},\n'
        "     |  ^ [0].created\n"
        "\n"
        "calls.jsonl:1: invalid-timestamp: expected YYYY-MM-DD HH:MM:SS, found "
        '"2009-02-29 12:40:30"\n'
        "  entry 0, [1].created, line 2, column 61 of the answer to GET /api/bounces.get.json\n"
        '   2 | …randon","status":"550","reason":"full","created":"2009-02-29 12:40:30"}]\n'
        "     |                                                   ^ [1].created\n"
        "\n"
        "1 invalid-timestamp\n"
        "1 missing-created\n"
        "3 exchanges in 1 file: 2 checked, 1 skipped\n"
        "2 errors, 0 warnings\n"
    )
    assert (ended.code, ended.err) == (1, b"")


def test_a_clean_capture_is_code_0() -> None:
    ended = run("check", "answers/done.json", "answers/bounces.xml")
    assert ended == (
        0,
        b"2 exchanges in 2 files: 2 checked, 0 skipped\n0 errors, 0 warnings\n",
        b"",
    )


def test_frames_fit_the_terminal() -> None:
    code, shown = on_terminal("check", "calls.jsonl", columns=60, NO_COLOR="1")
    assert code == 1
    assert [line for line in shown.splitlines() if " | " in line] == [
        '   1 | [{"email":"isaac","status":"550","reason":"gone"},',
        "     |  ^ [0].created",
        '   2 | …0","reason":"full","created":"2009-02-29 12:40:30"}]',
        "     |                               ^ [1].created",
    ]


def test_a_terminal_gets_colors() -> None:
    code, shown = on_terminal("check", "calls.jsonl")
    assert code == 1
    assert shown.startswith("\x1b[1mcalls.jsonl:1\x1b[0m: \x1b[31mmissing-created\x1b[0m: the call")


@pytest.mark.parametrize("path", ["calls.jsonl", "-", "calls.*", ".", "calls.jsonl.gz"])
def test_a_path_is_a_file_a_folder_a_pattern_or_standard_input(path: str) -> None:
    if path.endswith(".gz"):
        Path(path).write_bytes(gzip.compress(CALLS))
        Path("calls.jsonl").unlink()
    if path == ".":
        for name in os.listdir("answers"):
            Path("answers", name).unlink()
    ended = run("check", path, "--report", "json", input=CALLS)
    said = json.loads(ended.out)
    found = [
        (one["rule"], one["location"]["line"], one["location"]["column"])
        for one in said["problems"]
    ]
    name = {"-": "<stdin>", ".": "./calls.jsonl", "calls.*": "calls.jsonl"}.get(path, path)
    assert found == FOUND
    assert {one["source"]["file"] for one in said["problems"]} == {name}
    assert (ended.code, ended.err) == (1, b"")


def test_several_reports_are_written_at_once() -> None:
    reports = ("json", "junit", "sarif", "github", "markdown", "html")
    targets = [f"--report={name}=out.{name}" for name in reports]
    ended = run("check", "calls.jsonl", "--report", "text", *targets)
    assert ended.code == 1
    assert ended.out == run("check", "calls.jsonl").out
    said = json.loads(Path("out.json").read_bytes())
    assert said["summary"] == {
        "files": 1,
        "exchanges": 3,
        "checked": 2,
        "skipped": 1,
        "unread": 0,
        "errors": 2,
        "warnings": 0,
        "known": 0,
        "tolerated": 0,
        "vanished": [],
        "compared": [],
    }
    suite = ElementTree.parse("out.junit").getroot()
    assert len(list(suite.iter("testcase"))) == 3
    sarif = json.loads(Path("out.sarif").read_bytes())
    assert [r["ruleId"] for r in sarif["runs"][0]["results"]] == [rule for rule, *_ in FOUND]
    assert Path("out.github").read_text().count("::error file=calls.jsonl,line=1,col=1,") == 2
    assert "missing-created" in Path("out.markdown").read_text()
    assert Path("out.html").read_text().startswith("<!DOCTYPE html>")
    # Each single report on standard output has the same bytes.
    for name in reports:
        alone = run("check", "calls.jsonl", "--report", name)
        assert (alone.code, alone.err) == (1, b"")
        if name not in ("html", "junit"):  # These contain their date.
            assert alone.out == Path(f"out.{name}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--report", "text", "--report", "json"],
            "expected one report on standard output, found text and json: write the others "
            "to files, such as --report json=FILE",
        ),
        (
            ["--report", "json=a", "--report", "sarif=./a"],
            "expected a different file for each report, found ./a twice",
        ),
        (
            ["--report", "jsom"],
            "Invalid value for '--report': expected one of text, json, junit, sarif, github, "
            "markdown, html, found 'jsom'. See: sgformats check --help",
        ),
        (
            ["--report", "json="],
            "Invalid value for '--report': expected a file after 'json='. See: sgformats check "
            "--help",
        ),
        (
            ["--select", "too-lagre"],
            'expected a rule in select, found "too-lagre"; did you mean too-large or '
            "too-many-records?",
        ),
        (
            ["--field", "uri=x"],
            "Invalid value for '--field': expected one of url, verb, status, content_type, "
            "content_encoding, body, body_base64, request_body, time, found 'uri'. See: sgformats "
            "check --help",
        ),
        (["--baseline", "none.json"], "none.json: expected a baseline: No such file or directory"),
        (["-", "-"], "expected - once: standard input can be read only once"),
        (["--report", "json=no/a"], "cannot write no/a: No such file or directory"),
    ],
)
def test_an_impossible_job_is_one_line_and_code_2(arguments: list[str], message: str) -> None:
    ended = run("check", "answers/done.json", *arguments)
    assert (ended.code, ended.out, ended.err.decode()) == (2, b"", f"sgformats: {message}\n")


def test_without_a_path_anywhere_there_is_nothing_to_check() -> None:
    ended = run("check")
    assert ended == (
        2,
        b"",
        b"sgformats: Missing argument 'PATH...'. See: sgformats check --help\n",
    )


def test_a_missing_path_is_code_2_and_the_others_are_checked() -> None:
    ended = run("check", "none.har", "calls.jsonl")
    lines = ended.out.decode().splitlines()
    assert lines[0] == "none.har: damaged-capture: no such file or folder"
    assert lines[-3:] == [
        "3 exchanges in 1 file: 2 checked, 1 skipped",
        "3 errors, 0 warnings",
        "1 capture could not be read to the end",
    ]
    assert (ended.code, ended.err) == (2, b"")
    ended = run("check", "none.har", "--report", "json=out.json")
    assert ended == (2, b"", b"sgformats: none.har: no such file or folder\n")
    assert json.loads(Path("out.json").read_bytes())["summary"]["unread"] == 1


def test_an_argument_without_a_file_is_code_2() -> None:
    Path("empty").mkdir()
    ended = run("check", "none/*.har", "empty", "answers/done.json")
    assert (ended.code, ended.err) == (
        2,
        b"sgformats: no file matches none/*.har\n"
        b"sgformats: no captures in empty: it holds no files\n",
    )
    assert ended.out.startswith(b"1 exchange in 1 file: ")


def test_a_truncated_capture_is_read_as_far_as_possible() -> None:
    Path("cut.jsonl.gz").write_bytes(gzip.compress(CALLS + b"\n" * 999)[:-9])
    ended = run("check", "cut.jsonl.gz", "--select", "damaged-capture")
    lines = ended.out.decode().splitlines()
    assert lines[0].startswith("cut.jsonl.gz:")
    assert "damaged-capture: expected the rest of the gzip data, found" in lines[0]
    assert lines[-3:] == [
        "3 exchanges in 1 file: 2 checked, 1 skipped",
        "1 error, 0 warnings",
        "1 capture could not be read to the end",
    ]
    assert ended.code == 2


def rules_of(*arguments: str) -> list[str]:
    ended = run("check", "calls.jsonl", "--report", "json", *arguments)
    return [one["rule"] for one in json.loads(ended.out)["problems"]]


def test_rules_are_selected_and_left_out() -> None:
    both = ["missing-created", "invalid-timestamp"]
    assert rules_of() == both
    assert rules_of("--select", "invalid-timestamp, wrong-type") == both[1:]
    assert rules_of("--select", both[0], "--select", both[1]) == both
    assert rules_of("--ignore", "invalid-timestamp") == both[:1]
    assert rules_of("--select", ",".join(both), "--ignore", both[0]) == both[1:]
    ended = run("check", "calls.jsonl", "--ignore", ",".join(both))
    assert (ended.code, ended.out.splitlines()[-1]) == (0, b"0 errors, 0 warnings")


def test_severity_is_the_minimum_to_report() -> None:
    url = '{"url":"/api/bounces.get.json?api_user=u&api_key=abc","body":"[]"}'
    Path("calls.jsonl").write_text(url)
    assert rules_of() == ["secret-in-url"]
    assert run("check", "calls.jsonl").code == 0
    assert rules_of("--severity", "warning") == ["secret-in-url"]
    assert rules_of("--severity", "error") == []


def test_lax_marks_tolerated_problems() -> None:
    Path("odd.xml").write_bytes(b"<blocks>\n  <note/>\n</blocks>")
    assert run("check", "odd.xml").code == 1
    ended = run("check", "odd.xml", "--mode", "lax")
    assert ended.out.decode().splitlines() == [
        'odd.xml:2:3: unknown-field: expected the element block, found "note" (tolerated)',
        "   2 |   <note/>",
        "     |   ^ note",
        "",
        "1 unknown-field",
        "1 exchange in 1 file: 1 checked, 0 skipped",
        "0 errors, 0 warnings, 1 tolerated",
    ]
    assert ended.code == 0


def test_options_describe_the_capture() -> None:
    Path("odd.log").write_text(
        '{"u":{"r":"/api/blocks.count.json?api_user=u&api_key=***"},"b":"[]"}'
    )
    fields = ("--kind", "jsonl", "--field", "url=u.r", "--field", "body=b")
    assert rules_of_file("odd.log", *fields) == ["wrong-operation"]
    assert rules_of_file("answers/done.json", "--operation", "bounces.get") == ["wrong-operation"]
    assert rules_of_file("answers/done.json", "--max-bytes", "5") == ["too-large"]


def rules_of_file(path: str, *arguments: str) -> list[str]:
    ended = run("check", path, "--report", "json", *arguments)
    assert (ended.code, ended.err) == (1, b"")
    return [one["rule"] for one in json.loads(ended.out)["problems"]]


def test_at_most_the_requested_problems_of_an_exchange_are_shown() -> None:
    ended = run("check", "calls.jsonl", "--max-problems", "1")
    assert ended.out.decode().splitlines()[-3:] == [
        "3 exchanges in 1 file: 2 checked, 1 skipped",
        "2 errors, 0 warnings",
        "1 more problem not shown: see --max-problems",
    ]
    assert ended.out.count(b"     | ") == 1


def test_a_missing_extra_is_one_line_that_says_what_to_install() -> None:
    def without(package: str, *arguments: str) -> tuple[int, str]:
        code = f"import sys; sys.modules[{package!r}] = None\nfrom sgformats.cli import main\n"
        ended = subprocess.run(
            [sys.executable, "-c", f"{code}sys.exit(main({['check', *arguments]!r}))"],
            capture_output=True,
            env=environment(),
        )
        return ended.returncode, ended.stderr.decode()

    assert without("jinja2", "calls.jsonl", "--report", "html=out.html") == (
        2,
        'sgformats: the HTML report needs Jinja2: pip install "sgformats[reports]"\n',
    )
    assert not Path("out.html").exists()
    Path("a.yaml").write_text("interactions:\n- request: {}\n")
    code, said = without("yaml", "a.yaml", "--report", "json=out.json")
    assert (code, said.count("\n")) == (2, 1)
    assert said.endswith('needs PyYAML: pip install "sgformats[captures]"\n')
    assert without("yaml", "calls.jsonl", "--report", "json=out.json") == (1, "")


def test_long_work_shows_its_progress_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()  # Each reading of the clock is five milliseconds later.
    monkeypatch.setattr(
        "sgformats.cli.progress.time", SimpleNamespace(monotonic=lambda: next(ticks) * 0.005)
    )
    other = b'{"url":"https://example.com/logo.png","status":200,"body":"%s"}\n' % (b"x" * 40_000)
    data = (CALLS + other) * 150
    Path("long.jsonl").write_bytes(data)
    code, shown = on_terminal("check", "long.jsonl", "--select", "damaged-capture", NO_COLOR="1")
    drawn = re.findall(r"━+ *([0-9]+) % ([0-9.]+) of ([0-9.]+ MB) ([0-9]+) exchanges", shown)
    assert code == 0
    shares = [int(share) for share, *_ in drawn]
    assert shares == sorted(shares)
    assert (len(shares) > 5, len(set(shares)) > 2) == (True, True)
    assert {total for _, _, total, _ in drawn} == {f"{len(data) / 1e6:.1f} MB"}
    # The progress is one line, erased at the end.
    *lines, last = shown.split("\r\x1b[2K")
    assert "\n" not in "".join(lines)
    assert last.splitlines() == [
        "600 exchanges in 1 file: 300 checked, 300 skipped",
        "0 errors, 0 warnings",
    ]
    quiet = run("check", "long.jsonl", "--select", "damaged-capture")
    assert (quiet.code, quiet.err) == (0, b"")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("ending", [None, KeyboardInterrupt, OSError])
def test_the_progress_line_is_erased_at_any_end(
    monkeypatch: pytest.MonkeyPatch, ending: type[BaseException] | None
) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr("sgformats.cli.progress._DELAY", 0)
    monkeypatch.setenv("NO_COLOR", "1")
    with contextlib.suppress(KeyboardInterrupt, OSError), ProgressLine([1000]) as progress:
        progress.show(500, "of it")
        if ending is not None:
            raise ending
    assert shown.getvalue().endswith(" 50 % 0.5 of 1.0 kB of it\r\x1b[2K")


def test_rules_and_reports_are_completed() -> None:
    def complete(*words: str) -> bytes:
        return run_process(
            _SGFORMATS_COMPLETE="bash_complete",
            COMP_WORDS=" ".join(("sgformats", "check", *words)),
            COMP_CWORD=str(len(words) + 1),
        ).out

    assert complete("--ignore", "missing-f") == b"plain,missing-field\n"
    assert complete("--select", "wrong-type,missing-f") == b"plain,wrong-type,missing-field\n"
    assert complete("--report", "js") == b"plain,json\n"
    assert complete("--field", "body_") == b"plain,body_base64=\n"
    assert complete("--kind", "vcr") == b"plain,vcr-json\nplain,vcr\n"


def test_checking_nothing_is_not_a_success() -> None:
    Path("other.jsonl").write_text('{"url":"https://h.example/x","status":200,"body":"x"}\n')
    ended = run("check", "other.jsonl")
    assert ended.code == 2
    assert ended.err == (
        b"sgformats: nothing was checked: expected a call of this API, found none in 1 exchange; "
        b"--allow-empty accepts that\n"
    )
    ended = run("check", "other.jsonl", "--allow-empty")
    assert (ended.code, ended.err) == (0, b"")
