"""`sgformats validate`: report every problem of payloads, with its location."""

from __future__ import annotations

from collections.abc import Iterator

import click

from sgformats.cli import options
from sgformats.cli.job import REFUSED, Job
from sgformats.cli.output import open_output
from sgformats.cli.reading import ReadingChoices
from sgformats.cli.report import WRITERS, PayloadFinding
from sgformats.cli.sources import read_payloads
from sgformats.errors import DecodeError, Problems


@click.command("validate", short_help="Report every problem of payloads, with its location.")
@options.files()
@options.to(
    *WRITERS,
    default="text",
    help="text: problems with their source lines; jsonl: an object for each problem; json: an "
    "array with an object for each payload.",
)
@click.option(
    "--max-problems",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show at most N problems of each payload.",
)
@options.reading()
def command(
    files: tuple[str, ...], to: str, max_problems: int | None, reading: ReadingChoices
) -> int:
    """Check payloads against the contract and report every problem, with its location.

    FILE is a payload, a folder of them (*.xml, *.json and files without a suffix, at any depth), a
    pattern in quotes, or - for standard input. With --mode lax, problems that leave a payload one
    certain meaning are shown as tolerated and do not count.

    \b
    Examples:
      sgformats validate answers
      sgformats validate answers/damaged.json --operation invalidemails.get
      sgformats validate 'answers/*.xml' --mode lax --max-problems 10
      sgformats validate - --to jsonl < answers/damaged.json

    \b
    JSON:
      jsonl  source_file, rule, severity, message, path, native, line, column,
             offset, tolerable, tolerated
      json   for each payload source_file, valid and its problems

    Exit codes: 0 all are valid, 1 some are not, 2 the job could not be done.
    """
    job = Job(reading.max_bytes)

    def findings() -> Iterator[PayloadFinding]:
        for source, data in read_payloads(job, files):
            if isinstance(data, DecodeError):
                finding = PayloadFinding(
                    source.name, b"", Problems(data.problems), max_problems, reading
                )
            else:
                problems = reading.validate(data)
                finding = PayloadFinding(source.name, data, problems, max_problems, reading)
            if not finding.valid:
                job.code = max(job.code, REFUSED)
            yield finding
            if not finding.valid:
                job.hint(source)

    with open_output() as out:
        WRITERS[to](out, findings())
    return job.code
