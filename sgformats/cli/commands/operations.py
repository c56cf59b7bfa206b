"""`sgformats operations`: list the operations and the fields of their answers."""

from __future__ import annotations

import click

from sgformats import operations
from sgformats.cli import options
from sgformats.cli.output import open_output
from sgformats.cli.rows import Row
from sgformats.operations import Operation


@click.command("operations")
@options.to("table", "jsonl", help="A table on a terminal, JSON lines when piped.")
def command(to: str | None) -> int:
    """List the operations that every command accepts.

    \b
    Examples:
      sgformats operations
      sgformats operations --to jsonl

    \b
    JSON: operation, method, task, answer (list, result or count), record, and
    fields (name, scalar, required) for a list
    """
    with open_output() as out:
        rows = [_row(operation) for operation in operations.OPERATIONS.values()]
        if to == "jsonl" or (to is None and not out.terminal):
            for row in rows:
                out.json(row)
            return 0
        from sgformats.cli.table import write_table

        columns = ("operation", "answer", "fields")
        write_table(out, columns, [(r["operation"], r["answer"], _fields(r)) for r in rows])
    return 0


def _row(operation: Operation) -> Row:
    method = operation.method
    row = {"operation": operation.name, "method": method.name, "task": operation.task}
    if operation.task != "get":
        answer = "count" if operation.task == "count" else "result"
        return {**row, "answer": answer, "record": None, "fields": []}
    fields = [
        {"name": field.name, "scalar": field.scalar, "required": field.required}
        for field in method.fields
    ]
    return {**row, "answer": "list", "record": method.record.__name__, "fields": fields}


def _fields(row: Row) -> str:
    return ", ".join(
        field["name"] if field["required"] else f"{field['name']}?" for field in row["fields"]
    )
