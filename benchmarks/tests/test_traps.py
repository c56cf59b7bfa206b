"""The traps: the results of sgformats, and the notes on other contenders."""

from __future__ import annotations

from typing import Any

import pytest

import sgformats
from benchmarks.contender import FORMATS, OPERATION, Row, Work, rows_of
from benchmarks.peers import contenders
from benchmarks.traps import READ, WRITTEN, notes

VALID = {
    "an empty timestamp": [Row("a", "x")],
    "an empty text": [Row("", "x")],
    "white space around a text": [Row(" a ", "x")],
    "a comment in a text": [Row("ab", "x")],
}


@pytest.mark.parametrize("name", READ)
def test_sgformats_reads_a_trap_as_the_contract_says_or_refuses_it(name: str) -> None:
    for data in READ[name].values():
        problems = sgformats.validate(data, OPERATION)
        assert bool(problems) == (name not in VALID)
        if name in VALID:
            reply = sgformats.parse(data, OPERATION)
            assert isinstance(reply, sgformats.Listing)
            assert rows_of(reply.records) == VALID[name]


@pytest.mark.parametrize("name", WRITTEN)
def test_sgformats_refuses_to_write_invalid_values(name: str) -> None:
    record: Any = sgformats.InvalidEmail(*WRITTEN[name])
    for format in FORMATS:
        with pytest.raises(sgformats.EncodeError):
            sgformats.encode(sgformats.Listing("invalidemails", (record,)), format)


WORKS: tuple[Work, ...] = ("parse", "encode", "convert")


@pytest.mark.parametrize("work", WORKS)
@pytest.mark.parametrize("format", FORMATS)
def test_sgformats_has_no_notes(work: Work, format: Any) -> None:
    (ours,) = (who for who in contenders(work, format) if who.name == "sgformats")
    assert notes(ours) == ([], [])


def note(work: Work, format: Any, name: str) -> tuple[list[str], list[str]]:
    (found,) = (who for who in contenders(work, format) if who.name == name)
    return notes(found)


def test_the_notes_list_what_a_contender_accepts_and_refuses() -> None:
    assert note("parse", "json", "json + jsonschema") == (
        ["a duplicate field", "half a surrogate pair"],
        [],
    )
    assert note("parse", "xml", "lxml + XMLSchema + loop") == (
        ["a comment in a text", "a DOCTYPE", "a declaration that contradicts the bytes"],
        [],
    )
    assert "a duplicate field" in note("parse", "json", "pydantic")[0]
    assert note("parse", "json", "pydantic")[1] == ["an empty timestamp"]
    assert note("encode", "xml", "template + escape") == (
        [
            "a zone",
            "a fraction of a second",
            "half a surrogate pair",
            "a character that XML does not allow",
        ],
        [],
    )
    assert "30 February" in note("convert", "xml", "lxml + orjson.dumps")[0]
