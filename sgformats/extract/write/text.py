"""Write rows as JSON lines and CSV, in the same form as `sgformats parse`."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

import msgspec

from sgformats.extract.read.tables import TABLES, Kind, RowBlock, Table, spread
from sgformats.spreadsheets import inert

Writer = Callable[[RowBlock], bytes]

_SIGNS = ',"\r\n'
_SPECIAL = re.compile(f"[{_SIGNS}]")

_write_lines = msgspec.json.Encoder().encode_lines


def json_lines(block: RowBlock) -> bytes:
    """An object a line, with every column."""
    rows = list(map(_row_class(block.table), *_columns(block)))
    return _write_lines(rows)


@functools.lru_cache
def _row_class(table: Table) -> type[msgspec.Struct]:
    return msgspec.defstruct("Row", [column.name for column in TABLES[table]], gc=False)


def csv_lines(block: RowBlock, safe: bool = False) -> bytes:
    """A line for each row, as RFC 4180 has it; nothing for None. `safe` texts are no formulas.

    Whole columns are looked through for what has to be quoted, of which there is little: `csv.writer`
    looks at every cell, and takes several times as long.
    """
    columns: list[Iterable[str]] = []
    for repeated, names in groupby(TABLES[block.table], lambda column: column.name in block.runs):
        if not repeated:
            columns += [_cells(kind, block.columns[name], safe) for name, kind in names]
            continue
        # Text that is the same for all rows of a run is built once, for adjacent columns together.
        cells = [_cells(kind, block.runs[name], safe) for name, kind in names]
        columns.append(spread(map(",".join, zip(*cells, strict=True)), block.sizes))
    lines = map(",".join, zip(*columns, strict=True))
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "backslashreplace")


def _cells(kind: Kind, values: list[Any], safe: bool) -> list[str]:
    """The values as text."""
    if kind == "integer":
        return ["" if value is None else f"{value}" for value in values]
    if kind == "flag":
        return ["" if value is None else str(value).lower() for value in values]
    if kind == "moment":
        return _moments(values)
    texts: list[str] = [text or "" for text in values] if None in values else values
    if safe:
        texts = list(map(inert, texts))
    together, special = "\0".join(texts), _SPECIAL.search
    if not any(sign in together for sign in _SIGNS):
        return texts
    return [text if special(text) is None else _quoted(text) for text in texts]


def _moments(values: list[datetime | None]) -> list[str]:
    """The values as `isoformat(" ")` has them, several times as fast: all of them are written at once."""
    text = msgspec.json.encode(values).decode()[1:-1].replace("null", "").replace('"', "")
    return text.replace("T", " ").replace("Z", "+00:00").split(",") if values else []


def _quoted(text: str) -> str:
    inside = text.replace('"', '""')
    return f'"{inside}"'


def csv_header(table: Table) -> bytes:
    """The names of the columns."""
    return (",".join(column.name for column in TABLES[table]) + "\r\n").encode()


def _columns(block: RowBlock) -> Iterator[list[Any]]:
    for name, kind in TABLES[block.table]:
        values = block.values(name)
        yield [text or None for text in _moments(values)] if kind == "moment" else values


WRITERS: Mapping[str, Writer] = {
    "jsonl": json_lines,
    "csv": csv_lines,
    "csv-safe": functools.partial(csv_lines, safe=True),
}
