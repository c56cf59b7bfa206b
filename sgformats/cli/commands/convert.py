"""`sgformats convert`: rewrite a payload in another format, encoding or layout."""

from __future__ import annotations

import click

from sgformats._text.payload import Format
from sgformats.cli import options
from sgformats.cli.job import Job, PayloadSource
from sgformats.cli.options import ReadingChoices
from sgformats.cli.output import open_output
from sgformats.codec import encode
from sgformats.errors import SgformatsError


@click.command("convert", short_help="Write a payload as XML or as JSON.")
@options.file("file")
@click.option("--to", type=options.FORMATS, required=True, help="The format to write.")
@options.OUTPUT
@click.option(
    "--encoding",
    metavar="NAME",
    help="XML: ISO-8859-1 (as the API does, and the default), UTF-8, US-ASCII, windows-1252 or "
    "UTF-16. JSON: UTF-8 (the default) or US-ASCII.",
)
@click.option("--indent", is_flag=True, help="Indent the output.")
@options.reading()
def command(
    file: str,
    to: Format,
    output: str | None,
    encoding: str | None,
    indent: bool,
    reading: ReadingChoices,
) -> int:
    """Write a payload as XML or as JSON.

    FILE is a payload, or - for standard input.

    \b
    Examples:
      sgformats convert answers/bounces.xml --to json
      sgformats convert answers/done.json --to xml -o done.xml
      sgformats convert - --to xml --encoding UTF-8 --indent < answers/done.json

    Exit codes: 0 done, 1 the payload was refused, 2 the job could not be done. Output is
    written only with 0.
    """
    job = Job(reading.max_bytes)
    source = PayloadSource.of(file)
    try:
        reply = reading.parse(job.read(source))
        data = encode(
            reply, to, encoding=encoding, indent=indent, zone=reading.zone, fold=reading.fold
        )
    except SgformatsError as error:
        job.failed(source, error)
        return job.code
    with open_output(output) as out:
        out.data(data, encoding or ("ISO-8859-1" if to == "xml" else "UTF-8"))
        if out.terminal and not data.endswith(b"\n"):
            out.line()
    return job.code
