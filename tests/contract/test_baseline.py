"""Baselines of known problems: reading, writing, matching, and vanished entries."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from sgformats.captures import Source
from sgformats.contract import CheckOptions, CheckSummary, Finding, Outcome, check_captures
from sgformats.contract.baseline import (
    Baseline,
    Entry,
    entries_of,
    file_in,
    read_baseline,
    write_baseline,
)
from sgformats.errors import ArgumentError, Location, Problem

CALL = "/api/invalidemails.get.json?api_user=isaac@hotmail.comm&api_key=hunter2hunter2&date=1"
BODY = '[{"email":"a","reason":"r"},{"email":"b"}]'
KNOWN = Entry(
    "a.jsonl",
    "GET /api/invalidemails.get.json",
    "invalidemails.get",
    "missing-created",
    "[0].created",
)
FOUND = ["secret-in-url", "missing-created", "missing-field", "missing-created"]


def line(url: str = CALL, body: str = BODY) -> str:
    return json.dumps({"url": url, "status": 200, "body": body}) + "\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a capture of two equal calls, as the working directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text(line() + line())
    return tmp_path


def run(
    path: str | Path, options: CheckOptions | None = None
) -> tuple[list[Outcome], CheckSummary]:
    summary = CheckSummary()
    return list(check_captures([path], options, summary)), summary


def baseline_of(path: str | Path, target: Path) -> Path:
    entries = [e for outcome in run(path)[0] for e in entries_of(outcome, target.parent)]
    write_baseline(target, entries)
    return target


def figures(summary: CheckSummary) -> tuple[int, int, int, int]:
    return summary.errors, summary.warnings, summary.known, len(summary.vanished)


def test_a_baseline_is_one_line_an_entry_sorted_and_without_secrets(folder: Path) -> None:
    text = baseline_of("a.jsonl", folder / "known.json").read_text("utf-8")
    start = (
        '    {"file":"a.jsonl","call":"GET /api/invalidemails.get.json",'
        '"operation":"invalidemails.get",'
    )
    assert text == (
        '{\n  "version": 1,\n  "problems": [\n'
        f'{start}"rule":"missing-created","path":"[0].created","count":2}},\n'
        f'{start}"rule":"missing-created","path":"[1].created","count":2}},\n'
        f'{start}"rule":"missing-field","path":"[1].reason","count":2}},\n'
        f'{start}"rule":"secret-in-url","path":"api_key","count":2}}\n'
        "  ]\n}\n"
    )
    assert json.loads(text)["version"] == 1
    assert sorted(os.listdir(folder)) == ["a.jsonl", "known.json"]


def test_known_problems_do_not_count_but_are_reported(folder: Path) -> None:
    known = read_baseline(baseline_of("a.jsonl", folder / "known.json"))
    outcomes, summary = run("a.jsonl", CheckOptions(baseline=known))
    assert figures(summary) == (0, 0, 8, 0)
    assert [[f.problem.rule for f in outcome.findings] for outcome in outcomes] == [FOUND, FOUND]
    assert all(f.known and not f.counts for outcome in outcomes for f in outcome.findings)


def test_a_reformatted_capture_still_matches_the_baseline(folder: Path) -> None:
    known = read_baseline(baseline_of("a.jsonl", folder / "known.json"))
    other = line("https://h/logo.png") + "\n\n" + line(CALL + "&offset=9", " \n " + BODY)
    (folder / "a.jsonl").write_text(other + line())
    assert figures(run("a.jsonl", CheckOptions(baseline=known))[1]) == (0, 0, 8, 0)


def test_an_additional_occurrence_is_new_and_a_missing_one_has_vanished(folder: Path) -> None:
    known = read_baseline(baseline_of("a.jsonl", folder / "known.json"))
    (folder / "a.jsonl").write_text(line() * 3)
    outcomes, summary = run("a.jsonl", CheckOptions(baseline=known))
    assert figures(summary) == (3, 1, 8, 0)
    assert [[f.known for f in outcome.findings] for outcome in outcomes] == [
        [True] * 4,
        [True] * 4,
        [False] * 4,
    ]
    (folder / "a.jsonl").write_text(line(body=BODY.replace('"b"', '"b","reason":"r"')))
    _, summary = run("a.jsonl", CheckOptions(baseline=known))
    assert summary.vanished == (
        "a.jsonl: GET /api/invalidemails.get.json missing-created at [0].created",
        "a.jsonl: GET /api/invalidemails.get.json missing-created at [1].created",
        "a.jsonl: GET /api/invalidemails.get.json missing-field at [1].reason (2 times)",
        "a.jsonl: GET /api/invalidemails.get.json secret-in-url at api_key",
    )


def test_problems_of_unread_files_have_not_vanished(folder: Path) -> None:
    (folder / "b.jsonl").write_text(line())
    known = read_baseline(baseline_of(folder, folder / "known.json"))
    (folder / "a.jsonl").write_text(line(body="[]"))
    assert figures(run("b.jsonl", CheckOptions(baseline=known))[1]) == (0, 0, 4, 0)
    # Neither problems that are not selected, nor problems after damage.
    only = CheckOptions(baseline=known, select=("missing-field",))
    assert run("a.jsonl", only)[1].vanished == (
        "a.jsonl: GET /api/invalidemails.get.json missing-field at [1].reason (2 times)",
    )
    assert len(run("a.jsonl", CheckOptions(baseline=known, severity="error"))[1].vanished) == 3
    (folder / "a.jsonl").rename(folder / "a.har")
    (folder / "a.har").write_text('{"log":{"entries":[')
    assert (
        len(run(folder, CheckOptions(baseline=known, ignore=("secret-in-url",)))[1].vanished) == 3
    )
    (folder / "b.jsonl").unlink()
    (folder / "a.jsonl").write_text("")
    (folder / "a.jsonl").unlink()
    lines = run("a.har", CheckOptions(baseline=known))[1].vanished
    assert [each.partition(":")[0] for each in lines] == ["a.jsonl"] * 4 + ["b.jsonl"] * 4


def test_a_damaged_capture_keeps_its_entries_and_is_never_known(folder: Path) -> None:
    cut = '{"log":{"version":"1.2","entries":['
    (folder / "c.har").write_text(cut)
    outcomes, _ = run("c.har")
    assert [outcome.unread for outcome in outcomes] == [True]
    assert list(entries_of(outcomes[0], folder)) == []
    entry = Entry("c.har", "", None, "damaged-capture", "")
    rest = Entry("c.har", "GET /x", "bounces.get", "missing-field", "[0].email")
    summary = run("c.har", CheckOptions(baseline=Baseline(folder, {entry: 1, rest: 1})))[1]
    assert (summary.unread, summary.errors, summary.known, summary.vanished) == (1, 1, 0, ())


def test_files_are_named_from_the_folder_of_the_baseline(folder: Path) -> None:
    kept = folder / "kept"
    kept.mkdir()
    target = baseline_of("a.jsonl", kept / "known.json")
    assert {row["file"] for row in json.loads(target.read_text())["problems"]} == {"../a.jsonl"}
    known = read_baseline(target)
    assert figures(run(folder / "a.jsonl", CheckOptions(baseline=known))[1]) == (0, 0, 8, 0)
    os.chdir(kept)
    assert figures(run("../a.jsonl", CheckOptions(baseline=read_baseline("known.json")))[1]) == (
        *(0, 0, 8, 0),
    )
    assert file_in(kept, "b\udce9.har") == "b\\xe9.har"
    assert file_in(kept, "") == ""


def test_tolerated_problems_are_not_written_but_have_not_vanished(folder: Path) -> None:
    body = '[{"email":"a","reason":"r","created":" 2009-06-10 12:40:30"}]'
    (folder / "a.jsonl").write_text(line(CALL.replace("hunter2hunter2", "***"), body))
    known = read_baseline(baseline_of("a.jsonl", folder / "known.json"))
    assert len(known.entries) == 1
    outcomes, summary = run("a.jsonl", CheckOptions(baseline=known, mode="lax"))
    assert (*figures(summary), summary.tolerated) == (0, 0, 0, 0, 1)
    assert list(entries_of(outcomes[0], folder)) == []


def test_a_written_baseline_can_be_read_back(folder: Path) -> None:
    target = folder / "known.json"
    rows = [KNOWN, KNOWN, Entry("b", "", None, "not-an-answer", "")]
    write_baseline(target, rows)
    first = target.read_bytes()
    assert read_baseline(target) == Baseline(folder, {rows[2]: 1, KNOWN: 2})
    write_baseline(target, reversed(rows))
    assert target.read_bytes() == first
    write_baseline(target, [])
    assert read_baseline(target) == Baseline(folder, {})
    assert str(rows[2]) == "b: not-an-answer"


def test_output_through_a_link_replaces_its_target(folder: Path) -> None:
    (folder / "kept").mkdir()
    (folder / "link.json").symlink_to(folder / "kept" / "known.json")
    write_baseline("link.json", [KNOWN])
    assert (folder / "link.json").is_symlink()
    assert read_baseline(folder / "kept" / "known.json").entries == {KNOWN: 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "Input data was truncated"),
        ("{", "Input data was truncated"),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "Object missing required field `version`"),
        ('{"version":1}', "Object missing required field `problems`"),
        ('{"version":1,"problems":[{}]}', "missing required field `file` - at `$.problems[0]`"),
        ('{"version":1,"problems":[],"x":1}', "Object contains unknown field `x`"),
        (
            '{"version":1,"problems":[{"file":"a","call":"","operation":null,"rule":"r","path":"",'
            '"count":0}]}',
            "Expected `int` >= 1 - at `$.problems[0].count`",
        ),
        ("\xff", "invalid"),
        ("[" * 100_000, "Expected `object`, got `array`"),
        ('{"x":' + "[" * 100_000, ""),
    ],
)
def test_a_broken_baseline_says_where_it_is_broken(folder: Path, text: str, reason: str) -> None:
    (folder / "known.json").write_text(text, "latin-1")
    with pytest.raises(ArgumentError) as caught:
        read_baseline("known.json")
    assert str(caught.value).startswith("known.json: expected a baseline: ")
    assert reason in str(caught.value)


def test_a_baseline_of_another_version_is_refused(folder: Path) -> None:
    (folder / "known.json").write_text('{"version":2,"other":[]}')
    with pytest.raises(ArgumentError) as caught:
        read_baseline("known.json")
    assert str(caught.value) == "known.json: expected a baseline of version 1, found version 2"


@pytest.mark.parametrize("path", ["none.json", ".", "a\0b"])
def test_a_baseline_that_cannot_be_read_or_written_is_an_error(folder: Path, path: str) -> None:
    with pytest.raises(ArgumentError, match="expected a baseline: "):
        read_baseline(path)
    if path != "none.json":
        with pytest.raises(ArgumentError, match="cannot write the baseline: "):
            write_baseline(path, [KNOWN])
    with pytest.raises(ArgumentError, match="cannot write the baseline: No such file"):
        write_baseline(folder / "none" / "known.json", [KNOWN])


def test_a_failed_write_keeps_the_old_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = folder / "known.json"
    write_baseline(target, [KNOWN])
    before = target.read_bytes()

    def fail(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(ArgumentError, match="No space left on device"):
        write_baseline(target, [])
    assert target.read_bytes() == before
    assert sorted(os.listdir(folder)) == ["a.jsonl", "known.json"]


def test_an_entry_has_only_the_path_of_a_location(folder: Path) -> None:
    def outcome(message: str, line: int) -> Outcome:
        place = Location("[0].created", "/0", line, line, line)
        problem = Problem("missing-created", "error", message, place)
        source = Source("a.jsonl", line, line, line)
        return Outcome(source, KNOWN.call, KNOWN.operation, findings=(Finding(problem),))

    assert list(entries_of(outcome("one", 1), folder)) == [KNOWN]
    assert list(entries_of(outcome("other", 2), folder)) == [KNOWN]
