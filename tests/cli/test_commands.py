"""The other commands: convert, diff, classify, schema, operations, completion."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from sgformats import OPERATIONS, convert
from sgformats.schemafiles import schema_text
from tests.cli.clikit import BOUNCES_JSON, BOUNCES_XML, on_terminal, run, run_process, shell


def test_convert_writes_what_the_library_writes() -> None:
    ended = run("convert", "answers/bounces.xml", "--to", "json")
    assert ended == (0, convert(BOUNCES_XML, "json"), b"")
    options = ("--encoding", "UTF-16", "--indent", "--operation", "bounces.get")
    ended = run("convert", "-", "--to", "xml", *options, input=BOUNCES_JSON)
    expected = convert(BOUNCES_JSON, "xml", "bounces.get", encoding="UTF-16", indent=True)
    assert ended == (0, expected, b"")


def test_convert_to_v3_needs_a_zone() -> None:
    ended = run("convert", "answers/bounces.xml", "--to", "json-v3")
    assert (ended.code, ended.out) == (2, b"")
    assert b"--zone" in ended.err
    ended = run("convert", "answers/bounces.xml", "--to", "json-v3", "--zone", "UTC")
    assert json.loads(ended.out)[0]["created"] == 1244637630


def test_convert_refuses_what_parse_refuses() -> None:
    ended = run("convert", "answers/damaged.json", "--to", "xml", "-o", "out.xml")
    assert (ended.code, ended.out) == (1, b"")
    assert ended.err.startswith(b"sgformats: answers/damaged.json:1:53: invalid-timestamp: ")
    assert not Path("out.xml").exists()


def test_convert_names_the_value_that_a_format_cannot_hold(answers: Path) -> None:
    (answers / "control.json").write_bytes(b'{"message":"a\\u0001"}')
    ended = run("convert", "answers/control.json", "--to", "xml")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(b"sgformats: answers/control.json: cannot encode message, ")


def test_convert_on_a_terminal_shows_control_characters_as_escapes(answers: Path) -> None:
    (answers / "evil.json").write_bytes(b'{"message":"a\\u009b2J\\nb"}')
    code, shown = on_terminal("convert", "answers/evil.json", "--to", "xml")
    assert code == 0
    assert "a\\x9b2J\nb</message>" in shown


def test_diff_shows_both_places_of_every_difference() -> None:
    ended = run("diff", "answers/bounces.xml", "answers/bounces.json")
    assert ended.out.decode() == (
        "[0].reason: changed\n"
        "  A answers/bounces.xml:6:15\n"
        '    "Mail domain mentioned in email address is unknown"\n'
        "  B answers/bounces.json:1:58\n"
        '    "Mail domain mentioned in email adress is unknown"\n'
        "                                      ^\n"
        "\n"
        "[0].created: changed\n"
        "  A answers/bounces.xml:7:16\n"
        '    "2009-06-10 12:40:30"\n'
        "  B answers/bounces.json:1:119\n"
        '    "2009-06-01 19:41:39"\n'
        "             ^\n"
        "\n"
        "2 differences\n"
    )
    assert (ended.code, ended.err) == (1, b"")


def test_a_diff_of_equal_payloads_is_code_0() -> None:
    ended = run("diff", "answers/bounces.xml", "-", input=convert(BOUNCES_XML, "json"))
    assert ended == (0, b"no differences\n", b"")


def test_diff_as_json_lines() -> None:
    ended = run("diff", "answers/bounces.xml", "answers/bounces.json", "--to", "jsonl")
    assert json.loads(ended.out.splitlines()[1]) == {
        "path": "[0].created",
        "kind": "changed",
        "a": "2009-06-10 12:40:30",
        "b": "2009-06-01 19:41:39",
        "location_a": {
            "path": "[0].created",
            "native": "/bounces/bounce[1]/created",
            "line": 7,
            "column": 16,
            "offset": BOUNCES_XML.index(b"2009-06-10"),
        },
        "location_b": {
            "path": "[0].created",
            "native": "/0/created",
            "line": 1,
            "column": 119,
            "offset": 118,
        },
    }


def test_diff_shows_values_missing_on_one_side(answers: Path) -> None:
    (answers / "none.xml").write_bytes(b"<bounces/>")
    ended = run("diff", "answers/bounces.xml", "answers/none.xml")
    lines = ended.out.decode().splitlines()
    assert lines[0] == "[0]: missing in B"
    assert lines[3:5] == ["  B answers/none.xml:1:1", "    (nothing)"]
    assert all(len(line) <= 80 for line in lines)


def test_diff_names_the_side_that_it_cannot_read() -> None:
    ended = run("diff", "answers/bounces.xml", "answers/damaged.json")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(b"sgformats: answers/damaged.json:1:53: invalid-timestamp: ")
    missing = run("diff", "answers/bounces.xml", "none.json")
    assert missing.err == b"sgformats: cannot read none.json: No such file or directory\n"
    assert run("diff", "-", "-").code == 2


def test_classify_detects_what_a_body_is(answers: Path) -> None:
    (answers / "gateway").write_bytes(b"<html><body>502</body></html>")
    ended = run("classify", "answers/bounces.json", "answers/gateway")
    first, second = map(json.loads, ended.out.splitlines())
    assert first == {
        "source_file": "answers/bounces.json",
        "format": "json",
        "encoding": "UTF-8",
        "dialect": "list",
        "operations": ["bounces.get", "blocks.get"],
        "evidence": first["evidence"],
        "retry": False,
    }
    assert (second["dialect"], second["operations"], second["retry"]) == ("html", [], True)
    assert (ended.code, ended.err) == (1, b"")


def test_classify_writes_text() -> None:
    ended = run("classify", "answers/bounces.xml", "--to", "text")
    assert ended.out.decode().splitlines()[:2] == [
        "answers/bounces.xml: list, xml, ISO-8859-1",
        "  answers bounces.get",
    ]


@pytest.mark.parametrize("kind", ["xsd", "json-schema"])
def test_schema_prints_the_contract(kind: str) -> None:
    for name in ("invalidemails.get", "unsubscribes.add"):
        ended = run("schema", name, "--format", kind)
        expected = schema_text(name, "xsd" if kind == "xsd" else "json-schema")
        assert ended == (0, expected.encode(), b"")


def test_operations_are_listed() -> None:
    ended = run("operations")
    rows = [json.loads(line) for line in ended.out.splitlines()]
    assert [row["operation"] for row in rows] == list(OPERATIONS)
    assert rows[0] == {
        "operation": "invalidemails.get",
        "method": "invalidemails",
        "task": "get",
        "answer": "list",
        "record": "InvalidEmail",
        "fields": [
            {"name": "email", "scalar": "text", "required": True},
            {"name": "reason", "scalar": "text", "required": True},
            {"name": "created", "scalar": "timestamp", "required": False},
        ],
    }
    code, shown = on_terminal("operations", NO_COLOR="1")
    assert code == 0
    assert " bounces.get            list     email, status, reason, created?\n" in shown


def test_every_command_accepts_every_operation(answers: Path) -> None:
    (answers / "refused.xml").write_bytes(b"<result><message>no</message></result>")
    for name in ("invalidemails.get", "spamreports.count", "unsubscribes.add"):
        for command in (
            ("parse", "answers/refused.xml"),
            ("validate", "answers/refused.xml"),
            ("convert", "answers/refused.xml", "--to", "json"),
            ("diff", "answers/refused.xml", "answers/refused.xml"),
        ):
            ended = run(*command, "--operation", name)
            assert (ended.code, ended.err) == (0, b""), (command, name)


@pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_of_the_shell(name: str) -> None:
    ended = run("completion", name, PATH="/nonexistent")
    assert (ended.code, ended.err) == (0, b"")
    assert f"_SGFORMATS_COMPLETE={name}_complete".encode() in ended.out


def test_the_completion_script_completes_commands_and_operations() -> None:
    ended = run_process(
        _SGFORMATS_COMPLETE="bash_complete",
        COMP_WORDS="sgformats parse --operation blo",
        COMP_CWORD="3",
    )
    assert ended.out == b"plain,blocks.get\nplain,blocks.delete\nplain,blocks.count\n"
    ended = run_process(
        _SGFORMATS_COMPLETE="bash_complete", COMP_WORDS="sgformats c", COMP_CWORD="1"
    )
    assert (
        ended.out == b"plain,check\nplain,convert\nplain,classify\nplain,census\nplain,completion\n"
    )


def test_a_file_keeps_its_permissions_and_its_links(answers: Path) -> None:
    target = Path("real.json")
    target.write_bytes(b"before")
    target.chmod(0o640)
    Path("link.json").symlink_to("real.json")
    assert run("convert", "answers/bounces.xml", "--to", "json", "-o", "link.json").code == 0
    assert target.read_bytes() == convert(BOUNCES_XML, "json")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert Path("link.json").is_symlink()
    new = shell("umask 027; sgformats convert answers/bounces.xml --to json -o new.json")
    assert new.code == 0
    assert stat.S_IMODE(Path("new.json").stat().st_mode) == 0o640
