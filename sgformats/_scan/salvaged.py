"""The result of `salvage`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import msgspec

from sgformats._text.payload import Format
from sgformats.errors import Problem
from sgformats.operations import OPERATIONS, Operation, OperationName
from sgformats.records import Listing, Record, Reply

if TYPE_CHECKING:
    # Only type checkers need this module; they include it.
    from typing_extensions import TypeVar

    Record_co = TypeVar("Record_co", covariant=True, default=Record)
else:
    from typing import TypeVar

    Record_co = TypeVar("Record_co", covariant=True)


class Salvage(msgspec.Struct, Generic[Record_co], frozen=True):
    """What could be saved of a payload.

    `records` are the certain records, in order, and `indexes` their numbers among all items that the
    payload shows (from 0). `reply` is the whole reply if nothing is lost, else None.

    `problems` are in document order: every complete record that is wrong, and every place where the
    payload is not well-formed. At most 10,000 are kept; `problem_count` counts all. `broken_at` is the
    first byte at which the payload is not well-formed, `state` the part in which that is (`before the
    list`, `in a record`, `between records`, `behind the list`, `in a result`), and `rule` the rule
    that is broken there: all three are None if the payload is well-formed. `unaccounted` is the number
    of bytes that belong neither to a complete item nor to the markup around items.
    """

    operation: OperationName | None
    format: Format | None
    records: tuple[Record_co, ...] = ()
    indexes: tuple[int, ...] = ()
    reply: Reply | None = None
    problems: tuple[Problem, ...] = ()
    broken_at: int | None = None
    state: str | None = None
    rule: str | None = None
    unaccounted: int = 0
    problem_count: int = 0


def salvaged(
    reply: Reply | None,
    operation: Operation | None,
    format: Format,
    problems: tuple[Problem, ...] = (),
    problem_count: int = 0,
    unaccounted: int = 0,
) -> Salvage:
    """The result for a payload that was read as a whole: all of it, or nothing."""
    records: tuple[Record, ...] = ()
    if isinstance(reply, Listing):
        records = reply.records
        operation = OPERATIONS[f"{reply.method}.get"]
    return Salvage(
        None if operation is None else operation.name,
        format,
        records,
        tuple(range(len(records))),
        reply,
        problems,
        unaccounted=unaccounted,
        problem_count=problem_count,
    )
