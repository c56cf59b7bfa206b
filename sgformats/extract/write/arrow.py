"""The tables as Arrow schemas and record batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from sgformats.errors import MissingPackageError
from sgformats.extract.read.tables import TABLES, RowBlock, Table

if TYPE_CHECKING:
    import pyarrow


def arrow_schema(table: Table, zone: bool, unit: str = "s") -> pyarrow.Schema:
    """The columns of a table. With `zone`, timestamps are moments in UTC; `unit` is their unit."""
    pa = import_arrow()
    kinds: Mapping[str, Any] = {
        "text": pa.string(),
        "integer": pa.int64(),
        "flag": pa.bool_(),
        "moment": pa.timestamp(unit, tz="UTC" if zone else None),
    }
    return pa.schema([(name, kinds[kind]) for name, kind in TABLES[table]])


def to_batch(block: RowBlock, zone: bool, unit: str = "s") -> pyarrow.RecordBatch:
    pa = import_arrow()
    schema = arrow_schema(block.table, zone, unit)
    run_of_row = _run_of_row(block.sizes) if block.runs else None
    arrays = []
    for field, (name, kind) in zip(schema, TABLES[block.table], strict=True):
        if name in block.runs:
            arrays.append(pa.array(block.runs[name], field.type).take(run_of_row))
            continue
        values = block.columns[name]
        if kind == "moment" and not zone:
            values = [_zoneless(value) for value in values]
        arrays.append(pa.array(values, field.type))
    return pa.record_batch(arrays, schema=schema)


def _run_of_row(sizes: Sequence[int]) -> pyarrow.Array:
    """The number of the run of each row.

    Run-end decoding the columns themselves would turn nulls into arbitrary memory.
    """
    pa = import_arrow()
    from pyarrow import compute

    ends, numbers = pa.array(accumulate(sizes), pa.int32()), pa.array(range(len(sizes)), pa.int32())
    return compute.run_end_decode(pa.RunEndEncodedArray.from_arrays(ends, numbers))


def import_arrow() -> Any:
    """Import pyarrow. Raises `MissingPackageError`."""
    try:
        import pyarrow
    except ImportError:
        raise MissingPackageError("an Arrow table", "pyarrow", "tables") from None
    return pyarrow


def _zoneless(moment: datetime | None) -> datetime | None:
    """The time in UTC without a zone; a time without a zone stays as it is."""
    if moment is None or moment.tzinfo is None:
        return moment
    return moment.astimezone(timezone.utc).replace(tzinfo=None)


@contextmanager
def arrow_errors() -> Iterator[None]:
    """Raise errors of pyarrow as `OSError`."""
    try:
        yield
    except import_arrow().ArrowException as error:
        raise OSError(str(error)) from None
