"""Rows as text: lines of JSON, and lines with commas, as `sgformats parse` writes them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from sgformats.extract.columns import TABLES, Block, Table

Writer = Callable[[Block], bytes]

_SPECIAL = re.compile('[,"\r\n]')

_write_lines = msgspec.json.Encoder().encode_lines


def json_lines(block: Block) -> bytes:
    """An object a line, with every column."""
    rows = list(map(_row_class(block.table), *_columns(block)))
    return _write_lines(rows)


@functools.lru_cache
def _row_class(table: Table) -> type[msgspec.Struct]:
    return msgspec.defstruct("Row", [column.name for column in TABLES[table]], gc=False)


def csv_lines(block: Block) -> bytes:
    """A line for each row, as RFC 4180 has it; nothing for None.

    Whole columns are looked through for what has to be quoted, of which there is little: `csv.writer`
    looks at every cell, and takes three times as long.
    """
    lines = map(",".join, zip(*_cells(block), strict=True))
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "backslashreplace")


def _cells(block: Block) -> Iterator[list[str]]:
    """The columns as text. Most values stand in many rows: each is written once."""
    for (_, kind), values in zip(TABLES[block.table], _columns(block), strict=True):
        if kind in ("integer", "flag"):
            written = {value: "" if value is None else str(value).lower() for value in set(values)}
            yield [written[value] for value in values]
            continue
        texts = [text or "" for text in values]
        plain = _SPECIAL.search("\0".join(texts)) is None
        yield texts if plain else [_quoted(text) for text in texts]


def _quoted(text: str) -> str:
    if _SPECIAL.search(text) is None:
        return text
    inside = text.replace('"', '""')
    return f'"{inside}"'


def csv_header(table: Table) -> bytes:
    """The names of the columns."""
    return (",".join(column.name for column in TABLES[table]) + "\r\n").encode()


def _columns(block: Block) -> Iterator[list[Any]]:
    for name, kind in TABLES[block.table]:
        values = block.columns[name]
        if kind == "moment":
            yield [None if value is None else value.isoformat(" ") for value in values]
        else:
            yield values


WRITERS: Mapping[str, Writer] = {"jsonl": json_lines, "csv": csv_lines}
