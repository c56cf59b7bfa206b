"""Captures become rows: each certain record once, and one reject for each bad line.

docs/design.md, promise 6: "Every exchange that goes in is counted once: in records, as a reject, or as
a skip".
"""

from __future__ import annotations

import bz2
import gzip
import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sgformats import InvalidEmail, Listing, encode
from sgformats.captures.jsonlines import FIELDS
from sgformats.captures.pieces import Piece
from sgformats.errors import ExtractError
from sgformats.extract import Counts, Options
from sgformats.extract.read import rows as shard_reading
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import Shard
from sgformats.extract.read.tables import FIELDS as COLUMNS
from sgformats.extract.read.tables import TABLES
from tests.extract.extractkit import SECRET, URL, USER, lines_of, log, make_log, read, record_of

CORPUS = Path(__file__).resolve().parents[3] / "corpus" / "captures"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_certain_records_appear_once_and_bad_lines_have_one_reject(
    tmp_path: Path, seed: int
) -> None:
    made = make_log(1500, seed)
    (tmp_path / "a.jsonl").write_bytes(made.data)
    found = read([tmp_path / "a.jsonl"])
    whole = [(row["source_line"], record_of(row)) for row in found.records if not row["salvaged"]]
    saved = [(row["source_line"], record_of(row)) for row in found.records if row["salvaged"]]
    assert whole == made.records
    assert set(saved) <= set(made.partly)
    assert len(saved) == len(set(saved)) > 20
    assert lines_of(found.rejects) == dict.fromkeys(made.rejected, 1)
    assert (found.counts.lines, found.counts.bytes) == (made.lines, len(made.data))
    for table in (found.exchanges, found.rejects):
        assert SECRET not in repr(table)
        assert USER not in repr(table)


@pytest.mark.parametrize("split", [1, 1000, 33_333])
def test_rows_do_not_depend_on_how_a_file_is_cut(tmp_path: Path, split: int) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(make_log(400).data)
    whole, cut = read([path]), read([path], split=split)
    assert cut == whole
    packed = tmp_path / "a.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    packed_rows = read([packed], split=split).records
    assert [{**row, "source_file": str(path)} for row in packed_rows] == whole.records


def test_offsets_and_line_numbers_locate_the_line(tmp_path: Path) -> None:
    data = make_log(300).data
    (tmp_path / "a.jsonl").write_bytes(data)
    lines = data.split(b"\n")
    for row in read([tmp_path / "a.jsonl"], split=5000).rejects:
        line = lines[row["source_line"] - 1]
        assert data[row["source_offset"] :].startswith(line)


@pytest.mark.parametrize("body", ["[%s]", "[%s,", '[{"level":1},%s'])
@pytest.mark.parametrize(
    ("record", "url"),
    [
        ('{"email":"a","status":"5","reason":"r","category":["c"]}', "/api/bounces.get.json"),
        ('{"created":1330837567,"email":"a"}', "/v3/suppression/unsubscribes"),
    ],
)
def test_a_list_that_fits_several_calls_is_rejected_unless_its_call_is_known(
    tmp_path: Path, record: str, url: str, body: str
) -> None:
    path = log(tmp_path / "a.jsonl", {"body": body % record}, {"url": url, "body": body % record})
    found = read([path])
    rejects = [row["rule"] for row in found.rejects if row["source_line"] == 1]
    assert rejects == ["ambiguous-operation"]
    assert [(row["source_line"], row["email"]) for row in found.records] == [(2, "a")]


@pytest.mark.parametrize(
    "body",
    [
        '{"email":"a","reason":"r"}',
        "<invalidemail><email>a</email><reason>r</reason></invalidemail>",
    ],
)
def test_a_record_alone_shows_its_operation(tmp_path: Path, body: str) -> None:
    (row,) = read([log(tmp_path / "a.jsonl", {"body": body})]).records
    assert (row["operation"], record_of(row)) == ("invalidemails.get", InvalidEmail("a", "r"))


def test_the_columns_include_the_fields_of_all_records() -> None:
    assert COLUMNS == ("email", "reason", "status", "ip", "created")
    names = {table: [column.name for column in columns] for table, columns in TABLES.items()}
    assert names["records"] == [
        *("operation", *COLUMNS, "user", "source_file", "source_line", "source_entry"),
        *("source_offset", "record_index", "format", "salvaged"),
    ]


