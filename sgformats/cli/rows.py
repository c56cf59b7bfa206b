"""Convert replies to rows, for JSON lines, CSV and tables.

A row has `source_file`, `operation` (for results only if given) and `kind`: `record` (with
`record_index` and the record's fields), `success` (`message`), `failure` (`message`, `errors`,
`code`) or `count` (`count`). Some failures of v3 also have `details` and `extra`, which CSV omits.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sgformats import operations
from sgformats.contract.showing import json_text
from sgformats.operations import Operation
from sgformats.records import Count, ErrorDetail, Failure, Json, Listing, Reply, Success
from sgformats.spreadsheets import inert

Row = dict[str, Any]

_MORE = frozenset(("details", "extra"))
_KINDS: dict[type[Any], str] = {Success: "success", Failure: "failure", Count: "count"}


def rows_of(reply: Reply, operation: Operation | None, source: str) -> Iterator[Row]:
    """A row for each record of a list, or one for a result."""
    if not isinstance(reply, Listing):
        yield {**_about(reply, operation, source), **_values(reply)}
        return
    for number, record in enumerate(reply.records):
        about = _about(reply, operation, source)
        yield {**about, "kind": "record", "record_index": number, **_values(record)}


def payload_of(reply: Reply, operation: Operation | None, source: str) -> Row:
    """One object for a payload, with a list's records inside."""
    about = _about(reply, operation, source)
    if isinstance(reply, Listing):
        return {**about, "records": [_values(record) for record in reply.records]}
    return {**about, **_values(reply)}


def columns_of(operation: Operation | None) -> tuple[str, ...]:
    """The columns of a table for any row, independent of the payloads.

    An operation limits the record fields to its own. The result columns stay: a `get` can fail.
    """
    methods = operations.METHODS if operation is None else (operation.method,)
    fields = [field for method in methods for field in method.fields]
    text = [field.name for field in fields if field.scalar == "text"]
    names = dict.fromkeys([*text, *(field.name for field in fields)])
    results = ("message", "errors", "code", "count")
    return ("source_file", "operation", "kind", "record_index", *names, *results)


def _about(reply: Reply, operation: Operation | None, source: str) -> Row:
    name = operation.name if operation is not None else None
    if isinstance(reply, Listing):
        return {"source_file": source, "operation": f"{reply.method}.get", "kind": "list"}
    return {"source_file": source, "operation": name, "kind": _KINDS[type(reply)]}


def _values(value: Any) -> Row:
    values = {name: _plain(getattr(value, name)) for name in value.__struct_fields__}
    # Omit the fields that only failures of v3 have if they are empty.
    return {name: each for name, each in values.items() if each or name not in _MORE}


def _plain(value: Any) -> Any:
    if isinstance(value, ErrorDetail):
        values = {name: getattr(value, name) for name in value.__struct_fields__}
        return {
            name: each.text if isinstance(each, Json) else each
            for name, each in values.items()
            if each is not None
        }
    if isinstance(value, tuple) and value and isinstance(value[0], ErrorDetail):
        return [_plain(detail) for detail in value]
    return value.isoformat(" ") if isinstance(value, datetime) else value


def csv_text(cells: Sequence[Any], safe: bool = False) -> str:
    """One line of CSV (RFC 4180): quoted if necessary, lists as JSON, None as empty.

    `safe` keeps spreadsheets from running texts as formulas.
    """
    line = io.StringIO()
    found = map(_cell, cells)
    texts = (inert(cell) if safe and isinstance(cell, str) else cell for cell in found)
    csv.writer(line).writerow(texts)
    return line.getvalue()


def _cell(cell: Any) -> Any:
    if isinstance(cell, tuple):
        return json_text(cell) if cell else ""
    return cell
