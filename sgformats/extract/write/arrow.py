"""The tables as Arrow: schemas, record batches, and a stream of them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sgformats.errors import MissingPackageError
from sgformats.extract.read.tables import TABLES, RowBlock, Table

if TYPE_CHECKING:
    import pyarrow

Path = str | os.PathLike[str]


def schema(table: Table, zone: bool) -> pyarrow.Schema:
    """The columns of a table; with a `zone`, timestamps are moments in UTC."""
    pa = arrow()
    kinds: Mapping[str, Any] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "flag": pa.bool_(),
        "moment": pa.timestamp("s", tz="UTC" if zone else None),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in TABLES[table]])


def batch(block: RowBlock, zone: bool) -> pyarrow.RecordBatch:
    """The rows of a block."""
    pa = arrow()
    shape = schema(block.table, zone)
    run_of_row = _run_of_row(block.sizes) if block.runs else None
    arrays = []
    for field, (name, kind) in zip(shape, TABLES[block.table], strict=True):
        if name in block.runs:
            arrays.append(pa.array(block.runs[name], field.type).take(run_of_row))
            continue
        values = block.columns[name]
        if kind == "moment" and not zone:
            values = [_clock(value) for value in values]
        arrays.append(pa.array(values, field.type))
    return pa.record_batch(arrays, schema=shape)


def _run_of_row(sizes: Sequence[int]) -> pyarrow.Array:
    """For each row the number of its run.

    The columns are not decoded as this is: a null would then stand for whatever was in memory.
    """
    pa = arrow()
    from pyarrow import compute

    ends, numbers = pa.array(accumulate(sizes), pa.int32()), pa.array(range(len(sizes)), pa.int32())
    return compute.run_end_decode(pa.RunEndEncodedArray.from_arrays(ends, numbers))


def arrow() -> Any:
    """pyarrow, imported when it is needed. Raises `MissingPackageError`."""
    try:
        import pyarrow
    except ImportError:
        raise MissingPackageError("a table in Arrow's form", "pyarrow", "tables") from None
    return pyarrow


def _clock(moment: datetime | None) -> datetime | None:
    """What UTC's clock showed at a moment; what names none is a clock's time already."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


@contextmanager
def within_arrow() -> Iterator[None]:
    """Raises errors of pyarrow as `OSError`."""
    try:
        yield
    except arrow().ArrowException as error:
        raise OSError(str(error)) from None
