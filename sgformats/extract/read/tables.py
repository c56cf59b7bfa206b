"""The columns of the tables; one entry here is one column in every output format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any, Literal, NamedTuple, TypeVar

from sgformats.operations import METHODS

Table = Literal["records", "exchanges", "rejects"]
Kind = Literal["text", "integer", "flag", "moment"]
T = TypeVar("T")


class Column(NamedTuple):
    """A column: its name, and what its values are, each of which may be None."""

    name: str
    kind: Kind


class RowBlock(NamedTuple):
    """Some rows of a table.

    `columns` have a value for each row. What is the same for all rows of an exchange is in `runs`: a
    value for each run of rows, of which there are as many as `sizes` say.
    """

    table: Table
    columns: Mapping[str, list[Any]]
    runs: Mapping[str, list[Any]] = {}
    sizes: Sequence[int] = ()

    def values(self, name: str) -> list[Any]:
        """The values of a column, row by row."""
        if name in self.columns:
            return self.columns[name]
        return list(spread(self.runs[name], self.sizes))


def spread(values: Iterable[T], sizes: Iterable[int]) -> Iterator[T]:
    """Every value as often as its size says."""
    return chain.from_iterable(map(repeat, values, sizes))


def _fields() -> tuple[Column, ...]:
    """The fields of all records, each once, timestamps last."""
    kinds = {field.name: field.scalar for method in METHODS for field in method.fields}
    fields = sorted(kinds, key=lambda name: kinds[name] == "timestamp")
    return tuple(
        Column(name, "moment" if kinds[name] == "timestamp" else "text") for name in fields
    )


FIELDS = tuple(column.name for column in _fields())
"""The names of all records' fields, in the order of their columns."""

# Where something stands: the capture, and in it the line (from 1) or else the entry (from 0), and
# the byte (from 0, uncompressed) at which it begins.
_SOURCE = (
    Column("source_file", "text"),
    Column("source_line", "integer"),
    Column("source_entry", "integer"),
    Column("source_offset", "integer"),
)

TABLES: Mapping[Table, tuple[Column, ...]] = {
    "records": (
        Column("operation", "text"),
        *_fields(),
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
"""The columns of each table."""
