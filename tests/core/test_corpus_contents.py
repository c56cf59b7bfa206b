"""The corpus covers the documented samples, every rule, every trap and every observed damage."""

from __future__ import annotations

from datetime import datetime

import pytest

from sgformats.operations import METHODS, OPERATIONS, Method, Operation
from sgformats.records import InvalidEmail, Listing
from sgformats.rules import RULES, Rule
from sgformats.testing import load_corpus

CASES = {case.name: case for case in load_corpus()}

# The known traps for readers. Each has a case of this name.
TRAPS = (
    "escaped-key-beside-its-twin",
    "two-text-nodes-offset-an-empty-element",
    "comment-splits-text",
    "cdata-splits-text",
    "doubled-final-bracket-list",
    "second-document-xml",
    "second-document-json",
    "nan",
    "lone-surrogate-high",
    "lone-surrogate-low",
    "carriage-return-in-xml-text",
    "leading-bom-alone-xml",
    "leading-bom-alone-json",
    "lying-declaration-utf-8",
    "lying-declaration-utf-16",
    "billion-laughs",
    "external-entity-file",
    "parameter-entity",
    "nesting-json",
    "nesting-xml",
    "text-of-11-megabytes-xml",
    "nul-in-xml",
    "overlong-utf-8-json",
)


def seed_list(created: datetime) -> Listing[InvalidEmail]:
    rows = (
        ("isaac@hotmail.comm", "Mail domain mentioned in email address is unknown"),
        ("isaac@hotmail", "Bad Syntax"),
        ("isaac@example.com", "Known bad domain"),
    )
    return Listing("invalidemails", tuple(InvalidEmail(*row, created) for row in rows))


def test_the_documented_lists_differ_only_in_created() -> None:
    assert CASES["seed/list-xml"].strict == seed_list(datetime(2009, 6, 10, 12, 40, 30))
    assert CASES["seed/list-json"].strict == seed_list(datetime(2009, 6, 1, 19, 41, 39))


def test_invalidemails_has_hundreds_of_cases() -> None:
    cases = [case for case in CASES.values() if case.operation.startswith("invalidemails.")]
    invalid = sum(bool(case.problems) for case in cases)
    assert len(cases) >= 300
    assert 80 <= invalid <= len(cases) - 80


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_has_valid_and_invalid_cases_in_both_formats(operation: str) -> None:
    cases = [case for case in CASES.values() if case.operation == operation]
    seen = {(case.format, bool(case.problems)) for case in cases}
    assert len(cases) >= 12
    assert seen >= {("xml", True), ("xml", False), ("json", True), ("json", False)}


@pytest.mark.parametrize(
    "operation", [op for op in OPERATIONS.values() if op.in_v3], ids=lambda op: op.name
)
def test_every_v3_operation_has_its_own_cases(operation: Operation) -> None:
    cases = [
        case
        for case in CASES.values()
        if case.operation == operation.name and "json-v3" in (case.given_format, case.format)
    ]
    assert len(cases) >= (12 if operation.task == "get" else 4)
    assert {bool(case.problems) for case in cases} == {True, False}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_every_list_has_a_case_in_a_zone(method: Method) -> None:
    partners = {
        case.same_reply_as
        for case in CASES.values()
        if case.zone and case.operation == f"{method.name}.get"
    }
    assert partners >= {f"{method.name}.get/v3-one-record" if method.v3 else None}


def test_ambiguous_and_skipped_times_are_in_both_formats() -> None:
    rules = {"ambiguous-time", "nonexistent-time"}
    found = {
        (problem.rule, case.format, case.fold)
        for case in CASES.values()
        for problem in case.problems
        if problem.rule in rules
    }
    assert found == {
        *(("ambiguous-time", format, None) for format in ("xml", "json")),
        *(
            ("nonexistent-time", format, fold)
            for format in ("xml", "json")
            for fold in (None, 0, 1)
        ),
    }


@pytest.mark.parametrize(
    "rule",
    [rule for rule in RULES.values() if rule.stage in ("decode", "contract")],
    ids=lambda rule: rule.name,
)
def test_every_payload_rule_is_broken_by_a_case(rule: Rule) -> None:
    problems = [problem for case in CASES.values() for problem in case.problems]
    found = {problem.tolerable for problem in problems if problem.rule == rule.name}
    expected = {True} if rule.tolerable.startswith("Always") else {True, False}
    assert found == (expected if rule.tolerable else {False})


@pytest.mark.parametrize("trap", TRAPS)
def test_every_known_trap_has_a_case(trap: str) -> None:
    assert f"hostile/{trap}" in CASES


def test_every_observed_damage_has_a_case() -> None:
    damaged = {name.removeprefix("damaged/") for name in CASES if name.startswith("damaged/")}
    assert damaged >= {
        *("objects-without-brackets", "key-without-braces", "first-bracket-lost"),
        *("last-bracket-lost", "doubled-final-bracket", "two-bodies-json", "two-bodies-xml"),
        *("start-tag-for-end-tag", "control-bytes-for-markup", "one-item-for-a-list"),
        *("duplicated-key", "duplicated-field"),
    }


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_the_documented_lists_mean_the_same_in_both_formats(method: Method) -> None:
    folder = "seed" if method.name == "invalidemails" else f"{method.name}.get"
    one, other = CASES[f"{folder}/list-xml"], CASES[f"{folder}/list-json"]
    assert (one.provenance, other.provenance) == ("documented", "documented")
    assert (one.strict == other.strict) == (folder != "seed")


def test_locations_are_inside_the_payload() -> None:
    for case in CASES.values():
        for problem in case.problems:
            location = problem.location
            assert 0 <= location.offset <= len(case.payload), case.name
            assert location.column >= 1 and location.line >= 1, case.name
