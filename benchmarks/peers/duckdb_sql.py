"""A log of JSON answers into a table with SQL alone.

`python -m benchmarks.peers.duckdb_sql LOG OUT`. Invalid JSON is skipped.
"""

from __future__ import annotations

import sys

import duckdb

_SQL = """
COPY (
    SELECT record ->> 'email' AS email, record ->> 'reason' AS reason, record ->> 'status' AS status,
           record ->> 'ip' AS ip, record ->> 'created' AS created, url
    FROM (
        SELECT url, unnest(CAST(body AS JSON[])) AS record
        FROM read_json(?, format = 'newline_delimited', ignore_errors = true,
                       columns = {url: 'VARCHAR', body: 'VARCHAR'})
        WHERE starts_with(body, '[') AND json_valid(body)
    )
) TO '%s' (HEADER, FORMAT csv)
"""


def main(log: str, out: str) -> None:
    """Write a row for each record, with one thread."""
    base = duckdb.connect(config={"threads": 1})
    base.execute(_SQL % out.replace("'", "''"), [log])


if __name__ == "__main__":
    main(*sys.argv[1:])
