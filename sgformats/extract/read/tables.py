"""The columns of the tables: one name here is one column in every output format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple, TypeVar

from sgformats.operations import METHODS

Table = Literal["records", "exchanges", "rejects"]
Kind = Literal["text", "integer", "flag", "moment"]
T = TypeVar("T")


class Column(NamedTuple):
    """A column: its name, and the kind of its values; every value may be None."""

    name: str
    kind: Kind


class RowBlock(NamedTuple):
    """Some rows of a table, column by column.

    `columns` has a value for each row. Rows of the same exchange form a run, and share their values
    in `runs`, which has a value for each run; `sizes` has the number of rows of each run.
    """

    table: Table
    columns: Mapping[str, list[Any]]
    runs: Mapping[str, list[Any]] = {}
    sizes: Sequence[int] = ()

    def values(self, name: str) -> list[Any]:
        """The values of a column, one for each row."""
        if name in self.columns:
            return self.columns[name]
        return list(spread(self.runs[name], self.sizes))


def spread(values: Iterable[T], sizes: Iterable[int]) -> Iterator[T]:
    """Each value, repeated as often as its size."""
    return chain.from_iterable(map(repeat, values, sizes))


def _field_columns() -> tuple[Column, ...]:
    """A column for each field name of all records, timestamps last."""
    kinds = {field.name: field.scalar for method in METHODS for field in method.fields}
    fields = sorted(kinds, key=lambda name: kinds[name] == "timestamp")
    return tuple(
        Column(name, "moment" if kinds[name] == "timestamp" else "text") for name in fields
    )


FIELDS = tuple(column.name for column in _field_columns())
"""The names of the fields of all records, in the order of their columns."""


def _columns(kind: Kind, names: str) -> tuple[Column, ...]:
    """Columns of one kind, from names separated by spaces."""
    return tuple(Column(name, kind) for name in names.split())


# Where an exchange begins: the capture, the line (from 1) or the entry (from 0) in it, and the byte
# (from 0, uncompressed).
_SOURCE = (
    Column("source_file", "text"),
    *_columns("integer", "source_line source_entry source_offset"),
)

TABLES: Mapping[Table, tuple[Column, ...]] = {
    "records": (
        Column("operation", "text"),
        *_field_columns(),
        Column("user", "text"),
        *_SOURCE,
        Column("record_index", "integer"),
        Column("format", "text"),
        Column("salvaged", "flag"),
    ),
    "exchanges": (
        *_SOURCE,
        *_columns("text", "operation user verb url"),
        Column("status", "integer"),
        *_columns("text", "content_type time format outcome reason reply message failure"),
        *_columns("integer", "count records"),
    ),
    "rejects": (
        *_SOURCE,
        *_columns("text", "operation rule message path"),
        *_columns("integer", "line column offset problems records lost_bytes status"),
        Column("raw", "text"),
        Column("raw_bytes", "integer"),
    ),
}
