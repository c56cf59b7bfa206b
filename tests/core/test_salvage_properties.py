"""Promise 5: the records salvaged from a damaged list are a subsequence of the original records."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import assume, given
from hypothesis import strategies as st

import sgformats
from sgformats import Listing, Record, encode, parse, salvage
from sgformats.operations import OperationName
from sgformats.testing.strategies import mutated, payloads, records
from tests.core.readerkit import GETS


def is_subsequence(some: Iterable[Record], of: Iterable[Record]) -> bool:
    left = iter(of)
    return all(any(record == each for each in left) for record in some)


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, tuple[Record, ...], bytes]:
    """A list in ASCII, in which damage cannot turn one character into another."""
    operation = draw(st.sampled_from(GETS))
    found = tuple(draw(st.lists(records(operation), max_size=5)))
    method = sgformats.OPERATIONS[operation].method.name
    format = draw(st.sampled_from(["xml", "json"]))
    data = encode(Listing(method, found), format, encoding="US-ASCII", indent=draw(st.booleans()))  # type: ignore[arg-type]
    return operation, found, data


def check_salvage(data: bytes, operation: OperationName, undamaged: tuple[Record, ...]) -> None:
    found = salvage(data, operation)
    assert is_subsequence(found.records, undamaged)
    assert len(found.indexes) == len(found.records)
    assert list(found.indexes) == sorted(set(found.indexes))
    assert 0 <= found.unaccounted <= len(data)
    try:
        reply = parse(data, operation, mode="lax")
    except sgformats.DecodeError as error:
        assert error.problems[0] in found.problems
        assert found.broken_at is not None
        assert found.broken_at <= error.problems[0].location.offset
        assert found.reply is None
    except sgformats.ValidationError:
        assert (found.reply, found.broken_at) == (None, None)
    else:
        assert found.reply == reply


@given(lists())
def test_a_cut_list_gives_its_complete_records(
    made: tuple[OperationName, tuple[Record, ...], bytes],
) -> None:
    operation, undamaged, data = made
    before = 0
    for end in range(0, len(data), max(1, len(data) // 60)):
        check_salvage(data[:end], operation, undamaged)
        check_salvage(data[end:], operation, undamaged)
        found = salvage(data[:end], operation).records
        assert found == undamaged[: len(found)]
        assert len(found) >= before
        before = len(found)


@given(lists(), st.data())
def test_overwritten_bytes_never_change_a_record(
    made: tuple[OperationName, tuple[Record, ...], bytes], data: st.DataObject
) -> None:
    operation, undamaged, whole = made
    for _ in range(5):
        start = data.draw(st.integers(0, len(whole)))
        size = data.draw(st.integers(0, 30))
        filler = data.draw(st.sampled_from([b"\0", b"\2", b"\xff"]))
        end = min(start + size, len(whole))
        check_salvage(whole[:start] + filler * (end - start) + whole[end:], operation, undamaged)


@given(st.sampled_from(GETS).flatmap(lambda name: st.tuples(st.just(name), payloads(name))))
def test_an_undamaged_list_loses_nothing(
    made: tuple[OperationName, tuple[sgformats.Reply, bytes]],
) -> None:
    operation, (reply, data) = made
    assume(isinstance(reply, Listing))
    found = salvage(data, operation)
    assert found.reply == reply
    assert (found.records, found.problems, found.unaccounted) == (reply.records, (), 0)  # type: ignore[union-attr]


@given(st.sampled_from(GETS), st.data())
def test_salvage_never_raises(operation: OperationName, data: st.DataObject) -> None:
    broken = data.draw(mutated(payloads(operation)))
    found = salvage(broken, operation)
    assert (found.reply is None) == bool(
        [problem for problem in found.problems if not problem.tolerable]
    )