def test_each_kind_of_line_has_its_outcome(tmp_path: Path) -> None:
    url = URL.format("invalidemails")
    path = log(
        tmp_path / "a.jsonl",
        {"url": url, "status": 200, "body": '[{"email":"a","reason":"r"},{"email":"b"}]'},
        {"url": url, "status": 200, "body": '{"error":"Bad username / password"}'},
        {"url": url.replace(".get.", ".delete."), "status": 200, "body": '{"message":"success"}'},
        {"url": url.replace(".get.", ".count."), "status": 200, "body": '{"count":3}'},
        {"url": "https://example.com/style.css", "status": 200, "body": "x"},
        {"url": url, "status": 304},
        {
            "url": "https://api.sendgrid.com/v3/suppression/bounces/a",
            "verb": "DELETE",
            "status": 204,
        },
        {"body": "[]"},
        {"body": '[{"email":"a","reason":"r"}]'},
        {"url": url, "body_base64": "W10*"},
        {"url": 5, "body": '[{"email":"a","reason":"r"}]'},
        "[1]",
        {"url": url, "status": 200, "body": ""},
    )
    found = read([path])
    assert [(row["source_line"], row["outcome"], row["reason"]) for row in found.exchanges] == [
        (1, "partial", "missing-field"),
        (2, "whole", None),
        (3, "whole", None),
        (4, "whole", None),
        (
            5,
            "skipped",
            "expected a call of this API such as /api/invalidemails.get.json, "
            'found the path "/style.css"',
        ),
        (6, "skipped", "an HTTP status of 304 carries no answer"),
        (7, "whole", None),
        (8, "rejected", "ambiguous-operation"),
        (9, "whole", None),
        (10, "partial", "unreadable-body"),
        (11, "partial", "unreadable-entry"),
        (12, "rejected", "unreadable-entry"),
        (13, "rejected", "not-an-answer"),
    ]
    assert found.counts.skipped == {
        "no call of this API": 1,
        "an HTTP status of 304 carries no answer": 1,
    }
    assert found.counts.replies == {
        "invalidemails.get": {"failure": 1, "list": 1},
        "invalidemails.delete": {"success": 1},
        "invalidemails.count": {"count": 1},
        "bounces.delete": {"success": 1},
    }
    assert [(row["message"], row["count"]) for row in found.exchanges[1:4]] == [
        ("Bad username / password", None),
        ("success", None),
        (None, 3),
    ]
    failures = [row["failure"] and json.loads(row["failure"]) for row in found.exchanges[1:4]]
    assert failures[1:] == [None, None]
    assert failures[0]["message"] == "Bad username / password"
    assert [*failures[0]] == ["message", "errors", "code", "details", "extra"]
    assert [(row["email"], row["record_index"], row["salvaged"]) for row in found.records] == [
        ("a", 0, True),
        ("a", 0, False),
        ("a", 0, True),
    ]
    first = found.rejects[0]
    assert (first["path"], first["offset"], first["records"], first["problems"]) == (
        "[1].reason",
        28,
        1,
        1,
    )


def test_the_customer_has_a_column_and_the_caller_has_none(tmp_path: Path) -> None:
    call = (
        "https://sendgrid.com/apiv2/customer.bounces.json?api_user=me%40x&api_key=s3cr3t&task=get"
    )
    body = '[{"email":"a","status":"5","reason":"r"}]'
    path = log(
        tmp_path / "a.jsonl",
        {"url": f"{call}&user=shop%40x", "body": body},
        {"url": f"{call}&user=me%40x", "body": body},
        {"url": URL.format("bounces"), "body": body},
    )
    assert [row["user"] for row in read([path]).records] == ["shop@x", "***", None]


