"""A DuckDB file as OUT: its three tables are updated, and all other data stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sgformats.errors import ExtractError
from sgformats.extract import TABLES, Options, Progress, extract
from tests.extract.runkit import SPLIT, write_log
from tests.extract.sinkkit import FIRST, MOMENT, SECOND, call, rows_of

pytestmark = pytest.mark.usefixtures("small_log")


def test_a_database_has_all_three_tables() -> None:
    assert extract("a.jsonl", "out.duckdb").rejects is None
    assert rows_of("out.duckdb", "records") == [FIRST | {"created": MOMENT}, SECOND]
    (whole, rejected) = rows_of("out.duckdb", "exchanges")
    assert whole["url"] == (
        "https://sendgrid.com/api/bounces.get.json?api_user=***&api_key=***&date=1&user=shop"
    )
    assert (whole["outcome"], whole["records"], whole["reply"]) == ("whole", 2, "list")
    assert (rejected["outcome"], rejected["source_line"]) == ("rejected", 2)
    (reject,) = rows_of("out.duckdb", "rejects")
    assert (reject["rule"], reject["source_line"]) == ("unreadable-entry", 2)
    assert reject["raw"] == "-- MARK --"
    for table, columns in TABLES.items():
        assert list(rows_of("out.duckdb", table)[0]) == [column.name for column in columns]
    with_file = extract("a.jsonl", "new.duckdb", rejects="bad.jsonl")
    assert with_file.rejects == "bad.jsonl"
    assert [json.loads(line) for line in Path("bad.jsonl").read_text().splitlines()] == [reject]


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.thorough)])
def test_a_repeated_run_duplicates_nothing_and_keeps_other_data(
    workers: int,
) -> None:
    write_log(Path("b.jsonl"), 200)
    with duckdb.connect("out.duckdb") as base:
        base.execute("CREATE TABLE mine AS SELECT 42 AS answer")
        base.execute("CREATE VIEW seen AS SELECT answer + 1 AS more FROM mine")
    done = extract(["a.jsonl", "b.jsonl"], "out.duckdb", workers=workers, split=SPLIT)
    before = {table: rows_of("out.duckdb", table) for table in TABLES}
    assert [len(rows) for rows in before.values()] == [574, 202, 36]
    counts = done.counts
    assert (counts.records, counts.exchanges, sum(counts.rejects.values())) == (574, 202, 36)
    extract(["a.jsonl", "b.jsonl"], "out.duckdb", workers=workers, split=SPLIT)
    assert {table: rows_of("out.duckdb", table) for table in TABLES} == before
    # A changed capture is replaced; the other one stays.
    Path("a.jsonl").write_text(call([{"email": "new", "reason": "", "status": ""}]))
    extract("a.jsonl", "out.duckdb", workers=workers)
    others = [row for row in before["records"] if row["source_file"] == "b.jsonl"]
    found = rows_of("out.duckdb", "records")
    assert found[:-1] == others
    assert found[-1]["email"] == "new"
    # An empty capture has no rows left.
    Path("a.jsonl").write_text("")
    extract("a.jsonl", "out.duckdb", workers=workers)
    assert rows_of("out.duckdb", "records") == others
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert rows_of("out.duckdb", "seen") == [{"more": 43}]
    assert sorted(os.listdir()) == ["a.jsonl", "b.jsonl", "out.duckdb"]


def test_tables_may_have_more_columns_but_not_different_ones() -> None:
    extract("a.jsonl", "out.duckdb")
    with duckdb.connect("out.duckdb") as base:
        base.execute("ALTER TABLE records ADD COLUMN note VARCHAR DEFAULT 'none'")
    extract("a.jsonl", "out.duckdb")
    assert rows_of("out.duckdb", "records") == [
        {**FIRST, "created": MOMENT, "note": "none"},
        {**SECOND, "note": "none"},
    ]
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb", options=Options(zone="UTC"))
    assert str(caught.value) == (
        "out.duckdb: expected the column created TIMESTAMP WITH TIME ZONE in records, found TIMESTAMP; "
        "rows with and without --zone cannot share a table: write to another database"
    )
    with duckdb.connect("out.duckdb") as base:
        base.execute("ALTER TABLE rejects DROP COLUMN raw")
    data = Path("out.duckdb").read_bytes()
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb")
    assert str(caught.value) == (
        "out.duckdb: expected the column raw VARCHAR in rejects, found none; "
        "write to another database"
    )
    assert Path("out.duckdb").read_bytes() == data
    assert sorted(os.listdir()) == ["a.jsonl", "out.duckdb"]


def test_a_file_that_is_no_database_or_is_open_elsewhere_is_unchanged() -> None:
    Path("out.duckdb").write_text("no database" * 1000)
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb")
    assert caught.value.reason.startswith("cannot be written: IO Error: ")
    assert Path("out.duckdb").read_text() == "no database" * 1000
    Path("out.duckdb").unlink()
    Path("out.duckdb").touch()  # As `mktemp` does.
    extract("a.jsonl", "out.duckdb")
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; base = duckdb.connect('out.duckdb'); print(flush=True); sys.stdin.read()",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        with pytest.raises(ExtractError) as caught:
            extract("a.jsonl", "out.duckdb")
        assert "Could not set lock on file" in caught.value.reason
        other.communicate()
    assert len(rows_of("out.duckdb", "records")) == 2


def test_data_in_the_write_ahead_log_is_kept() -> None:
    code = (
        "import duckdb, os; base = duckdb.connect('out.duckdb');"
        "base.execute('CREATE TABLE mine AS SELECT 42 AS answer'); base.execute('CHECKPOINT');"
        "base.execute('SET checkpoint_threshold = \\'1GB\\'');"
        "base.execute('INSERT INTO mine VALUES (43)'); os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert Path("out.duckdb.wal").stat().st_size > 0
    extract("a.jsonl", "out.duckdb")
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}, {"answer": 43}]
    assert len(rows_of("out.duckdb", "records")) == 2
    assert sorted(os.listdir()) == ["a.jsonl", "out.duckdb"]


def test_a_database_that_changes_during_the_run_is_not_replaced() -> None:
    with duckdb.connect("out.duckdb") as base:
        base.execute("CREATE TABLE mine (answer INTEGER)")

    def change(progress: Progress) -> None:
        if progress.parts:
            with duckdb.connect("out.duckdb") as base:
                base.execute("INSERT INTO mine VALUES (42)")

    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb", tell=change, workers=1)
    assert str(caught.value) == ("out.duckdb: another program changed the database during the run")
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert extract("a.jsonl", "out.duckdb", workers=1).reused == 1
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert len(rows_of("out.duckdb", "records")) == 2
