"""A log of JSON answers into a table with Polars.

`python -m benchmarks.peers.polars_frame LOG OUT`. Anything but a complete list is skipped.
"""

from __future__ import annotations

import os
import sys

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl

FIELDS = ("email", "reason", "status", "ip", "created")


def main(log: str, out: str) -> None:
    """Write a row for each record, with one thread."""
    lines = pl.read_csv(
        log, has_header=False, separator="\x01", quote_char=None, new_columns=["line"]
    ).filter(pl.col("line").str.contains(r"^\{.*\}$"))
    entry = pl.Struct({"url": pl.String, "body": pl.String})
    frame = lines.select(pl.col("line").str.json_decode(entry)).unnest("line")
    whole = frame.filter(pl.col("body").str.contains(r"^\[(?s:.*)\]\s*$"))
    records = pl.List(pl.Struct(dict.fromkeys(FIELDS, pl.String)))
    rows = whole.with_columns(pl.col("body").str.json_decode(records)).explode("body")
    rows.drop_nulls("body").unnest("body").select(*FIELDS, "url").write_csv(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
