"""The columns of the tables: one entry here is one column in every output format."""

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

# Where an exchange begins: the capture, the line (from 1) or the entry (from 0) in it, and the byte
# (from 0, uncompressed).
_SOURCE = (
    Column("source_file", "text"),
    Column("source_line", "integer"),
    Column("source_entry", "integer"),
    Column("source_offset", "integer"),
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
        Column("operation", "text"),
        Column("user", "text"),
        Column("verb", "text"),
        Column("url", "text"),
        Column("status", "integer"),
        Column("content_type", "text"),
        Column("time", "text"),
        Column("format", "text"),
        Column("outcome", "text"),
        Column("reason", "text"),
        Column("reply", "text"),
        Column("message", "text"),
        Column("failure", "text"),
        Column("count", "integer"),
        Column("records", "integer"),
    ),
    "rejects": (
        *_SOURCE,
        Column("operation", "text"),
        Column("rule", "text"),
        Column("message", "text"),
        Column("path", "text"),
        Column("line", "integer"),
        Column("column", "integer"),
        Column("offset", "integer"),
        Column("problems", "integer"),
        Column("records", "integer"),
        Column("lost_bytes", "integer"),
        Column("status", "integer"),
        Column("raw", "text"),
        Column("raw_bytes", "integer"),
    ),
}
