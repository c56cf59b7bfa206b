"""Blocks of rows as text and as Arrow: what rows share is kept once, and shows in none of them."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sgformats.extract.arrow import batch
from sgformats.extract.columns import FIELDS, TABLES, Block, spread
from sgformats.extract.texts import WRITERS, csv_lines

_MOMENTS = st.none() | st.datetimes(timezones=st.none() | st.just(timezone.utc)).map(
    lambda moment: moment.replace(microsecond=0)
)
_TEXTS = st.none() | st.text(st.sampled_from('ab%,"\r\n é{}'), max_size=5)


@given(st.lists(st.tuples(_TEXTS, _MOMENTS, _TEXTS, st.integers(1, 4)), min_size=1))
def test_runs_of_rows_are_written_as_rows_are(
    rows: list[tuple[str | None, datetime | None, str | None, int]],
) -> None:
    """Every form of a block whose rows share values is that of one with a value for each row."""
    kinds = {"integer": 7, "flag": True}
    sizes = [size for *_, size in rows]
    runs: dict[str, list[Any]] = {}
    columns: dict[str, list[Any]] = {}
    for name, kind in TABLES["records"]:
        if name in (*FIELDS, "record_index"):
            place = 1 if kind == "moment" else 2
            values = [row[place] for row in rows] if kind != "integer" else [0] * len(rows)
            columns[name] = list(spread(values, sizes))
        else:
            runs[name] = [kinds.get(kind, text) if text else None for text, *_ in rows]
    short = Block("records", columns, runs, sizes)
    long = Block("records", {name: short.values(name) for name, _ in TABLES["records"]})
    for write in WRITERS.values():
        assert write(short) == write(long)
    found = csv.reader(io.StringIO(csv_lines(long).decode(), newline=""))
    assert [*found] == [[*map(cell, row)] for row in zip(*long.columns.values(), strict=True)]
    zone = any(moment is not None and moment.tzinfo is not None for _, moment, *_ in rows)
    if not zone:
        assert batch(short, zone).equals(batch(long, zone))


def cell(value: object) -> str:
    """What a cell holds."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
