"""Read a shard into blocks of table rows: the same rows however captures are cut into shards."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any, BinaryIO

from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.kinds import Kind
from sgformats.captures.pieces import Piece
from sgformats.errors import CaptureError
from sgformats.extract.read.cells import clipped, failure_shown, name_of, url_shown, user_shown
from sgformats.extract.read.counts import Counts, count
from sgformats.extract.read.exchanges import LINEWISE, find_exchanges
from sgformats.extract.read.longlists import LONG, read_long_list
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import Extracted, read_exchange
from sgformats.extract.read.shards import Shard
from sgformats.extract.read.tables import FIELDS, TABLES, RowBlock, Table
from sgformats.hiding import Secrets
from sgformats.operations import METHODS
from sgformats.records import Count, Failure, Record, Success
from sgformats.redaction import shown_text
from sgformats.secrets import without_secrets

_ROWS = 16_384
_FOREIGN = "no call of this API"
_METHODS = {f"{method.name}.get": method for method in METHODS}
# Of the records, what is the same for a whole list of them.
_SHARED = tuple(name for name, _ in TABLES["records"] if name not in (*FIELDS, "record_index"))


def read_shard(
    shard: Shard,
    options: Options,
    counts: Counts,
    *,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
    tables: Collection[Table] = tuple(TABLES),
) -> Iterator[RowBlock]:
    """The rows of some tables, by default of all, each table's in order, at most 16,384 in a block.

    `counts` grows with what is read, and adds up when all is. At most `limit` records are given, and
    then no more is read. Raises `ExtractError` for what cannot be read or is not what it was when the
    shard was made, and `MissingPackageError`.
    """
    rows = _Rows(options, counts, limit, tables)
    for piece in shard.pieces:
        for exchange in find_exchanges(piece, options, counts, rows, stdin):
            if exchange.body is None or len(exchange.body) < LONG:
                rows.take(exchange)
            else:
                yield from rows.take_long(exchange)
            if rows.full:
                yield from rows.blocks()
            if rows.done:
                break
        if rows.done:
            break
    yield from rows.blocks()


class _Rows:
    """The rows so far, and where they come from."""

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
        self._tables = _empty(wanted)
        self._runs = _no_runs()
        self._sizes: list[int] = []

    def begin(self, piece: Piece, kind: Kind) -> None:
        """Goes on to another capture."""
        self._piece = piece
        self._linewise = kind.name in LINEWISE
        self._bare = kind.name in ("payload", "none")

    @property
    def full(self) -> bool:
        """Whether there are enough rows for a block."""
        return any(_size(columns) >= _ROWS for columns in self._tables.values())

    @property
    def done(self) -> bool:
        """Whether there are as many records as are wanted."""
        return self._left is not None and self._left <= 0

    def blocks(self) -> Iterator[RowBlock]:
        """The rows so far, which are then forgotten."""
        tables, runs, sizes = self._tables, self._runs, self._sizes
        self._tables, self._runs, self._sizes = _empty(self._wanted), _no_runs(), []
        for table, columns in tables.items():
            if table == "records" and sizes:
                yield from _cut(RowBlock(table, columns, runs, sizes))
            elif _size(columns):
                yield RowBlock(table, columns)

    def take(self, exchange: Exchange) -> None:
        """Adds what an exchange comes to."""
        outcome = read_exchange(exchange, self._options)
        place = self._account(exchange, outcome)
        if outcome.records:
            self._records(exchange, outcome, place, outcome.records, outcome.indexes)

    def take_long(self, exchange: Exchange) -> Iterator[RowBlock]:
        """Adds what an exchange comes to, gives rows meanwhile if its answer is a list."""
        reading = read_long_list(exchange, self._options)
        if reading is None:
            self.take(exchange)
            return
        place = self._account(exchange, reading.outcome)
        for records, indexes in reading.rows():
            self._records(exchange, reading.outcome, place, records, indexes)
            if self.full:
                yield from self.blocks()
            if self.done:
                return

    def _account(self, exchange: Exchange, outcome: Extracted) -> dict[str, Any]:
        """Adds an exchange to the figures and to the tables, all but its records."""
        counts = self._counts
        counts.exchanges += 1
        place = self._place(exchange.source)
        secrets = Secrets(exchange.request)
        if outcome.kind == "whole":
            counts.whole += 1
            kinds = counts.replies.setdefault(outcome.operation or "unknown", {})
            count(kinds, name_of(outcome.reply))
        elif outcome.kind == "skipped":
            ours = exchange.request is not None or exchange.url is None
            count(counts.skipped, outcome.reason if ours and outcome.reason else _FOREIGN)
        else:
            counts.partial += outcome.kind == "partial"
            counts.rejected += outcome.kind == "rejected"
            self._count_reject(outcome)
            if "rejects" in self._tables:
                self._reject(exchange, outcome, place, secrets)
        if "exchanges" in self._tables:
            self._exchange(exchange, outcome, place, secrets)
        return place

    def damaged(self, name: str, error: CaptureError) -> None:
        """Adds the reject of a capture that could not be read to its end."""
        self._counts.damaged += 1
        count(self._counts.rejects, "damaged-capture")
        line = None if error.line is None else error.line + self._piece.line - 1
        offset = None if error.offset is None else error.offset + self._piece.start
        if "rejects" not in self._tables:
            return
        _append(
            self._tables["rejects"],
            source_file=name,
            source_line=line,
            source_offset=offset,
            rule="damaged-capture",
            message=without_secrets(error.reason),
            problems=1,
            records=0,
        )

    def _place(self, source: Source) -> dict[str, Any]:
        """Where an exchange stands: by its line, or else by its number in the capture."""
        line = None if source.line is None else source.line + self._piece.line - 1
        offset = None if source.offset is None else source.offset + self._piece.start
        return {
            "source_file": source.file,
            "source_line": line if self._linewise else None,
            "source_entry": None if self._linewise or self._bare else source.entry,
            "source_offset": None if self._bare else offset,
        }

    def _records(
        self,
        exchange: Exchange,
        outcome: Extracted,
        place: dict[str, Any],
        records: Sequence[Record],
        indexes: Sequence[int],
    ) -> None:
        if self._left is not None:
            records, indexes = records[: self._left], indexes[: self._left]
            self._left -= len(records)
        number = len(records)
        salvaged = outcome.kind != "whole"
        self._counts.records += number
        self._counts.salvaged += number if salvaged else 0
        if "records" not in self._tables or not number:
            return
        table = self._tables["records"]
        assert outcome.operation is not None
        method = _METHODS[outcome.operation]
        columns = dict(zip(method.names, method.columns(records), strict=True))
        for name in FIELDS:
            table[name] += columns.get(name) or [None] * number
        table["record_index"] += indexes
        _append(
            self._runs,
            **place,
            operation=outcome.operation,
            user=user_shown(exchange),
            format=outcome.format,
            salvaged=salvaged,
        )
        self._sizes.append(number)

    def _exchange(
        self, exchange: Exchange, outcome: Extracted, place: dict[str, Any], secrets: Secrets
    ) -> None:
        reply = outcome.reply
        message = None
        if isinstance(reply, (Success, Failure)):
            errors = reply.errors if isinstance(reply, Failure) else ()
            message = secrets.hide("; ".join((reply.message, *errors)))
        reason = outcome.problem.rule if outcome.problem else outcome.reason
        _append(
            self._tables["exchanges"],
            **place,
            operation=outcome.operation,
            user=user_shown(exchange),
            verb=exchange.verb and secrets.hide(exchange.verb),
            url=url_shown(exchange, secrets),
            status=exchange.status,
            content_type=exchange.content_type and secrets.hide(exchange.content_type),
            time=exchange.time and secrets.hide(exchange.time),
            format=outcome.format,
            outcome=outcome.kind,
            reason=reason and secrets.hide_known(shown_text(reason)),
            reply=None if reply is None else name_of(reply),
            message=message,
            failure=failure_shown(reply, secrets) if isinstance(reply, Failure) else None,
            count=reply.count if isinstance(reply, Count) else None,
            records=outcome.kept or len(outcome.records),
        )

    def _count_reject(self, outcome: Extracted) -> None:
        assert outcome.problem is not None
        count(self._counts.rejects, outcome.problem.rule)
        self._counts.lost_bytes += outcome.lost

    def _reject(
        self,
        exchange: Exchange,
        outcome: Extracted,
        place: dict[str, Any],
        secrets: Secrets,
    ) -> None:
        problem = outcome.problem
        assert problem is not None
        location = problem.location
        raw, size = clipped(exchange, secrets, location.offset, self._options.clip)
        _append(
            self._tables["rejects"],
            **place,
            operation=outcome.operation,
            rule=problem.rule,
            message=secrets.hide_known(shown_text(problem.message)),
            path=secrets.hide(location.path) or None,
            line=location.line,
            column=location.column,
            offset=location.offset,
            problems=outcome.problems,
            records=outcome.kept or len(outcome.records),
            lost_bytes=outcome.lost,
            status=exchange.status,
            raw=raw,
            raw_bytes=size,
        )


def _empty(tables: Collection[Table]) -> dict[Table, dict[str, list[Any]]]:
    return {
        table: {name: [] for name, _ in TABLES[table] if table != "records" or name not in _SHARED}
        for table in tables
    }


def _no_runs() -> dict[str, list[Any]]:
    return {name: [] for name in _SHARED}


def _size(columns: Mapping[str, list[Any]]) -> int:
    """How many rows there are."""
    return len(next(iter(columns.values())))


def _cut(block: RowBlock) -> Iterator[RowBlock]:
    """A block in pieces of no more rows than one may have: a list may have more of them."""
    size = _size(block.columns)
    ends = list(accumulate(block.sizes))
    for start in range(0, size, _ROWS):
        stop = min(start + _ROWS, size)
        if stop - start == size:
            yield block
            return
        first, last = bisect_right(ends, start), bisect_left(ends, stop) + 1
        begins = [0, *ends]
        sizes = [min(ends[run], stop) - max(begins[run], start) for run in range(first, last)]
        yield RowBlock(
            block.table,
            {name: values[start:stop] for name, values in block.columns.items()},
            {name: values[first:last] for name, values in block.runs.items()},
            sizes,
        )


def _append(columns: dict[str, list[Any]], **values: Any) -> None:
    """Adds a row; what is not given is None."""
    for name, column in columns.items():
        column.append(values.get(name))
