"""The output formats of tables: how each writes parts and joins them.

A join writes one file; it never holds a whole part in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NamedTuple

from sgformats.errors import ArgumentError, quote
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import arrow, schema, within_arrow
from sgformats.extract.write.database import join_duckdb, need_duckdb
from sgformats.extract.write.parts import Parts, Work, read_batches
from sgformats.extract.write.text import csv_header
from sgformats.files import replacing

_GROUP = 128 * 1024
"""The number of rows in a row group of a Parquet file."""


class Sink(NamedTuple):
    """A form of OUT: what tells it, the form of its parts, their tables, and what joins them.

    `need` raises `MissingPackageError` where it cannot be written here. `join` gets the place to write
    to, and OUT, which that will be.
    """

    name: str
    suffixes: tuple[str, ...]
    form: str
    tables: tuple[Table, ...]
    need: Callable[[], object]
    join: Callable[[str, str, Work, Parts], None]


def find_sink(out: str, to: str | None) -> Sink:
    """The sink that `to` names, or else OUT's suffix. Raises `ArgumentError`."""
    if to is not None:
        if to not in SINKS:
            raise ArgumentError(f"expected a form of {', '.join(SINKS)}, found {quote(str(to))}")
        return SINKS[to]
    suffix = Path(out).suffix.lower()
    for sink in SINKS.values():
        if suffix in sink.suffixes:
            return sink
    known = ", ".join(sink.suffixes[0] for sink in SINKS.values())
    raise ArgumentError(f"expected a file that ends in {known}, found {quote(out)}")


def copy_rows(file: IO[bytes], path: Path) -> None:
    """Copies the rows of a part that are text."""
    with path.open("rb") as rows:
        shutil.copyfileobj(rows, file, 1 << 20)


def _join_jsonl(place: str, out: str, work: Work, parts: Parts) -> None:
    with replacing(place) as file:
        for part in parts:
            copy_rows(file, work.path(part, "records"))


def _join_csv(place: str, out: str, work: Work, parts: Parts) -> None:
    with replacing(place) as file:
        file.write(csv_header("records"))
        for part in parts:
            copy_rows(file, work.path(part, "records"))


def _join_arrow(place: str, out: str, work: Work, parts: Parts) -> None:
    shape = schema("records", work.options.zone is not None)
    with within_arrow(), replacing(place) as file, arrow().ipc.new_file(file, shape) as writer:
        for part in parts:
            for rows in read_batches(work, part, "records"):
                writer.write_batch(rows)


def _join_parquet(place: str, out: str, work: Work, parts: Parts) -> None:
    pa = arrow()
    from pyarrow import parquet

    shape = schema("records", work.options.zone is not None)
    with (
        within_arrow(),
        replacing(place) as file,
        parquet.ParquetWriter(file, shape, compression="zstd") as writer,
    ):
        for group in _groups(work, parts):
            writer.write_table(pa.Table.from_batches(group, shape), row_group_size=_GROUP)


def _groups(work: Work, parts: Parts) -> Iterator[list[Any]]:
    """The records in lists of batches with as many rows as a group has, but for the last."""
    held: list[Any] = []
    size = 0
    for part in parts:
        for rows in read_batches(work, part, "records"):
            while rows.num_rows:
                some, rows = rows[: _GROUP - size], rows[_GROUP - size :]
                held.append(some)
                size += some.num_rows
                if size == _GROUP:
                    yield held
                    held, size = [], 0
    if held:
        yield held


_TEXT: tuple[Table, ...] = ("records", "rejects")

SINKS: Mapping[str, Sink] = {
    sink.name: sink
    for sink in (
        Sink("jsonl", (".jsonl", ".ndjson"), "jsonl", _TEXT, lambda: None, _join_jsonl),
        Sink("csv", (".csv",), "csv", _TEXT, lambda: None, _join_csv),
        Sink("arrow", (".arrow", ".feather"), "arrow", _TEXT, arrow, _join_arrow),
        Sink("parquet", (".parquet",), "arrow", _TEXT, arrow, _join_parquet),
        Sink("duckdb", (".duckdb", ".db"), "database", tuple(TABLES), need_duckdb, join_duckdb),
    )
}
"""The forms that OUT can have."""
