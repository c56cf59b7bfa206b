"""Spark gives the rows that `extract` gives, however the captures are cut."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sgformats import InvalidEmail, Listing, encode
from sgformats.extract import Options, to_arrow

CORPUS = Path(__file__).resolve().parents[2] / "corpus" / "captures"
URL = "https://sendgrid.com/api/invalidemails.get.{}?api_user=someone&api_key=Correct-Horse&date=1"


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of logs: one that is cut into ranges, one that is packed, and one of many kinds."""
    folder = tmp_path_factory.mktemp("logs")
    lines = []
    for number in range(400):
        format = "json" if number % 2 else "xml"
        records = [InvalidEmail(f"u{number}-{n}@x", "Bad\nSyntax, é") for n in range(number % 30)]
        body = encode(Listing("invalidemails", tuple(records)), format).decode("latin-1")  # type: ignore[arg-type]
        if number % 10 == 7:
            body = body[: len(body) // 2]
        lines.append(json.dumps({"url": URL.format(format), "status": 200, "body": body}))
        if number % 50 == 3:
            lines.append("garbage with api_key=Correct-Horse in it")
    text = "\n".join(lines).encode()
    (folder / "a.jsonl").write_bytes(text)
    (folder / "b.jsonl.gz").write_bytes(gzip.compress(text[:50_000]))
    (folder / "c.har").write_bytes((CORPUS / "browser.har").read_bytes())
    return folder


def rows(frame: Any) -> list[dict[str, Any]]:
    return sorted((row.asDict() for row in frame.collect()), key=repr)


@pytest.mark.parametrize("table", ["records", "rejects", "exchanges"])
def test_spark_gives_what_extract_gives(spark: Any, logs: Path, table: Any) -> None:
    frame = (
        spark.read.format("sgformats")
        .option("table", table)
        .option("split", "20000")
        .load(str(logs))
    )
    assert frame.rdd.getNumPartitions() > 4
    expected = to_arrow(logs, table).read_all().to_pylist()
    assert len(expected) > 10
    assert rows(frame) == sorted(expected, key=repr)
    assert "Correct-Horse" not in repr(expected)


def test_a_zone_makes_moments(spark: Any) -> None:
    frame = spark.read.format("sgformats").option("zone", "America/Los_Angeles").load(str(CORPUS))
    assert dict(frame.dtypes)["created"] == "timestamp"
    options = Options(zone="America/Los_Angeles")
    expected = to_arrow(CORPUS, options=options).read_all().to_pylist()
    shown = [str(row["created"].replace(tzinfo=None)) for row in expected if row["created"]]
    found = frame.selectExpr("cast(created as string) as text").where("text is not null").collect()
    assert sorted(row["text"] for row in found) == sorted(shown)
    assert len(shown) > 5


def test_patterns_lists_and_fields_are_options(spark: Any, logs: Path, tmp_path: Path) -> None:
    pattern = spark.read.format("sgformats").load(f"{logs}/*.jsonl*").count()
    assert spark.read.format("sgformats").load(
        [f"{logs}/a.jsonl", f"{logs}/b.jsonl.gz"]
    ).count() == (pattern)
    assert spark.read.format("sgformats").load((logs / "c.har").as_uri()).count() > 0
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps({"u": URL.format("json"), "b": '[{"email":"a","reason":"r"}]'}))
    frame = spark.read.format("sgformats").options(**{"field.url": "u", "field.body": "b"})
    assert [row.email for row in frame.load(str(other)).collect()] == ["a"]


@pytest.mark.parametrize(
    ("options", "path", "message"),
    [
        ({"tabel": "records"}, "x", 'found "tabel"'),
        ({"table": "record"}, "x", "expected a table of records, exchanges, rejects"),
        ({"split": "many"}, "x", 'expected a number as split, found "many"'),
        ({"mode": "loose"}, "x", "expected `mode` to be one of .strict., .lax."),
        ({}, "s3://bucket/x.jsonl", "every executor can open as a file"),
        ({}, "/nothing/*.here", "expected files that match"),
        ({}, "/nothing.here", "no such file or folder"),
        ({}, "-", "executors have no standard input"),
    ],
)
def test_what_cannot_be_asked_is_told(
    spark: Any, options: dict[str, str], path: str, message: str
) -> None:
    with pytest.raises(Exception, match=message):
        spark.read.format("sgformats").options(**options).load(path).count()
