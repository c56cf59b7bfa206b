"""The five forms of OUT: the same rows in all of them, and a database that is added to."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import stat
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from sgformats.errors import ArgumentError, ExtractError, MissingPackageError
from sgformats.extract import TABLES, Options, Progress, extract, to_arrow
from sgformats.extract.sinks import SINKS, find_sink
from tests.extract.runkit import SPLIT, write_log

NAMES = [column.name for column in TABLES["records"]]
URL = (
    "https://sendgrid.com/api/bounces.get.json?api_user=me&api_key=s3cret-passw0rd&date=1&user=shop"
)
MOMENT = datetime(2009, 6, 10, 12, 40, 30)
REASON = 'a, "b"\r\nc  é'


def call(body: Any, url: str = URL) -> str:
    text = body if isinstance(body, str) else json.dumps(body)
    return json.dumps({"url": url, "status": 200, "body": text}) + "\n"


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.jsonl").write_text(
        call(
            [
                {
                    "email": "x@y",
                    "reason": REASON,
                    "status": "5.1.1",
                    "created": "2009-06-10 12:40:30",
                },
                {"email": "", "reason": "=1+1", "status": ""},
            ]
        )
        + "-- MARK --\n"
    )


FIRST = {
    "operation": "bounces.get",
    "email": "x@y",
    "reason": REASON,
    "status": "5.1.1",
    "ip": None,
    "created": "2009-06-10 12:40:30",
    "user": "shop",
    "source_file": "a.jsonl",
    "source_line": 1,
    "source_entry": None,
    "source_offset": 0,
    "record_index": 0,
    "format": "json",
    "salvaged": False,
}
SECOND = FIRST | {
    "email": "",
    "reason": "=1+1",
    "status": "",
    "created": None,
    "record_index": 1,
}


def test_json_lines_have_every_column_in_each() -> None:
    extract("a.jsonl", "out.jsonl")
    lines = Path("out.jsonl").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [FIRST, SECOND]
    assert list(json.loads(lines[0])) == NAMES
    assert "é".encode() in lines[0]


def test_csv_is_that_of_rfc_4180_and_nothing_for_what_is_not_there() -> None:
    extract("a.jsonl", "out.csv")
    data = Path("out.csv").read_bytes()
    assert (
        data
        == (
            ",".join(NAMES)
            + "\r\n"
            + 'bounces.get,x@y,"a, ""b""\r\nc  é",5.1.1,,2009-06-10 12:40:30,shop,a.jsonl,1,,0,0,json,false'
            + "\r\nbounces.get,,=1+1,,,,shop,a.jsonl,1,,0,1,json,false\r\n"
        ).encode()
    )
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert rows[0] == {
        name: "" if value is None else str(value).replace("False", "false")
        for name, value in FIRST.items()
    }


def test_safe_csv_differs_by_the_apostrophe_before_a_formula_alone(tmp_path: Path) -> None:
    extract("a.jsonl", "exact.csv")
    extract("a.jsonl", "safe.csv", csv_safe=True)
    exact, safe = Path("exact.csv").read_bytes(), Path("safe.csv").read_bytes()
    assert exact.count(b",=1+1,") == 1
    assert safe == exact.replace(b",=1+1,", b",'=1+1,")
    with pytest.raises(ArgumentError, match=r"^expected CSV with csv_safe, found jsonl\Z"):
        extract("a.jsonl", "out.jsonl", csv_safe=True)


def test_the_name_of_a_capture_can_be_a_formula_too() -> None:
    shutil.copyfile("a.jsonl", "=cmd.jsonl")
    extract("=cmd.jsonl", "out.csv", csv_safe=True)
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text("utf-8"), newline="")))
    assert {row["source_file"] for row in rows} == {"'=cmd.jsonl"}


def test_a_zone_makes_moments_of_timestamps() -> None:
    zoned = Options(zone="America/Los_Angeles")
    for name in ("out.jsonl", "out.csv", "out.arrow", "out.duckdb"):
        extract("a.jsonl", name, options=zoned)
    moment = "2009-06-10 19:40:30+00:00"
    assert json.loads(Path("out.jsonl").read_text().splitlines()[0]) == FIRST | {"created": moment}
    assert f",{moment},".encode() in Path("out.csv").read_bytes()
    created = ipc.open_file("out.arrow").read_all()["created"]
    assert created.type == pa.timestamp("s", tz="UTC")
    assert created.to_pylist() == [datetime(2009, 6, 10, 19, 40, 30, tzinfo=timezone.utc), None]
    with duckdb.connect("out.duckdb") as base:
        told = base.execute("SELECT typeof(created), epoch(created) FROM records").fetchall()
    assert told == [("TIMESTAMP WITH TIME ZONE", 1244662830.0), ("TIMESTAMP WITH TIME ZONE", None)]


def test_arrow_and_parquet_hold_the_rows_that_to_arrow_gives() -> None:
    write_log(Path("b.jsonl"), 300)
    paths = ["a.jsonl", "b.jsonl"]
    expected = to_arrow(paths).read_all()
    assert expected.num_rows == 844
    assert expected.slice(0, 2).to_pylist() == [FIRST | {"created": MOMENT}, SECOND]
    extract(paths, "out.arrow", workers=1, split=SPLIT)
    extract(paths, "out.parquet", workers=1, split=SPLIT)
    assert ipc.open_file("out.arrow").read_all() == expected
    # Which knows no seconds, but their thousandths.
    assert parquet.read_table("out.parquet").cast(expected.schema) == expected


def test_a_parquet_file_has_groups_of_one_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgformats.extract.sinks._GROUP", 100)
    write_log(Path("b.jsonl"), 300)
    for split in (SPLIT, 1_000_000):
        extract("b.jsonl", "out.parquet", workers=1, split=split)
        about = parquet.ParquetFile("out.parquet").metadata
        sizes = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
        assert sizes == [100] * 8 + [42]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.arrow", "out.parquet", "out.duckdb"])
def test_no_records_are_a_table_without_rows(name: str) -> None:
    Path("none.jsonl").write_text("")
    assert extract("none.jsonl", name).counts.records == 0
    if name == "out.jsonl":
        assert Path(name).read_bytes() == b""
    elif name == "out.csv":
        assert Path(name).read_bytes() == (",".join(NAMES) + "\r\n").encode()
    elif name == "out.duckdb":
        assert rows_of(name, "records") == []
    else:
        table = parquet.read_table(name) if "parquet" in name else ipc.open_file(name).read_all()
        assert (table.num_rows, table.column_names) == (0, NAMES)


def test_the_form_is_told_by_the_suffix_or_by_name() -> None:
    told = {
        "a.JSONL": "jsonl",
        "a.ndjson": "jsonl",
        "a.csv": "csv",
        "a.feather": "arrow",
        "b.csv.parquet": "parquet",
        "a.db": "duckdb",
    }
    assert {name: find_sink(name, None).name for name in told} == told
    assert find_sink("a.csv", "arrow").name == "arrow"
    for name in ("a", "a.xlsx", ".csv"):
        with pytest.raises(ArgumentError) as caught:
            find_sink(name, None)
        assert str(caught.value) == (
            f'expected a file that ends in .jsonl, .csv, .arrow, .parquet, .duckdb, found "{name}"'
        )
    with pytest.raises(ArgumentError) as caught:
        find_sink("a.csv", "xlsx")
    assert (
        str(caught.value) == f'expected a form of {", ".join(SINKS)}, found "xlsx"'
        and ", ".join(SINKS) == "jsonl, csv, arrow, parquet, duckdb"
    )


def test_what_a_form_needs_is_named_before_anything_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "duckdb", None)
    for name in ("out.arrow", "out.parquet", "out.duckdb"):
        with pytest.raises(MissingPackageError) as caught:
            extract("nowhere", name)
        package = "duckdb" if name == "out.duckdb" else "pyarrow"
        assert f'needs {package}: pip install "sgformats[tables]"' in str(caught.value)
    assert os.listdir() == ["a.jsonl"]
    extract("a.jsonl", "out.csv", workers=2)
    extract("a.jsonl", "out.jsonl")
    assert len(Path("out.jsonl").read_text().splitlines()) == 2


def test_devices_and_pipes_are_written_to_and_get_no_rejects_but_where_asked() -> None:
    code = (
        "from sgformats.extract import extract; import sys;"
        "extract('a.jsonl', '/dev/stdout', to=sys.argv[1], rejects=sys.argv[2] or None)"
    )
    for to in ("csv", "jsonl", "arrow", "parquet"):
        extract("a.jsonl", f"out.{to}")
        for rejects in ("", "bad.jsonl", "/dev/stderr"):
            done = subprocess.run(
                [sys.executable, "-c", code, to, rejects], capture_output=True, check=True
            )
            assert done.stdout == Path(f"out.{to}").read_bytes()
            expected = Path(f"out.{to}.rejects.jsonl").read_bytes()
            assert expected.count(b"\n") == 1
            assert done.stderr == (expected if rejects == "/dev/stderr" else b"")
            if rejects == "bad.jsonl":
                assert Path(rejects).read_bytes() == expected
                os.unlink(rejects)
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "/dev/null", to="duckdb")
    assert str(caught.value) == "/dev/null: expected a file for a database, found a device"
    assert [name for name in os.listdir() if name.startswith(".")] == []


def test_permissions_and_links_stay() -> None:
    Path("real.csv").write_text("old")
    Path("real.csv").chmod(0o604)
    Path("out.csv").symlink_to("real.csv")
    extract("a.jsonl", "out.csv")
    assert Path("out.csv").is_symlink()
    assert stat.S_IMODE(Path("real.csv").stat().st_mode) == 0o604
    assert Path("real.csv").read_bytes().startswith(b"operation,")
    Path("new").touch()
    rejects = Path("out.csv.rejects.jsonl")
    assert rejects.stat().st_mode == Path("new").stat().st_mode


def rows_of(name: str, table: str) -> list[dict[str, Any]]:
    """The rows of a table, in their order."""
    with duckdb.connect(name, read_only=True) as base:
        found = base.execute(f"SELECT * FROM {table}")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


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


@pytest.mark.parametrize("workers", [1, 2])
def test_a_repeated_run_adds_nothing_twice_and_leaves_alone_what_is_not_its_own(
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
    # One of them again, which is another now: the other stays.
    Path("a.jsonl").write_text(call([{"email": "new", "reason": "", "status": ""}]))
    extract("a.jsonl", "out.duckdb", workers=workers)
    others = [row for row in before["records"] if row["source_file"] == "b.jsonl"]
    found = rows_of("out.duckdb", "records")
    assert found[:-1] == others
    assert found[-1]["email"] == "new"
    # And when nothing is in it any more, nothing is left of it.
    Path("a.jsonl").write_text("")
    extract("a.jsonl", "out.duckdb", workers=workers)
    assert rows_of("out.duckdb", "records") == others
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert rows_of("out.duckdb", "seen") == [{"more": 43}]
    assert sorted(os.listdir()) == ["a.jsonl", "b.jsonl", "out.duckdb"]


def test_tables_may_have_more_columns_in_another_order_but_not_others() -> None:
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
        "out.duckdb: expected created TIMESTAMP WITH TIME ZONE in its table records, found TIMESTAMP; "
        "with and without --zone are no one table: write to another database"
    )
    with duckdb.connect("out.duckdb") as base:
        base.execute("ALTER TABLE rejects DROP COLUMN raw")
    data = Path("out.duckdb").read_bytes()
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb")
    assert str(caught.value) == (
        "out.duckdb: expected raw VARCHAR in its table rejects, found no such; "
        "write to another database"
    )
    assert Path("out.duckdb").read_bytes() == data
    assert sorted(os.listdir()) == ["a.jsonl", "out.duckdb"]


def test_what_is_no_database_or_is_open_elsewhere_is_left_alone() -> None:
    Path("out.duckdb").write_text("no database" * 1000)
    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb")
    assert caught.value.reason.startswith("cannot be written: IO Error: ")
    assert Path("out.duckdb").read_text() == "no database" * 1000
    Path("out.duckdb").unlink()
    Path("out.duckdb").touch()  # As `mktemp` leaves it.
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


def test_what_still_stands_in_the_log_beside_a_database_is_kept() -> None:
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


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet", "out.duckdb"])
def test_names_and_texts_that_are_no_unicode_are_written_in_escapes(name: str) -> None:
    odd = os.fsdecode(b"\xff.jsonl")
    record = (
        '[{"email":"\\ud800x","reason":"b","status":""},{"email":"c","reason":"d","status":""}]'
    )
    Path(odd).write_bytes(
        call(record, URL + "&x=%FF").encode()
        + b'{"url":"https://sendgrid.com/api/bounces.get.json?\\udcff","content_type":"\\ud800",'
        b'"status":200,"body":"[{\\"email\\":\\"e\\",\\"reason\\":\\"f\\",\\"status\\":\\"\\"}]"}\n\xff\xfe\n'
    )
    done = extract(odd, name, workers=1)
    assert done.counts.add_up()
    assert done.counts.records == 2
    if name == "out.duckdb":
        rows = rows_of(name, "records")
    elif name == "out.parquet":
        rows = parquet.read_table(name).to_pylist()
    elif name == "out.csv":
        rows = list(csv.DictReader(io.StringIO(Path(name).read_text("utf-8"))))
    else:
        rows = [json.loads(line) for line in Path(name).read_text("utf-8").splitlines()]
    assert [(row["email"], row["source_file"]) for row in rows] == [
        ("c", "\\udcff.jsonl"),
        ("e", "\\udcff.jsonl"),
    ]


def test_a_database_that_is_changed_meanwhile_is_not_replaced() -> None:
    with duckdb.connect("out.duckdb") as base:
        base.execute("CREATE TABLE mine (answer INTEGER)")

    def change(progress: Progress) -> None:
        if progress.parts:
            with duckdb.connect("out.duckdb") as base:
                base.execute("INSERT INTO mine VALUES (42)")

    with pytest.raises(ExtractError) as caught:
        extract("a.jsonl", "out.duckdb", tell=change, workers=1)
    assert str(caught.value) == (
        "out.duckdb: expected the database of before, found one that was changed"
    )
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert extract("a.jsonl", "out.duckdb", workers=1).reused == 1
    assert rows_of("out.duckdb", "mine") == [{"answer": 42}]
    assert len(rows_of("out.duckdb", "records")) == 2
