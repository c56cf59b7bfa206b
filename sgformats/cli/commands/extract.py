"""`sgformats extract`: write the records of captures to a table, and account for every answer."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from typing import get_args

import click

from sgformats._model.zones import Fold
from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import Unpacking
from sgformats.cli import captureoptions, options
from sgformats.cli.accounting import WRITERS
from sgformats.cli.captures import find_paths, sizes_of
from sgformats.cli.job import REFUSED, TROUBLE, Job, Trouble, complain, standard_input
from sgformats.cli.output import open_output
from sgformats.cli.progress import ProgressLine
from sgformats.contract.showing import many, name_of
from sgformats.errors import ArgumentError
from sgformats.extract.read.options import CLIP, Options
from sgformats.extract.run import extraction
from sgformats.extract.write.sinks import SINKS, find_sink
from sgformats.files import is_special
from sgformats.operations import Operation

_INTERRUPTED = 130
_STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


@click.command(
    "extract", short_help="Write the records of captures to a table, and account for every answer."
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    metavar="OUT",
    required=True,
    help="Write the records to this file, whole or not at all.",
)
@options.to(*SINKS, help="Format of OUT. [default: by its suffix]")
@options.CSV_SAFE
@click.option(
    "--rejects",
    type=options.PATH,
    metavar="FILE",
    help="Write the rejects to this file as JSON lines. [default: OUT.rejects.jsonl; for a "
    "database, its table rejects]",
)
@captureoptions.OPERATION
@click.option(
    "--mode",
    type=click.Choice(get_args(Mode)),
    default="lax",
    show_default=True,
    help="strict rejects records that break the contract, even if they have one certain meaning.",
)
@options.ZONE
@options.FOLD
@captureoptions.KIND
@captureoptions.FIELD
@captureoptions.workers()
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop after N records, for a trial run.",
)
@click.option(
    "--clip",
    type=click.IntRange(min=0),
    metavar="N",
    default=CLIP,
    help=f"Keep at most N characters of a reject's text. [default: {CLIP}]",
)
@click.option(
    "--max-bytes",
    type=options.ByteCount(min=1),
    metavar="N",
    default=MAX_BYTES,
    help=f"Reject larger answers and lines. [default: {MAX_BYTES}]",
)
@captureoptions.unpacking()
@click.option(
    "--summary",
    type=click.Choice(list(WRITERS)),
    default="table",
    show_default=True,
    help="Format of the summary at the end.",
)
@click.option(
    "--strict-files",
    is_flag=True,
    help="Stop at a file that cannot be read, instead of rejecting it.",
)
@click.option("--fail-on-reject", is_flag=True, help="Exit with 1 if there are rejects.")
@click.option("-q", "--quiet", is_flag=True, help="Show no progress and no summary.")
def command(
    paths: tuple[str, ...],
    output: str,
    to: str | None,
    csv_safe: bool,
    rejects: str | None,
    operation: Operation | None,
    mode: Mode,
    zone: str | None,
    fold: Fold | None,
    kind: str | None,
    field: tuple[tuple[str, str], ...],
    workers: int | None,
    limit: int | None,
    clip: int,
    max_bytes: int,
    unpacking: Unpacking,
    summary: str,
    strict_files: bool,
    fail_on_reject: bool,
    quiet: bool,
) -> int:
    """Write the records of captures to a table: every record that is certain, also from damaged
    answers, and a reject for each answer that could not be read completely.

    PATH is a capture of any kind that "sgformats check" reads, a folder of them, a pattern in
    quotes, or - for standard input. OUT ends in .parquet, .jsonl, .csv, .arrow or .duckdb; a
    database keeps the rows of earlier runs, and holds no capture twice. CSV keeps text exactly;
    use --csv-safe for a file that people open in a spreadsheet. With -o - rows go to standard
    output, as JSON lines unless --to is given, and the summary to standard error.

    \b
    Examples:
      sgformats extract answers -o records.csv
      sgformats extract answers -o archive.duckdb
      sgformats extract 'answers/*.json' -o records.parquet --zone UTC
      sgformats extract - -o records.jsonl --summary json < answers/bounces.json
      sgformats extract answers -o - -q | head

    \b
    Columns: operation, email, reason, status, ip, created, user, source_file,
    source_line, source_entry, source_offset, record_index, format, salvaged

    Every exchange is whole, partial (some records and a reject), rejected, or skipped because it
    does not call this API; the summary at the end counts each. A run that was stopped or killed
    resumes if the same command is run again.

    Exit codes: 0 done, 1 done, but there are rejects and --fail-on-reject, 2 the job could not be
    done (OUT is then unchanged), 130 stopped by Ctrl-C.
    """
    reading = Options(
        operation=None if operation is None else operation.name,
        mode=mode,
        zone=zone,
        fold=fold,
        kind=kind,
        fields=dict(field),
        clip=clip,
        max_bytes=max_bytes,
        unpacking=unpacking,
        strict_files=strict_files,
    )
    if output == "-":
        output, to = _STDOUT[0], to or "jsonl"
    summary_path = (
        "/dev/stderr" if output in _STDOUT else None
    )  # Keep the summary apart from the rows.
    sink = _find_sink(output, to)
    if csv_safe and sink != "csv":
        raise Trouble(f"--csv-safe: expected CSV as the format of OUT, found {sink}")
    job = Job(max_bytes)
    found = find_paths(job, paths)
    _check(job, found, rejects)
    if job.code == TROUBLE:
        return job.code
    with (
        nullcontext() if quiet else open_output(summary_path) as out,
        ProgressLine(sizes_of(found), lines=True, quiet=quiet) as progress,
    ):

        def tell(done: extraction.Progress) -> None:
            rejected = f", {many(done.rejects, 'reject')}" if done.rejects else ""
            progress.show(done.bytes, many(done.records, "record") + rejected)

        try:
            done = extraction.extract(
                found,
                output,
                to=to,
                rejects=rejects,
                options=reading,
                workers=workers,
                limit=limit,
                csv_safe=csv_safe,
                tell=tell,
            )
        except KeyboardInterrupt:
            progress.hide()
            can_resume = found != ["-"] and not is_special(output)
            complain(
                f"stopped; {name_of(output)} is unchanged"
                + ("; run the same command again to resume" if can_resume else "")
            )
            return _INTERRUPTED
        progress.hide()
        if out is not None:
            WRITERS[summary](out, done, sink == "duckdb")
    return REFUSED if fail_on_reject and done.counts.rejects else 0


def _find_sink(output: str, to: str | None) -> str:
    """The name of the format of OUT."""
    try:
        return find_sink(output, to).name
    except ArgumentError as error:
        raise Trouble(f"{error}; --to sets the format of any other") from None


def _check(job: Job, paths: Sequence[str], rejects: str | None) -> None:
    """Check that all inputs exist: a missing one could be noticed only hours later."""
    if "-" in paths:
        standard_input()
    if rejects == "-":
        raise Trouble("expected a file for the rejects, found -")
    for path in paths:
        if path != "-" and not os.path.lexists(path):
            job.trouble(f"{name_of(path)}: no such file or folder")
