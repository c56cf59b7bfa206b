"""Draw tables. Cells are plain text: markup and escapes in them have no effect."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sgformats.cli.output import Output
from sgformats.cli.rows import Row, rows_of
from sgformats.contract.showing import json_text
from sgformats.records import Listing, Reply

# Long lists are shown in parts of this many rows, so that the first appears at once.
_PART = 500
_WHOLE = {"created", "record_index", "kind", "code", "count", "ip", "status"}


def write_table(out: Output, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Writes a table with a header of column names."""
    ascii_only = not _can_draw(out.encoding)
    table = Table(box=box.ASCII2 if ascii_only else box.SIMPLE_HEAD, padding=(0, 1))
    table.show_edge = False
    for name in columns:
        justify: Literal["left", "right"] = "right" if name == "count" else "left"
        whole = name in _WHOLE
        table.add_column(Text(name), justify=justify, overflow="fold", no_wrap=whole)
    for row in rows:
        table.add_row(*(Text(out.visible(cell)) for cell in row))
    drawn = io.StringIO()
    console = Console(
        file=drawn,
        width=out.width,
        color_system="standard" if out.color else None,
        force_terminal=out.color,
        force_jupyter=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(table)
    for line in drawn.getvalue().splitlines():
        out.line(line.rstrip())


def _can_draw(encoding: str) -> bool:
    try:
        "─".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def write_replies(out: Output, replies: Iterable[tuple[str, Reply]]) -> None:
    """Writes a table for consecutive lists of one operation, and one for consecutive results."""
    first = True
    for title, group in groupby(replies, key=lambda pair: _title(pair[1])):
        for part in _parts(group):
            if not first:
                out.line()
            first = False
            _write_part(out, title, part)


def _title(reply: Reply) -> str:
    return f"{reply.method}.get" if isinstance(reply, Listing) else "results"


def _parts(replies: Iterable[tuple[str, Reply]]) -> Iterator[list[Row]]:
    """Rows in parts; an empty list is one row with only its source."""
    rows = (
        row
        for source, reply in replies
        for row in (list(rows_of(reply, None, source)) or [{"source_file": source}])
    )
    while part := list(islice(rows, _PART)):
        yield part


def _write_part(out: Output, title: str, rows: list[Row]) -> None:
    sources = {row["source_file"] for row in rows}
    hidden = {"operation", "record_index"}
    if title != "results":
        hidden.add("kind")
    if len(sources) == 1:
        hidden.add("source_file")
        title = f"{title} {sources.pop()}"
    out.line(out.style(out.visible(title), bold=True))
    names = dict.fromkeys(name for row in rows for name in row if name not in hidden)
    columns = [name for name in names if any(row.get(name) not in (None, ()) for row in rows)]
    if columns:
        write_table(out, columns, ([_cell(row.get(name)) for name in columns] for row in rows))
    else:
        out.line("(no records)")


def _cell(value: object) -> str:
    if value is None or value == ():
        return ""
    return json_text(value) if isinstance(value, tuple) else str(value)
