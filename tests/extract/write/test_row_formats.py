"""Blocks with shared values give the same text and Arrow batches as blocks without."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.extract.read.tables import FIELDS, TABLES, RowBlock, spread
from sgformats.extract.write.arrow import to_batch
from sgformats.extract.write.text import WRITERS, csv_lines
from sgformats.spreadsheets import inert

Row = tuple[str | None, datetime | None, str | None, int]

_TEXTS = st.none() | st.text(st.sampled_from("ab%,\"\r\n é{}='"), max_size=5)


def rows_of(zone: timezone | None) -> st.SearchStrategy[list[Row]]:
    """Runs of rows: a shared text, a moment and a text of their own, and the number of rows."""
    moments = st.datetimes(timezones=st.just(zone)).map(
        lambda moment: moment.replace(microsecond=0)
    )
    return st.lists(st.tuples(_TEXTS, st.none() | moments, _TEXTS, st.integers(1, 4)), min_size=1)


@pytest.mark.parametrize("zone", [None, timezone.utc])
@given(data=st.data())
def test_shared_values_are_written_like_values_of_each_row(
    zone: timezone | None, data: st.DataObject
) -> None:
    rows = data.draw(rows_of(zone))
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
    short = RowBlock("records", columns, runs, sizes)
    long = RowBlock("records", {name: short.values(name) for name, _ in TABLES["records"]})
    for write in WRITERS.values():
        assert write(short) == write(long)
    safe = csv.reader(io.StringIO(csv_lines(long, safe=True).decode(), newline=""))
    texts = [kind == "text" for _, kind in TABLES["records"]]
    assert [*safe] == [
        [
            inert(cell(value)) if text else cell(value)
            for value, text in zip(row, texts, strict=True)
        ]
        for row in zip(*long.columns.values(), strict=True)
    ]
    found = csv.reader(io.StringIO(csv_lines(long).decode(), newline=""))
    assert [*found] == [[*map(cell, row)] for row in zip(*long.columns.values(), strict=True)]
    assert to_batch(short, zone is not None).equals(to_batch(long, zone is not None))


def cell(value: object) -> str:
    """The text of a CSV cell."""
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
