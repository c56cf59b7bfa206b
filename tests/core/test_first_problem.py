"""`iter_records` stops at the first problem in document order, whatever the size and the chunks."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

import sgformats
from sgformats import DecodeError, Mode, Problem, Record, ValidationError, iter_records, salvage
from sgformats._scan import stream
from sgformats.operations import OperationName
from sgformats.testing.strategies import mutated, payloads
from tests.core.readerkit import GETS

GET: Final = "invalidemails.get"

JSON = (
    '{"email":"a","reason":"r"}',
    '{"reason":"é","email":"b"}',
    '{"email":"c","reason":null}',
    '{"email":"d","reason":"r","status":"5"}',
    '{"email":"e"}',
    '{"email":"f","email":"f","reason":"r"}',
    '{"email":"g","reason":"r","created":"2011-02-30 00:00:00"}',
    '{"email":"h","reason":"r","created":[{"email":"i"}]}',
    '{"email":"j","reason":"a "quote""}',
    '{"email":"k","reason":"r"',
    "5",
)
XML = (
    "<invalidemail><email>a</email><reason>r</reason></invalidemail>",
    "<invalidemail><reason>é</reason><email>b</email></invalidemail>",
    "<invalidemail><email>c</email></invalidemail>",
    "<invalidemail><email>d</email><reason>r</reason><status>5</status></invalidemail>",
    "<invalidemail><email>e</email><email>e</email><reason>r</reason></invalidemail>",
    "<invalidemail><email>f</email><reason>r<b/></reason></invalidemail>",
    "<invalidemail><email>g</email><reason>r</email></invalidemail>",
    "<invalidemail><email>h<email><reason>r</reason></invalidemail>",
    "<bounce/>",
    "text",
)


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    """Lists of good and bad records, often cut."""
    xml = draw(st.booleans())
    items = draw(st.lists(st.sampled_from(XML if xml else JSON), max_size=6))
    body = f"<invalidemails>{''.join(items)}</invalidemails>" if xml else f"[{','.join(items)}]"
    data = body.encode()
    return data[: draw(st.just(len(data)) | st.integers(1, len(data)))]


def read(data: bytes, mode: Mode, size: int) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The records of a stream, and the problem that it stops at."""
    found: list[Record] = []
    chunks = [data[at : at + size] for at in range(0, len(data), size)]
    try:
        found.extend(iter_records(chunks, GET, mode=mode))
    except (DecodeError, ValidationError) as error:
        return tuple(found), error.problems
    return tuple(found), ()


def expected(data: bytes, mode: Mode) -> tuple[tuple[Record, ...], tuple[Problem, ...]]:
    """The first problem of `salvage`, and the records before it."""
    saved = salvage(data, GET, mode=mode)
    problems = (each for each in saved.problems if mode == "strict" or not each.tolerable)
    first = next(problems, None)
    if first is None:
        return saved.records, ()
    return salvage(data[: first.location.offset], GET, mode=mode).records, (first,)


@pytest.mark.parametrize("whole", [1 << 20, 4])
@example(b'[{"email":"k","reason":"r",{"email":"e"}]', "strict", 1)
@settings(suppress_health_check=list(HealthCheck))
@given(lists(), st.sampled_from(["strict", "lax"]), st.integers(1, 200))
def test_the_problem_is_the_first_of_salvage_and_validate(
    whole: int, data: bytes, mode: Mode, size: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "_WHOLE", whole)
        found, problems = read(data, mode, size)
    assert (found, problems) == expected(data, mode)
    named = sgformats.validate(data, GET)
    if mode == "strict" and not any(
        each.rule in ("truncated", "not-well-formed") for each in named
    ):
        assert problems == tuple(named[:1])


@settings(suppress_health_check=list(HealthCheck))
@given(st.sampled_from(GETS), st.sampled_from(["strict", "lax"]), st.data())
def test_no_problem_of_a_damaged_payload_is_hidden(
    operation: OperationName, mode: Mode, data: st.DataObject
) -> None:
    payload = data.draw(mutated(payloads(operation)))
    # Damage to UTF-16 or UTF-32 without a mark may hide the encoding. `salvage` notices at the end
    # and keeps only certain records; by then a stream has already given its records.
    assume(
        b"\0" not in payload[:4] or payload.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    )
    found: list[Record] = []
    try:
        found.extend(iter_records([payload], operation, mode=mode))
    except (DecodeError, ValidationError) as error:
        first = error.problems[0]
    except sgformats.FailureError:
        return
    else:
        assert sgformats.parse(payload, operation, mode=mode).records == tuple(found)  # type: ignore[union-attr]
        return
    saved = salvage(payload, operation, mode=mode)
    costly = [each for each in saved.problems if mode == "strict" or not each.tolerable]
    assert first in (costly[0], sgformats.validate(payload, operation)[0])
    assert saved.records[: len(found)] == tuple(found)
