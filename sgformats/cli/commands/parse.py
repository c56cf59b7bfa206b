"""`sgformats parse`: payloads to records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

import click

from sgformats.cli import options
from sgformats.cli.job import TROUBLE, Job, Trouble
from sgformats.cli.options import ReadingChoices
from sgformats.cli.output import Output, open_output
from sgformats.cli.rows import columns_of, csv_text, payload_of, rows_of
from sgformats.cli.sources import read_payloads
from sgformats.errors import DecodeError, SgformatsError
from sgformats.operations import Operation
from sgformats.records import Reply

Replies = Iterator[tuple[str, Reply]]


def _write_table(out: Output, replies: Replies, operation: Operation | None) -> None:
    from sgformats.cli.table import write_replies

    write_replies(out, replies)


def _write_lines(out: Output, replies: Replies, operation: Operation | None) -> None:
    for source, reply in replies:
        for row in rows_of(reply, operation, source):
            out.json(row)


def _write_json(out: Output, replies: Replies, operation: Operation | None) -> None:
    out.array(payload_of(reply, operation, source) for source, reply in replies)


def _write_csv(
    out: Output, replies: Replies, operation: Operation | None, safe: bool = False
) -> None:
    columns = columns_of(operation)
    out.data(csv_text(columns).encode())
    for source, reply in replies:
        for row in rows_of(reply, operation, source):
            out.data(csv_text([row.get(name) for name in columns], safe).encode())


_WRITERS: Mapping[str, Callable[[Output, Replies, Operation | None], None]] = {
    "table": _write_table,
    "jsonl": _write_lines,
    "json": _write_json,
    "csv": _write_csv,
}
_BY_SUFFIX = {".csv": "csv", ".json": "json", ".txt": "table"}


@click.command("parse", short_help="Read payloads into records.")
@options.FILES
@options.to(
    *_WRITERS,
    help="Output format. By default a table on a terminal, else by the suffix of OUT, else jsonl.",
)
@options.CSV_SAFE
@options.OUTPUT
@options.reading()
def command(
    files: tuple[str, ...],
    to: str | None,
    csv_safe: bool,
    output: str | None,
    reading: ReadingChoices,
) -> int:
    """Read payloads into records.

    FILE is a payload, a folder of them (*.xml, *.json and files without a suffix, at any depth), a
    pattern in quotes, or - for standard input. A payload that is refused is reported on standard
    error, and the others are still read.

    \b
    Examples:
      sgformats parse answers/bounces.xml
      sgformats parse answers --operation bounces.get --to csv -o bounces.csv
      sgformats parse 'answers/*.xml' | head -n 2
      sgformats parse - --operation bounces.get < answers/bounces.json
      sgformats parse answers | jq -r 'select(.kind == "record") | .email'

    \b
    Output formats, all in UTF-8:
      table  for people; control characters show as escapes such as \\x1b
      jsonl  one object for each record or result, with source_file, operation,
             kind, and by kind:
               record   record_index and the record's fields, created as
                        "YYYY-MM-DD HH:MM:SS" (with +00:00 for a moment) or null
               success  message
               failure  message, errors (a list), code (a number or null)
               count    count
      json   one array with one object for each payload: source_file, operation,
             kind, and for the kind "list" its records
      csv    a header, then a line for each record or result; the columns are the
             same whatever the payloads hold. Text is kept exactly: use --csv-safe
             for a file that people open in a spreadsheet

    operation is null for a result unless --operation is given.

    Exit codes: 0 all were read, 1 payloads were refused, 2 the job could not be done (OUT is then
    unchanged).
    """
    job = Job(reading.max_bytes)
    with open_output(output) as out:
        if to is None:
            by_suffix = _BY_SUFFIX.get(Path(output or "").suffix.lower(), "jsonl")
            to = "table" if out.terminal else by_suffix
        if csv_safe and to != "csv":
            raise Trouble(f"--csv-safe: expected CSV as the output format, found {to}")
        write = partial(_write_csv, safe=True) if csv_safe else _WRITERS[to]
        write(out, _replies(job, files, reading), reading.operation)
        out.complete = job.code < TROUBLE
    if not out.complete and output not in (None, "-"):
        job.trouble(f"{output} was not written: not everything could be read")
    return job.code


def _replies(job: Job, files: tuple[str, ...], reading: ReadingChoices) -> Replies:
    for source, data in read_payloads(job, files):
        try:
            if isinstance(data, DecodeError):
                raise data
            reply = reading.parse(data)
        except SgformatsError as error:
            job.failed(source, error)
        else:
            yield source.name, reply
