"""A data source for Apache Spark: the rows of `extract`, read by all executors.

    spark.dataSource.register(SgformatsSource)
    spark.read.format("sgformats").option("table", "rejects").load("logs/*.jsonl.gz")

A partition is a shard as in `extract`: a range of an uncompressed file of JSON lines, or whole
files. The driver and all executors must see the same files under the same paths. Rows are Arrow
batches.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from sgformats.captures.jsonlines import FIELDS
from sgformats.captures.pieces import SPLIT, STDIN
from sgformats.captures.reading import match_paths
from sgformats.errors import ArgumentError, MissingPackageError, quote
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import Shard, find_shards
from sgformats.extract.read.tables import TABLES, Table
from sgformats.extract.write.arrow import to_batch

if TYPE_CHECKING:
    import pyarrow

try:
    from pyspark.sql.datasource import DataSource, DataSourceReader, InputPartition
except ImportError:
    raise MissingPackageError("the data source of Spark", "pyspark", "spark") from None

_TYPES = {"text": "STRING", "integer": "BIGINT", "flag": "BOOLEAN"}
_SCHEME = re.compile("[A-Za-z][A-Za-z0-9+.-]+:/")
_FIELD = "field."
_NUMBERS = ("fold", "clip", "maxbytes", "split")
_KNOWN = ("table", "operation", "mode", "zone", "kind", "fold", "clip", "maxBytes", "split")


class SgformatsSource(DataSource):  # type: ignore[misc]
    """Captures as a table.

    Options: `table` (`records`, `rejects` or `exchanges`); `operation`, `mode`, `zone`, `fold`,
    `kind`, `clip`, `maxBytes` and `field.NAME` as in `Options`; and `split`, the approximate size
    of a partition in bytes.
    """

    @classmethod
    def name(cls) -> str:
        """The name for `spark.read.format`."""
        return "sgformats"

    def schema(self) -> str:
        """The columns of the table; with a zone, `created` is a moment."""
        given = _ParsedOptions(self.options)
        moment = "TIMESTAMP_NTZ" if given.options.zone is None else "TIMESTAMP"
        columns = TABLES[given.table]
        return ", ".join(f"`{name}` {_TYPES.get(kind, moment)}" for name, kind in columns)

    def reader(self, schema: Any) -> DataSourceReader:
        """The object that plans the partitions and reads them."""
        return _Reader(_ParsedOptions(self.options))


class _Partition(InputPartition):  # type: ignore[misc]
    def __init__(self, shard: Shard) -> None:
        super().__init__(shard.number)
        self.shard = shard


class _Reader(DataSourceReader):  # type: ignore[misc]
    def __init__(self, options: _ParsedOptions) -> None:
        self._options = options

    def partitions(self) -> list[_Partition]:
        """The shards of all paths. Raises `ExtractError` if a path does not exist."""
        given = self._options
        shards = find_shards(given.paths(), given.options, split=given.split)
        return [_Partition(shard) for shard in shards]

    def read(self, partition: _Partition) -> Iterator[pyarrow.RecordBatch]:
        """The rows of one shard."""
        given = self._options
        zone = given.options.zone is not None
        tables = (given.table,)
        for block in read_shard(partition.shard, given.options, Counts(), tables=tables):
            yield to_batch(block, zone, unit="us")  # The unit of Spark.


class _ParsedOptions:
    """The options, parsed. Raises `ArgumentError` for invalid ones."""

    def __init__(self, given: Mapping[str, str]) -> None:
        options = {key.lower(): value for key, value in given.items()}
        self._path, self._paths = options.pop("path", None), options.pop("paths", None)
        fields = {
            _field_name(key[len(_FIELD) :]): options.pop(key)
            for key in list(options)
            if key.startswith(_FIELD)
        }
        unknown = [key for key in options if key not in map(str.lower, _KNOWN)]
        if unknown:
            known = ", ".join(_KNOWN)
            raise ArgumentError(
                f"expected the options {known} and field.NAME, found {quote(unknown[0])}"
            )
        numbers = {key: _number(key, options.pop(key)) for key in _NUMBERS if key in options}
        table = options.pop("table", "records")
        if table not in TABLES:
            raise ArgumentError(f"expected a table of {', '.join(TABLES)}, found {quote(table)}")
        self.table: Table = table  # type: ignore[assignment]
        self.split = numbers.pop("split", SPLIT)
        if "maxbytes" in numbers:
            numbers["max_bytes"] = numbers.pop("maxbytes")
        chosen: dict[str, Any] = {**options, **numbers}
        self.options = Options(fields=fields, **chosen)

    def paths(self) -> list[str]:
        """The files and folders to read."""
        given = json.loads(self._paths) if self._paths else [self._path] if self._path else []
        if not given:
            raise ArgumentError("expected a path: load(PATH)")
        return [found for path in given for found in _match(path)]


def _match(path: str) -> list[str]:
    """The files and folders that match a path or a pattern on this machine."""
    if path == STDIN:
        raise ArgumentError("expected a path, found -: executors have no standard input")
    if _SCHEME.match(path):
        parts = urlsplit(path)
        if parts.scheme != "file" or parts.netloc:
            raise ArgumentError(
                f"expected a path that every executor can open as a file, found {quote(path)}"
            )
        path = unquote(parts.path)
    found = match_paths(path)
    if not found:
        raise ArgumentError(f"expected files that match {quote(path)}, found none")
    return found


def _field_name(field: str) -> str:
    """A field name in its right case; options of Spark are not case-sensitive."""
    return next((name for name in FIELDS if name.lower() == field), field)


def _number(key: str, text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ArgumentError(f"expected a number as {key}, found {quote(text)}")
    return int(text)
