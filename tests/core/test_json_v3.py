"""Answers of the v3 API, and common variants of them."""

from __future__ import annotations

import pytest

import sgformats
from sgformats import DecodeError, Listing, Success, ValidationError
from sgformats._scan.document import read_document
from sgformats.operations import OPERATIONS, OperationName
from sgformats.testing import Case, load_corpus

DELETES = [name for name, op in OPERATIONS.items() if op.in_v3 and op.task == "delete"]
RECORD = b'{"created":1330837567,"email":"lea@garden.example","reason":"r","status":"5"}'
EMAIL_FIRST = b'[{"email":"lea@garden.example","status":"5","reason":"r","created":1330837567}]'


def test_every_call_reads_a_single_record_as_a_list_of_one() -> None:
    reply = sgformats.parse(b"[%b]" % RECORD, "bounces.get")
    assert isinstance(reply, Listing)
    assert sgformats.parse(RECORD, "bounces.get", mode="lax") == reply
    assert sgformats.parse(RECORD, "bounces.get", mode="lax", format="json-v3") == reply
    assert sgformats.salvage(RECORD, "bounces.get").reply == reply
    found = sgformats.iter_records([RECORD], "bounces.get", mode="lax")
    assert tuple(found) == reply.records
    assert sgformats.classify(RECORD).format == "json-v3"


def test_a_number_as_created_suggests_json_v3() -> None:
    with pytest.raises(ValidationError) as refused:
        sgformats.parse(EMAIL_FIRST, "bounces.get")
    (problem,) = refused.value.problems
    assert (problem.rule, problem.location.path) == ("wrong-type", "[0].created")
    assert problem.message == 'expected text, found a number, which format="json-v3" reads'
    reply = sgformats.parse(EMAIL_FIRST, "bounces.get", format="json-v3")
    assert reply == sgformats.parse(b"[%b]" % RECORD, "bounces.get")


@pytest.mark.parametrize("number", ["-1", "1.5", "253402300800"])
def test_an_impossible_number_as_created_suggests_nothing(number: str) -> None:
    body = EMAIL_FIRST.replace(b"1330837567", number.encode())
    (problem,) = sgformats.validate(body, "bounces.get")
    assert problem.message == "expected text, found a number"
    assert sgformats.validate(body, "bounces.get", format="json-v3")[0].rule == "invalid-timestamp"


@pytest.mark.parametrize("zone", [None, "America/Los_Angeles"])
@pytest.mark.parametrize("operation", DELETES)
def test_an_empty_body_is_a_successful_delete(operation: OperationName, zone: str | None) -> None:
    for body in (b"", "", bytearray()):
        assert sgformats.parse(body, operation, format="json-v3", zone=zone) == Success()
        assert sgformats.validate(body, operation, format="json-v3", zone=zone) == []
        saved = sgformats.salvage(body, operation, format="json-v3", zone=zone)
        assert (saved.reply, saved.broken_at) == (Success(), None)


@pytest.mark.parametrize(
    ("operation", "format"),
    [
        ("bounces.delete", None),
        ("bounces.delete", "json"),
        ("bounces.get", "json-v3"),
        (None, "json-v3"),
    ],
)
def test_any_other_empty_body_is_no_answer(
    operation: OperationName | None, format: sgformats.Format | None
) -> None:
    with pytest.raises(DecodeError, match="not-an-answer"):
        sgformats.parse(b"", operation, format=format)


def test_classify_explains_an_empty_body() -> None:
    evidence = "an empty body is a success only for a delete of v3"
    assert sgformats.classify(b"").evidence[1:] == (evidence,)
    assert len(sgformats.classify(b" ").evidence) == 1


VALID = [case for case in load_corpus() if case.strict is not None and case.given_format is None]


@pytest.mark.parametrize("case", VALID, ids=lambda case: case.name)
def test_salvage_detects_the_format_of_the_full_reader(case: Case) -> None:
    found = sgformats.salvage(case.payload, case.operation)
    assert found.format == read_document(case.payload).format
