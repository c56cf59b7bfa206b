"""`sgformats redact`: write a capture without its secrets."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import click

from sgformats._text.payload import MAX_BYTES
from sgformats.captures.opening import Unpacking, open_path
from sgformats.cli import captureoptions, options
from sgformats.cli.captures import workers_for
from sgformats.cli.job import REFUSED, Trouble, complain, standard_input
from sgformats.cli.output import open_output
from sgformats.contract.showing import many
from sgformats.redact import Anonymiser, redact_capture, redact_stream


@click.command(
    "redact", short_help="Write a capture without its secrets, so that it can be shared."
)
@click.argument("path", metavar="PATH", type=options.PATH)
@click.option(
    "-o",
    "--output",
    type=options.PATH,
    metavar="OUT",
    required=True,
    help="Write to this file, whole or not at all, or to this folder if PATH is one. OUT may be PATH.",
)
@click.option(
    "--anonymise",
    is_flag=True,
    help="Also replace all addresses with fake ones of the same shape. Equal addresses get equal "
    "fakes, and malformed addresses stay malformed.",
)
@click.option(
    "--salt",
    envvar="SGFORMATS_SALT",
    metavar="TEXT",
    help="With --anonymise: runs with the same TEXT give the same fakes. Keep TEXT secret like a "
    "password. [env: SGFORMATS_SALT]",
)
@click.option("--keep-user", is_flag=True, help="Do not redact api_user, the user name.")
@captureoptions.KIND
@captureoptions.FIELD
@click.option(
    "--max-bytes",
    type=options.ByteCount(min=1),
    metavar="N",
    default=MAX_BYTES,
    help=f"Leave larger compressed answers unchanged. [default: {MAX_BYTES}]",
)
@captureoptions.unpacking()
@captureoptions.workers("one for each core, if there is enough to share")
def command(
    path: str,
    output: str,
    anonymise: bool,
    salt: str | None,
    keep_user: bool,
    kind: str | None,
    field: tuple[tuple[str, str], ...],
    max_bytes: int,
    unpacking: Unpacking,
    workers: int | None,
) -> int:
    """Write a capture without its secrets, so that it can be shared.

    PATH is a capture of any kind that "sgformats check" reads, a folder of them, or - for standard
    input. Keys, passwords, cookies and credentials become *** wherever they occur. The kind and
    the layout stay, and anything without secrets stays the same to the byte.

    \b
    Examples:
      sgformats redact answers/bounces.json -o shared.json --anonymise
      sgformats redact answers -o shared --anonymise --salt 'any text'
      sgformats redact - -o - < answers/bounces.json

    Exit codes: 0 done, 1 done, but some answers could not be decoded (their compression is unknown
    or damaged; they stay unchanged), 2 the job could not be done; a truncated capture is written as
    far as it could be read.
    """
    if salt is not None and not anonymise:
        source = click.get_current_context().get_parameter_source("salt")
        if source is not click.core.ParameterSource.ENVIRONMENT:
            raise Trouble("expected --anonymise with --salt")
    fake = Anonymiser(salt) if anonymise else None
    choices: dict[str, Any] = {
        "anonymise": fake,
        "keep_user": keep_user,
        "kind": kind,
        "fields": dict(field),
        "max_bytes": max_bytes,
        "unpacking": unpacking,
    }
    if path == "-" or output == "-":
        opened = nullcontext(standard_input()) if path == "-" else open_path(path)
        with opened as file, open_output(output) as out:
            name = "<stdin>" if path == "-" else path
            done = redact_stream(file, name, out.data, **choices)
    else:
        done = redact_capture(path, output, workers=workers_for([path], workers), **choices)
        with open_output() as out:
            out.line(f"{many(done.files, 'file')} written, {done.changed} of them changed")
    if done.opaque:
        complain(f"{many(done.opaque, 'answer')} could not be decoded, and may hold secrets")
        return REFUSED
    return 0
