"""Every case of the corpus, read in both modes: the reply, or each problem with its location."""

from __future__ import annotations

import pytest

import sgformats
from sgformats._classify import classify
from sgformats.errors import DecodeError, SgformatsError, ValidationError, describe_fault
from sgformats.records import Reply
from sgformats.rules import RULES
from sgformats.testing import Case, ExpectedProblem, load_corpus

CASES = load_corpus()
by_name = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def expected_error(case: Case) -> type[SgformatsError]:
    stages = {RULES[problem.rule].stage for problem in case.problems}
    return DecodeError if stages == {"decode"} else ValidationError


def found_problems(problems: tuple[sgformats.Problem, ...]) -> tuple[ExpectedProblem, ...]:
    return tuple(ExpectedProblem(p.rule, p.location, p.tolerable) for p in problems)


def read(case: Case, mode: sgformats.Mode) -> Reply:
    return sgformats.parse(
        case.payload,
        case.operation,
        format=case.given_format,
        mode=mode,
        zone=case.zone,
        fold=case.fold,
    )


def check_reading(case: Case, mode: sgformats.Mode, expected: Reply | None) -> None:
    if expected is not None:
        found = read(case, mode)
        assert found == expected
        assert repr(found) == repr(expected)  # Every moment is in UTC.
        return
    with pytest.raises(expected_error(case)) as refused:
        read(case, mode)
    assert found_problems(refused.value.problems) == case.problems


@by_name
def test_strict_mode_gives_the_reply_or_every_problem(case: Case) -> None:
    check_reading(case, "strict", case.strict)


@by_name
def test_lax_mode_gives_the_reply_or_every_problem(case: Case) -> None:
    check_reading(case, "lax", case.lax)


@by_name
def test_a_problem_has_what_was_expected_and_found_as_data(case: Case) -> None:
    for problem in sgformats.validate(case.payload, case.operation, format=case.given_format):
        text = describe_fault(problem.expected, problem.found)
        assert problem.expected or problem.found
        assert problem.message == text or problem.message.startswith(f"{text}; ")


@by_name
def test_validate_gives_exactly_the_expected_problems(case: Case) -> None:
    problems = sgformats.validate(
        case.payload, case.operation, format=case.given_format, zone=case.zone, fold=case.fold
    )
    assert found_problems(tuple(problems)) == case.problems


@by_name
def test_the_format_is_detected_from_the_bytes(case: Case) -> None:
    assert classify(case.payload).format == case.format
