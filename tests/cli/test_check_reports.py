"""`sgformats check`: baselines, report files, annotations for GitHub, and no secret in any."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.clikit import CALLS, run, run_process, shell

pytestmark = pytest.mark.usefixtures("calls")

SECRET = "s3cret-passw0rd"
LEAKY = json.dumps(
    {
        "url": f"https://sendgrid.com/api/bounces.get.json?api_user=sam&api_key={SECRET}",
        "body": '{"message":"no such key: ' + SECRET + '","extra":1}',
    }
).encode()


def test_a_baseline_hides_known_problems_and_lists_vanished_ones() -> None:
    ended = run("check", "calls.jsonl", "--write-baseline", "known.json")
    assert (ended.code, ended.err) == (0, b"")
    assert ended.out.endswith(b"2 errors, 0 warnings\n")
    known = run("check", "calls.jsonl", "--baseline", "known.json")
    assert known == (
        0,
        b"3 exchanges in 1 file: 2 checked, 1 skipped\n0 errors, 0 warnings, 2 known\n",
        b"",
    )
    lines = CALLS.replace(b"2009-02-29", b"2009-02-28").replace(b'{\\"count\\":2}', b"{}")
    Path("calls.jsonl").write_bytes(lines)
    changed = run("check", "calls.jsonl", "--baseline", "known.json")
    assert changed.code == 1
    assert changed.out.decode().splitlines()[-4:] == [
        "3 exchanges in 1 file: 2 checked, 1 skipped",
        "1 error, 0 warnings, 1 known",
        "1 problem of the baseline no longer found:",
        "- calls.jsonl: GET /api/bounces.get.json invalid-timestamp at [1].created",
    ]


def test_no_baseline_is_written_if_a_capture_could_not_be_read() -> None:
    Path("known.json").write_text("before")
    ended = run("check", "none.har", "calls.jsonl", "--write-baseline", "known.json")
    assert (ended.code, Path("known.json").read_text()) == (2, "before")
    assert ended.err == b"sgformats: known.json was not written: not everything could be read\n"


def test_a_report_file_appears_whole_or_not_at_all() -> None:
    Path("out.json").write_bytes(b"before")
    shell("sgformats check calls.jsonl --kind jsonl --report json=out.json - <&-")
    assert Path("out.json").read_bytes() == b"before"
    limit = "trap '' XFSZ; ulimit -f 1; sgformats check {} --report html=out.json"
    ended = shell(limit.format("calls.jsonl"))
    assert ended == (2, b"", b"sgformats: cannot write out.json: File too large\n")
    assert Path("out.json").read_bytes() == b"before"
    assert sorted(os.listdir()) == ["answers", "calls.jsonl", "out.json"]


def test_a_closed_pipe_is_not_an_error() -> None:
    script = f"sgformats check {'calls.jsonl ' * 300} | head -n 1; echo ${{PIPESTATUS[0]}}"
    ended = shell(script)
    assert (ended.out.splitlines()[1:], ended.err) == ([b"141"], b"")


ANNOTATIONS = (
    "::error file=calls.jsonl,line=1,col=1,title=missing-created::the call said "
    "date=1, but the record has no created%0Aentry 0, [0].created, line 1, column 2 of the answer to "
    "GET /api/bounces.get.json\n"
    "::error file=calls.jsonl,line=1,col=1,title=invalid-timestamp::expected YYYY-MM-DD HH:MM:SS, "
    'found "2009-02-29 12:40:30"%0Aentry 0, [1].created, line 2, column 61 of the answer to GET '
    "/api/bounces.get.json\n"
)


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_github_gets_annotations_after_the_text(unbuffered: str) -> None:
    quiet = run("check", "calls.jsonl")
    ended = run_process("check", "calls.jsonl", GITHUB_ACTIONS="true", PYTHONUNBUFFERED=unbuffered)
    assert ended.out.decode() == quiet.out.decode() + ANNOTATIONS
    assert (ended.code, ended.err) == (1, b"")


def test_github_gets_annotations_beside_a_report_for_programs() -> None:
    quiet = run("check", "calls.jsonl", "--report", "json")
    ended = run("check", "calls.jsonl", "--report", "json", GITHUB_ACTIONS="true")
    assert ended == (1, quiet.out, ANNOTATIONS.encode())
    to_file = run("check", "calls.jsonl", "--report", "json=out.json", GITHUB_ACTIONS="true")
    assert to_file == (1, ANNOTATIONS.encode(), b"")


@pytest.mark.parametrize("asked", ["github", "github=out"])
def test_github_gets_annotations_once(asked: str) -> None:
    ended = run("check", "calls.jsonl", "--report", asked, GITHUB_ACTIONS="true")
    said = ended.out if asked == "github" else Path("out").read_bytes()
    assert said.decode() == ANNOTATIONS
    assert (ended.code, ended.err) == (1, b"")
    assert ended.out == (said if asked == "github" else b"")


def test_github_gets_the_step_summary_after_existing_text() -> None:
    Path("summary.md").write_text("before\n")
    run("check", "calls.jsonl", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY="summary.md")
    markdown = run("check", "calls.jsonl", "--report", "markdown").out.decode()
    assert Path("summary.md").read_text() == "before\n" + markdown
    ended = run("check", "calls.jsonl", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY="no/summary.md")
    assert (ended.code, ended.err) == (
        2,
        b"sgformats: cannot write no/summary.md: No such file or directory\n",
    )
    # Outside GitHub nothing is written there.
    Path("summary.md").write_text("before\n")
    run("check", "calls.jsonl", GITHUB_STEP_SUMMARY="summary.md")
    assert Path("summary.md").read_text() == "before\n"


def test_no_secret_is_shown_in_any_report() -> None:
    Path("leaky.jsonl").write_bytes(LEAKY)
    for name in ("text", "json", "junit", "sarif", "github", "markdown", "html"):
        ended = run(
            *("check", "leaky.jsonl", "--report", name),
            GITHUB_ACTIONS="true",
            GITHUB_STEP_SUMMARY="summary.md",
        )
        assert ended.code == 1
        assert SECRET.encode() not in ended.out + ended.err + Path("summary.md").read_bytes()
    run("check", "leaky.jsonl", "--write-baseline", "known.json")
    assert SECRET not in Path("known.json").read_text()
