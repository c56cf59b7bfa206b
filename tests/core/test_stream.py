"""`iter_records` gives what `parse` gives, however the bytes are cut into chunks."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sgformats
from sgformats import (
    DecodeError,
    Failure,
    FailureError,
    InvalidEmail,
    Listing,
    Record,
    SgformatsError,
    ValidationError,
    encode,
    iter_records,
    parse,
)
from sgformats._scan import stream
from sgformats._text import window
from sgformats._text.encodings import find_encoding
from sgformats.operations import OperationName
from sgformats.testing.strategies import mutated, payloads
from tests.core.readerkit import GETS

GET: Final = "invalidemails.get"
MANY = Listing(
    "invalidemails", tuple(InvalidEmail(f"u{number}@x", "Bad Syntax") for number in range(25_000))
)


def taken(records: Iterator[Record]) -> tuple[list[Record], SgformatsError | None]:
    found: list[Record] = []
    try:
        found.extend(records)
    except SgformatsError as error:
        return found, error
    return found, None


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Read no payload as a whole, but detect its encoding from all of it."""
    monkeypatch.setattr(stream, "_WHOLE", 4)
    monkeypatch.setattr(window, "_LEAST", 5)

    def detect(data: bytes) -> None:
        monkeypatch.setattr(
            stream, "find_encoding", lambda head, syntax: find_encoding(data, syntax)
        )

    return detect


@settings(suppress_health_check=list(HealthCheck))
@given(st.sampled_from(GETS), st.sampled_from(["strict", "lax"]), st.integers(1, 90), st.data())
def test_iter_records_gives_what_parse_gives(
    small: Callable[[bytes], None],
    operation: OperationName,
    mode: sgformats.Mode,
    size: int,
    data: st.DataObject,
) -> None:
    made = payloads(operation)
    payload = data.draw(st.one_of(made.map(lambda written: written[1]), mutated(made)))
    small(payload)
    found, error = taken(iter_records(pieces(payload, size), operation, mode=mode))
    try:
        reply = parse(payload, operation, mode=mode)
    except ValidationError as expected:
        assert isinstance(error, ValidationError)
        assert error.problems[0] in expected.problems
    except DecodeError as expected:
        # A contract problem before the damage is raised instead.
        assert error is not None
        bad_bytes = expected.problems[0].rule in ("bad-encoding", "truncated")
        if isinstance(error, DecodeError) and not bad_bytes:
            assert error.problems == expected.problems
        records = sgformats.salvage(payload, operation, mode=mode).records
        assert tuple(found) == records[: len(found)]
    else:
        if isinstance(reply, Listing):
            assert (tuple(found), error) == (reply.records, None)
        else:
            assert isinstance(error, FailureError)
            assert isinstance(reply, Failure)
            assert Failure(error.message, error.errors, error.code) == reply


def copies(size: int) -> Iterator[bytes]:
    yield b"["
    for number in range(size):
        yield b'%b{"email":"u%d@x","reason":"Bad Syntax"}' % (b"," if number else b"", number)
    yield b"]"


def peak(size: int) -> int:
    tracemalloc.start()
    try:
        assert sum(1 for _ in iter_records(copies(size), GET)) == size
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_list() -> None:
    assert peak(200_000) < 1.2 * peak(50_000)


@pytest.mark.parametrize("format", ["json", "xml"])
def test_files_and_chunks_are_read(format: sgformats.Format) -> None:
    data = encode(MANY, format)
    assert len(data) > 1 << 20
    assert tuple(iter_records(io.BytesIO(data), GET)) == MANY.records
    assert tuple(iter_records([memoryview(data)[:9], bytearray(data[9:])], GET)) == MANY.records
    assert tuple(iter_records([data], GET, format=format, zone="UTC")) == MANY.records


