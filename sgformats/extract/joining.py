"""Shared code to join parts in Arrow format: read their batches, report failures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sgformats.extract.arrow import arrow
from sgformats.extract.columns import Table
from sgformats.extract.parts import Part, Work

Parts = Iterator[Part]


def read_batches(work: Work, part: Part, table: Table) -> Iterator[Any]:
    """The rows of a table of a part, one record batch at a time."""
    with work.path(part, table).open("rb") as file:
        yield from arrow().ipc.open_stream(file)


@contextmanager
def within_arrow() -> Iterator[None]:
    """Raises errors of pyarrow as `OSError`."""
    try:
        yield
    except arrow().ArrowException as error:
        raise OSError(str(error)) from None
