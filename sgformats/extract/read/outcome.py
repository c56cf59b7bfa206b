"""The outcome of one exchange: a reply, some of its records, or nothing, with the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sgformats._formats import decode, shown_format
from sgformats._scan.harvest import harvest
from sgformats._scan.salvage import salvage
from sgformats._scan.salvaged import Salvage
from sgformats._text.payload import Format
from sgformats.captures.exchange import Exchange
from sgformats.captures.skipping import is_done, skip_reason
from sgformats.errors import AmbiguousOperationError, Location, Problem
from sgformats.extract.read.options import Options
from sgformats.operations import Operation, find_operation
from sgformats.records import Listing, Record, Reply, Success
from sgformats.rules import problem_of

Kind = Literal["whole", "partial", "rejected", "skipped"]


class Extracted(NamedTuple):
    """What an exchange comes to.

    `whole` is a reply that lost nothing, `partial` some records of one, `rejected` nothing at all, and
    `skipped` an exchange that says nothing of this API, for a `reason`. `indexes` are the numbers of
    the records in their list; `kept` is how many there are where they are read apart. `problem` is
    the first that cost something, of `problems` that did; `lost` is the number of bytes that nothing
    accounts for.
    """

    kind: Kind
    operation: str | None = None
    format: Format | None = None
    reply: Reply | None = None
    records: Sequence[Record] = ()
    indexes: Sequence[int] = ()
    kept: int = 0
    reason: str | None = None
    problem: Problem | None = None
    problems: int = 0
    lost: int = 0


def read_exchange(exchange: Exchange, options: Options) -> Extracted:
    """Reads an exchange with these options; returns its outcome."""
    reason = skip_reason(exchange)
    if reason is not None:
        return Extracted("skipped", reason=reason)
    request = exchange.request
    name = options.operation if request is None else request.operation
    operation = None if name is None else find_operation(name)
    if exchange.fault is not None and not exchange.body:
        return _refused(name, exchange.fault)
    if exchange.fault is None and is_done(exchange, operation):
        return Extracted("whole", name, None, Success())
    body = exchange.body or b""
    v3 = request is not None and request.format == "json-v3"
    format: Format | None = "json-v3" if v3 and body else None  # Without a body the status decides.
    try:
        found = _read(body, operation, format, options, certain=exchange.fault is None)
    except AmbiguousOperationError as error:
        message = f"{error} with --operation"
        location = Location("", "", 1, 1, 0)
        return _refused(None, problem_of("ambiguous-operation", location, message=message))
    return _judged(found, exchange.fault, options) if isinstance(found, Salvage) else found


def _read(
    body: bytes, operation: Operation | None, format: Format | None, options: Options, certain: bool
) -> Extracted | Salvage:
    if certain and options.zone is None:
        reply = decode(body, operation, format, options.max_bytes)
        if reply is not None:
            shown = format or shown_format(body)
            if isinstance(reply, Listing):
                numbers = range(len(reply.records))
                name = f"{reply.method}.get"
                return Extracted("whole", name, shown, reply, reply.records, numbers)
            return Extracted("whole", None if operation is None else operation.name, shown, reply)
        return harvest(body, operation, format, options.mode, None, options.max_bytes)
    return salvage(
        body,
        operation,
        format=format,
        mode=options.mode,
        zone=options.zone,
        fold=options.fold,
        max_bytes=options.max_bytes,
    )


def _judged(found: Salvage, fault: Problem | None, options: Options) -> Extracted:
    """The outcome of a payload that may be incomplete; a `fault` is one of the capture."""
    name, format, records, indexes = found.operation, found.format, found.records, found.indexes
    if found.reply is not None and fault is None:
        return Extracted("whole", name, format, found.reply, records, indexes)
    strict = options.mode == "strict"
    costly = [problem for problem in found.problems if strict or not problem.tolerable]
    if fault is not None:
        costly.insert(0, fault)
    kind: Kind = "partial" if records or found.reply is not None else "rejected"
    return Extracted(
        kind,
        name,
        format,
        None,
        records,
        indexes,
        problem=costly[0],
        problems=len(costly),
        lost=found.unaccounted,
    )


def _refused(operation: str | None, problem: Problem) -> Extracted:
    return Extracted("rejected", operation, problem=problem, problems=1)
