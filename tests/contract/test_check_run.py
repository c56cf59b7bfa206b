"""`check_captures`: an outcome for every exchange, the figures, and no secrets."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from sgformats.captures import Exchange, Source
from sgformats.captures.reading import read_path
from sgformats.contract import CheckOptions, CheckSummary, Outcome, check_captures
from sgformats.contract.callname import call_of
from sgformats.contract.exchange_rules import EXCHANGE_RULES
from sgformats.contract.frame import Frame
from sgformats.contract.select import Selection
from sgformats.errors import ArgumentError, Location, MissingPackageError, Problem
from sgformats.request import Request
from tests.contract.checkkit import GET, line, lines, run

ODD = '[{"email":"a","reason":"r","created":" 2009-06-10 12:40:30"},\n {"email":"b","x":1}]'


def rules(outcomes: list[Outcome]) -> list[list[str]]:
    return [[finding.problem.rule for finding in outcome.findings] for outcome in outcomes]


def test_every_exchange_has_its_outcome(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    given = (
        line(GET, ODD, time="2009-06-10"),
        line("https://h/logo.png", "x"),
        line(GET, None),
        line(None, "<bounces/>"),
        b'{"url":',
    )
    file.write_bytes(b"\n".join(given))
    outcomes, summary = run(file)
    at = [sum(len(each) + 1 for each in given[:number]) for number in range(5)]
    assert [msgspec.structs.replace(outcome, findings=()) for outcome in outcomes] == [
        Outcome(
            Source(str(file), 0, 1, at[0]),
            "GET /api/invalidemails.get.json",
            "invalidemails.get",
            "json",
            200,
        ),
        Outcome(
            Source(str(file), 1, 2, at[1]),
            "GET /logo.png",
            status=200,
            skipped="expected a call of this API such as /api/invalidemails.get.json, found the "
            'path "/logo.png"',
        ),
        Outcome(
            Source(str(file), 2, 3, at[2]),
            "GET /api/invalidemails.get.json",
            status=200,
            skipped="the capture holds no answer",
        ),
        Outcome(Source(str(file), 3, 4, at[3]), "", "bounces.get", "xml", 200),
        Outcome(Source(str(file), 4, 5, at[4])),
    ]
    assert rules(outcomes) == [
        ["unexpected-created", "invalid-timestamp", "missing-field", "unknown-field"],
        [],
        [],
        [],
        ["unreadable-entry"],
    ]
    assert summary == CheckSummary(
        files=1, exchanges=5, checked=3, skipped=2, errors=4, warnings=1, vanished=()
    )


def test_a_problem_of_the_payload_has_its_frame_and_others_have_none() -> None:
    stream = lines(line(GET + "&limit=x", ODD), line(GET, None, body_base64="W10*"))
    outcomes, _ = run(stream)
    first, second = outcomes[1:]
    assert [finding.frame is None for finding in first.findings] == [True, *[False] * 4]
    assert first.findings[3].problem == Problem(
        "missing-field",
        "error",
        "missing field reason",
        Location("[1].reason", "/1", 2, 2, 63),
        expected="field reason",
    )
    assert first.findings[3].frame == Frame(
        '   2 |  {"email":"b","x":1}]', "     |  ", " [1].reason"
    )
    assert [(f.problem.rule, f.frame) for f in second.findings] == [("unreadable-body", None)]


def test_a_frame_has_the_requested_width() -> None:
    stream = lines(line(GET, '[{"email":"' + 500 * "é" + '"}]'))
    (outcome,) = run(stream, width=60)[0][1:]
    assert outcome.findings[0].frame is not None
    assert len(outcome.findings[0].frame.line) == 60


def test_the_number_of_frames_of_an_exchange_is_limited() -> None:
    stream = lines(line(GET, "[" + ",".join(600 * ["{}"]) + "]"))
    (outcome,) = run(stream)[0][1:]
    frames = [finding.frame is not None for finding in outcome.findings]
    assert frames == 500 * [True] + 700 * [False]


def test_folders_and_files_are_read_in_order_and_missing_ones_reported(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.json").write_bytes(b"[]")
    (tmp_path / "one.har").write_bytes(b'{"log":{"version":"1.2","entries":[')
    summary = CheckSummary()
    paths = [tmp_path / "none", tmp_path]
    outcomes = list(check_captures(paths, None, summary))
    assert [(Path(o.source.file).name, o.unread) for o in outcomes] == [
        ("none", True),
        ("one.har", True),
        ("two.json", False),
    ]
    assert outcomes[0].findings[0].problem == Problem(
        "damaged-capture",
        "error",
        "no such file or folder",
        Location("", "", 1, 1, 0),
    )
    assert outcomes[1].source == Source(str(tmp_path / "one.har"), None, 1, 35)
    assert summary == CheckSummary(files=2, exchanges=1, checked=1, unread=2, errors=2)


def test_exchanges_before_damage_are_checked() -> None:
    entry = {
        "request": {"method": "GET", "url": "http://h" + GET},
        "response": {"status": 200, "content": {"text": ODD}},
    }
    text = json.dumps({"log": {"version": "1.2", "entries": [entry, entry]}})
    stream = io.BytesIO(text[: text.rindex("response")].encode())
    stream.name = "<stdin>"
    outcomes, summary = run(stream)
    assert [(o.source.file, o.source.entry, o.unread) for o in outcomes] == [
        ("<stdin>", 0, False),
        ("<stdin>", None, True),
    ]
    assert (summary.unread, summary.exchanges, summary.errors) == (1, 1, 4)
    # Damaged captures are reported whatever rules are selected.
    outcomes, summary = run(io.BytesIO(stream.getvalue()), select=("missing-created",))
    assert rules(outcomes) == [[], ["damaged-capture"]]


def test_a_missing_package_ends_one_capture_and_not_the_job(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(path: str, *options: Any) -> Any:
        if path.endswith("a.warc"):
            raise MissingPackageError("reading YAML", "PyYAML", "captures")
        yield from read_path(path, *options)

    monkeypatch.setattr("sgformats.captures.pieces.read_path", refuse)
    for name in ("a.warc", "b.json"):
        (tmp_path / name).write_bytes(b"[]")
    outcomes, summary = run(tmp_path)
    assert [outcome.unread for outcome in outcomes] == [True, False]
    assert outcomes[0].findings[0].problem.message == (
        'reading YAML needs PyYAML: pip install "sgformats[captures]"'
    )
    assert (summary.files, summary.unread) == (2, 1)


# Options
def test_rules_are_selected_by_name_and_severity() -> None:
    def found(**options: Any) -> list[str]:
        return rules(run(lines(line(GET, ODD)), **options)[0])[1]

    every = ["unexpected-created", "invalid-timestamp", "missing-field", "unknown-field"]
    assert found() == every
    assert found(select=("missing-field", "unknown-field")) == every[2:]
    assert found(ignore=("missing-field",)) == [*every[:2], every[3]]
    assert found(select=("missing-field", "unknown-field"), ignore=("unknown-field",)) == [every[2]]
    assert found(severity="error") == every[1:]
    assert found(severity="error", select=("unexpected-created",)) == []


def test_lax_mode_tolerates_tolerable_problems() -> None:
    outcomes, summary = run(lines(line(GET, ODD)), mode="lax")
    assert [(f.problem.rule, f.tolerated, f.counts) for f in outcomes[1].findings] == [
        ("unexpected-created", False, True),
        ("invalid-timestamp", True, False),
        ("missing-field", False, True),
        ("unknown-field", True, False),
    ]
    assert (summary.errors, summary.warnings, summary.tolerated) == (1, 1, 2)


def test_an_operation_fields_and_a_kind_may_be_given() -> None:
    body = b'[{"email":"a","reason":"r"}]'
    outcomes, _ = run(io.BytesIO(body), operation="bounces.get", kind="payload")
    assert rules(outcomes) == [["missing-field"]]
    assert outcomes[0].source == Source("<stream>")
    mapped = json.dumps({"req": {"target": GET}, "body": "oops"}).encode()
    outcomes, _ = run(io.BytesIO(mapped), kind="jsonl", fields={"url": "req.target"})
    assert rules(outcomes) == [["not-an-answer"]]
    assert rules(run(lines(line(GET, "[" + 300 * " ")), max_bytes=200)[0]) == [[], ["too-large"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"select": ("missing-create",)},
            'expected a rule in select, found "missing-create"; did you mean missing-created or ',
        ),
        ({"ignore": ("wrong-opertion",)}, 'found "wrong-opertion"; did you mean wrong-operation'),
        ({"ignore": ("qqq",)}, 'expected a rule in ignore, found "qqq"; there are not-an-answer, '),
        ({"ignore": (5,)}, "expected a rule in ignore, found int"),
        ({"severity": "fatal"}, 'expected warning or error as severity, found "fatal"'),
        ({"mode": "loose"}, 'expected strict or lax as mode, found "loose"'),
        ({"operation": "bounces.git"}, 'found "bounces.git"'),
    ],
)
def test_invalid_options_are_argument_errors(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        CheckOptions(**options)
    assert message in str(caught.value)


def test_an_unknown_kind_is_an_argument_error() -> None:
    with pytest.raises(ArgumentError, match="expected a kind such as"):
        run(io.BytesIO(b"[]"), kind="pcap")


def test_a_selection_includes_everything_by_default() -> None:
    assert Selection().includes("secret-in-url", "warning")
    tolerable = Problem("unknown-field", "error", "x", Location("", "", 1, 1, 0), True)
    assert not Selection().tolerates(tolerable)
    assert Selection(mode="lax").tolerates(tolerable)


@pytest.mark.parametrize(
    ("selection", "checked"),
    [
        ({}, True),
        ({"select": ("out-of-range",)}, True),
        ({"select": ("truncated",)}, False),
        ({"ignore": ("out-of-range",)}, False),
    ],
)
def test_only_selected_rules_for_exchanges_are_checked(
    selection: dict[str, Any], checked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def rule(facts: object) -> list[Problem]:
        seen.append(facts)
        return []

    monkeypatch.setitem(EXCHANGE_RULES, "out-of-range", rule)
    run(io.BytesIO(line(GET, "[]")), **selection)
    assert bool(seen) == checked


# Calls in words
@pytest.mark.parametrize(
    ("url", "verb", "expected"),
    [
        (f"https://u:p@h{GET}", None, "GET /api/invalidemails.get.json"),
        ("/v3/suppression/bounces/a@b.c", "DELETE", "DELETE /v3/suppression/bounces"),
        (
            "POST /apiv2/customer.bounces.json?task=get HTTP/1.1",
            None,
            "POST /apiv2/customer.bounces",
        ),
    ],
)
def test_a_call_is_its_verb_and_path(url: str, verb: str | None, expected: str) -> None:
    request = Request.parse(url, None, verb)
    found = call_of(Exchange(request, 200, None, b"", Source("x"), url=url))
    assert found.startswith(expected)
    assert "@" not in found and "?" not in found


@pytest.mark.parametrize(
    ("url", "verb", "expected"),
    [
        (None, None, ""),
        ("https://u:p@h/logo.png?x=1", "PUT", "PUT /logo.png"),
        ("https://h/a%20b", None, ""),
        ("https://h/ab", "G\x00T", ""),
        ("/" + 300 * "a", None, "GET /" + 198 * "a" + "…"),
    ],
)
def test_another_call_is_shown_only_with_a_plain_path(
    url: str | None, verb: str | None, expected: str
) -> None:
    assert call_of(Exchange(None, 200, None, b"", Source("x"), url=url, verb=verb)) == expected


def test_a_request_made_by_hand_has_a_path_and_a_verb() -> None:
    older = Request("bounces.get", "xml", "subuser", (("api_key", "k"),))
    newer = Request("bounces.delete", "json-v3", "v3", (("email", "a@b"),))
    assert call_of(Exchange(older, 1, None, b"", Source("x"))) == "GET /apiv2/customer.bounces.xml"
    assert call_of(Exchange(newer, 1, None, b"", Source("x"))) == "DELETE /v3/suppression/bounces"
