"""`sgformats parse`: its output formats, its input and its errors."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

from tests.cli.clikit import (
    BOUNCES_JSON,
    BOUNCES_XML,
    DONE,
    REFUSED,
    on_terminal,
    run,
    run_process,
    shell,
)

RECORD = (
    b'{"source_file":"answers/bounces.xml","operation":"bounces.get","kind":"record",'
    b'"record_index":0,"email":"isaac@hotmail.comm","status":"5.1.1","reason":"Mail domain '
    b'mentioned in email address is unknown","created":"2009-06-10 12:40:30"}\n'
)
TABLE = """\
bounces.get answers/bounces.xml
 email                status   reason                       created
────────────────────────────────────────────────────────────────────────────────
 isaac@hotmail.comm   5.1.1    Mail domain mentioned in     2009-06-10 12:40:30
                               email address is unknown
"""


def test_a_record_is_one_line_of_json_when_piped() -> None:
    assert run("parse", "answers/bounces.xml") == (0, RECORD, b"")


def test_each_kind_of_result_is_one_line(answers: Path) -> None:
    (answers / "count").write_bytes(b"<result><count>2</count></result>")
    (answers / "refused.json").write_bytes(REFUSED)
    ended = run("parse", "answers/done.json", "answers/refused.json", "answers/count")
    assert [json.loads(line) for line in ended.out.splitlines()] == [
        {
            "source_file": "answers/done.json",
            "operation": None,
            "kind": "success",
            "message": "success",
        },
        {
            "source_file": "answers/refused.json",
            "operation": None,
            "kind": "failure",
            "message": "Permission denied",
            "errors": [],
            "code": 401,
        },
        {"source_file": "answers/count", "operation": None, "kind": "count", "count": 2},
    ]
    assert (ended.code, ended.err) == (0, b"")


def test_a_given_operation_is_in_the_lines_of_results() -> None:
    ended = run("parse", "answers/done.json", "--operation", "bounces.delete")
    assert json.loads(ended.out)["operation"] == "bounces.delete"


def test_json_is_one_array_with_an_object_for_each_payload(answers: Path) -> None:
    (answers / "none.xml").write_bytes(b"<blocks/>")
    ended = run("parse", "answers/bounces.xml", "answers/none.xml", "--to", "json")
    assert json.loads(ended.out) == [
        {
            "source_file": "answers/bounces.xml",
            "operation": "bounces.get",
            "kind": "list",
            "records": [
                {
                    "email": "isaac@hotmail.comm",
                    "status": "5.1.1",
                    "reason": "Mail domain mentioned in email address is unknown",
                    "created": "2009-06-10 12:40:30",
                }
            ],
        },
        {
            "source_file": "answers/none.xml",
            "operation": "blocks.get",
            "kind": "list",
            "records": [],
        },
    ]
    assert run("parse", "answers/damaged.json", "--to", "json").out == b"[]\n"


def test_csv_has_the_same_columns_for_all_payloads(answers: Path) -> None:
    (answers / "odd.json").write_bytes(
        b'[{"email":"a,\\"b\\"","reason":"two\\r\\nlines\\rand \\u0007","created":""}]'
    )
    (answers / "refused.json").write_bytes(b'{"message":"error","errors":["a","b"]}')
    names = ("answers/bounces.xml", "answers/odd.json", "answers/refused.json")
    ended = run("parse", *names, "--to", "csv")
    header, *rows = csv.reader(ended.out.decode().splitlines(keepends=True))
    assert header == [
        *("source_file", "operation", "kind", "record_index"),
        *("email", "reason", "status", "ip", "created"),
        *("message", "errors", "code", "count"),
    ]
    created, text = "2009-06-10 12:40:30", "Mail domain mentioned in email address is unknown"
    assert rows == [
        [
            names[0],
            "bounces.get",
            "record",
            "0",
            "isaac@hotmail.comm",
            text,
            "5.1.1",
            "",
            created,
            "",
            "",
            "",
            "",
        ],
        [
            names[1],
            "invalidemails.get",
            "record",
            "0",
            'a,"b"',
            "two\r\nlines\rand \x07",
            "",
            "",
            "",
            "",
            "",
            "",
            "",
        ],
        [names[2], "", "failure", "", "", "", "", "", "", "error", '["a","b"]', "", ""],
    ]


def test_safe_csv_puts_an_apostrophe_before_formulas(answers: Path) -> None:
    (answers / "odd.json").write_bytes(
        b'[{"email":"=1+1","reason":" \\t@x","created":"2009-06-10 12:40:30"}]'
    )
    (answers / "refused.json").write_bytes(b'{"message":"error","errors":["-a"]}')
    names = ("answers/odd.json", "answers/refused.json")
    exact = run("parse", *names, "--to", "csv").out.decode()
    safe = run("parse", *names, "--to", "csv", "--csv-safe").out.decode()
    assert safe == exact.replace("=1+1", "'=1+1").replace(" \t@x", "' \t@x") != exact
    for form in ("jsonl", "json", "table"):
        ended = run("parse", *names, "--to", form, "--csv-safe")
        said = f"sgformats: --csv-safe: expected CSV as the output format, found {form}\n"
        assert (ended.code, ended.out, ended.err.decode()) == (2, b"", said)


def test_an_operation_narrows_the_columns_of_csv() -> None:
    ended = run("parse", "answers/done.json", "--operation", "unsubscribes.add", "--to", "csv")
    assert ended.out == (
        b"source_file,operation,kind,record_index,email,created,message,errors,code,count\r\n"
        b"answers/done.json,unsubscribes.add,success,,,,success,,,\r\n"
    )


def test_a_table_is_what_a_terminal_shows() -> None:
    assert on_terminal("parse", "answers/bounces.xml", NO_COLOR="1") == (0, TABLE)
    assert run("parse", "answers/bounces.xml", "--to", "table").out.decode() == TABLE


def test_a_table_in_ascii_is_drawn_in_ascii() -> None:
    ended = run_process(
        *("parse", "answers/done.json", "--to", "table"), PYTHONIOENCODING="ascii", PYTHONUTF8="0"
    )
    assert ended.out == (
        b"results answers/done.json\n kind    | message\n---------+---------\n success | success\n"
    )


def test_results_and_empty_lists_have_their_tables_too(answers: Path) -> None:
    (answers / "none.xml").write_bytes(b"<blocks/>")
    names = ("answers/none.xml", "answers/done.json", "answers/done.json")
    assert run("parse", *names, "--to", "table").out.decode() == (
        "blocks.get answers/none.xml\n"
        "(no records)\n"
        "\n"
        "results answers/done.json\n"
        " kind      message\n"
        "───────────────────\n"
        " success   success\n"
        " success   success\n"
    )


def test_a_payload_cannot_control_a_terminal_or_style_a_table(answers: Path) -> None:
    (answers / "evil.json").write_bytes(
        b'[{"email":"[red]a[/red]","reason":"\\u001b[31m\\u009b2J\\u202e"}]'
    )
    code, shown = on_terminal("parse", "answers/evil.json", NO_COLOR="1")
    assert shown.splitlines()[-1] == r" [red]a[/red]   \x1b[31m\x9b2J\u202e"
    for form in ("jsonl", "json", "csv"):
        code, shown = on_terminal("parse", "answers/evil.json", "--to", form, NO_COLOR="1")
        assert code == 0
        assert all(line.isprintable() for line in shown.splitlines())
        assert "[red]a[/red]" in shown
    piped = run("parse", "answers/evil.json")
    assert rb"\u001b[31m\u009b2J\u202e" in piped.out
    assert json.loads(piped.out)["reason"] == "\x1b[31m\x9b2J\u202e"


def test_standard_input_is_a_dash() -> None:
    ended = run("parse", "-", "--operation", "bounces.get", input=BOUNCES_JSON)
    assert json.loads(ended.out)["source_file"] == "<stdin>"
    twice = run("parse", "-", "-", input=DONE)
    assert twice.code == 2
    assert twice.err == b"sgformats: expected - once: standard input can be read only once\n"


def test_a_folder_is_read_at_any_depth_without_hidden_files(answers: Path) -> None:
    inside = answers / "2009" / "06"
    inside.mkdir(parents=True)
    for name in ("A.XML", "bare", ".hidden.xml", "notes.txt", "README", "number"):
        text = {"README": b"Answers of June", "number": b"5"}.get(name, BOUNCES_XML)
        (inside / name).write_bytes(text)
    (answers / ".git").mkdir()
    (answers / ".git" / "config.json").write_bytes(DONE)
    ended = run("parse", "answers/2009", "answers/.git/../2009/06")
    assert [json.loads(line)["source_file"] for line in ended.out.splitlines()] == [
        "answers/2009/06/A.XML",
        "answers/2009/06/bare",
        "answers/.git/../2009/06/A.XML",
        "answers/.git/../2009/06/bare",
    ]


def test_a_pattern_in_quotes_is_a_choice_of_files(answers: Path) -> None:
    (answers / "sub").mkdir()
    (answers / "sub" / "more.xml").write_bytes(BOUNCES_XML)
    (answers / "[1].json").write_bytes(DONE)

    def sources(pattern: str) -> list[str]:
        out = run("parse", pattern, "--operation", "bounces.get", "--mode", "lax").out
        return [json.loads(line)["source_file"] for line in out.splitlines()]

    assert sources("answers/b*") == ["answers/bounces.json", "answers/bounces.xml"]
    assert sources("answers/**/*.xml") == ["answers/bounces.xml", "answers/sub/more.xml"]
    assert sources("answers/s**") == ["answers/sub/more.xml"]
    exact = run("parse", "answers/[1].json")
    assert json.loads(exact.out)["source_file"] == "answers/[1].json"
    none = run("parse", "answers/*.har")
    assert none == (2, b"", b"sgformats: no file matches answers/*.har\n")


def test_a_refused_payload_is_one_line_and_the_rest_is_read() -> None:
    ended = run("parse", "answers/damaged.json", "answers/done.json")
    assert ended == (
        1,
        b'{"source_file":"answers/done.json","operation":null,"kind":"success",'
        b'"message":"success"}\n',
        b"sgformats: answers/damaged.json:1:53: invalid-timestamp: expected YYYY-MM-DD HH:MM:SS, "
        b'found "2009-02-29 12:40:30" (and 2 more)\n',
    )


def test_an_impossible_job_is_one_line_and_code_2(answers: Path) -> None:
    (answers / "empty").mkdir()
    (answers / "empty" / "notes.txt").write_bytes(b"nothing")
    missing = run("parse", "answers/none.xml", "answers/bounces.xml")
    assert missing == (
        2,
        RECORD,
        b"sgformats: cannot read answers/none.xml: No such file or directory\n",
    )
    assert run("parse", "answers/empty") == (
        2,
        b"",
        b"sgformats: no payloads in answers/empty: expected *.xml, *.json or files without a "
        b"suffix that begin as XML or JSON\n",
    )
    assert run("parse", "answers/bounces.json") == (
        2,
        b"",
        b"sgformats: answers/bounces.json: expected a payload of one operation, found one that "
        b"may answer bounces.get, blocks.get; name the operation with --operation\n",
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is unreadable to root")
def test_a_file_without_permission_is_one_line(answers: Path) -> None:
    (answers / "done.json").chmod(0)
    ended = run("parse", "answers/done.json")
    assert ended == (2, b"", b"sgformats: cannot read answers/done.json: Permission denied\n")


def test_more_than_max_bytes_is_refused_without_reading(answers: Path) -> None:
    with open(answers / "huge.json", "wb") as file:
        file.truncate(1 << 40)
    ended = run("parse", "answers/huge.json")
    assert ended.code == 1
    assert ended.err == (
        b"sgformats: answers/huge.json:1:1: too-large: expected at most 67108864 bytes, "
        b"found 1099511627776; a larger --max-bytes allows more\n"
    )
    endless = shell("yes | sgformats parse - --max-bytes 100")
    assert endless.code == 1
    assert endless.err == (
        b"sgformats: <stdin>:1:1: too-large: expected at most 100 bytes, found more; "
        b"a larger --max-bytes allows more\n"
    )


def test_a_named_pipe_is_read_like_a_file() -> None:
    ended = shell("mkfifo pipe; cat answers/bounces.xml > pipe & sgformats parse pipe")
    assert ended == (0, RECORD.replace(b"answers/bounces.xml", b"pipe"), b"")


def test_an_invalid_name_is_shown_with_escapes(answers: Path) -> None:
    name = os.fsencode(answers) + b"/caf\xe9\x1b.json"
    with open(name, "wb") as file:
        file.write(DONE)
    ended = run("parse", b"answers/caf\xe9\x1b.json")
    assert json.loads(ended.out)["source_file"] == "answers/caf\\xe9\x1b.json"
    refused = run("parse", b"answers/caf\xe9\x1b.json", "--operation", "bounces.get")
    assert refused.err.startswith(rb"sgformats: answers/caf\xe9\x1b.json:1:1: wrong-operation: ")


def test_a_zone_converts_timestamps_to_utc() -> None:
    ended = run("parse", "answers/bounces.xml", "--zone", "America/Los_Angeles")
    assert json.loads(ended.out)["created"] == "2009-06-10 19:40:30+00:00"
    unknown = run("parse", "answers", "--zone", "Nowhere/At_All")
    assert (unknown.code, unknown.out) == (2, b"")
    assert unknown.err.startswith(b"sgformats: expected a zone such as America/Los_Angeles, ")
    assert unknown.err.count(b"\n") == 1
