"""The outcome of one exchange: a reply, some of its records, or none, and the reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from sgformats._fast import decode, detect_format
from sgformats._options import CheckedOptions
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
    """The outcome of an exchange.

    `kind`: `whole` (a reply that lost nothing), `partial` (some of its records), `rejected`
    (nothing), or `skipped` (not a call of this API, or no answer; see `reason`). `indexes` are the
    positions of the records in their list. `problem` is the first of the `problems` that caused a
    loss; `lost` is the number of bytes that belong to no record.
    """

    kind: Kind
    operation: str | None = None
    format: Format | None = None
    reply: Reply | None = None
    records: Sequence[Record] = ()
    indexes: Sequence[int] = ()
    reason: str | None = None
    problem: Problem | None = None
    problems: int = 0
    lost: int = 0


def read_exchange(exchange: Exchange, options: Options) -> Extracted:
    """Read the answer of an exchange."""
    reason = skip_reason(exchange)
    if reason is not None:
        return Extracted("skipped", reason=reason)
    request = exchange.request
    name = options.operation if request is None else request.operation
    operation = None if name is None else find_operation(name)
    if exchange.fault is not None and not exchange.body:
        return _rejected(name, exchange.fault)
    if exchange.fault is None and is_done(exchange, operation):
        return Extracted("whole", name, None, Success())
    body = exchange.body or b""
    is_v3 = request is not None and request.format == "json-v3"
    format: Format | None = "json-v3" if is_v3 and body else None  # No body: the status decides.
    try:
        if exchange.fault is None and options.zone is None:
            reply = decode(body, operation, format, options.max_bytes)
            if reply is not None:
                return _whole(reply, operation, format or detect_format(body))
            checked = CheckedOptions(operation, format, options.mode, None, options.max_bytes)
            found = harvest(body, checked)
        else:
            found = salvage(
                body,
                operation,
                format=format,
                mode=options.mode,
                zone=options.zone,
                fold=options.fold,
                max_bytes=options.max_bytes,
            )
    except AmbiguousOperationError as error:
        message = f"{error} with --operation"
        location = Location("", "", 1, 1, 0)
        return _rejected(None, problem_of("ambiguous-operation", location, message=message))
    return _outcome_of(found, exchange.fault, options)


def _whole(reply: Reply, operation: Operation | None, format: Format | None) -> Extracted:
    if isinstance(reply, Listing):
        indexes = range(len(reply.records))
        return Extracted("whole", f"{reply.method}.get", format, reply, reply.records, indexes)
    return Extracted("whole", None if operation is None else operation.name, format, reply)


def _outcome_of(found: Salvage, fault: Problem | None, options: Options) -> Extracted:
    """The outcome of a payload that may be incomplete; `fault` is a problem of the capture."""
    name, format, records, indexes = found.operation, found.format, found.records, found.indexes
    if found.reply is not None and fault is None:
        return Extracted("whole", name, format, found.reply, records, indexes)
    strict = options.mode == "strict"
    costly = [problem for problem in found.problems if strict or not problem.tolerable]
    if fault is not None:
        costly.insert(0, fault)
    return Extracted(
        "partial" if records or found.reply is not None else "rejected",
        name,
        format,
        None,
        records,
        indexes,
        problem=costly[0],
        problems=len(costly),
        lost=found.unaccounted,
    )


def _rejected(operation: str | None, problem: Problem) -> Extracted:
    return Extracted("rejected", operation, problem=problem, problems=1)
