"""The differences between two answers, and the operation that both can belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from sgformats._classify import classify
from sgformats._compare import compare
from sgformats._model.zones import Fold
from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.exchange import Exchange
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.codec import parse
from sgformats.contract.answer import Answer
from sgformats.errors import Location, Problem, SgformatsError, describe_fault, quote
from sgformats.operations import Operation, find_operation
from sgformats.rules import problem_of

START = Location("", "", 1, 1, 0)
"""The location of a difference that is not inside an answer."""


class DriftOptions(msgspec.Struct, frozen=True):
    """How two captures are read and compared, with the options of `read_captures` and `compare`.

    `width` limits a line of a frame, in cells.
    """

    operation: str | None = None
    mode: Mode = "strict"
    zone: str | None = None
    fold: Fold | None = None
    kind: str | None = None
    fields: Mapping[str, str] | None = None
    max_bytes: int = MAX_BYTES
    unpacking: Unpacking = UNPACKING
    width: int = 100


def shared_operation(a: bytes, b: bytes, max_bytes: int) -> Operation | None:
    """The only operation that both payloads can answer; None if there are several."""
    common = _common(a, b, max_bytes)
    return common[0] if len(common) == 1 else None


def _common(a: bytes, b: bytes, max_bytes: int) -> list[Operation]:
    one, other = (classify(data, max_bytes=max_bytes).operations for data in (a, b))
    return [find_operation(name) for name in one if name in other]


def differences(a: Exchange, b: Exchange, options: DriftOptions) -> Iterator[Problem]:
    """The differences of the second answer from the first, located in the second."""
    if b.fault is not None:
        yield b.fault
        return
    if a.fault is not None:
        yield _differs(f"an unreadable answer: {a.fault.message}", "an answer", START, a)
        return
    operation = _operation(a, b, options)
    if None not in (a.status, b.status) and a.status != b.status:
        where = _start(b.body, operation, options)
        yield _differs(f"status {a.status}", str(b.status), where, a)
    if not a.body or not b.body:
        if a.body or b.body:
            expected, found = ("", "answer") if b.body else ("answer", "")
            yield _differs(expected, found, _start(b.body, operation, options), a)
        return
    if a.body == b.body:
        return
    try:
        pairs = compare(
            a.body,
            b.body,
            operation,
            mode=options.mode,
            zone=options.zone,
            fold=options.fold,
            max_bytes=options.max_bytes,
        )
    except SgformatsError:
        yield _unclear_difference(a, b, operation, options)
        return
    for difference in pairs:
        expected, found = (
            quote(text) if text is not None else "" for text in (difference.a, difference.b)
        )
        yield _differs(expected, found, difference.location_b, a, difference.location_a)


def _operation(a: Exchange, b: Exchange, options: DriftOptions) -> Operation | None:
    """The operation of the call, or else one that both answers can belong to."""
    if b.request is not None:
        return find_operation(b.request.operation)
    if options.operation is None and a.body and b.body:
        return next(iter(_common(a.body, b.body, options.max_bytes)), None)
    return None if options.operation is None else find_operation(options.operation)


def _unclear_difference(
    a: Exchange, b: Exchange, operation: Operation | None, options: DriftOptions
) -> Problem:
    """The difference of two answers if at least one has no certain meaning."""
    (text_a, _), (text_b, where) = (_describe(side.body, operation, options) for side in (a, b))
    return _differs(text_a, text_b, where, a)


def _describe(
    body: bytes | None, operation: Operation | None, options: DriftOptions
) -> tuple[str, Location]:
    """A description of an answer, and its location."""
    try:
        assert body is not None
        parse(body, operation, mode=options.mode, max_bytes=options.max_bytes)
    except SgformatsError as error:
        if error.problems:
            first = error.problems[0]
            return f"an answer with {first.rule} ({first.message})", first.location
        names = " or ".join(classify(body or b"", max_bytes=options.max_bytes).operations)
        return f"an answer to {names}", START
    return "an answer without a fault", _start(body, operation, options)


def _start(body: bytes | None, operation: Operation | None, options: DriftOptions) -> Location:
    """The first character of an answer; `START` if there is none."""
    if not body or operation is None:
        return START
    return Answer(body, operation, None, options.max_bytes).whole()


def _differs(
    expected: str, found: str, where: Location, a: Exchange, there: Location | None = None
) -> Problem:
    other = f"{a.source}" if there is None else f"{a.source}, {there}"
    message = f"{describe_fault(expected, found)} ({other})"
    return problem_of("differs", where, expected, found, message=message)
