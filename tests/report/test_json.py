"""The report `json`, and the schema that documents it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from sgformats.contract.outcome import CheckSummary
from sgformats.report.jsonreport import report_schema
from sgformats.rules import RULES
from tests.report.reportkit import CALL, OUTCOMES, QUIET, SUMMARY, written

SCHEMA = Draft202012Validator(json.loads(report_schema()))
PROBLEM = {
    "rule": "invalid-timestamp",
    "severity": "error",
    "message": 'expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"',
    "expected": "YYYY-MM-DD HH:MM:SS",
    "found": '"2009-02-29 12:40:30"',
    "source": {"file": "./captures/a b.har", "entry": 3, "line": 120, "offset": 4711},
    "location": {
        "path": "[0].created",
        "native": "/0/created",
        "line": 1,
        "column": 53,
        "offset": 52,
    },
    "about": "payload",
    "call": CALL,
    "operation": "invalidemails.get",
    "format": "json",
    "status": 200,
    "tolerable": False,
    "tolerated": False,
    "known": False,
}


def test_the_figures_come_first_and_every_problem_follows() -> None:
    text = written("json")
    report = json.loads(text)
    assert list(report) == ["summary", "problems"]
    assert report["summary"] == {
        "files": 3,
        "exchanges": 4,
        "checked": 3,
        "skipped": 1,
        "unread": 1,
        "errors": 4,
        "warnings": 1,
        "known": 1,
        "tolerated": 1,
        "vanished": ["old.har: missing-field: GET /api/bounces.get.xml"],
        "compared": [],
    }
    assert list(report["summary"]) == list(CheckSummary.__struct_fields__)
    problems = report["problems"]
    assert problems[1] == PROBLEM
    assert problems[0] == {
        **PROBLEM,
        "source": {"file": "answers/damaged.json", "entry": None, "line": None, "offset": None},
        "call": None,
        "status": None,
    }
    facts = [(p["rule"], p["about"], p["known"], p["tolerated"]) for p in problems[2:]]
    assert facts == [
        ("invalid-parameter", "call", False, False),
        ("secret-in-url", "call", False, False),
        ("invalid-timestamp", "payload", True, False),
        ("unknown-field", "payload", False, True),
        ("damaged-capture", "capture", False, False),
    ]


def test_a_problem_is_a_line() -> None:
    lines = written("json").splitlines()
    assert lines[1] == '"problems":['
    assert json.loads(lines[3].removesuffix(",")) == PROBLEM
    assert (len(lines), lines[-1]) == (10, "]}")


def test_nothing_found_is_an_empty_list() -> None:
    assert written("json", [], QUIET) == (
        '{"summary":{"files":1,"exchanges":1,"checked":1,"skipped":0,"unread":0,"errors":0,'
        '"warnings":0,"known":0,"tolerated":0,"vanished":[],"compared":[]},\n"problems":[]}\n'
    )


@pytest.mark.parametrize("outcomes", [OUTCOMES, [], OUTCOMES[:1], OUTCOMES[-1:]])
@pytest.mark.parametrize("summary", [SUMMARY, QUIET])
def test_the_schema_accepts_written_reports(outcomes: Any, summary: CheckSummary) -> None:
    SCHEMA.validate(json.loads(written("json", outcomes, summary)))


def test_the_schema_is_valid_and_checks_rule_names() -> None:
    Draft202012Validator.check_schema(json.loads(report_schema()))
    pattern = json.loads(report_schema())["$defs"]["problem"]["properties"]["rule"]
    for name in RULES:
        Draft202012Validator(pattern).validate(name)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a report, with each of its keys."""
    found: list[tuple[Any, Any]] = []
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        found.append((value, key))
        if isinstance(inner, (dict, list)):
            found += places(inner)
    return found


def spoilt(change: Callable[[Any, Any], None], number: int) -> Any:
    report = json.loads(written("json", OUTCOMES[1:2]))
    container, key = places(report)[number]
    change(container, key)
    return report


def rename(container: Any, key: Any) -> None:
    if isinstance(container, list):
        container.append({})
    else:
        container[f"{key}s"] = container.pop(key)


def retype(container: Any, key: Any) -> None:
    container[key] = -1.5


def lower(container: Any, key: Any) -> None:
    container[key] = -1


@pytest.mark.parametrize("change", [rename, retype, lower])
def test_the_schema_refuses_whatever_deviates(change: Callable[[Any, Any], None]) -> None:
    number = len(places(json.loads(written("json", OUTCOMES[1:2]))))
    assert number > 100
    taken = []
    for index in range(number):
        report = spoilt(change, index)
        if SCHEMA.is_valid(report):
            taken.append(places(report)[index][1])
    # A status may be any whole number, even negative.
    assert taken == (["status"] * 5 if change is lower else [])