def test_a_zone_makes_moments_and_rejects_the_repeated_hour(tmp_path: Path) -> None:
    times = ("2009-06-10 12:00:00", "2009-11-01 01:30:00")
    body = json.dumps([{"email": "a", "reason": "r", "created": time} for time in times])
    path = log(tmp_path / "a.jsonl", {"url": URL.format("invalidemails"), "body": body})
    naive = read([path])
    assert [row["created"] for row in naive.records] == [datetime.fromisoformat(t) for t in times]
    found = read([path], zone="America/Los_Angeles")
    moment = datetime(2009, 6, 10, 19, tzinfo=timezone.utc)
    assert [row["created"] for row in found.records] == [moment]
    assert [row["rule"] for row in found.rejects] == ["ambiguous-time"]
    assert len(read([path], zone="America/Los_Angeles", fold=1).records) == 2


def test_strict_rejects_records_that_lax_accepts(tmp_path: Path) -> None:
    body = '[{"email":"a","reason":"r"},{"email":"b","reason":"r","more":1}]'
    path = log(tmp_path / "a.jsonl", {"url": URL.format("invalidemails"), "body": body})
    assert len(read([path]).records) == 2
    strict = read([path], mode="strict")
    assert [row["email"] for row in strict.records] == ["a"]
    assert [row["rule"] for row in strict.rejects] == ["unknown-field"]


def test_the_caller_chooses_the_kind_and_the_fields(tmp_path: Path) -> None:
    path = log(tmp_path / "a.txt", {"q": {"u": URL.format("bounces")}, "b": "[]"})
    found = read([path], kind="jsonl", fields={"url": "q.u", "body": "b"})
    assert found.counts.replies == {"bounces.get": {"list": 1}}
    assert set(FIELDS) >= {"url", "body"}


