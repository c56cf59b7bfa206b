"""Join parts into a DuckDB file. Rows of the same captures are replaced; all other data stays.

All changes are made to a copy. Existing tables with the names of ours must have our columns, in any
order, and may have more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sgformats.errors import ExtractError, MissingPackageError
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import import_arrow
from sgformats.extract.write.parts import Part, Parts, PartStore, find_captures_of, read_batches

_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "flag": "BOOLEAN", "moment": "TIMESTAMP"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
# DuckDB uses all the memory that it may use. Finding old rows among all captures needs more
# memory than inserting new ones.
_MEMORY, _MORE_MEMORY = "128MB", "512MB"
_MOST_NAMES = 10_000


def import_duckdb() -> Any:
    """Import duckdb, and check that pyarrow is there. Raises `MissingPackageError`."""
    try:
        import duckdb
    except ImportError:
        raise MissingPackageError("a DuckDB file", "duckdb", "tables") from None
    import_arrow()
    return duckdb


def join_duckdb(temporary: str, out: str, store: PartStore, parts: Parts) -> None:
    """Write a copy of OUT with the rows of the parts to `temporary`."""
    if temporary == out:
        raise ExtractError(out, "expected a file for a database, found a device")
    target = os.path.realpath(out)
    with _duckdb_errors():
        before = _copy(target, temporary)
        with _connect(temporary, store.folder) as base:
            zone = store.options.zone is not None
            for table in store.tables:
                _make_table(base, out, table, zone)
            if any(base.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in TABLES):
                parts = _delete(base, store, parts)
            base.execute("BEGIN")
            for part in parts:
                for table in store.tables:
                    _insert(base, store, part, table)
            base.execute("COMMIT")
            base.execute("FORCE CHECKPOINT")
    if _state(target) != before:
        raise ExtractError(out, "another program changed the database during the run")


def _copy(target: str, temporary: str) -> tuple[int, int] | None:
    """Copy the database, if there is one, with all its changes; return its size and time."""
    if not os.path.exists(target) or not os.path.getsize(target):
        return _state(target)
    # A checkpoint merges the write-ahead log.
    has_log = os.path.exists(f"{target}.wal")
    with import_duckdb().connect(target, read_only=not has_log) as base:
        if has_log:
            base.execute("FORCE CHECKPOINT")
        before = _state(target)
        shutil.copyfile(target, temporary)
    return before


def _state(target: str) -> tuple[int, int] | None:
    """The size and time of a file, to see whether it changes."""
    try:
        state = os.stat(target)
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns


def _connect(temporary: str, folder: str) -> Any:
    return import_duckdb().connect(
        temporary,
        config={
            "memory_limit": _MEMORY,
            "threads": 1,  # Other processes read captures meanwhile.
            "temp_directory": folder,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )


def _make_table(base: Any, out: str, table: Table, zone: bool) -> None:
    """Make a table if it is missing. Raises `ExtractError` if it has other columns."""
    types = {**_TYPES, "moment": _ZONED} if zone else _TYPES
    wanted = {name: types[kind] for name, kind in TABLES[table]}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
    base.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    found = {row[0]: row[1] for row in base.execute(f"DESCRIBE {table}").fetchall()}
    for name, kind in wanted.items():
        if found.get(name) != kind:
            reason = (
                f"expected the column {name} {kind} in {table}, found {found.get(name, 'none')}"
            )
            differs_by_zone = {found.get(name), kind} == {_ZONED, _TYPES["moment"]}
            advice = (
                "rows with and without --zone cannot share a table: " if differs_by_zone else ""
            )
            raise ExtractError(out, reason, f"{advice}write to another database")


def _delete(base: Any, store: PartStore, parts: Parts) -> Parts:
    """Wait for all parts, delete the older rows of their captures, and return the parts."""
    base.execute("CREATE TEMPORARY TABLE read_captures (source_file VARCHAR)")
    held = []
    for part in parts:
        held.append(part)
        _insert_names(base, find_captures_of(store, part))
    base.execute(f"SET memory_limit = '{_MORE_MEMORY}'")
    for table in store.tables:
        base.execute(
            f"DELETE FROM {table} WHERE source_file IN (SELECT source_file FROM read_captures)"
            " OR (contains(source_file, '!') AND EXISTS (SELECT 1 FROM read_captures AS archive"
            f" WHERE starts_with({table}.source_file, archive.source_file || '!')))"
        )
    base.execute("DROP TABLE read_captures")
    base.execute(f"SET memory_limit = '{_MEMORY}'")
    return iter(held)


def _insert_names(base: Any, names: Iterator[str]) -> None:
    pa = import_arrow()
    while some := list(islice(names, _MOST_NAMES)):
        base.register("some_captures", pa.table({"source_file": pa.array(some, pa.string())}))
        base.execute("INSERT INTO read_captures SELECT source_file FROM some_captures")
        base.unregister("some_captures")


def _insert(base: Any, store: PartStore, part: Part, table: Table) -> None:
    for rows in read_batches(store, part, table):
        base.register("part_rows", import_arrow().Table.from_batches([rows]))
        base.execute(f"INSERT INTO {table} BY NAME SELECT * FROM part_rows")
        base.unregister("part_rows")


@contextmanager
def _duckdb_errors() -> Iterator[None]:
    """Raise errors of duckdb as `OSError`, and Ctrl-C as `KeyboardInterrupt`."""
    duckdb = import_duckdb()
    try:
        yield
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from None
    except RuntimeError as error:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise OSError(str(error)) from None