@pytest.mark.parametrize("format", ["json", "xml"])
def test_problems_in_a_long_list_have_exact_locations(format: sgformats.Format) -> None:
    data = encode(MANY, format, indent=True)
    assert len(data) > 1 << 20
    at = data.index(b"u24990@x")
    cut, error = taken(iter_records(pieces(data[:at], 4096), GET))
    with pytest.raises(DecodeError) as expected:
        parse(data[:at], GET)
    assert isinstance(error, DecodeError)
    assert (error.problems, tuple(cut)) == (expected.value.problems, MANY.records[:24_990])

    wrong = data.replace(b"u24990@x", b"u24990@x" + (b'","x":"' if format == "json" else b"<x/>"))
    some, error = taken(iter_records(pieces(wrong, 4096), GET))
    with pytest.raises(ValidationError) as invalid:
        parse(wrong, GET)
    assert isinstance(error, ValidationError)
    assert (error.problems, tuple(some)) == (invalid.value.problems[:1], MANY.records[:24_990])

    bad = data.replace(b"u24990@x", b"u24990\xff@x").replace(b"ISO-8859-1", b"UTF-8")
    some, error = taken(iter_records(pieces(bad, 4096), GET))
    with pytest.raises(DecodeError) as undecodable:
        parse(bad, GET)
    assert isinstance(error, DecodeError)
    assert (error.problems, tuple(some)) == (undecodable.value.problems, MANY.records[:24_990])


def test_bytes_after_a_long_list_are_reported() -> None:
    data = encode(MANY, "json")
    for more in (b"]", b" " * 100_000 + b"x", b"\xff"):
        some, error = taken(iter_records(pieces(data + more, 4096), GET))
        with pytest.raises(DecodeError) as expected:
            parse(data + more, GET)
        assert isinstance(error, DecodeError)
        assert (error.problems, len(some)) == (expected.value.problems, 25_000)
    assert len(taken(iter_records(pieces(data + b" " * 200_000, 4096), GET))[0]) == 25_000


def test_a_long_payload_that_is_no_list_is_read_as_a_whole() -> None:
    failure = b'{"message":"' + b"x" * 2_000_000 + b'"}'
    with pytest.raises(FailureError) as error:
        list(iter_records(pieces(failure, 9999), GET))
    assert str(error.value) == 'the API answered with a failure: "' + "x" * 59 + '…"'
    assert (error.value.errors, error.value.code) == ((), None)
    with pytest.raises(DecodeError) as large:
        list(iter_records(pieces(failure, 9999), GET, max_bytes=1_500_000))
    assert large.value.problems[0].rule == "too-large"
    with pytest.raises(DecodeError):
        list(iter_records([b"<html>" + b" " * 2_000_000], GET))


def test_a_record_larger_than_max_bytes_is_refused() -> None:
    data = b'[{"email":"' + b"x" * 3_000_000 + b'","reason":"r"}]'
    assert len(next(iter_records(pieces(data, 9999), GET)).email) == 3_000_000
    with pytest.raises(DecodeError) as error:
        list(iter_records(pieces(data, 9999), GET, max_bytes=1_000_000))
    (problem,) = error.value.problems
    assert (problem.rule, problem.location.offset) == ("too-large", 1)


def test_v3_lists_are_read_in_chunks() -> None:
    one = b'{"created":1,"email":"a","reason":"r"},{"created":2,"email":"b","reason":"r"}'
    data = b"[%b]" % b",".join([one] * 20_000)
    reply = parse(data, GET)
    assert isinstance(reply, Listing)
    assert tuple(iter_records(pieces(data, 5000), GET)) == reply.records
    assert taken(iter_records(pieces(data, 5000), GET, format="json"))[0] == []
    assert taken(iter_records(pieces(data, 5000), "unsubscribes.get"))[0] == []


def test_lax_mode_continues_after_tolerable_problems(small: Callable[[bytes], None]) -> None:
    item = b"<invalidemail><email>a</email><reason>b</reason><x/></invalidemail>"
    data = b'<invalidemails page="1">' + item * 2 + b"</invalidemails>"
    small(data)
    found = taken(iter_records(pieces(data, 9), GET, mode="lax"))
    assert found == ([InvalidEmail("a", "b")] * 2, None)
    assert taken(iter_records(pieces(data, 9), GET))[0] == []


def test_arguments_are_checked_before_the_first_record() -> None:
    for chunks in (b"[]", "[]", 5):
        with pytest.raises(sgformats.ArgumentError, match="expected an iterable of bytes"):
            iter_records(chunks, GET)  # type: ignore[call-overload]
    for wanted in ({"operation": "bounces.count"}, {"mode": "x"}, {"max_bytes": 0}, {"zone": "x"}):
        with pytest.raises(sgformats.ArgumentError):
            iter_records([], **{"operation": GET, **wanted})  # type: ignore[call-overload]
    with pytest.raises(sgformats.ArgumentError, match="expected chunks of bytes, found str"):
        list(iter_records(["[]"], GET))  # type: ignore[call-overload]
