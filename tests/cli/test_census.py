"""`sgformats census`: what occurs in captures, as a table, JSON or a page."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.cli.clikit import CALLS, on_terminal, run, shell

pytestmark = pytest.mark.usefixtures("calls")

SECRET = "s3cret-passw0rd"


TABLE = """\
answers/bounces.xml: 1 exchange: 1 read, 0 skipped; 1 record
                 value                                               count
───────────────────────────────────────────────────────────────────────────
 operations      bounces.get                                             1
 formats         xml                                                     1
 dialects        list                                                    1
 layouts         indented XML                                            1
 encodings       ISO-8859-1 (declared)                                   1
 http statuses   none                                                    1
 content types   none                                                    1
 fields          created                                                 1
                 email                                                   1
                 reason                                                  1
                 status                                                  1
 orders          email, status, reason, created                          1
 statuses        5.1.1                                                   1
 reasons         Mail domain mentioned in email address is unknown       1
 created         2009-06-10 12:40:30 – 2009-06-10 12:40:30               1
"""


def test_a_table_shows_each_question_once() -> None:
    assert run("census", "answers/bounces.xml", "--to", "table") == (0, TABLE.encode(), b"")
    code, shown = on_terminal("census", "answers/bounces.xml", NO_COLOR="1")
    assert (code, shown) == (0, TABLE)


def test_the_total_comes_first_and_the_files_follow() -> None:
    ended = run("census", "calls.jsonl", "answers", "--to", "table")
    titles = [line for line in ended.out.decode().splitlines() if " exchange" in line]
    assert titles == [
        "5 files in total: 7 exchanges: 6 read, 1 skipped; 6 records",
        "calls.jsonl: 3 exchanges: 2 read, 1 skipped; 2 records",
        "answers/bounces.json: 1 exchange: 1 read, 0 skipped; 1 record",
        "answers/bounces.xml: 1 exchange: 1 read, 0 skipped; 1 record",
        "answers/damaged.json: 1 exchange: 1 read, 0 skipped; 2 records",
        "answers/done.json: 1 exchange: 1 read, 0 skipped; 0 records",
    ]
    assert all(len(line) <= 80 for line in ended.out.decode().splitlines())


def test_the_piped_output_is_json() -> None:
    ended = run("census", "calls.jsonl", "-", input=b"[]")
    said = json.loads(ended.out)
    assert (ended.code, ended.err) == (0, b"")
    assert said["summary"] == {"files": 2, "unlisted": 0, "unread": 0}
    assert [one["file"] for one in said["files"]] == ["calls.jsonl", "<stdin>"]
    assert said["total"]["operations"]["counts"][0] == {"value": "blocks.count", "count": 1}
    assert said["total"]["problems"] == {
        "counts": [
            {"value": "invalid-timestamp", "count": 1},
            {"value": "missing-created", "count": 1},
        ],
        "others": 0,
    }


def test_the_suffix_of_the_output_sets_its_format() -> None:
    for name, start in (
        ("out.html", b"<!DOCTYPE html>"),
        ("out.json", b'{"summary":'),
        ("out.txt", b"calls.jsonl: 3 exchanges: "),
        ("out", b'{"summary":'),
    ):
        assert run("census", "calls.jsonl", "-o", name) == (0, b"", b"")
        assert Path(name).read_bytes().startswith(start)
    assert run("census", "calls.jsonl", "-o", "out.txt", "--to", "html").code == 0
    assert Path("out.txt").read_bytes() == Path("out.html").read_bytes()


def test_options_add_what_captures_lack() -> None:
    def values(question: str, *arguments: str) -> dict[str, int]:
        ended = run("census", *arguments)
        assert (ended.code, ended.err) == (0, b"")
        found = json.loads(ended.out)["total"][question]["counts"]
        return {one["value"]: one["count"] for one in found}

    assert values("operations", "answers/done.json", "--operation", "bounces.delete") == {
        "bounces.delete": 1
    }
    assert values("fields", "calls.jsonl", "--most", "2") == {"email": 2, "reason": 2}
    Path("odd.log").write_text(
        '{"u":{"r":"/api/blocks.count.json?api_user=u&api_key=***"},"b":"[]"}'
    )
    fields = ("--kind", "jsonl", "--field", "url=u.r", "--field", "body=b")
    assert values("operations", "odd.log", *fields) == {"blocks.count": 1}


def test_an_unreadable_file_is_code_2_and_the_rest_is_shown() -> None:
    Path("cut.jsonl.gz").write_bytes(gzip.compress(CALLS)[:-9])
    ended = run("census", "calls.jsonl", "cut.jsonl.gz", "none.har", "no/*.har", "-o", "out.json")
    assert (ended.code, ended.out) == (2, b"")
    first, second, third = ended.err.decode().splitlines()
    assert first == "sgformats: no file matches no/*.har"
    assert second == (
        "sgformats: cut.jsonl.gz: expected the rest of the gzip data, found the end of the file"
    )
    assert third == "sgformats: none.har: no such file or folder"
    said = json.loads(Path("out.json").read_bytes())
    assert said["summary"]["unread"] == 2
    assert said["files"][0]["exchanges"] == 3
    shown = run("census", "cut.jsonl.gz", "--to", "table").out.decode().splitlines()
    assert shown[0] == "cut.jsonl.gz: 3 exchanges: 2 read, 1 skipped; 2 records"
    assert shown[1].startswith("could not be read to its end: expected the rest of the gzip data")


def test_a_failed_write_leaves_the_old_file() -> None:
    Path("out.html").write_bytes(b"before")
    ended = shell("trap '' XFSZ; ulimit -f 1; sgformats census calls.jsonl -o out.html")
    assert ended == (2, b"", b"sgformats: cannot write out.html: File too large\n")
    assert Path("out.html").read_bytes() == b"before"
    assert sorted(os.listdir()) == ["answers", "calls.jsonl", "out.html"]


def test_no_secret_and_no_control_character_is_shown() -> None:
    url = f"/api/bounces.get.json?api_user=sam@example.com&api_key={SECRET}"
    body = '{"message":"no key ' + SECRET + '\\u001b[2J"}'
    Path("leaky.jsonl").write_text(json.dumps({"url": url, "body": body}))
    for form in ("table", "json", "html"):
        out = run("census", "leaky.jsonl", "--to", form).out
        assert b"bounces.get" in out
        assert SECRET.encode() not in out
        assert b"sam@example.com" not in out
        assert b"\x1b" not in out
