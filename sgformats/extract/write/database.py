"""Write to a DuckDB file. Other data in it stays; rows of the same captures are replaced.

All work is done in a copy. Existing tables of the three names must have our columns, in any order, and
may have more.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sgformats.errors import ExtractError, MissingPackageError
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import arrow
from sgformats.extract.write.parts import Part, Parts, Work, find_captures_of, read_batches

_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "flag": "BOOLEAN", "moment": "TIMESTAMP"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
# What duckdb takes of memory is what it may take: it forgets nothing before. A look at all captures and
# all rows at once needs more than rows that come and go.
_MEMORY, _MORE_MEMORY = "128MB", "512MB"
_NAMES = 10_000


def need_duckdb() -> Any:
    """duckdb and pyarrow, imported when they are needed. Raises `MissingPackageError`."""
    try:
        import duckdb
    except ImportError:
        raise MissingPackageError("a DuckDB file", "duckdb", "tables") from None
    arrow()
    return duckdb


def join_duckdb(place: str, out: str, work: Work, parts: Parts) -> None:
    """Makes a database of OUT and the parts."""
    if place == out:
        raise ExtractError(out, "expected a file for a database, found a device")
    target = os.path.realpath(out)
    with _within_duckdb():
        before = _copy(target, place)
        with _connected(place, work.folder) as base:
            zone = work.options.zone is not None
            for table in work.tables:
                _make_table(base, out, table, zone)
            if any(base.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in TABLES):
                parts = _delete(base, work, parts)
            base.execute("BEGIN")
            for part in parts:
                for table in work.tables:
                    _insert(base, work, part, table)
            base.execute("COMMIT")
            base.execute("FORCE CHECKPOINT")
    if _state(target) != before:
        raise ExtractError(out, "expected the database of before, found one that was changed")


def _copy(target: str, place: str) -> tuple[int, int] | None:
    """Copies the database, whole and at rest, if there is one, and gives the state that it was in."""
    if not os.path.exists(target) or not os.path.getsize(target):
        return _state(target)
    # Opening and closing the file merges the log beside it.
    logged = os.path.exists(f"{target}.wal")
    with need_duckdb().connect(target, read_only=not logged) as base:
        if logged:
            base.execute("FORCE CHECKPOINT")
        before = _state(target)
        shutil.copyfile(target, place)
    return before


def _state(target: str) -> tuple[int, int] | None:
    try:
        state = os.stat(target)
    except FileNotFoundError:
        return None
    return state.st_size, state.st_mtime_ns


def _connected(place: str, folder: str) -> Any:
    return need_duckdb().connect(
        place,
        config={
            "memory_limit": _MEMORY,
            "threads": 1,  # The others read captures meanwhile.
            "temp_directory": folder,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )


def _make_table(base: Any, out: str, table: Table, zone: bool) -> None:
    """Makes a table that is not there. Raises `ExtractError` for another one of its name."""
    types = {**_TYPES, "moment": _ZONED} if zone else _TYPES
    wanted = {name: types[kind] for name, kind in TABLES[table]}
    columns = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
    base.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    found = {row[0]: row[1] for row in base.execute(f"DESCRIBE {table}").fetchall()}
    for name, kind in wanted.items():
        if found.get(name) != kind:
            reason = (
                f"expected {name} {kind} in its table {table}, found {found.get(name, 'no such')}"
            )
            zoned = {found.get(name), kind} == {_ZONED, _TYPES["moment"]}
            advice = "with and without --zone are no one table: " if zoned else ""
            raise ExtractError(out, reason, f"{advice}write to another database")


def _delete(base: Any, work: Work, parts: Parts) -> Parts:
    """Deletes what the same captures gave before, once all parts are there; gives the parts again."""
    base.execute("CREATE TEMPORARY TABLE read_captures (source_file VARCHAR)")
    known = []
    for part in parts:
        known.append(part)
        for names in _some(find_captures_of(work, part)):
            _name(base, names)
    base.execute(f"SET memory_limit = '{_MORE_MEMORY}'")
    for table in work.tables:
        base.execute(
            f"DELETE FROM {table} WHERE source_file IN (SELECT source_file FROM read_captures)"
            " OR (contains(source_file, '!') AND EXISTS (SELECT 1 FROM read_captures AS archive"
            f" WHERE starts_with({table}.source_file, archive.source_file || '!')))"
        )
    base.execute("DROP TABLE read_captures")
    base.execute(f"SET memory_limit = '{_MEMORY}'")
    return iter(known)


def _name(base: Any, names: list[str]) -> None:
    pa = arrow()
    base.register("some_captures", pa.table({"source_file": pa.array(names, pa.string())}))
    base.execute("INSERT INTO read_captures SELECT source_file FROM some_captures")
    base.unregister("some_captures")


def _some(names: Iterable[str]) -> Iterator[list[str]]:
    held: list[str] = []
    for name in names:
        held.append(name)
        if len(held) == _NAMES:
            yield held
            held = []
    if held:
        yield held


def _insert(base: Any, work: Work, part: Part, table: Table) -> None:
    for rows in read_batches(work, part, table):
        base.register("part_rows", arrow().Table.from_batches([rows]))
        base.execute(f"INSERT INTO {table} BY NAME SELECT * FROM part_rows")
        base.unregister("part_rows")


@contextmanager
def _within_duckdb() -> Iterator[None]:
    """Raises errors of duckdb as `OSError`, and Ctrl-C unchanged."""
    duckdb = need_duckdb()
    try:
        yield
    except duckdb.Error as error:
        raise OSError(str(error).partition("\n")[0]) from None
    except RuntimeError as error:
        if "interrupted" in str(error):
            raise KeyboardInterrupt from None
        raise OSError(str(error)) from None
