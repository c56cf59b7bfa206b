"""What a scan yields, and the names of the parts in which a payload can break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sgformats.errors import Problem, Problems

BEFORE = "before the list"
IN_RECORD = "in a record"
BETWEEN = "between records"
AFTER = "behind the list"
IN_RESULT = "in a result"


class Group(NamedTuple):
    """Certain records, and the number of the first one in the list."""

    first: int
    records: Sequence[Any]


class Single(NamedTuple):
    """One item that is odd, or problems outside of items (`number` is None).

    `record` is None if the item has no certain meaning.
    """

    number: int | None
    record: Any
    problems: Problems


class Broken(NamedTuple):
    """A place where the payload is not well-formed, and the part in which it is."""

    problem: Problem
    state: str


class Lost(NamedTuple):
    """The number of bytes that belong to no complete item."""

    size: int


Found = Group | Single | Broken | Lost
