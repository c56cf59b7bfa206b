"""What could be saved of a payload, as a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

import msgspec

from sgformats._text.payload import Format
from sgformats.errors import Problem
from sgformats.operations import OperationName
from sgformats.records import Record, Reply

if TYPE_CHECKING:
    # Type checkers bring this module; it is not needed to run.
    from typing_extensions import TypeVar

    Record_co = TypeVar("Record_co", covariant=True, default=Record)
else:
    from typing import TypeVar

    Record_co = TypeVar("Record_co", covariant=True)


class Salvage(msgspec.Struct, Generic[Record_co], frozen=True):
    """What could be saved of a payload.

    `records` are those that are certain, in order, and `indexes` the number of each among the items
    that the payload shows (from 0). `reply` is what the payload means as a whole, where nothing is
    lost; None otherwise.

    `problems` are in document order: each record that is whole but wrong, and every place where the
    payload breaks. At most 10,000 are kept; `problem_count` is the number of all. `broken_at` is the
    byte at which the payload first breaks, `state` what was being read there (`before the list`,
    `in a record`, `between records`, `behind the list`, `in a result`), `rule` the rule that it
    breaks: all None where the payload is well-formed. `unaccounted` is the number of bytes that belong
    to no whole item and are no markup around items.
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
