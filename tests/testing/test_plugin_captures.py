"""The captures of the pytest plugin: every exchange is a test, with the settings of the project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]

URL = "https://sendgrid.com/api/invalidemails.get.json?api_user=u&api_key=hunter22"
GOOD = b'[{"email":"brandon","reason":"Bad Syntax"}]'
BAD = b'[{"email":"brandon"}]'
LINES = (
    json.dumps({"url": URL, "status": 200, "body": GOOD.decode()}),
    json.dumps({"url": URL, "status": 200, "body": BAD.decode()}),
    json.dumps({"url": "https://localhost/other?api_key=hunter22", "status": 200, "body": "x"}),
    json.dumps({"url": URL.replace("invalidemails", "bounces"), "status": 200, "body": "[]"}),
)
USES_FIXTURE = """
def test_x(sgformats_check):
    assert sgformats_check(b'[{"email":"x"}]', "invalidemails.get") is None
"""


@pytest.fixture
def capture(pytester: pytest.Pytester) -> Path:
    """A capture with a valid, an invalid, a foreign and an empty answer, and a test beside it."""
    pytester.makepyfile(test_x="def test_x(): pass")
    path = pytester.path / "cassettes" / "calls[a-1].jsonl"
    path.parent.mkdir()
    path.write_text("".join(f"{line}\n" for line in LINES))
    return path


def run(pytester: pytest.Pytester, *args: str | Path) -> pytest.RunResult:
    """Run pytest, and check that the output shows no key."""
    result = pytester.runpytest(*args)
    assert "hunter22" not in result.stdout.str() + result.stderr.str()
    return result


def test_every_exchange_of_a_capture_is_a_test(pytester: pytest.Pytester, capture: Path) -> None:
    result = run(pytester, "--sgformats", "cassettes", "-v", "-rs", "test_x.py")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    name = "cassettes/calls[[]a-1].jsonl"
    result.stdout.fnmatch_lines(
        [
            "test_x.py::test_x PASSED*",
            f"{name}::0-invalidemails.get PASSED*",
            f"{name}::1-invalidemails.get FAILED*",
            f"{name}::2-other SKIPPED*",
            f"{name}::3-bounces.get PASSED*",
            "*1-invalidemails.get*",
            "GET /api/invalidemails.get.json",
            f"{name}:2: missing-field: missing field reason",
            "  entry 1, [[]0].reason, line 1, column 2 of the answer to GET *",
            '   1 | [[]{"email":"brandon"}]',
            f"SKIPPED * {name}: expected a call of this API*",
        ]
    )


def test_without_the_option_nothing_is_collected(pytester: pytest.Pytester, capture: Path) -> None:
    run(pytester).assert_outcomes(passed=1)


def test_a_capture_among_the_arguments_is_collected_once(
    pytester: pytest.Pytester, capture: Path
) -> None:
    run(pytester, "--sgformats", "cassettes", ".").assert_outcomes(passed=3, failed=1, skipped=1)
    both = run(pytester, "--sgformats", "cassettes", "--sgformats", capture, "test_x.py")
    both.assert_outcomes(passed=3, failed=1, skipped=1)


def test_one_exchange_can_be_run_by_its_id(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("calls.jsonl").write_text("".join(f"{line}\n" for line in LINES))
    result = run(pytester, "--sgformats", "calls.jsonl", "calls.jsonl::3-bounces.get")
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("chosen", "outcomes"),
    [
        (["-m", "sgformats"], {"passed": 2, "failed": 1, "skipped": 1, "deselected": 1}),
        (["-m", "not sgformats"], {"passed": 1, "deselected": 4}),
        (["-k", "bounces.get"], {"passed": 1, "deselected": 4}),
        (["-k", "test_x"], {"passed": 1, "deselected": 4}),
    ],
)
def test_exchanges_can_be_selected(
    pytester: pytest.Pytester, capture: Path, chosen: list[str], outcomes: dict[str, int]
) -> None:
    result = run(pytester, "--strict-markers", "--sgformats", "cassettes", "test_x.py", *chosen)
    result.assert_outcomes(**outcomes)


def test_collect_only_lists_the_exchanges(pytester: pytest.Pytester, capture: Path) -> None:
    result = run(pytester, "--sgformats", "cassettes", "test_x.py", "--collect-only", "-q")
    assert result.outlines[:5] == [
        "test_x.py::test_x",
        "cassettes/calls[a-1].jsonl::0-invalidemails.get",
        "cassettes/calls[a-1].jsonl::1-invalidemails.get",
        "cassettes/calls[a-1].jsonl::2-other",
        "cassettes/calls[a-1].jsonl::3-bounces.get",
    ]


@pytest.mark.thorough
def test_exchanges_are_spread_over_processes(pytester: pytest.Pytester, capture: Path) -> None:
    result = run(pytester, "--sgformats", "cassettes", "test_x.py", "-n2")
    result.assert_outcomes(passed=3, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["*missing-field: missing field reason"])


def test_only_failed_exchanges_can_be_run_again(pytester: pytest.Pytester, capture: Path) -> None:
    run(pytester, "--sgformats", "cassettes", "test_x.py")
    result = run(pytester, "--sgformats", "cassettes", "test_x.py", "--lf")
    assert result.parseoutcomes()["failed"] == 1
    assert "passed" not in result.parseoutcomes()


def test_a_damaged_capture_is_a_failed_test(pytester: pytest.Pytester, capture: Path) -> None:
    whole: dict[str, Any] = {"log": {"entries": []}}
    capture.with_name("cut.har").write_text(json.dumps(whole)[:-3])
    result = run(pytester, "--sgformats", "cassettes/cut.har", "-m", "sgformats", "-v")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["cassettes/cut.har::damaged FAILED*", "*damaged-capture: *"])


def test_the_settings_apply_to_captures_and_to_the_fixture(
    pytester: pytest.Pytester, capture: Path
) -> None:
    pytester.makepyfile(test_x=USES_FIXTURE)
    pytester.makeini("[pytest]\nsgformats_ignore = missing-field wrong-type\nsgformats_mode = lax")
    run(pytester, "--sgformats", "cassettes", "test_x.py").assert_outcomes(passed=4, skipped=1)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("sgformats_mode = loose", '*--sgformats: expected strict or lax as mode, found "loose"'),
        ("sgformats_ignore = x", "*--sgformats: expected a rule in ignore, found*"),
    ],
)
def test_a_wrong_setting_stops_the_run(
    pytester: pytest.Pytester, capture: Path, setting: str, message: str
) -> None:
    pytester.makeini(f"[pytest]\n{setting}")
    result = run(pytester, "--sgformats", "cassettes")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_a_missing_path_stops_the_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--sgformats", "nowhere")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--sgformats: *nowhere: no such file or folder*"])


def test_a_pattern_names_captures(pytester: pytest.Pytester, capture: Path) -> None:
    outcomes = {"passed": 2, "failed": 1, "skipped": 1}
    run(pytester, "-m", "sgformats", "--sgformats", "cass*/**/*.jsonl").assert_outcomes(**outcomes)
    pytester.makepyprojecttoml('[tool.sgformats]\npaths = ["cassettes/*.jsonl"]')
    pytester.mkdir("deeper")
    os.chdir("deeper")
    run(pytester, "-m", "sgformats", "--sgformats").assert_outcomes(**outcomes)


def test_a_pattern_that_matches_nothing_stops_the_run(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--sgformats", "cassettes/*.har")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--sgformats: no file matches cassettes/[*].har"])


def test_a_warning_is_shown_but_does_not_fail(pytester: pytest.Pytester) -> None:
    pytester.path.joinpath("calls.jsonl").write_text(LINES[0] + "\n")
    result = run(pytester, "--sgformats", "calls.jsonl", "-rP")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*sgformats*", "*secret-in-url: *"])


def test_without_its_option_the_plugin_imports_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "import sys\n"
        "def test_x():\n"
        "    assert not {'sgformats', 'hypothesis', 'lxml', 'msgspec'} & {*sys.modules}\n"
    )
    args = ["-p", "no:hypothesispytest", "-p", "no:cacheprovider", str(pytester.path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *args], cwd=pytester.path, capture_output=True, text=True
    )
    assert "1 passed" in done.stdout, done.stdout


# The table in pyproject.toml, and baselines.
TABLE = '[tool.sgformats]\npaths = ["cassettes"]\n'


def test_the_table_in_pyproject_toml_applies(pytester: pytest.Pytester, capture: Path) -> None:
    pytester.makepyprojecttoml(TABLE + 'ignore = ["missing-field", "wrong-type"]\nmode = "lax"')
    pytester.makepyfile(test_x=USES_FIXTURE)
    run(pytester, "test_x.py", "--sgformats").assert_outcomes(passed=4, skipped=1)
    pytester.makeini("[pytest]\nsgformats_ignore = secret-in-url")
    run(pytester, "test_x.py", "--sgformats").assert_outcomes(passed=2, failed=2, skipped=1)


def test_a_baseline_lists_known_problems(pytester: pytest.Pytester, capture: Path) -> None:
    from sgformats.contract.baseline import entries_of, write_baseline
    from sgformats.contract.run import check_captures

    root = pytester.path
    outcomes = check_captures([root / "cassettes"])
    entries = [entry for outcome in outcomes for entry in entries_of(outcome, root)]
    write_baseline(root / "known.json", entries)
    known = run(pytester, "--sgformats", "cassettes", "--sgformats-baseline", "known.json")
    known.assert_outcomes(passed=4, skipped=1)
    pytester.makepyprojecttoml(TABLE + 'baseline = "known.json"')
    run(pytester, "--sgformats").assert_outcomes(passed=4, skipped=1)
    with capture.open("a") as file:
        file.write(LINES[1] + "\n")
    run(pytester, "--sgformats", "cassettes").assert_outcomes(failed=1, passed=4, skipped=1)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("", "*--sgformats: expected a PATH, or paths in [[]tool.sgformats], found neither"),
        ('igore = ["x"]', '*[[]tool.sgformats]: unknown key "igore": did you mean "ignore"?'),
        ('kind = "hra"', '*[[]tool.sgformats]: kind: expected a kind such as warc*found "hra"'),
        ('mode = "loose"', "*[[]tool.sgformats]: mode: expected strict or lax as mode, found*"),
        (
            'severity = "x"',
            "*[[]tool.sgformats]: severity: expected warning or error as severity,*",
        ),
        ('select = ["x,y"]', '*[[]tool.sgformats]: select: expected a rule in select, found "x"*'),
        ('ignore = ["x"]', '*[[]tool.sgformats]: ignore: expected a rule in ignore, found "x"*'),
        (
            'operation = "bounce.get"',
            "*: operation: expected an operation,*did you mean bounces.get*",
        ),
        ('field = {ulr = "x"}', '*[[]tool.sgformats]: field: expected a field of url*found "ulr"'),
        (
            "max-bytes = 0",
            "*[[]tool.sgformats]: max-bytes: expected a number of bytes, at least 1*",
        ),
        ("max-ratio = 0", "*[[]tool.sgformats]: max-ratio: expected a number of at least 1*"),
        ("max-unpacked = 0", "*[[]tool.sgformats]: max-unpacked: expected a number of at least 1*"),
        ('paths = ["x"]\nbaseline = "no.json"', "*no.json: expected a baseline: No such file*"),
    ],
)
def test_a_wrong_table_stops_the_run(pytester: pytest.Pytester, table: str, message: str) -> None:
    pytester.makepyprojecttoml(f"[tool.sgformats]\n{table}")
    result = run(pytester, "--sgformats")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_rules_in_the_table_may_have_commas_between_them(
    pytester: pytest.Pytester, capture: Path
) -> None:
    pytester.makepyprojecttoml(TABLE + 'ignore = ["missing-field, wrong-type"]')
    run(pytester, "-m", "sgformats", "--sgformats").assert_outcomes(passed=3, skipped=1)


def test_the_options_of_pytest_win_over_the_table(pytester: pytest.Pytester, capture: Path) -> None:
    empty = '{"version": 1, "problems": []}'
    pytester.path.joinpath("empty.json").write_text(empty)
    pytester.makepyprojecttoml(TABLE + 'baseline = "no.json"')
    result = run(pytester, "-m", "sgformats", "--sgformats", "--sgformats-baseline", "empty.json")
    result.assert_outcomes(passed=2, failed=1, skipped=1)
    pytester.path.joinpath("other.jsonl").write_text(LINES[0] + "\n")
    result = run(
        pytester,
        *("-m", "sgformats", "--sgformats", "other.jsonl", "--sgformats-baseline", "empty.json"),
    )
    result.assert_outcomes(passed=1)


def test_a_wrong_value_in_the_table_is_reported_even_if_a_setting_wins(
    pytester: pytest.Pytester, capture: Path
) -> None:
    pytester.makepyprojecttoml(TABLE + 'mode = "loose"')
    pytester.makeini("[pytest]\nsgformats_mode = lax")
    result = run(pytester, "--sgformats")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*pyproject.toml: [[]tool.sgformats]: mode: expected strict or*"])


def test_other_files_in_a_folder_are_skipped(pytester: pytest.Pytester, capture: Path) -> None:
    capture.with_name("README.md").write_text("How they were made")
    result = run(pytester, "--sgformats", "cassettes", "-rs")
    result.assert_outcomes(passed=3, failed=1, skipped=2)
    result.stdout.fnmatch_lines(["*not a capture, judging by its name*"])
    named = run(pytester, "--sgformats", "cassettes/README.md")
    named.assert_outcomes(failed=1, passed=1)
