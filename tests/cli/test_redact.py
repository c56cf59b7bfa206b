"""`sgformats redact`: a capture without secrets, written whole or not at all."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest

from tests.cli.clikit import CALLS, run, shell

SECRET = b"s3cret-passw0rd"
RAW = CALLS.replace(b"api_key=***", b"api_key=" + SECRET).replace(
    b'"isaac\\"', b'"i@hotmail.comm\\"'
)


@pytest.fixture(autouse=True)
def calls() -> None:
    Path("calls.jsonl").write_bytes(RAW)


def test_secrets_are_removed_and_everything_else_is_unchanged() -> None:
    assert SECRET in RAW
    ended = run("redact", "calls.jsonl", "-o", "out.jsonl")
    assert ended == (0, b"1 file written, 1 of them changed\n", b"")
    expected = RAW.replace(b"api_key=" + SECRET, b"api_key=***").replace(b"=sam", b"=***")
    assert Path("out.jsonl").read_bytes() == expected
    assert Path("calls.jsonl").read_bytes() == RAW


def test_text_without_secrets_is_unchanged() -> None:
    ended = run("redact", "answers/bounces.xml", "-o", "out.xml")
    assert ended == (0, b"1 file written, 0 of them changed\n", b"")
    assert Path("out.xml").read_bytes() == Path("answers/bounces.xml").read_bytes()


def test_the_user_can_be_kept() -> None:
    run("redact", "calls.jsonl", "-o", "out.jsonl", "--keep-user")
    expected = RAW.replace(b"api_key=" + SECRET, b"api_key=***")
    assert Path("out.jsonl").read_bytes() == expected


def test_fake_addresses_keep_their_shape_and_depend_on_the_salt() -> None:
    options = ("redact", "calls.jsonl", "--anonymise", "-o")
    for name, salt in (("a", ("--salt", "x")), ("b", ("--salt", "x")), ("c", ("--salt", "y"))):
        assert run(*options, name, *salt).code == 0
    assert run(*options, "d").code == run(*options, "e", SGFORMATS_SALT="x").code == 0
    a, b, c, d, e = (Path(name).read_bytes() for name in "abcde")
    assert a == b == e != c
    assert len({a, c, d}) == 3
    assert b"i@hotmail.comm" not in a + c + d
    assert b".comm" in a
    assert len(a) == len(d)
    again = run("check", "a", "--kind", "jsonl", "--report", "json")
    before = run("check", "calls.jsonl", "--report", "json", "--ignore", "secret-in-url")
    assert again.out == before.out.replace(b"calls.jsonl", b"a")


def test_the_output_may_be_the_capture_itself() -> None:
    assert run("redact", "calls.jsonl", "-o", "calls.jsonl").code == 0
    assert SECRET not in Path("calls.jsonl").read_bytes()
    assert sorted(os.listdir()) == ["answers", "calls.jsonl"]


def test_a_folder_is_written_as_a_folder() -> None:
    Path("in/deep").mkdir(parents=True)
    Path("in/a.jsonl").write_bytes(RAW)
    Path("in/deep/b.jsonl.gz").write_bytes(gzip.compress(RAW))
    Path("in/deep/c.json").write_bytes(b"[]")
    ended = run("redact", "in", "-o", "out")
    assert ended == (0, b"3 files written, 2 of them changed\n", b"")
    assert SECRET not in gzip.decompress(Path("out/deep/b.jsonl.gz").read_bytes())
    assert Path("out/deep/c.json").read_bytes() == b"[]"


def test_standard_input_and_output() -> None:
    run("redact", "calls.jsonl", "-o", "out.jsonl")
    expected = Path("out.jsonl").read_bytes()
    assert run("redact", "-", "-o", "-", input=RAW) == (0, expected, b"")
    assert run("redact", "calls.jsonl", "-o", "-") == (0, expected, b"")
    assert run("redact", "-", "-o", "other", input=RAW) == (0, b"", b"")
    assert Path("other").read_bytes() == expected
    closed = shell("sgformats redact - -o out <&-")
    assert closed == (2, b"", b"sgformats: cannot read standard input: it is closed\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["calls.jsonl"], "Missing option '-o' / '--output'. See: sgformats redact --help"),
        (["none", "-o", "out"], "none: cannot read it: No such file or directory"),
        (["calls.jsonl", "-o", "out", "--salt", "x"], "expected --anonymise with --salt"),
    ],
)
def test_an_impossible_job_is_one_line_and_code_2(arguments: list[str], message: str) -> None:
    ended = run("redact", *arguments)
    assert ended == (2, b"", f"sgformats: {message}\n".encode())
    assert sorted(os.listdir()) == ["answers", "calls.jsonl"]


def test_an_output_that_cannot_be_written_completely_is_unchanged() -> None:
    Path("calls.jsonl").write_bytes(RAW * 50)
    Path("out.jsonl").write_bytes(b"before")
    ended = shell("trap '' XFSZ; ulimit -f 1; sgformats redact calls.jsonl -o out.jsonl")
    assert ended == (2, b"", b"sgformats: out.jsonl: cannot write it: File too large\n")
    assert Path("out.jsonl").read_bytes() == b"before"
    assert sorted(os.listdir()) == ["answers", "calls.jsonl", "out.jsonl"]


def test_an_answer_that_cannot_be_decoded_is_reported() -> None:
    line = (
        '{"url":"/api/bounces.get.json?api_user=u&api_key=k","content_encoding":"gzip",'
        '"body_base64":"H4sIAAAAAAAAA/////8="}'
    )
    Path("calls.jsonl").write_text(line)
    ended = run("redact", "calls.jsonl", "-o", "out.jsonl")
    assert (ended.code, ended.out, ended.err) == (
        1,
        b"1 file written, 1 of them changed\n",
        b"sgformats: 1 answer could not be decoded, and may hold secrets\n",
    )


def test_a_truncated_capture_is_code_2_and_written_as_far_as_readable() -> None:
    Path("cut.jsonl.gz").write_bytes(gzip.compress(RAW)[:-9])
    ended = run("redact", "cut.jsonl.gz", "-o", "out.jsonl.gz")
    assert (ended.code, ended.out) == (2, b"")
    assert ended.err.startswith(b"sgformats: cut.jsonl.gz")
    assert SECRET not in gzip.decompress(Path("out.jsonl.gz").read_bytes())
