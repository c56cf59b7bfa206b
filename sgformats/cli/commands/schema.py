"""`sgformats schema`: print the schema of an operation, for use with any validator."""

from __future__ import annotations

from typing import get_args

import click

from sgformats.cli import options
from sgformats.cli.output import open_output
from sgformats.operations import Operation
from sgformats.schemafiles import Kind, schema_text


@click.command("schema")
@click.argument("operation", metavar="OPERATION", type=options.OperationName())
@click.option(
    "--format",
    "format_",
    type=click.Choice(get_args(Kind)),
    default="xsd",
    show_default=True,
    help="XSD 1.0 for the XML answers, JSON Schema 2020-12 for the JSON ones.",
)
@options.OUTPUT
def command(operation: Operation, format_: Kind, output: str | None) -> int:
    """Print the schema of an operation's answers, self-contained.

    \b
    Examples:
      sgformats schema invalidemails.get -o invalidemails.get.xsd
      sgformats schema invalidemails.delete --format json-schema
    """
    with open_output(output) as out:
        out.data(schema_text(operation, format_).encode())
    return 0
