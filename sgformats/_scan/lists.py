"""The records and problems of a whole list, from a scan."""

from __future__ import annotations

from typing import Any

from sgformats._model.zones import Zone
from sgformats._reading.findings import FirstProblems
from sgformats._scan.found import Broken, Group, Single
from sgformats._scan.scan import scan
from sgformats._text.payload import Format
from sgformats._text.positions import Text
from sgformats._text.window import Window
from sgformats.errors import MAX_PROBLEMS, DecodeError, Problems
from sgformats.operations import Operation
from sgformats.records import Listing


def read_list(
    text: Text,
    operation: Operation,
    format: Format,
    zone: Zone | None = None,
    *,
    most: int = MAX_PROBLEMS,
    give_up: bool = False,
) -> tuple[Listing[Any], Problems]:
    """The records of a list and its problems, the first `most` in document order.

    A record is None if its meaning is not certain. With `give_up`, reading ends at the first problem
    that is not tolerable. Raises `DecodeError` where the list breaks, and
    `NotAListError` where the root is another.
    """
    records: list[Any] = []
    problems = FirstProblems(most)
    doubt = zone is None  # With a zone, the fast reader was not tried yet.
    for found in scan(Window(text), operation, format, zone, doubt=doubt):
        if isinstance(found, Group):
            records += found.records
        elif isinstance(found, Single):
            problems.add_all(found.problems)
            if give_up and not problems.tolerable:
                break
            if found.number is not None:
                records.append(found.record)
        else:
            assert isinstance(found, Broken)  # A scan yields `Lost` only after a break.
            raise DecodeError((found.problem,))
    return Listing(operation.method.name, tuple(records)), problems.in_order()
