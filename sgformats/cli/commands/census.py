"""`sgformats census`: what occurs in captures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from sgformats.captures.opening import Unpacking
from sgformats.census import Census, Figures, census_html, take_census
from sgformats.cli import captureoptions, options
from sgformats.cli.captures import Meter, find_paths, open_captures, sizes_of, workers_for
from sgformats.cli.job import Job
from sgformats.cli.output import Output, open_output
from sgformats.cli.progress import ProgressLine
from sgformats.contract.showing import many
from sgformats.operations import Operation

_MOST = 20


def _write_table(out: Output, census: Census) -> None:
    number = len(census.files) + census.unlisted
    if number != 1:
        _write_figures(out, f"{many(number, 'file')} in total", census.total)
    for at, figures in enumerate(census.files):
        if at or number != 1:
            out.line()
        _write_figures(out, figures.file, figures)
    if census.unlisted:
        out.line()
        out.line(f"{many(census.unlisted, 'more file')}, included in the total")


def _write_figures(out: Output, title: str, figures: Figures) -> None:
    from sgformats.cli.table import write_table

    counts = f"{figures.read} read, {figures.skipped} skipped; {many(figures.records, 'record')}"
    out.line(
        f"{out.style(out.visible(title), bold=True)}: "
        f"{many(figures.exchanges, 'exchange')}: {counts}"
    )
    if figures.unread is not None:
        out.line(out.visible(f"could not be read to its end: {figures.unread}"))
    rows = list(_rows(figures))
    if rows:
        write_table(out, ("", "value", "count"), rows)


def _rows(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """A row for each value; only the first of a question names it."""
    last = ""
    for row in Census(figures).rows():
        question = row["question"].replace("_", " ")
        yield "" if question == last else question, row["value"], str(row["count"])
        last = question


_WRITERS: Mapping[str, Callable[[Output, Census], None]] = {
    "table": _write_table,
    "json": lambda out, census: out.json(census.to_dict()),
    "html": lambda out, census: out.data(census_html(census).encode()),
}
_BY_SUFFIX = {".html": "html", ".htm": "html", ".txt": "table"}


@click.command("census", short_help="Count the operations, fields, reasons … in captures.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=options.PATH)
@options.to(
    *_WRITERS,
    help="Output format. By default a table on a terminal, else by the suffix of OUT, else json.",
)
@options.OUTPUT
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    default=_MOST,
    help=f"Show the N most frequent values of each category. [default: {_MOST}]",
)
@captureoptions.OPERATION
@captureoptions.KIND
@captureoptions.FIELD
@options.MAX_SIZE
@captureoptions.unpacking()
@captureoptions.workers("one for each core, if there is enough to share")
def command(
    paths: tuple[str, ...],
    to: str | None,
    output: str | None,
    most: int,
    operation: Operation | None,
    kind: str | None,
    field: tuple[tuple[str, str], ...],
    max_bytes: int,
    unpacking: Unpacking,
    workers: int | None,
) -> int:
    """Count the operations, formats, dialects, fields, encodings, reasons and dates in captures,
    in total and for each file.

    PATH is a capture of any kind that "sgformats check" reads, a folder of them, a pattern in
    quotes, or - for standard input.

    \b
    Examples:
      sgformats census answers --to table
      sgformats census answers -o census.html
      sgformats census - --to json < answers/bounces.json

    \b
    JSON: summary (files, unlisted, unread), total, and files. Each of these has
    file, exchanges, read, skipped, records, and for each category its counts
    (value, count) and others; created and created_utc (count, earliest, latest),
    undated, and unread: why it could not be read to its end, or null

    Exit codes: 0 done, 2 the job could not be done; what could be read is still shown.
    """
    job = Job(max_bytes)
    found = find_paths(job, paths)
    with ProgressLine(sizes_of(found)) as progress, open_output(output) as out:
        meter = Meter(lambda read: progress.show(read, "read"))
        number = workers_for(found, workers)
        census = take_census(
            open_captures(found, meter, number),
            operation=None if operation is None else operation.name,
            kind=kind,
            fields=dict(field),
            max_bytes=max_bytes,
            unpacking=unpacking,
            most=most,
            workers=number,
            tell=meter.add,
        )
        progress.hide()
        if to is None:
            by_suffix = _BY_SUFFIX.get(Path(output or "").suffix.lower(), "json")
            to = "table" if out.terminal else by_suffix
        _WRITERS[to](out, census)
    for figures in census.files:
        if figures.unread is not None:
            job.trouble(f"{figures.file}: {figures.unread}")
    if census.unread > sum(figures.unread is not None for figures in census.files):
        job.trouble(f"{many(census.unread, 'file')} could not be read to the end")
    return job.code
