"""What a scan finds in a list, and the words for what was being read where it breaks."""

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
    """Records that are certain, and the number of the first of them in the list."""

    first: int
    records: Sequence[Any]


class Single(NamedTuple):
    """What is odd: an item by its number, or what stands beside the items.

    `record` is None where it has no certain meaning.
    """

    number: int | None
    record: Any
    problems: Problems


class Broken(NamedTuple):
    """A place where the payload breaks, and what was being read there."""

    problem: Problem
    state: str


class Lost(NamedTuple):
    """A number of bytes that belong to no whole item."""

    size: int


Found = Group | Single | Broken | Lost
