"""Stream the rows of a table as Arrow record batches, without writing a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sgformats.captures.pieces import SPLIT
from sgformats.errors import ArgumentError, quote
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import PathLike, find_shards, path_names
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import arrow_schema, import_arrow, to_batch

if TYPE_CHECKING:
    import pyarrow


def to_arrow(
    paths: PathLike | Iterable[PathLike],
    table: Table = "records",
    *,
    options: Options | None = None,
    split: int = SPLIT,
) -> pyarrow.RecordBatchReader:
    """Return the rows of one table of captures as a stream of record batches.

    `paths` are files or folders, as for `extract`. One batch is in memory at a time. Invalid
    arguments raise `ArgumentError` at once; the stream raises the errors of reading.

    >>> to_arrow("corpus/captures/calls.jsonl").read_all().num_rows
    4
    """
    pa = import_arrow()
    if table not in TABLES:
        raise ArgumentError(f"expected one of {', '.join(TABLES)}, found {quote(str(table))}")
    options = options or Options()
    schema = arrow_schema(table, options.zone is not None)
    batches = _batches(path_names(paths), table, options, split)
    return pa.RecordBatchReader.from_batches(schema, batches)


def _batches(
    paths: list[str], table: Table, options: Options, split: int
) -> Iterator[pyarrow.RecordBatch]:
    for shard in find_shards(paths, options, split=split):
        for block in read_shard(shard, options, Counts(), tables=(table,)):
            yield to_batch(block, options.zone is not None)
