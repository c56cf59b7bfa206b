"""The summary at the end of `sgformats extract`: a table, or one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sgformats.cli.output import Output
from sgformats.contract.showing import many, name_of
from sgformats.extract.read.counts import Counts
from sgformats.extract.run.extraction import Summary
from sgformats.operations import OPERATIONS


def to_dict(summary: Summary) -> dict[str, Any]:
    """The summary as written in JSON."""
    counts = summary.counts
    return {
        **{name: getattr(counts, name) for name in counts.__struct_fields__},
        "replies": {name: dict(_by_count(kinds)) for name, kinds in sorted(counts.replies.items())},
        "skipped": dict(_by_count(counts.skipped)),
        "rejects": dict(_by_count(counts.rejects)),
        "seconds": round(summary.seconds, 3),
        "bytes_per_second": _rate(summary, counts.bytes),
        "records_per_second": _rate(summary, counts.records),
        "workers": summary.workers,
        "reused": summary.reused,
        "out": name_of(summary.out),
        "rejects_file": None if summary.rejects is None else name_of(summary.rejects),
    }


def _write_table(out: Output, summary: Summary, database: bool) -> None:
    from sgformats.cli.table import write_table

    rows = [("  " * depth + name, f"{number:,}") for depth, name, number in _rows(summary.counts)]
    write_table(out, ("", "count"), rows)
    out.line()
    for line in _about(summary, database):
        out.line(out.visible(line))


def _rows(counts: Counts) -> Iterator[tuple[int, str, int]]:
    """Depth, name and number. A number is the sum of those one level deeper, except `of them`."""
    yield 0, "files", counts.files
    yield 1, "of them damaged", counts.damaged
    yield 0, "bytes", counts.bytes
    yield 0, "lines", counts.lines
    yield 0, "exchanges", counts.exchanges
    yield 1, "whole", counts.whole
    for operation in (*OPERATIONS, *(counts.replies.keys() - OPERATIONS.keys())):
        for kind, number in _by_count(counts.replies.get(operation, {})):
            yield 2, f"{operation}: {kind}", number
    yield 1, "partial", counts.partial
    yield 1, "rejected", counts.rejected
    yield 1, "skipped", sum(counts.skipped.values())
    yield from ((2, reason, number) for reason, number in _by_count(counts.skipped))
    yield 0, "records", counts.records
    yield 1, "of them salvaged", counts.salvaged
    yield 0, "rejects (partial, rejected, damaged)", sum(counts.rejects.values())
    yield from ((1, rule, number) for rule, number in _by_count(counts.rejects))
    yield 0, "bytes lost", counts.lost_bytes


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda each: (-each[1], each[0]))


def _about(summary: Summary, database: bool) -> Iterator[str]:
    from rich.filesize import decimal

    counts = summary.counts
    speed = f"{summary.seconds:.1f} s with {many(summary.workers, 'worker')}"
    per_second = _rate(summary, counts.bytes)
    if per_second is not None:
        records = _rate(summary, counts.records)
        speed += f": {decimal(per_second)}/s, {records or 0:,} records/s"
    yield speed
    if summary.reused:
        yield f"{many(summary.reused, 'part')} reused from an earlier run"
    tables = "tables records, exchanges and rejects" if database else "records"
    yield f"{tables} in {name_of(summary.out)}"
    if summary.rejects is not None:
        yield f"rejects in {name_of(summary.rejects)}"


def _rate(summary: Summary, number: int) -> int | None:
    """The number per second; None if an earlier run did a part of the work."""
    if summary.reused or summary.seconds <= 0:
        return None
    return round(number / summary.seconds)


WRITERS: Mapping[str, Callable[[Output, Summary, bool], None]] = {
    "table": _write_table,
    "json": lambda out, summary, database: out.json(to_dict(summary)),
}
"""Writers of the summary by format; their last argument: whether the output is a database."""
