"""The five output formats hold the same rows."""

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

import duckdb
import pyarrow as pa
import pytest
from pyarrow import ipc, parquet

from sgformats.errors import ArgumentError, ExtractError, MissingPackageError
from sgformats.extract import TABLES, Options, extract, to_arrow
from sgformats.extract.write.sinks import SINKS, find_sink
from tests.extract.runkit import SPLIT, write_log
from tests.extract.sinkkit import FIRST, MOMENT, SECOND, URL, call, rows_of

pytestmark = pytest.mark.usefixtures("small_log")

NAMES = [column.name for column in TABLES["records"]]


def test_each_json_line_has_every_column() -> None:
    extract("a.jsonl", "out.jsonl")
    lines = Path("out.jsonl").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [FIRST, SECOND]
    assert list(json.loads(lines[0])) == NAMES
    assert "é".encode() in lines[0]


def test_csv_follows_rfc_4180_with_empty_cells_for_null() -> None:
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


def test_safe_csv_differs_only_by_the_apostrophe_before_a_formula(tmp_path: Path) -> None:
    extract("a.jsonl", "exact.csv")
    extract("a.jsonl", "safe.csv", csv_safe=True)
    exact, safe = Path("exact.csv").read_bytes(), Path("safe.csv").read_bytes()
    assert exact.count(b",=1+1,") == 1
    assert safe == exact.replace(b",=1+1,", b",'=1+1,")
    with pytest.raises(ArgumentError, match=r"^expected CSV with csv_safe, found jsonl\Z"):
        extract("a.jsonl", "out.jsonl", csv_safe=True)


def test_the_name_of_a_capture_can_be_a_formula() -> None:
    shutil.copyfile("a.jsonl", "=cmd.jsonl")
    extract("=cmd.jsonl", "out.csv", csv_safe=True)
    rows = list(csv.DictReader(io.StringIO(Path("out.csv").read_text("utf-8"), newline="")))
    assert {row["source_file"] for row in rows} == {"'=cmd.jsonl"}


def test_with_a_zone_timestamps_are_moments_in_every_format() -> None:
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
        created_rows = base.execute(
            "SELECT typeof(created), epoch(created) FROM records"
        ).fetchall()
    assert created_rows == [
        ("TIMESTAMP WITH TIME ZONE", 1244662830.0),
        ("TIMESTAMP WITH TIME ZONE", None),
    ]


def test_arrow_and_parquet_files_hold_the_rows_of_to_arrow() -> None:
    write_log(Path("b.jsonl"), 300)
    paths = ["a.jsonl", "b.jsonl"]
    expected = to_arrow(paths).read_all()
    assert expected.num_rows == 844
    assert expected.slice(0, 2).to_pylist() == [FIRST | {"created": MOMENT}, SECOND]
    extract(paths, "out.arrow", workers=1, split=SPLIT)
    extract(paths, "out.parquet", workers=1, split=SPLIT)
    assert ipc.open_file("out.arrow").read_all() == expected
    # Parquet stores milliseconds, not seconds.
    assert parquet.read_table("out.parquet").cast(expected.schema) == expected


def test_parquet_row_groups_have_the_same_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgformats.extract.write.sinks._GROUP", 100)
    write_log(Path("b.jsonl"), 300)
    for split in (SPLIT, 1_000_000):
        extract("b.jsonl", "out.parquet", workers=1, split=split)
        about = parquet.ParquetFile("out.parquet").metadata
        sizes = [about.row_group(number).num_rows for number in range(about.num_row_groups)]
        assert sizes == [100] * 8 + [42]


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.arrow", "out.parquet", "out.duckdb"])
def test_without_records_the_table_is_empty(name: str) -> None:
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


def test_the_format_follows_from_the_suffix_or_the_name() -> None:
    names = {
        "a.JSONL": "jsonl",
        "a.ndjson": "jsonl",
        "a.csv": "csv",
        "a.feather": "arrow",
        "b.csv.parquet": "parquet",
        "a.db": "duckdb",
    }
    assert {name: find_sink(name, None).name for name in names} == names
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
        str(caught.value) == f'expected a format of {", ".join(SINKS)}, found "xlsx"'
        and ", ".join(SINKS) == "jsonl, csv, arrow, parquet, duckdb"
    )


def test_a_missing_package_is_reported_before_anything_is_read(
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


@pytest.mark.thorough
def test_devices_and_pipes_get_rows_and_no_rejects_file_unless_named() -> None:
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


def test_permissions_and_links_are_kept() -> None:
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


@pytest.mark.parametrize("name", ["out.jsonl", "out.csv", "out.parquet", "out.duckdb"])
def test_names_and_texts_that_are_not_unicode_are_escaped(name: str) -> None:
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
