"""The output formats, and how each joins parts into one file.

Joining never holds a whole part in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

from sgformats.errors import ArgumentError, quote
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import arrow_errors, arrow_schema, import_arrow
from sgformats.extract.write.database import import_duckdb, join_duckdb
from sgformats.extract.write.parts import Parts, PartStore, read_batches
from sgformats.extract.write.text import csv_header
from sgformats.files import replacing

_GROUP = 128 * 1024
"""The number of rows in a row group of a Parquet file."""


class Sink(NamedTuple):
    """An output format.

    `part_format` and `tables` are those of its parts. `import_packages` raises
    `MissingPackageError` if a package is not installed. `join` writes the parts to a temporary
    file, its first argument, which will become OUT, its second.
    """

    name: str
    suffixes: tuple[str, ...]
    part_format: str
    tables: tuple[Table, ...]
    import_packages: Callable[[], object]
    join: Callable[[str, str, PartStore, Parts], None]


def find_sink(out: str, to: str | None) -> Sink:
    """The format named `to`, or else the one for OUT's suffix. Raises `ArgumentError`."""
    if to is not None:
        if to not in SINKS:
            raise ArgumentError(f"expected a format of {', '.join(SINKS)}, found {quote(str(to))}")
        return SINKS[to]
    suffix = Path(out).suffix.lower()
    for sink in SINKS.values():
        if suffix in sink.suffixes:
            return sink
    known = ", ".join(sink.suffixes[0] for sink in SINKS.values())
    raise ArgumentError(f"expected a file that ends in {known}, found {quote(out)}")


def copy_rows(file: IO[bytes], path: Path) -> None:
    """Append the rows in a text file of a part."""
    with path.open("rb") as rows:
        shutil.copyfileobj(rows, file, 1 << 20)


def _join_text(header: bytes, temporary: str, out: str, store: PartStore, parts: Parts) -> None:
    with replacing(temporary) as file:
        file.write(header)
        for part in parts:
            copy_rows(file, store.path(part.number, "records"))


def _join_arrow(temporary: str, out: str, store: PartStore, parts: Parts) -> None:
    pa = import_arrow()
    schema = arrow_schema("records", store.options.zone is not None)
    with arrow_errors(), replacing(temporary) as file, pa.ipc.new_file(file, schema) as writer:
        for part in parts:
            for rows in read_batches(store, part, "records"):
                writer.write_batch(rows)


def _join_parquet(temporary: str, out: str, store: PartStore, parts: Parts) -> None:
    pa = import_arrow()
    from pyarrow import parquet

    schema = arrow_schema("records", store.options.zone is not None)
    with (
        arrow_errors(),
        replacing(temporary) as file,
        parquet.ParquetWriter(file, schema, compression="zstd") as writer,
    ):
        for group in _row_groups(store, parts):
            writer.write_table(pa.Table.from_batches(group, schema), row_group_size=_GROUP)


def _row_groups(store: PartStore, parts: Parts) -> Iterator[list[Any]]:
    """The batches of each row group; all groups but the last have the same number of rows."""
    held: list[Any] = []
    size = 0
    for part in parts:
        for rows in read_batches(store, part, "records"):
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
_join_jsonl = partial(_join_text, b"")
_join_csv = partial(_join_text, csv_header("records"))

SINKS: Mapping[str, Sink] = {
    sink.name: sink
    for sink in (
        Sink("jsonl", (".jsonl", ".ndjson"), "jsonl", _TEXT, lambda: None, _join_jsonl),
        Sink("csv", (".csv",), "csv", _TEXT, lambda: None, _join_csv),
        Sink("arrow", (".arrow", ".feather"), "arrow", _TEXT, import_arrow, _join_arrow),
        Sink("parquet", (".parquet",), "arrow", _TEXT, import_arrow, _join_parquet),
        Sink("duckdb", (".duckdb", ".db"), "database", tuple(TABLES), import_duckdb, join_duckdb),
    )
}
