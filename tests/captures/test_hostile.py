"""Hostile captures: every call raises only documented errors.

Every kind of capture of the corpus is damaged in its bytes and in its structure: values too deep,
too long or of another type, keys twice, lengths and encodings that lie, compressed or not.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from random import Random

import pytest
import zstandard

from sgformats.captures import KINDS, read_captures
from sgformats.captures.opening import Opened
from sgformats.census import take_census
from sgformats.contract.check import check
from sgformats.contract.drift import compare_captures
from sgformats.contract.run import check_captures
from sgformats.errors import CaptureError, SgformatsError
from sgformats.extract import extract
from sgformats.redact import Anonymiser, redact_capture
from sgformats.testing.captures import load_capture_cases

DEEP = 1_500
DIGITS = b"1" * 4_301
# Replacements for a value of any type.
VALUES: tuple[bytes, ...] = (
    *(b"[" * DEEP, b'{"a":' * DEEP, b"[" * DEEP + b"]" * DEEP, b"<a>" * DEEP, b"- " * DEEP),
    *(DIGITS, b"-" + DIGITS, b"0." + DIGITS, b"1e" + DIGITS, b'"' + DIGITS + b'"', b"1e999"),
    *(b"null", b"true", b"[]", b"{}", b'""', b"0", b"-1", b"[null]", b'{"":{}}', b'[["a"]]'),
    *(b"\0", b'"\\u0000"', b'"\\ud800"', b'"\\', b"\xff\xfe", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b"gzip", b"chunked", b"utf-16", b"idna", b"rot13", b'"base64"', b"zlib_codec", b"!!python/x"),
    *(b"*a", b"&a [*a, *a]", b"!!binary x", b"%", b"%TAG", b"//[", b"http://[::1", b"\r", b"\n\n"),
    *(b"9999-12-31T23:59:59-14:00", b"0000-00-00 00:00:00", b"4294967296", b"\xd9\xa1\xd9\xa2"),
)
_VALUE = re.compile(rb'"(?:[^"\\]|\\.)*"|[0-9]+|[\w./:+-]+|[^\s\w]', re.DOTALL)
_MEMBER = re.compile(rb'"[^"\\]*"\s*:\s*(?:"(?:[^"\\]|\\.)*"|[0-9]+)|[^\n]*\n')
PACK: Mapping[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": lambda data: gzip.compress(data, 1),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
    ".gz.gz": lambda data: gzip.compress(zlib.compress(data)),
}


def _seeds() -> Iterator[tuple[str, bytes]]:
    for case in load_capture_cases():
        opened = Opened(BytesIO(case.path.read_bytes()), case.name)
        try:
            yield opened.name, opened.peek(1 << 20)
        except CaptureError:
            continue
    record = b"GET /api/bounces.get.xml?api_user=u&api_key=k&limit=2 HTTP/1.1\r\n\r\n"
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n"
    yield (
        "plain.log",
        record + answer + b'curl -d "api_key=k" https://x.test/api/blocks.get.json\n[]\n',
    )
    nock = b'[{"scope":"https://x.test","method":"GET","path":"/api/bounces.get.json","body":"",'
    yield "nock.json", nock + b'"status":200,"response":["5b5d"],"rawHeaders":["A","b"]}]'


SEEDS = dict(_seeds())


def damaged(data: bytes, chance: Random) -> bytes:
    """A capture with one to three faults."""
    for _ in range(chance.randint(1, 3)):
        fate = chance.randrange(7)
        at, other = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        if fate == 0:
            data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
        elif fate == 1:
            data = data[:at]
        elif fate == 2:
            data = data[:at] + data[other:]
        elif fate == 3:
            data = data[:at] + chance.choice(VALUES) + data[at:]
        else:
            pattern = _MEMBER if fate == 4 else _VALUE
            found = pattern.search(data, at) or pattern.search(data)
            if found is not None:
                new = chance.choice(VALUES) if fate > 4 else found[0] + b"," + found[0]
                data = data[: found.start()] + new + data[found.end() :]
    return data


def _read(path: Path, out: Path, kind: str | None) -> None:
    for exchange in read_captures(path, kind=kind):
        assert repr(exchange)
        for problem in check(exchange):
            assert str(problem)


def _check(path: Path, out: Path, kind: str | None) -> None:
    for outcome in check_captures([str(path)]):
        assert outcome.source.file == str(path)


def _census(path: Path, out: Path, kind: str | None) -> None:
    assert take_census([path], kind=kind).to_dict()


def _redact(path: Path, out: Path, kind: str | None) -> None:
    redact_capture(path, out / "redacted", kind=kind, anonymise=Anonymiser("salt"))


def _diff(path: Path, out: Path, kind: str | None) -> None:
    for outcome in compare_captures(str(path), str(path)):
        assert outcome.source.file == str(path)


def _extract(path: Path, out: Path, kind: str | None) -> None:
    extract(path, out / "records.jsonl", workers=1)


CALLS = (_read, _check, _census, _redact, _diff, _extract)


def _try(call: Callable[[Path, Path, str | None], None], path: Path, kind: str | None) -> None:
    # Any other error fails the test, with the file and the call in its trace.
    with suppress(SgformatsError):
        call(path, path.parent, kind)


def _attack(name: str, data: bytes, folder: Path, chance: Random, packing: str) -> Path:
    packed = PACK[packing](damaged(data, chance))
    if packing and chance.random() < 0.5:
        packed = damaged(packed, chance)
    path = folder / (name + packing)
    path.write_bytes(packed)
    return path


def _all(name: str, data: bytes, folder: Path, chance: Random, rounds: int) -> None:
    for _ in range(rounds):
        packing = chance.choice((*PACK, *[""] * 6))
        kind = chance.choice((*KINDS, *[None] * 12))
        path = _attack(name, data, folder, chance, packing)
        for call in CALLS:
            _try(call, path, kind)


@pytest.mark.parametrize("name", SEEDS)
def test_a_damaged_capture_raises_only_documented_errors(name: str, tmp_path: Path) -> None:
    _all(name, SEEDS[name], tmp_path, Random(name), rounds=2)


@pytest.mark.thorough
@pytest.mark.parametrize("name", SEEDS)
def test_many_damaged_captures_raise_only_documented_errors(name: str, tmp_path: Path) -> None:
    _all(name, SEEDS[name], tmp_path, Random(f"{name} thorough"), rounds=60)


@pytest.mark.parametrize("kind", [None, *KINDS])
@pytest.mark.parametrize(
    "value", [b"[" * DEEP, DIGITS, b'{"a":' * DEEP], ids=["deep", "long", "both"]
)
def test_a_hostile_value_raises_only_documented_errors(
    value: bytes, kind: str | None, tmp_path: Path
) -> None:
    for number, data in enumerate(
        (value, b"{" + value, b'{"count":1,' + value, b'{"url":' + value)
    ):
        path = tmp_path / f"{number}.txt"
        path.write_bytes(data)
        for call in CALLS:
            _try(call, path, kind)
