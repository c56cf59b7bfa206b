"""If a payload has very many problems, the first are kept and all are counted."""

from __future__ import annotations

import pickle
import tracemalloc
from collections.abc import Callable
from typing import Final

import pytest

import sgformats
from sgformats import SgformatsError, ValidationError, iter_records, parse, salvage, validate
from sgformats.errors import MAX_PROBLEMS

GET: Final = "invalidemails.get"
BAD = b"[" + b"1," * MAX_PROBLEMS + b"1]"
XML = b"<invalidemails>" + b'<invalidemail a=""><x/></invalidemail>' * 30 + b"</invalidemails>"


def test_the_first_problems_in_document_order_are_kept() -> None:
    every = validate(XML, GET)
    assert (len(every), every.total) == (120, 120)
    for most in (1, 2, 7, 119, 120, 121):
        found = validate(XML, GET, max_problems=most)
        assert found == every[:most]
        assert (found.total, found.tolerable) == (120, False)


def test_the_first_problems_of_one_record_are_kept() -> None:
    record = b'[{"email":"a","reason":"b",%s}]' % b",".join(b'"x%d":1' % k for k in range(9))
    every = validate(record, GET)
    assert (len(every), every.total) == (9, 9)
    for most in (1, 2, 9):
        assert validate(record, GET, max_problems=most) == every[:most]
        assert validate(record, GET, max_problems=most).total == 9


@pytest.mark.parametrize(
    "reply",
    [
        b'{"message":"success",%s}' % b",".join(b'"x%d":1' % k for k in range(9)),
        b'{"message":"error","errors":[%s]}' % b",".join(b"%d" % k for k in range(9)),
        b"<result><message>success</message>%s</result>" % (b"<x/>" * 9),
    ],
)
def test_the_first_problems_of_a_result_are_kept(reply: bytes) -> None:
    every = validate(reply, "invalidemails.delete")
    assert (len(every), every.total) == (9, 9)
    for most in (1, 2, 9):
        found = validate(reply, "invalidemails.delete", max_problems=most)
        assert (found, found.total) == (every[:most], 9)


def test_salvage_keeps_the_first_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgformats._scan.harvest.MAX_PROBLEMS", 3)
    broken = salvage(b'[{"email":"a","reason":"b"} ' * 8, GET)
    assert (len(broken.records), broken.problem_count) == (8, 8)
    assert [each.location.offset for each in broken.problems] == [28, 56, 84]


def test_an_error_says_how_many_problems_there_are() -> None:
    for operation in (GET, None):
        with pytest.raises(ValidationError) as caught:
            parse(BAD, operation)
        error = pickle.loads(pickle.dumps(caught.value))
        assert (len(error.problems), error.total) == (MAX_PROBLEMS, MAX_PROBLEMS + 1)
        assert str(error).endswith("found a number (and 10000 more)")
    assert error.problems[-1].location.path == f"[{MAX_PROBLEMS - 1}]"


@pytest.mark.thorough
def test_max_problems_can_be_raised() -> None:
    found = validate(BAD, GET, max_problems=2 * MAX_PROBLEMS)
    assert len(found) == found.total == MAX_PROBLEMS + 1


@pytest.mark.thorough
def test_salvage_counts_the_problems_that_it_drops() -> None:
    found = salvage(BAD, GET)
    assert (len(found.problems), found.problem_count) == (MAX_PROBLEMS, MAX_PROBLEMS + 1)
    broken = salvage(b'[{"email":"a","reason":"b"} ' * (MAX_PROBLEMS + 5), GET)
    assert len(broken.records) == MAX_PROBLEMS + 5
    assert len(broken.problems) == MAX_PROBLEMS
    assert broken.problem_count > MAX_PROBLEMS


@pytest.mark.thorough
def test_many_tolerable_problems_still_give_a_reply() -> None:
    item = b'{"email":"a","reason":"b","x":1}'
    data = b"[" + b",".join([item] * (MAX_PROBLEMS + 2)) + b"]"
    assert len(parse(data, GET, mode="lax").records) == MAX_PROBLEMS + 2  # type: ignore[union-attr]
    assert validate(data, GET).tolerable
    worse = data[:-1] + b",1]"
    assert not validate(worse, GET).tolerable
    with pytest.raises(ValidationError):
        parse(worse, GET, mode="lax")
    assert salvage(worse, GET).reply is None


@pytest.mark.parametrize("most", [0, -1, "1"])
def test_max_problems_must_be_a_positive_integer(most: int) -> None:
    with pytest.raises(sgformats.ArgumentError, match="max_problems"):
        validate(b"[]", GET, max_problems=most)


HOSTILE = {
    "numbers": b"[" + b"1," * 100_000 + b"1]",
    "unknown fields": b'[{"email":"a","reason":"b",'
    + b",".join(b'"%d":1' % n for n in range(60_000))
    + b"}]",
    "elements": b"<invalidemails>" + b"<a>b</a>" * 60_000 + b"</invalidemails>",
    "attributes": b"<invalidemails>" + b'<invalidemail a=""/>' * 30_000 + b"</invalidemails>",
    "breaks": b"[" + b'{"email":"a"} ' * 40_000,
}


@pytest.mark.thorough
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "call",
    [
        lambda data: parse(data, GET),
        parse,
        lambda data: validate(data, GET),
        validate,
        lambda data: salvage(data, GET),
        lambda data: list(iter_records([data], GET)),
    ],
    ids=["parse", "parse any", "validate", "validate any", "salvage", "stream"],
)
def test_many_problems_take_little_memory(call: Callable[[bytes], object], data: bytes) -> None:
    """A tree takes up to 200 bytes for each byte of the payload; problems must not add to that."""
    tracemalloc.start()
    try:
        call(data)
    except SgformatsError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 30_000_000 + 200 * len(data)
