"""Redacted bodies, in YAML and in archives, keep their lengths and digests right."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import itertools
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import Exchange, read_capture
from sgformats.codec import parse, validate
from sgformats.errors import CaptureError
from sgformats.redact import Redaction, redact_stream
from tests.captures.warckit import record
from tests.redact.redactkit import (
    CAPTURES,
    FORM,
    JSON,
    PACKERS,
    SECRETS,
    URL,
    anonymised,
    b64,
    redacted,
    remaining,
)

# YAML.


def no_run(text: str) -> bool:
    return re.search("[0-9A-Za-z]{6}", text) is None


STYLES = st.sampled_from([None, "'", '"', "|", ">"])


@given(
    # A run of six letters and digits after a key may be hidden as part of it.
    st.lists(st.text(max_size=30).filter(no_run), min_size=2, max_size=4),
    STYLES,
    st.booleans(),
    st.integers(10, 90),
)
def test_redacted_yaml_has_the_same_values_apart_from_secrets(
    around: list[str], style: str | None, plain: bool, width: int
) -> None:
    text = " api_key=hunter22 ".join(around)
    dumped = yaml.safe_dump(
        {"a": [text, "b"], "c": {"d": text}}, default_style=style, allow_unicode=plain, width=width
    )
    new = redacted(dumped.encode("utf-8", "surrogatepass"), kind="vcr").decode()
    # PyYAML does not read back a folded text that begins with a space.
    written = yaml.safe_load(dumped)
    first, second = written["a"][0], written["c"]["d"]
    assert "api_key=hunter22" in first
    first, second = (each.replace("hunter22", "***") for each in (first, second))
    assert yaml.safe_load(new) == {"a": [first, "b"], "c": {"d": second}}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("api_key: k\n", 'api_key: "***"\n'),
        ("api_key: 'k'\n", "api_key: '***'\n"),
        ("a: &x api_key=k\nb: *x\n", "a: &x api_key=***\nb: *x\n"),
        ("api_key: &x !!str k\n", 'api_key: &x !!str "***"\n'),
        ("a: {api_key: k, b: [c]}\n", 'a: {api_key: "***", b: [c]}\n'),
        ("Cookie:\n  - a=b\n  - c=d\nx: a=b\n", "Cookie:\n  - a=***\n  - c=***\nx: a=b\n"),
        ("a: |-\n  x\n\n  api_key=k\nb: 1\n", "a: |-\n  x\n\n  api_key=***\nb: 1\n"),
        ("a: |\r\n  api_key=k\r\n  x\r\n", "a: |\r\n  api_key=***\r\n  x\r\n"),
        ("a: |2\n   api_key=k\n", 'a: " api_key=***\\n"\n'),
        ("a: 'x\n\n  api_key=k'\n", "a: 'x\n\n  api_key=***'\n"),
        ('a: "\\x61pi_key=k \\\n  x"\n', 'a: "\\x61pi_key=*** \\\n  x"\n'),
        ("- x: [\n- api_key: k\n", '- x: [\n- api_key: "***"\n'),
        ("a: 'api_key=k\n", "a: 'api_key=***\n"),
        ("[" * 300 + "api_key=k", "[" * 300 + "api_key=***"),
        ("a: \x01\napi_key: k\n", 'a: \x01\napi_key: "***"\n'),
    ],
)
def test_secrets_in_yaml_are_hidden_in_their_style(given: str, expected: str) -> None:
    assert redacted(given.encode(), kind="vcr").decode() == expected


# Bodies, lengths, digests.
def test_a_recorded_length_is_updated() -> None:
    data = yaml.safe_load(redacted(CAPTURES["vcr.yaml"]))
    assert data["interactions"][0]["request"]["body"].startswith("api_user=***&api_key=***&")
    entry = {
        "request": {
            "headers": [{"name": "Content-Length", "value": str(len(FORM))}],
            "bodySize": len(FORM),
            "postData": {"text": FORM},
        }
    }
    out = json.loads(redacted(json.dumps({"log": {"entries": [entry]}}).encode()))
    request = out["log"]["entries"][0]["request"]
    size = len(request["postData"]["text"])
    assert size < len(FORM)
    assert request["headers"][0]["value"] == str(size)
    assert request["bodySize"] == size


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
@pytest.mark.parametrize("make", [redacted, anonymised])
def test_digests_and_lengths_of_a_warc_are_updated(
    name: str, make: Callable[[bytes, str], bytes], tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(make(CAPTURES[name], name))
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout.count("digest pass")) == (0, 6), done.stdout
    index = [sys.executable, "-m", "warcio.cli", "index", str(path)]
    rows = subprocess.run(index, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(rows) == 6  # Each record is a gzip member.


def test_a_chunked_body_stays_chunked() -> None:
    out = redacted(CAPTURES["crawl.warc"])
    last = out.rpartition(b"Transfer-Encoding: chunked\r\n\r\n")[2]
    size, _, body = last.partition(b"\r\n")
    assert body[int(size, 16) :] == b"\r\n0\r\n\r\n\r\n\r\n"


def http_redacted(block: bytes) -> bytes:
    """The block of a record after redaction."""
    return redacted(record("response", block)).partition(b"\r\n\r\n")[2].removesuffix(b"\r\n\r\n")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"6\r\napi_ke\r\n5\r\ny=k3y\r\n0\r\n\r\n", b"b\r\napi_key=***\r\n0\r\n\r\n"),
        (b"2\r\n[]\r\n0\r\nX-Api-Key: k3y\r\n\r\n", b"2\r\n[]\r\n0\r\nX-Api-Key: ***\r\n\r\n"),
        (b"b\r\napi_key=k3y\r\n0\r\nX: y\r\n\r\n", b"b\r\napi_key=***\r\n0\r\nX: y\r\n\r\n"),
        (b"6\r\napi_ke\r\n99\r\ny=k3y", b"b\r\napi_key=***\r\n"),
        (b"2\r\n[]\r\nz api_key=k3y", b"2\r\n[]\r\nz api_key=***"),
        (b"api_key=k3y", b"api_key=***"),
    ],
    ids=["whole", "trailer", "kept trailer", "cut", "damaged", "already decoded"],
)
def test_chunks_are_redacted_as_one_body(body: bytes, expected: bytes) -> None:
    assert http_redacted(CHUNKED + body) == CHUNKED + expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"Cookie: a=b1;\r\n c=d2\r\n", b"Cookie: a=***;\r\n c=***\r\n"),
        (b"X-Api-Key:\r\n\tk3y z \r\nX: y\r\n", b"X-Api-Key:\r\n\t*** \r\nX: y\r\n"),
    ],
)
def test_a_header_is_redacted_on_all_its_lines(head: bytes, expected: bytes) -> None:
    first = b"GET / HTTP/1.1\r\n"
    assert http_redacted(first + head + b"\r\n") == first + expected + b"\r\n"


def test_the_body_after_an_interim_answer_is_searched() -> None:
    interim = b"HTTP/1.1 100 Continue\r\nX-Api-Key: k3y\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    new = http_redacted(interim + head + gzip.compress(b"api_key=k3y"))
    hidden = interim.replace(b"k3y", b"***") + head
    assert new.startswith(hidden)
    assert gzip.decompress(new[len(hidden) :]) == b"api_key=***"


def test_a_damaged_body_is_searched_as_bytes() -> None:
    packed = gzip.compress(JSON.encode(), mtime=0)[:20]
    new = http_redacted(b"HTTP/1.1 200 OK\r\n\r\n" + packed + b' "api_key":"k3ylong" ')
    assert new.endswith(packed + b' "api_key":"*******" ')


def test_a_compressed_body_that_is_cut_stays_cut() -> None:
    packed = gzip.compress(JSON.encode() * 50, mtime=0)[:-30]
    line = json.dumps({"url": URL, "body_base64": b64(packed)}).encode() + b"\n"
    out = redacted(line)
    assert remaining(out, SECRETS) == []
    (before,), (after,) = ([*read_captures_of(data)] for data in (line, out))
    assert before.fault is not None
    assert after.fault is not None
    assert after.fault.rule == before.fault.rule == "unreadable-body"


def read_captures_of(data: bytes) -> list[Exchange]:
    """The exchanges of JSON lines."""
    return list(read_capture(io.BytesIO(data), name="x.jsonl"))


def test_a_body_that_cannot_be_searched_is_counted() -> None:
    packed = gzip.compress(b" " * 2000)
    line = json.dumps({"url": "/x", "body_base64": b64(packed)}).encode() + b"\n"
    done = redact_stream(io.BytesIO(line), "x", lambda data: None, max_bytes=1000)
    assert done == Redaction(files=1, changed=0, places=0, opaque=1)
    done = redact_stream(io.BytesIO(line), "x", lambda data: None, max_bytes=2000)
    assert done.opaque == 0


def test_other_bytes_at_the_end_of_a_warc_are_omitted() -> None:
    data = CAPTURES["crawl.warc"] + b"api_key=hunter22\r\n\r\n"
    parts: list[bytes] = []
    with pytest.raises(CaptureError) as caught:
        redact_stream(io.BytesIO(data), "x.warc", parts.append)
    assert (caught.value.reason, caught.value.offset) == (
        "expected a WARC record, found other bytes",
        len(CAPTURES["crawl.warc"]),
    )
    assert b"".join(parts) == redacted(CAPTURES["crawl.warc"])


def test_the_records_after_a_wrong_length_are_redacted() -> None:
    whole = record("resource", b"api_key=hunter22&a=b")
    hidden = record("resource", b"api_key=***&a=b")
    short = whole.replace(b": 20", b": 11")
    parts: list[bytes] = []
    with pytest.raises(CaptureError, match="expected a WARC record, found other bytes"):
        redact_stream(io.BytesIO(short + whole), "x.warc", parts.append)
    cut = record("resource", b"api_key=***")
    assert b"".join(parts) == cut.removesuffix(b"\r\n\r\n") + hidden
    parts.clear()
    long = whole.replace(b": 20", b": 40")
    redact_stream(io.BytesIO(long + whole), "x.warc", parts.append)
    assert b"".join(parts) == hidden + hidden


def test_a_body_in_zstandard_is_searched() -> None:
    packed = zstandard.ZstdCompressor().compress(b'{"message":"api_key=hunter22"}')
    line = json.dumps({"body_base64": b64(packed)}).encode()
    new = base64.b64decode(json.loads(redacted(line, kind="jsonl"))["body_base64"])
    assert PACKERS[".zst"][1](new) == b'{"message":"api_key=***"}'
    for damaged, changed in ((packed[:-4], 1), (packed[:4] + b"\0" * 40, 0)):
        line = json.dumps({"body_base64": b64(damaged)}).encode()
        parts: list[bytes] = []
        done = redact_stream(io.BytesIO(line), "x.jsonl", parts.append)
        assert (done.changed, done.opaque) == (changed, 1)
        assert remaining(b"".join(parts), SECRETS) == []


def test_every_frame_of_a_body_in_zstandard_is_searched() -> None:
    packed = b"".join(map(zstandard.ZstdCompressor().compress, (b'{"a":1,', b'"api_key":"k3y"}')))
    line = json.dumps({"body_base64": b64(packed)}).encode()
    new = base64.b64decode(json.loads(redacted(line, kind="jsonl"))["body_base64"])
    assert PACKERS[".zst"][1](new) == b'{"a":1,"api_key":"***"}'


@pytest.mark.parametrize("cut", [5, -1])
def test_a_warc_that_is_cut_between_records_is_reported(cut: int) -> None:
    packed = gzip.compress(record("resource", b"api_key=k3y"), mtime=0)
    parts: list[bytes] = []
    with pytest.raises(CaptureError, match="expected the rest of the gzip data"):
        redact_stream(io.BytesIO(packed[:cut]), "x.warc.gz", parts.append)
    hidden = [gzip.compress(record("resource", b"api_key=***"), mtime=0)]
    assert parts == (hidden if cut == -1 else [])


def test_a_character_missing_from_the_encoding_becomes_a_reference() -> None:
    data = (
        '<?xml version="1.0" encoding="ISO-8859-2"?><unsubscribes><unsubscribe>'
        "<email>\u010d\u017e\u0161@mail.cz</email></unsubscribe></unsubscribes>"
    ).encode("iso-8859-2")
    new = anonymised(data)
    assert validate(new, "unsubscribes.get") == []
    (record,) = parse(new, "unsubscribes.get").records  # type: ignore[union-attr]
    assert re.fullmatch(r"\w{3}@[a-z]{4}\.cz", record.email)
    assert b"&#" in new
    assert "\u010d" not in record.email


def test_digests_of_every_known_algorithm_are_updated() -> None:
    block = b"api_key=hunter22"
    head = b"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Block-Digest: %b\r\nContent-Length: 16\r\n\r\n"
    hidden = b"api_key=***"
    for name in ("md5", "sha-256", "SHA1"):
        plain = name.replace("-", "").lower()
        old, new = (hashlib.new(plain, data).hexdigest() for data in (block, hidden))
        data = head % f"{name}:{old}".encode() + block + b"\r\n\r\n"
        assert redacted(data) == (
            head.replace(b"16", b"11") % f"{name}:{new}".encode() + hidden + b"\r\n\r\n"
        )
    unknown = redacted(head % b"blake9:abc" + block + b"\r\n\r\n")
    assert unknown == (
        b"WARC/1.0\r\nWARC-Type: resource\r\nContent-Length: 11\r\n\r\n" + hidden + b"\r\n\r\n"
    )


def test_a_cut_record_is_redacted_up_to_its_end() -> None:
    data = b"WARC/1.0\r\nContent-Length: 99\r\n\r\napi_key=hunter22"
    parts: list[bytes] = []
    with pytest.raises(
        CaptureError, match="expected the rest of a record, found the end of the file"
    ):
        redact_stream(io.BytesIO(data), "x", parts.append)
    assert b"".join(parts) == b"WARC/1.0\r\nContent-Length: 11\r\n\r\napi_key=***"


@pytest.mark.parametrize("write", [bytes.hex, b64])
@pytest.mark.parametrize("cuts", [(), (40,), (4, 30, 61)])
def test_the_chunks_of_a_compressed_body_are_redacted_as_one(
    write: Callable[[bytes], str], cuts: tuple[int, ...]
) -> None:
    body = json.dumps([{"email": "isaac@hotmail.comm", "reason": "api_key=hunter2hunter"}]).encode()
    packed = gzip.compress(body, mtime=0)
    places = (0, *cuts, len(packed))
    text = json.dumps([write(packed[a:b]) for a, b in itertools.pairwise(places)])
    content = {"text": text, "_isBinary": True}
    call = {"request": {"url": URL}, "response": {"status": 200, "content": content}}
    new = anonymised(json.dumps({"log": {"entries": [call]}}).encode(), "x.har")
    (exchange,) = read_capture(io.BytesIO(new), name="x.har")
    assert exchange.fault is None and exchange.body is not None
    (record,) = json.loads(exchange.body)
    assert record["reason"] == "api_key=***"
    assert record["email"] != "isaac@hotmail.comm" and len(record["email"]) == 18


def test_a_processing_instruction_that_contains_tags_is_no_part_of_the_value() -> None:
    given = (
        "<spamreports><spamreport><ip>0<?php echo '<a>' ?>0</ip><email/></spamreport></spamreports>"
    )
    new = anonymised(given.encode()).decode()
    assert re.fullmatch(re.escape(given).replace("0", "[0-9]*", 2), new)
    assert len(new) == len(given)
