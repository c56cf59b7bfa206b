"""Read a shard into blocks of rows, which are the same however captures are cut into shards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.kinds import Kind
from sgformats.captures.pieces import Piece
from sgformats.errors import CaptureError
from sgformats.extract.read.cells import failure_cell, raw_cell, reply_kind, url_cell, user_cell
from sgformats.extract.read.counts import Counts, count
from sgformats.extract.read.exchanges import LINEWISE, read_exchanges
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import Extracted, read_exchange
from sgformats.extract.read.shards import Shard
from sgformats.extract.read.tables import FIELDS, TABLES, RowBlock, Table
from sgformats.hiding import Secrets
from sgformats.operations import METHODS
from sgformats.records import Count, Failure, Record, Success
from sgformats.redaction import shown_text
from sgformats.secrets import without_secrets

_MOST_ROWS = 16_384
_OTHER_API = "no call of this API"
_METHODS = {f"{method.name}.get": method for method in METHODS}
# The columns of records whose values are the same for a whole list.
_RUN_COLUMNS = tuple(name for name, _ in TABLES["records"] if name not in (*FIELDS, "record_index"))


def read_shard(
    shard: Shard,
    options: Options,
    counts: Counts,
    *,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
    tables: Collection[Table] = tuple(TABLES),
) -> Iterator[RowBlock]:
    """Yield the rows of the given tables in blocks of at most 16,384 rows, each table in order.

    `counts` is updated meanwhile, and adds up at the end. Reading stops after `limit` records.
    Raises `ExtractError` if a file cannot be read or has changed since the shard was planned, and
    `MissingPackageError`.
    """
    rows = _Rows(options, counts, limit, tables)
    for piece in shard.pieces:
        for exchange in read_exchanges(piece, options, counts, rows, stdin):
            yield from rows.add(exchange)
            if rows.is_done:
                yield from rows.take_blocks()
                return
    yield from rows.take_blocks()


class _Rows:
    """Collects the rows of all tables, and counts what they come from."""

    def __init__(
        self, options: Options, counts: Counts, limit: int | None, wanted: Collection[Table]
    ) -> None:
        self._options = options
        self._counts = counts
        self._left = limit
        self._piece = Piece("")
        self._linewise = False
        self._bare = False
        self._wanted = wanted
        self._clear()

    def _clear(self) -> None:
        self._tables: dict[Table, dict[str, list[Any]]] = {
            table: {
                name: []
                for name, _ in TABLES[table]
                if table != "records" or name not in _RUN_COLUMNS
            }
            for table in self._wanted
        }
        self._runs: dict[str, list[Any]] = {name: [] for name in _RUN_COLUMNS}
        self._sizes: list[int] = []

    def begin_capture(self, piece: Piece, kind: Kind) -> None:
        """The next exchanges come from this piece."""
        self._piece = piece
        self._linewise = kind.name in LINEWISE
        self._bare = kind.name in ("payload", "none")

    def reject_capture(self, name: str, error: CaptureError) -> None:
        """Add the reject of a capture that cannot be read to its end."""
        self._counts.damaged += 1
        count(self._counts.rejects, "damaged-capture")
        if "rejects" in self._tables:
            _append(
                self._tables["rejects"],
                source_file=name,
                source_line=self._line(error.line),
                source_offset=self._offset(error.offset),
                rule="damaged-capture",
                message=without_secrets(error.reason),
                problems=1,
                records=0,
            )

    @property
    def is_done(self) -> bool:
        """Whether the limit is reached."""
        return self._left is not None and self._left <= 0

    def take_blocks(self) -> Iterator[RowBlock]:
        """Remove all rows, and yield them."""
        tables, runs, sizes = self._tables, self._runs, self._sizes
        self._clear()
        for table, columns in tables.items():
            if _size(columns):
                yield RowBlock(table, columns, *((runs, sizes) if table == "records" else ()))

    def _is_full(self) -> bool:
        """Whether a table has enough rows for a block."""
        return any(_size(columns) >= _MOST_ROWS for columns in self._tables.values())

    def add(self, exchange: Exchange) -> Iterator[RowBlock]:
        """Add the rows of an exchange, and yield blocks that are full."""
        outcome = read_exchange(exchange, self._options)
        source = self._add_exchange(exchange, outcome)
        records, indexes = outcome.records, outcome.indexes
        if self._left is not None:
            records, indexes = records[: self._left], indexes[: self._left]
            self._left -= len(records)
        self._counts.records += len(records)
        self._counts.salvaged += len(records) if outcome.kind != "whole" else 0
        start = 0
        while "records" in self._tables and start < len(records):
            stop = start + _MOST_ROWS - _size(self._tables["records"])
            self._add_records(exchange, outcome, source, records[start:stop], indexes[start:stop])
            start = stop
            if self._is_full():
                yield from self.take_blocks()
        if self._is_full():
            yield from self.take_blocks()

    def _add_exchange(self, exchange: Exchange, outcome: Extracted) -> dict[str, Any]:
        """Count an exchange, add its rows to all tables but the records, and return its source."""
        counts = self._counts
        counts.exchanges += 1
        source = self._source(exchange.source)
        secrets = Secrets(exchange.request)
        if outcome.kind == "whole":
            counts.whole += 1
            kinds = counts.replies.setdefault(outcome.operation or "unknown", {})
            count(kinds, reply_kind(outcome.reply))
        elif outcome.kind == "skipped":
            is_ours = exchange.request is not None or exchange.url is None
            count(counts.skipped, outcome.reason if is_ours and outcome.reason else _OTHER_API)
        else:
            counts.partial += outcome.kind == "partial"
            counts.rejected += outcome.kind == "rejected"
            self._add_reject(exchange, outcome, source, secrets)
        if "exchanges" in self._tables:
            self._add_exchange_row(exchange, outcome, source, secrets)
        return source

    def _add_reject(
        self, exchange: Exchange, outcome: Extracted, source: dict[str, Any], secrets: Secrets
    ) -> None:
        problem = outcome.problem
        assert problem is not None
        count(self._counts.rejects, problem.rule)
        self._counts.lost_bytes += outcome.lost
        if "rejects" not in self._tables:
            return
        location = problem.location
        raw, size = raw_cell(exchange, secrets, location.offset, self._options.clip)
        _append(
            self._tables["rejects"],
            **source,
            operation=outcome.operation,
            rule=problem.rule,
            message=secrets.hide_known(shown_text(problem.message)),
            path=secrets.hide(location.path) or None,
            line=location.line,
            column=location.column,
            offset=location.offset,
            problems=outcome.problems,
            records=len(outcome.records),
            lost_bytes=outcome.lost,
            status=exchange.status,
            raw=raw,
            raw_bytes=size,
        )

    def _add_exchange_row(
        self, exchange: Exchange, outcome: Extracted, source: dict[str, Any], secrets: Secrets
    ) -> None:
        reply = outcome.reply
        message = None
        if isinstance(reply, (Success, Failure)):
            errors = reply.errors if isinstance(reply, Failure) else ()
            message = secrets.hide("; ".join((reply.message, *errors)))
        reason = outcome.problem.rule if outcome.problem else outcome.reason
        _append(
            self._tables["exchanges"],
            **source,
            operation=outcome.operation,
            user=user_cell(exchange),
            verb=exchange.verb and secrets.hide(exchange.verb),
            url=url_cell(exchange, secrets),
            status=exchange.status,
            content_type=exchange.content_type and secrets.hide(exchange.content_type),
            time=exchange.time and secrets.hide(exchange.time),
            format=outcome.format,
            outcome=outcome.kind,
            reason=reason and secrets.hide_known(shown_text(reason)),
            reply=None if reply is None else reply_kind(reply),
            message=message,
            failure=failure_cell(reply, secrets) if isinstance(reply, Failure) else None,
            count=reply.count if isinstance(reply, Count) else None,
            records=len(outcome.records),
        )

    def _add_records(
        self,
        exchange: Exchange,
        outcome: Extracted,
        source: dict[str, Any],
        records: Sequence[Record],
        indexes: Sequence[int],
    ) -> None:
        number = len(records)
        table = self._tables["records"]
        assert outcome.operation is not None
        method = _METHODS[outcome.operation]
        columns = dict(zip(method.names, method.columns(records), strict=True))
        for name in FIELDS:
            table[name] += columns.get(name) or [None] * number
        table["record_index"] += indexes
        _append(
            self._runs,
            **source,
            operation=outcome.operation,
            user=user_cell(exchange),
            format=outcome.format,
            salvaged=outcome.kind != "whole",
        )
        self._sizes.append(number)

    def _source(self, source: Source) -> dict[str, Any]:
        """The columns that locate an exchange: by its line, or else by its entry."""
        return {
            "source_file": source.file,
            "source_line": self._line(source.line) if self._linewise else None,
            "source_entry": None if self._linewise or self._bare else source.entry,
            "source_offset": None if self._bare else self._offset(source.offset),
        }

    def _line(self, line: int | None) -> int | None:
        """A line of the whole file, from a line of the piece."""
        return None if line is None else line + self._piece.line - 1

    def _offset(self, offset: int | None) -> int | None:
        return None if offset is None else offset + self._piece.start


def _size(columns: Mapping[str, list[Any]]) -> int:
    """The number of rows."""
    return len(next(iter(columns.values())))


def _append(columns: dict[str, list[Any]], **values: Any) -> None:
    """Add a row; columns that are not given get None."""
    for name, column in columns.items():
        column.append(values.get(name))