def test_a_limit_ends_reading(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(make_log(200).data)
    everything = read([tmp_path / "a.jsonl"]).records
    assert read([tmp_path / "a.jsonl"], limit=17).records == everything[:17]


LINEWISE = ("calls", "client", "cut.j", "net-", "prox", "raw-")


def test_every_capture_of_the_corpus_adds_up() -> None:
    found = read([CORPUS])
    assert found.counts.damaged == 3
    assert [row["rule"] for row in found.rejects].count("damaged-capture") == 3
    hars = [row for row in found.records if row["source_file"].endswith(".har")]
    assert {row["source_entry"] for row in hars} == {0, 1}
    for row in found.records:
        lines = row["source_file"].rpartition("/")[2].startswith(LINEWISE)
        assert (row["source_line"] is not None) == lines


def test_a_damaged_capture_gives_its_rows_before_the_damage(tmp_path: Path) -> None:
    data = make_log(400).data
    packed = bz2.compress(data)
    (tmp_path / "a.jsonl.bz2").write_bytes(packed[: len(packed) // 2])
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(data)[:-3000])
    found = read([tmp_path])
    (reject,) = [row for row in found.rejects if row["source_file"].endswith("bz2")]
    assert reject["rule"] == "damaged-capture"
    assert found.counts.damaged == 2
    assert len(found.records) > 100


# Long answers.
@pytest.mark.parametrize("format", ["json", "xml"])
def test_a_list_gives_the_same_rows_in_one_block_or_in_several(
    tmp_path: Path, format: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = tuple(InvalidEmail(f'"u{n}é@x', "Bad \\ <Syntax>") for n in range(3000))
    body = encode(Listing("invalidemails", records), format)  # type: ignore[arg-type]
    damaged = body[:90_000] + b"\2" + body[90_001:-9]
    (tmp_path / "whole.txt").write_bytes(body)
    (tmp_path / "damaged.txt").write_bytes(damaged)
    url = URL.format("invalidemails")
    encoding = "latin-1" if format == "xml" else "utf-8"
    lines: list[Mapping[str, object] | str] = [
        {"url": url, "status": 200, "body": data.decode(encoding)} for data in (body, damaged)
    ]
    lines += [{"body": body.decode(encoding), "status": 200, "url": url}, "garbage"]
    if format == "json":
        lines.append(f'{{"url":"{url}","body":{body.decode()}}}')
    log(tmp_path / "long.jsonl", *lines)
    large = read([tmp_path], operation="invalidemails.get")
    monkeypatch.setattr(shard_reading, "_MOST_ROWS", 1000)
    small = read([tmp_path], operation="invalidemails.get")
    assert len(large.records) > 11_000
    assert small.records == large.records
    assert small.rejects == large.rejects
    assert small.counts == large.counts


def test_a_long_line_that_is_no_list_is_read_up_to_the_limit(tmp_path: Path) -> None:
    url, long = URL.format("invalidemails"), "x" * 100_000
    path = log(
        tmp_path / "a.jsonl",
        {"url": url, "body": f'{{"message":"{long}"}}'},
        {"url": url, "body": f"<html>{long}"},
        {"url": url + long, "body": "[]"},
        '{"url":"' + long,
        '{"url":"u","body":"\\q' + long + '"}',
        {"url": url, "body": [long]},
        "[" + long,
        {"body": f'[{{"email":"{long}","status":"1","reason":"r"}}]'},
    )
    found = read([path])
    assert [(row["outcome"], row["reason"]) for row in found.exchanges] == [
        ("whole", None),
        ("rejected", "not-an-answer"),
        ("whole", None),
        ("rejected", "unreadable-entry"),
        ("rejected", "unreadable-entry"),
        ("rejected", "wrong-type"),
        ("rejected", "unreadable-entry"),
        ("rejected", "ambiguous-operation"),
    ]
    bounded = read([path], max_bytes=50_000)
    assert [row["reason"] for row in bounded.exchanges] == ["too-large"] * 8


def test_noise_gives_only_rejects(tmp_path: Path) -> None:
    @settings(suppress_health_check=list(HealthCheck))
    @given(
        st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([b'{"url":', b"\n", b"<a>"])))
    )
    def check(parts: list[bytes]) -> None:
        path = tmp_path / "noise"
        path.write_bytes(b"".join(parts))
        for kind in (None, "jsonl", "log", "har", "vcr", "warc", "payload"):
            found = read([path], kind=kind)
            assert found.records == []
            assert len(found.rejects) == sum(found.counts.rejects.values())

    check()


# Files that change during the run.
def test_a_file_that_changed_after_planning_is_reported(tmp_path: Path) -> None:
    path = log(tmp_path / "a.jsonl", {"body": "[]"}, {"body": "[]"})
    known = os.stat(path)
    size, mtime = known.st_size, known.st_mtime_ns

    def read_piece(piece: Piece) -> int:
        counts = Counts()
        for _ in read_shard(Shard(0, (piece,)), Options(operation="bounces.get"), counts):
            pass
        return counts.exchanges

    assert read_piece(Piece(str(path), 0, None, 1, size, mtime)) == 2
    with pytest.raises(ExtractError, match="the file changed during the run"):
        read_piece(Piece(str(path), 0, None, 1, size, mtime + 1))
    with pytest.raises(ExtractError, match="the file changed during the run"):
        read_piece(Piece(str(path), 0, None, 1, size + 1, mtime))
    with path.open("a") as file:
        file.write('{"body":"[]"}\n')
    assert read_piece(Piece(str(path), 0, None, 1, size, mtime)) == 2
    with pytest.raises(ExtractError, match="cannot be read: No such file"):
        read_piece(Piece(str(tmp_path / "b"), 0, None, 1, size, mtime))
    with pytest.raises(ExtractError, match="cannot be read: it is closed"):
        read_piece(Piece("-"))


@pytest.mark.thorough
def test_a_file_that_shrinks_while_it_is_read_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(make_log(8000).data)
    known = os.stat(path)
    piece = Piece(str(path), 0, None, 1, known.st_size, known.st_mtime_ns)
    blocks = read_shard(Shard(0, (piece,)), Options(), Counts())
    next(blocks)
    os.truncate(path, known.st_size - 1000)
    with pytest.raises(ExtractError, match="the file shrank during the run"):
        list(blocks)


def test_an_empty_body_with_status_204_is_a_successful_delete(tmp_path: Path) -> None:
    call = {"method": "DELETE", "url": "/v3/suppression/bounces/a", "body": ""}
    path = log(tmp_path / "a.jsonl", {**call, "status": 204}, {**call, "status": 200})
    found = read([path])
    assert [(row["outcome"], row["reason"]) for row in found.exchanges] == [
        ("whole", None),
        ("rejected", "not-an-answer"),
    ]
