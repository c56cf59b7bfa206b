"""Hints of the command line after small mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.clikit import run

JSON = b'[{"email":"a@b.example","reason":"r"}]'
CALL = b'{"url":"/api/invalidemails.get.json?api_user=u&api_key=k","status":200,"body":%b}\n' % JSON


@pytest.mark.parametrize(
    ("size", "code"),
    [
        *(("38", 0), ("37", 1), ("1k", 0), ("1KB", 0), ("1KiB", 0), ("2MB", 0), ("1gib", 0)),
        *(("1 MB", 0), ("38b", 0), ("1x", 2), ("MB", 2), ("-1k", 2), ("1.5MB", 2), ("", 2)),
    ],
)
def test_sizes_have_units(size: str, code: int) -> None:
    Path("x.json").write_bytes(JSON)
    ended = run("parse", "x.json", "--operation", "invalidemails.get", "--max-bytes", size)
    assert ended.code == code
    assert (b"is not a valid number of bytes" in ended.err) == (code == 2)


def test_byte_units_are_decimal_or_binary() -> None:
    Path("x.json").write_bytes(b"[" + b" " * 1010 + b"]")
    arguments = ("parse", "x.json", "--operation", "invalidemails.get", "--max-bytes")
    assert [run(*arguments, size).code for size in ("1k", "1ki", "1012")] == [1, 0, 0]


@pytest.mark.parametrize(("wrong", "meant"), [("prase", "parse"), ("Extract", "extract")])
def test_a_mistyped_command_is_guessed_and_not_run(wrong: str, meant: str) -> None:
    ended = run(wrong, "x.json")
    assert (ended.code, ended.out) == (2, b"")
    assert f"No such command '{wrong}'; did you mean {meant}?".encode() in ended.err


def test_an_unknown_command_without_a_near_match_gets_no_suggestion() -> None:
    assert b"did you mean" not in run("frobnicate").err


@pytest.mark.parametrize("command", ["parse", "validate", "convert"])
def test_a_refused_capture_gets_a_hint(command: str) -> None:
    Path("calls.jsonl").write_bytes(CALL * 2)
    options = ("--to", "xml") if command == "convert" else ()
    ended = run(command, "calls.jsonl", *options)
    assert ended.code == 1
    assert b"calls.jsonl is a capture: use sgformats check to check its answers" in ended.err
    Path("bad.json").write_bytes(b"[{]")
    assert b"is a capture" not in run(command, "bad.json", *options).err
