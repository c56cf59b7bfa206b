"""Where tables go: one row for each form, with what it needs of a part and how it joins them.

Every file is written beside its place and takes it in one step (`outfile`); no part is ever in memory
as a whole.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple

from sgformats.errors import ArgumentError, ExtractError, MissingPackageError, quote
from sgformats.extract.arrow import arrow, schema
from sgformats.extract.columns import TABLES, Block, Table
from sgformats.extract.parts import Part, Work, form_of
from sgformats.extract.texts import WRITERS, csv_header, json_lines
from sgformats.outfile import replacing

_GROUP = 128 * 1024

Parts = Iterator[Part]


class Sink(NamedTuple):
    """A form of OUT: what tells it, the form of its parts, their tables, and what joins them."""

    name: str
    suffixes: tuple[str, ...]
    form: str
    tables: tuple[Table, ...]
    join: Callable[[str, Work, Parts], None]


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


def copy_rows(file: IO[bytes], work: Work, part: Part, table: Table) -> None:
    """Copies the rows of a table as text."""
    if form_of(work.form, table) not in WRITERS:
        for rows in _batches(work, part, table):
            file.write(json_lines(Block(table, rows.to_pydict())))
        return
    with part.path(work, table).open("rb") as rows:
        shutil.copyfileobj(rows, file, 1 << 20)


def _join_jsonl(out: str, work: Work, parts: Parts) -> None:
    with replacing(out) as file:
        for part in parts:
            copy_rows(file, work, part, "records")


def _join_csv(out: str, work: Work, parts: Parts) -> None:
    with replacing(out) as file:
        file.write(csv_header("records"))
        for part in parts:
            copy_rows(file, work, part, "records")


def _join_arrow(out: str, work: Work, parts: Parts) -> None:
    pa = arrow()
    shape = schema("records", work.options.zone is not None)
    with replacing(out) as file, pa.ipc.new_file(file, shape) as writer:
        for part in parts:
            for rows in _batches(work, part, "records"):
                writer.write_batch(rows)


def _join_parquet(out: str, work: Work, parts: Parts) -> None:
    pa = arrow()
    import pyarrow.parquet as parquet

    shape = schema("records", work.options.zone is not None)
    with replacing(out) as file, parquet.ParquetWriter(file, shape, compression="zstd") as writer:
        held: list[Any] = []
        for part in parts:
            for rows in _batches(work, part, "records"):
                held.append(rows)
                if sum(each.num_rows for each in held) >= _GROUP:
                    writer.write_table(pa.Table.from_batches(held, shape))
                    held.clear()
        if held:
            writer.write_table(pa.Table.from_batches(held, shape))


def _batches(work: Work, part: Part, table: Table) -> Iterator[Any]:
    with part.path(work, table).open("rb") as file:
        yield from arrow().ipc.open_stream(file)


# A database is added to, not replaced: what other runs put there stays.


def _join_duckdb(out: str, work: Work, parts: Parts) -> None:
    try:
        import duckdb
    except ImportError:
        raise MissingPackageError("a DuckDB file", "duckdb", "tables") from None
    zone = work.options.zone is not None
    try:
        with copied(out) as beside:
            with duckdb.connect(beside, config={"autoinstall_known_extensions": "false"}) as base:
                for table in TABLES:
                    _make_table(base, out, table, zone)
                base.execute("BEGIN")
                for part in parts:
                    _replace_rows(base, work, part)
                base.execute("COMMIT")
            with suppress(FileNotFoundError):
                os.unlink(f"{beside}.wal")
    except duckdb.Error as error:
        reason = str(error).partition("\n")[0]
        raise ExtractError(out, f"cannot be written as a database: {reason}") from None


_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "flag": "BOOLEAN"}


def _make_table(base: Any, out: str, table: Table, zone: bool) -> None:
    """Makes a table that is not there. Raises `ExtractError` for another one of its name."""
    moment = "TIMESTAMP WITH TIME ZONE" if zone else "TIMESTAMP"
    wanted = [(name, _TYPES.get(kind, moment)) for name, kind in TABLES[table]]
    columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted)
    base.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    found = [(row[0], row[1]) for row in base.execute(f"DESCRIBE {table}").fetchall()]
    for (name, kind), other in zip(
        wanted, [*found, *[("nothing", "")] * len(wanted)], strict=False
    ):
        if (name, kind) != other:
            reason = (
                f"expected the column {name} {kind} in its table {table}, found {' '.join(other)}"
            )
            raise ExtractError(out, reason, "write to another database")


def _replace_rows(base: Any, work: Work, part: Part) -> None:
    """Puts a part's rows in the place of those that the same captures gave before."""
    for table in work.tables:
        for file, start in part.captures:
            if not start:
                base.execute(f"DELETE FROM {table} WHERE source_file = ?", [file])
        rows = arrow().RecordBatchReader.from_batches(
            schema(table, work.options.zone is not None), _batches(work, part, table)
        )
        base.register("part_rows", rows)
        base.execute(f"INSERT INTO {table} SELECT * FROM part_rows")
        base.unregister("part_rows")


@contextmanager
def copied(path: str) -> Iterator[str]:
    """The path of a copy of a file, or of none yet, which takes its place in one step at the end."""
    target = os.path.realpath(path)
    folder, name = os.path.split(target)
    beside = os.path.join(folder, f".{name[:40]}.{secrets.token_hex(4)}.tmp")
    try:
        with suppress(FileNotFoundError):
            shutil.copyfile(target, beside)
        yield beside
        os.replace(beside, target)
    finally:
        for left in (beside, f"{beside}.wal"):
            with suppress(OSError):
                os.unlink(left)


SINKS: Mapping[str, Sink] = {
    sink.name: sink
    for sink in (
        Sink("jsonl", (".jsonl", ".ndjson"), "jsonl", ("records", "rejects"), _join_jsonl),
        Sink("csv", (".csv",), "csv", ("records", "rejects"), _join_csv),
        Sink("arrow", (".arrow", ".feather"), "arrow", ("records", "rejects"), _join_arrow),
        Sink("parquet", (".parquet",), "arrow", ("records", "rejects"), _join_parquet),
        Sink("duckdb", (".duckdb", ".db"), "database", tuple(TABLES), _join_duckdb),
    )
}
"""The forms that OUT can have."""
