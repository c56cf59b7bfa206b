"""`sgformats extract`: its figures, its progress and its exit codes."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sgformats.cli.accounting import to_dict
from sgformats.extract.read.counts import Counts
from sgformats.extract.run.extraction import Summary
from tests.cli.clikit import CALLS, COMMAND, environment, on_terminal, run, run_process, shell

SECRET = b"s3cret-passw0rd"
TIMES = re.compile(r"[\d.]+ s with (\d workers?): [\d.,]+ (?:bytes?|[kMG]B)/s, [\d,]+ records/s")
ARGUMENTS = ("extract", "calls.jsonl", "-o", "out.csv", "--workers", "1")
TABLE = """\
                                        count
──────────────────────────────────────────────
 files                                      1
   of them damaged                          0
 bytes                                    423
 lines                                      4
 exchanges                                  4
   whole                                    1
     blocks.count: count                    1
   partial                                  1
   rejected                                 1
   skipped                                  1
     no call of this API                    1
 records                                    1
   of them salvaged                         1
 rejects (partial, rejected, damaged)       2
   invalid-timestamp                        1
   unreadable-entry                         1
 bytes lost                                 0

S s with 1 worker: B/s, R records/s
records in out.csv
rejects in out.csv.rejects.jsonl
"""


@pytest.fixture(autouse=True)
def calls() -> None:
    Path("calls.jsonl").write_bytes(CALLS + b"-- MARK --\n")


def untimed(text: str) -> str:
    """The output without the parts that change in every run."""
    return TIMES.sub(r"S s with \1: B/s, R records/s", text)


def rows_of(path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(Path(path).read_text("utf-8"))))


def lines_of(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def test_the_figures_at_the_end_add_up() -> None:
    ended = run(*ARGUMENTS)
    assert (ended.code, ended.err) == (0, b"")
    assert untimed(ended.out.decode()) == TABLE
    (row,) = rows_of("out.csv")
    assert (row["email"], row["created"], row["source_line"]) == ("isaac", "", "1")
    rejects = lines_of("out.csv.rejects.jsonl")
    assert [(one["rule"], one["source_line"]) for one in rejects] == [
        ("invalid-timestamp", 1),
        ("unreadable-entry", 4),
    ]
    assert sorted(os.listdir()) == ["answers", "calls.jsonl", "out.csv", "out.csv.rejects.jsonl"]


def test_the_json_has_the_same_figures() -> None:
    ended = run("extract", "calls.jsonl", "-o", "out.jsonl", "--summary", "json", "--workers", "1")
    assert (ended.code, ended.err, ended.out.count(b"\n")) == (0, b"", 1)
    said = json.loads(ended.out)
    seconds, bytes, records = (
        said.pop(name) for name in ("seconds", "bytes_per_second", "records_per_second")
    )
    assert abs(seconds * bytes - 423) < 423 / 2
    assert records <= bytes
    assert said == {
        "files": 1,
        "damaged": 0,
        "bytes": 423,
        "lines": 4,
        "exchanges": 4,
        "whole": 1,
        "partial": 1,
        "rejected": 1,
        "records": 1,
        "salvaged": 1,
        "lost_bytes": 0,
        "replies": {"blocks.count": {"count": 1}},
        "skipped": {"no call of this API": 1},
        "rejects": {"invalid-timestamp": 1, "unreadable-entry": 1},
        "workers": 1,
        "reused": 0,
        "out": "out.jsonl",
        "rejects_file": "out.jsonl.rejects.jsonl",
    }


def test_a_rate_is_shown_only_if_this_run_read_everything() -> None:
    summary = Summary(Counts(bytes=10, records=4), 2.0, "out.csv", None, 1, parts=2, reused=0)
    said = to_dict(summary)
    assert (said["bytes_per_second"], said["records_per_second"]) == (5, 2)
    said = to_dict(Summary(Counts(bytes=10, records=4), 2.0, "out.csv", None, 1, parts=2, reused=1))
    assert (said["bytes_per_second"], said["records_per_second"]) == (None, None)


def test_a_database_lists_its_tables_and_has_no_duplicates() -> None:
    for _ in range(2):
        ended = run("extract", "calls.jsonl", "-o", "out.duckdb")
        assert ended.code == 0
        assert ended.out.decode().splitlines()[-1] == (
            "tables records, exchanges and rejects in out.duckdb"
        )
    with duckdb.connect("out.duckdb", read_only=True) as base:
        sizes = [
            base.sql(f"SELECT count(*) FROM {table}").fetchall()[0][0]
            for table in ("records", "exchanges", "rejects")
        ]
    assert sizes == [1, 4, 2]


@pytest.mark.parametrize(
    ("options", "code"), [((), 0), (("--fail-on-reject",), 1), (("--limit", "1"), 0)]
)
def test_rejects_fail_a_run_only_on_request(options: tuple[str, ...], code: int) -> None:
    ended = run("extract", "calls.jsonl", "-o", "out.csv", "-q", *options)
    assert ended == (code, b"", b"")
    assert len(rows_of("out.csv")) == 1
    assert run("extract", "answers/done.json", "-o", "o.csv", "--fail-on-reject", "-q").code == 0


def test_the_options_are_passed_to_the_reader() -> None:
    odd = b'[{"email":"a","reason":"x","status":"5","created":"2009-11-01 01:40:30","n":1}]'
    Path("odd.json").write_bytes(odd)
    Path("named.txt").write_bytes(b'{"u":{"v":"/api/blocks.get.json?api_user=u"},"b":"[]"}\n')
    base = ("extract", "odd.json", "-o", "out.csv", "--operation", "bounces.get", "-q")
    zone = ("--zone", "America/Los_Angeles", "--fold")
    assert run(*base).code == 0
    assert [row["created"] for row in rows_of("out.csv")] == ["2009-11-01 01:40:30"]
    for fold, hour in (("0", "08"), ("1", "09")):
        assert run(*base, *zone, fold).code == 0
        assert [row["created"] for row in rows_of("out.csv")] == [f"2009-11-01 {hour}:40:30+00:00"]
    assert run(*base, "--mode", "strict", "--clip", "9", "--rejects", "r.jsonl").code == 0
    assert rows_of("out.csv") == []
    (reject,) = lines_of("r.jsonl")
    assert (reject["rule"], reject["raw_bytes"]) == ("unknown-field", len(odd))
    assert len(reject["raw"].replace("…", "")) == 9
    assert run(*base, "--max-bytes", "20", "--rejects", "r.jsonl").code == 0
    assert json.loads(Path("r.jsonl").read_text())["rule"] == "too-large"
    fields = ("--field", "url=u.v", "--field", "body=b", "--kind", "jsonl", "--to", "jsonl")
    ended = run("extract", "named.txt", "-o", "out", "--summary", "json", *fields)
    assert json.loads(ended.out)["replies"] == {"blocks.get": {"list": 1}}


def test_a_path_is_a_file_a_folder_a_pattern_or_standard_input() -> None:
    Path("in").mkdir()
    Path("in/calls.jsonl.gz").write_bytes(gzip.compress(CALLS))
    for path in ("calls.jsonl", "in", "in/*", "-"):
        for workers in ("1", "2"):
            ended = run(
                *("extract", path, "-o", "out.csv", "--workers", workers, "-q"), input=CALLS
            )
            assert ended == (0, b"", b"")
            name = {"calls.jsonl": path, "-": "<stdin>"}.get(path, "in/calls.jsonl.gz")
            assert [row["source_file"] for row in rows_of("out.csv")] == [name]


def test_no_secret_is_in_any_output() -> None:
    raw = CALLS.replace(b"api_key=***", b"api_key=" + SECRET)
    Path("calls.jsonl").write_bytes(raw + b'{"url":"/api/x?api_key=' + SECRET + b'","stat\n')
    for form in ("csv", "jsonl"):
        ended = run("extract", "calls.jsonl", "-o", f"out.{form}", "--workers", "1")
        assert ended.code == 0
        written = [path.read_bytes() for path in sorted(Path().glob(f"out.{form}*"))]
        assert len(written) == 2
        assert all(written)
        assert SECRET not in b"".join((ended.out, ended.err, *written))
    assert Path("out.csv.rejects.jsonl").read_bytes().count(b"api_key=***") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["calls.jsonl"], "Missing option '-o' / '--output'. See: sgformats extract --help"),
        (
            ["calls.jsonl", "-o", "o.jsonl", "--csv-safe"],
            "--csv-safe: expected CSV as the format of OUT, found jsonl",
        ),
        (["none", "-o", "o.csv"], "none: no such file or folder"),
        (["none*", "-o", "o.csv"], "no file matches none*"),
        (["empty", "-o", "o.csv"], "no captures in empty: it holds no files"),
        (["-", "-", "-o", "o.csv"], "expected - once: standard input can be read only once"),
        (
            ["calls.jsonl", "-o", "o.txt"],
            "expected a file that ends in .jsonl, .csv, .arrow, .parquet, .duckdb, "
            'found "o.txt"; --to sets the format of any other',
        ),
        (
            ["calls.jsonl", "-o", "o.csv", "--rejects", "./o.csv"],
            "expected two files, found o.csv for records and rejects",
        ),
        (
            ["calls.jsonl", "-o", "o.csv", "--rejects", "-"],
            "expected a file for the rejects, found -",
        ),
        (
            ["calls.jsonl", "-o", "calls.jsonl"],
            "expected a file to write, found one to read: calls.jsonl",
        ),
        (
            ["answers/done.json", "calls.jsonl", "-o", "linked.csv"],
            "expected a file to write, found one to read: calls.jsonl",
        ),
        (
            ["calls.jsonl", "-o", "o.csv", "--field", "a=b"],
            "Invalid value for '--field': expected one of url, verb, status, content_type, "
            "content_encoding, body, body_base64, request_body, time, found 'a'. "
            "See: sgformats extract --help",
        ),
        (
            ["calls.jsonl", "-o", "none/o.csv"],
            "none/o.csv: cannot be written: its folder does not exist",
        ),
        (
            ["calls.jsonl", "-o", "empty", "--to", "csv"],
            "empty: expected a file to write, found a folder",
        ),
    ],
)
def test_an_impossible_job_is_one_line_and_code_2(arguments: list[str], message: str) -> None:
    Path("empty").mkdir()
    Path("linked.csv").symlink_to("calls.jsonl")
    ended = run("extract", *arguments)
    assert ended == (2, b"", f"sgformats: {message}\n".encode())
    assert sorted(os.listdir()) == ["answers", "calls.jsonl", "empty", "linked.csv"]


def test_closed_streams_are_one_line_unless_quiet() -> None:
    ended = shell("sgformats extract - -o out.csv <&-")
    assert ended == (2, b"", b"sgformats: cannot read standard input: it is closed\n")
    ended = shell("sgformats extract calls.jsonl -o out.csv >&-")
    assert ended == (2, b"", b"sgformats: cannot write standard output: it is closed\n")
    assert not Path("out.csv").exists()
    assert shell("sgformats extract calls.jsonl -o out.csv -q >&-") == (0, b"", b"")
    assert len(rows_of("out.csv")) == 1


@pytest.mark.parametrize("output", ["-", "- --to jsonl", "/dev/stdout --to jsonl"])
def test_records_go_through_a_pipe(output: str) -> None:
    ended = shell(f"sgformats extract calls.jsonl -o {output} -q | cat")
    assert (ended.code, ended.err) == (0, b"")
    assert json.loads(ended.out)["email"] == "isaac"
    ended = shell(f"sgformats extract calls.jsonl -o {output} | cat")
    assert json.loads(ended.out)["email"] == "isaac"
    assert b"exchanges" in ended.err
    ended = shell("sgformats extract calls.jsonl -o - --to csv -q | cat")
    assert ended.out.splitlines()[0].startswith(b"operation,email,")


def test_the_table_fits_the_terminal() -> None:
    code, shown = on_terminal(*ARGUMENTS, NO_COLOR="1")
    assert code == 0
    assert "\x1b" not in shown
    assert untimed(shown) == TABLE
    ended = run_process(*ARGUMENTS, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    plain = untimed(ended.out.decode("ascii")).replace("|", " ").splitlines()
    assert [line.split() for line in plain[2:]] == [line.split() for line in TABLE.splitlines()[2:]]


# Ctrl-C and resuming.
# In parts of one line, so that a run can resume.
SMALL_PARTS = """
import sys
from functools import partial
from sgformats.cli import main
from sgformats.extract.run import extraction
extraction.extract = partial(extraction.extract, split=1)
sys.exit(main(sys.argv[1:]))
"""
LATER = ("extract", "calls.jsonl", "later.jsonl", "-o", "out.csv", "--summary", "json")


def stopped(*options: str) -> tuple[int, str, str]:
    """A run that Ctrl-C stops while it waits for the rest of its input."""
    with subprocess.Popen(
        [sys.executable, "-c", SMALL_PARTS, *LATER, "--workers", "1", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        # Background jobs of a shell ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        deadline = time.monotonic() + 30
        while len(list(Path(".out.csv.parts").glob("*.done"))) < 4:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def test_ctrl_c_explains_how_to_resume_and_the_next_run_resumes() -> None:
    os.mkfifo("later.jsonl")
    said = "sgformats: stopped; out.csv is unchanged; run the same command again to resume\n"
    assert stopped() == (130, "", said)
    assert not Path("out.csv").exists()
    Path("later.jsonl").unlink()
    Path("later.jsonl").write_bytes(CALLS)
    again = subprocess.run(
        [sys.executable, "-c", SMALL_PARTS, *LATER], capture_output=True, env=environment()
    )
    figures = json.loads(again.stdout)
    assert (figures["reused"], figures["bytes_per_second"]) == (4, None)
    assert figures["exchanges"] == 7
    rows = Path("out.csv").read_bytes()
    assert run(*LATER).code == 0
    assert Path("out.csv").read_bytes() == rows
    assert not Path(".out.csv.parts").exists()


def test_ctrl_c_does_not_mention_resuming_if_impossible() -> None:
    with subprocess.Popen(
        [*COMMAND, "extract", "-", "-o", "out.csv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        deadline = time.monotonic() + 30
        while not Path(".out.csv.parts").exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        ended = process.communicate(timeout=30)
    assert (process.returncode, *ended) == (130, b"", b"sgformats: stopped; out.csv is unchanged\n")
    assert sorted(os.listdir()) == ["answers", "calls.jsonl"]


def test_the_output_may_be_where_the_captures_are() -> None:
    Path("in").mkdir()
    Path("calls.jsonl").rename("in/calls.jsonl")
    for _ in range(2):
        ended = run("extract", "in", "-o", "in/out.csv", "--summary", "json")
        assert json.loads(ended.out)["files"] == 1
    assert sorted(os.listdir("in")) == ["calls.jsonl", "out.csv", "out.csv.rejects.jsonl"]
