"""Files and folders: the kind of each capture is detected, and none affects another."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

import sgformats
from sgformats.captures import KINDS, find_captures, read_capture, read_captures
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.kinds import HEAD, find_kind
from sgformats.contract.check import check
from sgformats.errors import ArgumentError, CaptureError, SgformatsError
from sgformats.testing import CaptureCase, load_capture_cases
from sgformats.testing.captures import ExpectedBody, ExpectedDamage, ExpectedExchange

URL = "https://sendgrid.com/api/bounces.get.json?api_user=u&api_key=k"
XML = b'<?xml version="1.0"?>\n<invalidemails/>\n'
LOG = f"x\n12:00:00 GET {URL} []\n".encode()
LINES = f'{{"url":"{URL}","body":[]}}\n'.encode()
HAR = json.dumps({"log": {"version": "1.2", "creator": {}, "entries": []}}).encode()
CASES = load_capture_cases()


@pytest.mark.parametrize(
    ("head", "name", "kind"),
    [
        (LINES, "x", "jsonl"),
        (b"\n\r\nbroken\n" + LINES, "x.txt", "jsonl"),
        (b"\xef\xbb\xbf" + LINES, "x.log", "jsonl"),
        (b'{"body_base64":"W10="}', "x.json", "jsonl"),
        (b'{"time":"' + b"x" * HEAD, "x", "payload"),
        ((b'{"url":"' + b"x" * HEAD)[:HEAD], "x", "jsonl"),
        (b"broken", "x.JSONL", "jsonl"),
        (b"", "x.ndjson", "jsonl"),
        (LOG, "x", "log"),
        (LOG, "x.txt", "log"),
        (LOG, "x.xml", "log"),
        (b"nothing of note", "x.log", "log"),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", "x", "log"),
        (b"[2009-06-10 12:40:30] GET " + URL.encode(), "x", "log"),
        (b"[]\n" + LOG, "x.log", "log"),
        (XML, "x", "payload"),
        (XML, "x.log", "log"),
        (b'[{"email":"a","reason":"see ' + URL.encode() + b'"}]', "x.json", "payload"),
        (b"{}\n" + LOG, "x", "log"),
        (b"<r>\n</r>\n" + LOG, "x", "log"),
        (b"<r>\n" + LOG, "x", "payload"),
        (b"<r>see\n" + URL.encode() + b"</r>", "x", "payload"),
        (b'{"message":"success"}', "x.json", "payload"),
        (b'{"message":"interactions"}', "x.json", "payload"),
        (b"", "x", "payload"),
        (b"", "x.har", "har"),
        (b"\x89PNG\r\n\x1a\n", "x.png", "payload"),
        (HAR, "x", "har"),
        (b"\xef\xbb\xbf" + HAR, "x.json", "har"),
        (b'\n{ "log" : {"pages": [', "x", "har"),
        (b'{"lo', "x.HAR", "har"),
        (b"WARC/1.0\r\n", "x", "warc"),
        (b"", "x.warc", "warc"),
        (b"---\nhttp_interactions:\n- request:\n", "x", "vcr"),
        (b"interactions:\n- request:\n", "x.txt", "vcr"),
        (b"# recorded\n---\nversion: 1\ninteractions:\n", "x", "vcr"),
        (b"-\n    request:\n        method: GET\n", "x", "vcr"),
        (b"", "x.yaml", "vcr"),
        (b'{"http_interactions": [', "x.json", "vcr-json"),
        (b'{"version": 1, "interactions": [', "x", "vcr-json"),
        (b'[{"request": {', "x.json", "vcr-json"),
    ],
)
def test_a_kind_is_recognised_by_content_and_name(head: bytes, name: str, kind: str) -> None:
    assert find_kind(head, name, {}).name == kind


def test_json_lines_are_recognised_by_the_fields_that_the_caller_names() -> None:
    line = b'{"req":{"target":"x"}}\n'
    assert find_kind(line, "x", {}).name == "payload"
    assert find_kind(line, "x", {"url": "req.target"}).name == "jsonl"
    long = (b'{"req":{"target":"' + b"x" * HEAD)[:HEAD]
    assert find_kind(long, "x", {"url": "req.target"}).name == "jsonl"


@given(st.binary(max_size=300), st.sampled_from(["x", "x.log", "x.json", "x.har", "x.yml", "x.xz"]))
def test_any_bytes_have_a_kind_and_raise_only_documented_errors(data: bytes, name: str) -> None:
    try:
        found = list(read_capture(io.BytesIO(data), name=name))
    except SgformatsError as error:
        assert isinstance(error, CaptureError)
        assert error.file == name
    else:
        assert all(exchange.source.file == name for exchange in found)


@pytest.mark.parametrize("data", [HAR, LINES, LOG, XML, b"---\ninteractions: []\n"])
def test_white_space_takes_linear_time(data: bytes) -> None:
    assert find_kind(b" \n" * (HEAD // 2), "x", {}).name == "payload"
    find_kind(b" \n" * 1000 + data, "x", {})


def content(exchange: Exchange) -> tuple[str, str | None, bytes | None]:
    return (os.path.basename(exchange.source.file), exchange.url, exchange.body)


def test_a_file_that_is_one_payload_is_an_exchange_without_call_and_place(tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    for payload in (XML, b"", b"\xef\xbb\xbf[]", b"<html>", b"\0\1"):
        path.write_bytes(payload)
        assert list(read_captures(path)) == [Exchange(None, None, None, payload, Source(str(path)))]


def test_a_payload_that_is_too_large_is_named() -> None:
    for data in (XML, gzip.compress(XML)):
        (found,) = read_capture(io.BytesIO(data), name="x", max_bytes=len(XML) - 1)
        assert found.fault is not None
        assert (found.body, found.fault.rule) == (b"", "too-large")
        (found,) = read_capture(io.BytesIO(data), name="x", max_bytes=len(XML))
        assert (found.body, found.fault) == (XML, None)


def test_a_folder_is_read_to_its_last_file(tmp_path: Path) -> None:
    (tmp_path / "b" / "c").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x.log").write_bytes(LOG)
    (tmp_path / ".hidden.log").write_bytes(LOG)
    (tmp_path / "z.log").write_bytes(LOG)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(LINES))
    (tmp_path / "b" / "c" / "x.xml.bz2").write_bytes(bz2.compress(XML))
    (tmp_path / "b" / "y.xml.xz").write_bytes(lzma.compress(XML))
    (tmp_path / "b" / "y.log.zst").write_bytes(zstandard.ZstdCompressor().compress(LOG))
    os.mkfifo(tmp_path / "pipe")
    message = f"{tmp_path}/pipe: cannot read it: it is a pipe or a device"
    exchanges: list[Exchange] = []
    paths: list[str] = []
    with pytest.raises(CaptureError) as caught:
        exchanges.extend(read_captures(tmp_path))
    assert str(caught.value) == message
    with pytest.raises(CaptureError) as caught:
        paths.extend(find_captures(tmp_path))
    assert str(caught.value) == message
    assert [content(exchange) for exchange in exchanges] == [
        ("a.jsonl.gz", URL, b"[]"),
        ("z.log", URL, b"[]"),
        ("y.log.zst", URL, b"[]"),
        ("y.xml.xz", None, XML),
        ("x.xml.bz2", None, XML),
    ]
    found = [os.path.relpath(path, tmp_path) for path in paths]
    assert found == ["a.jsonl.gz", "z.log", "b/y.log.zst", "b/y.xml.xz", "b/c/x.xml.bz2"]


def test_a_damaged_file_is_read_as_far_as_possible_and_the_folder_to_its_end(
    tmp_path: Path,
) -> None:
    cut = gzip.compress(LINES * 2)[:-9]
    (tmp_path / "a.jsonl.gz").write_bytes(cut)
    (tmp_path / "b.jsonl.gz").write_bytes(cut[:5])
    (tmp_path / "c.log").write_bytes(LOG)
    (tmp_path / "d").symlink_to(tmp_path / "nowhere")
    found: list[tuple[str, str | None, bytes | None]] = []
    with pytest.raises(CaptureError) as damage:
        found.extend(content(exchange) for exchange in read_captures(tmp_path))
    first = ("a.jsonl.gz", URL, b"[]")
    assert found == [first, first, ("c.log", URL, b"[]")]
    assert damage.value.file == str(tmp_path / "a.jsonl.gz")
    assert damage.value.reason == (
        "expected the rest of the gzip data, found the end of the file "
        "(and 2 more could not be read to the end)"
    )
    assert (damage.value.line, damage.value.offset) == (3, 2 * len(LINES))


def test_a_folder_of_one_damaged_file_gives_its_error(tmp_path: Path) -> None:
    (tmp_path / "x.log").symlink_to(tmp_path / "nowhere")
    with pytest.raises(CaptureError) as damage:
        list(read_captures(tmp_path))
    assert damage.value.reason == "cannot read it: No such file or directory"


def test_a_missing_folder_is_not_an_empty_folder(tmp_path: Path) -> None:
    assert list(read_captures(tmp_path)) == []
    for path in (str(tmp_path / "no"), "a\0b"):
        with pytest.raises(CaptureError) as refused:
            list(read_captures(path))
        shown = path.replace("\0", "\\x00")
        assert str(refused.value) == f"{shown}: no such file or folder"


def test_an_exchange_is_yielded_before_the_next_is_read() -> None:
    class Slow(io.RawIOBase):
        reads = 0

        def read(self, size: int = -1, /) -> bytes:
            self.reads += 1
            return LINES * 2000 if self.reads < 9 else b""

    stream = Slow()
    found = read_capture(cast("BinaryIO", stream))
    assert stream.reads == 0
    assert next(found).url == URL
    assert stream.reads == 1


def test_a_stream_stays_open_and_has_a_name() -> None:
    stream = io.BytesIO(XML)
    (found,) = read_capture(stream)
    assert (found.source, stream.closed) == (Source("<stream>"), False)
    (found,) = read_capture(io.BytesIO(XML), name="stdin")
    assert found.source == Source("stdin")


def test_the_caller_may_set_the_kind() -> None:
    (found,) = read_capture(io.BytesIO(LINES), kind="payload")
    assert found.body == LINES
    rules = [e.fault and e.fault.rule for e in read_capture(io.BytesIO(XML), kind="jsonl")]
    assert rules == ["unreadable-entry", "unreadable-entry"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "xml"}, f'expected a kind such as {", ".join(KINDS)}, found "xml"'),
        (
            {"fields": {"uri": "x"}},
            "expected a field of url, verb, status, content_type, "
            'content_encoding, body, body_base64, request_body, time, found "uri"',
        ),
        ({"fields": {"url": 5}}, "expected the key for url as str"),
        ({"fields": {"url": ""}}, "expected the key for url as str"),
        ({"max_bytes": 0}, "expected a number of bytes, at least 1, as max_bytes"),
        ({"max_bytes": "1"}, "expected a number of bytes, at least 1, as max_bytes"),
    ],
)
def test_a_wrong_argument_raises_at_once(arguments: dict[str, Any], message: str) -> None:
    for call in (read_captures, read_capture):
        with pytest.raises(ArgumentError) as refused:
            call("x", **arguments)
        assert str(refused.value) == message


def test_a_path_is_a_path() -> None:
    with pytest.raises(ArgumentError, match="expected a path as str, found int"):
        read_captures(5)  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="expected a path or a binary file, found int"):
        read_capture(5)  # type: ignore[arg-type]
    assert sgformats.read_captures is read_captures


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_shipped_capture_matches_its_expectation(case: CaptureCase) -> None:
    found = []
    damage = None
    try:
        for exchange in read_capture(case.path, fields=case.fields):
            body = exchange.body
            found.append(
                ExpectedExchange(
                    operation=exchange.request.operation if exchange.request else None,
                    status=exchange.status,
                    entry=exchange.source.entry,
                    line=exchange.source.line,
                    offset=exchange.source.offset,
                    body=None
                    if body is None
                    else ExpectedBody(len(body), hashlib.sha256(body).hexdigest()),
                    rules=tuple(problem.rule for problem in check(exchange)),
                )
            )
    except CaptureError as error:
        damage = ExpectedDamage(error.line, error.offset)
    assert tuple(found) == case.exchanges
    assert damage == case.damage


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_kind_of_a_shipped_capture_is_detected(case: CaptureCase) -> None:
    from sgformats.captures.opening import Opened, open_path

    with open_path(str(case.path)) as file:
        opened = Opened(file, case.name)
        assert find_kind(opened.peek(HEAD), opened.name, case.fields).name == case.kind


EXPECTED: dict[str, Any] = {"why": "x", "kind": "payload", "exchanges": []}


def write(folder: Path, name: str, **said: Any) -> None:
    (folder / name).write_bytes(XML)
    (folder / f"{name}.expected.json").write_text(json.dumps({**EXPECTED, **said}), "utf-8")


def defects(folder: Path) -> list[str]:
    with pytest.raises(ArgumentError) as refused:
        load_capture_cases(folder)
    return str(refused.value).splitlines()


def test_a_case_is_a_capture_and_its_expectation(tmp_path: Path) -> None:
    write(tmp_path, "a.xml")
    write(tmp_path, "a.xml.gz", damage={"line": 1, "offset": 2}, fields={"url": "x"})
    (tmp_path / "README.md").write_text("Not a case.")
    (tmp_path / ".hidden").write_text("Not a case.")
    assert load_capture_cases(tmp_path) == (
        CaptureCase("a.xml", tmp_path / "a.xml", "x", "payload", ()),
        CaptureCase(
            "a.xml.gz",
            tmp_path / "a.xml.gz",
            "x",
            "payload",
            (),
            ExpectedDamage(1, 2),
            {"url": "x"},
        ),
    )


def test_orphans_and_empty_folders_are_refused(tmp_path: Path) -> None:
    assert defects(tmp_path) == [f"{tmp_path}: expected a case, found an empty folder"]
    assert defects(tmp_path / "no") == [f"{tmp_path / 'no'}: expected a folder"]
    (tmp_path / "a.log").write_bytes(LOG)
    (tmp_path / "b.log.expected.json").write_text("{}")
    assert defects(tmp_path) == [
        "a.log: missing a.log.expected.json beside it",
        "b.log.expected.json: missing b.log beside it",
    ]


@pytest.mark.parametrize(
    ("said", "defect"),
    [
        ({"mode": 1}, "Object contains unknown field `mode`"),
        ({"why": ""}, "`why` is empty"),
        ({"kind": "zip"}, "no kind 'zip'"),
        (
            {
                "exchanges": [
                    {
                        "operation": "x.y",
                        "status": None,
                        "entry": 1,
                        "line": None,
                        "offset": None,
                        "body": None,
                        "rules": ["z"],
                    }
                ]
            },
            "entry 1 is at index 0; no operation 'x.y'; no rule 'z'",
        ),
    ],
)
def test_an_invalid_expectation_is_refused(
    tmp_path: Path, said: dict[str, Any], defect: str
) -> None:
    write(tmp_path, "case", **said)
    assert defects(tmp_path) == [f"case: {defect}"]


def test_the_corpus_of_payloads_does_not_include_the_captures(tmp_path: Path) -> None:
    from sgformats.testing import load_corpus

    (tmp_path / "captures").mkdir()
    (tmp_path / "captures" / "orphan.xml").write_bytes(XML)
    (tmp_path / "other" / "captures").mkdir(parents=True)
    (tmp_path / "other" / "captures" / "orphan.xml").write_bytes(XML)
    with pytest.raises(ArgumentError) as refused:
        load_corpus(tmp_path)
    expected = "other/captures/orphan: missing orphan.expect.json beside orphan.xml"
    assert str(refused.value) == expected
