"""Web archives that are large, damaged or cut."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from sgformats.captures import warc
from sgformats.captures.exchange import Exchange
from sgformats.captures.reading import read_captures
from sgformats.errors import CaptureError
from tests.captures.warckit import (
    BARE,
    FIRST,
    FORM,
    INFO,
    PAIRS,
    URL,
    all_of,
    answer,
    facts,
    fault_of,
    read,
    record,
    request,
)


def test_a_record_that_is_too_large_is_skipped() -> None:
    data = (
        answer(1, b"x" * 1_100_000) + request(1) + answer(2, b"x" * 20, BARE) + answer(3, url=BARE)
    )
    found, error = read(data, max_bytes=10)
    message = "expected at most 10 bytes, found more; a larger max_bytes allows more"
    assert error is None
    assert [fault_of(e) for e in found] == [
        ("too-large", message, 0),
        ("too-large", message, 0),
        None,
    ]
    assert [e.verb for e in found] == ["GET", None, None]


@pytest.mark.parametrize("damage", [b"junk\r\n", b"HTTP/1.1 200 OK\r\n", b"\0" * 9])
def test_bytes_between_records_are_reported_and_skipped(damage: bytes) -> None:
    whole = INFO + answer(1) + FIRST
    found, error = read(whole + damage + PAIRS)
    assert error is None
    gaps = [exchange for exchange in found if exchange.fault is not None]
    others = [facts(exchange) for exchange in found if exchange.fault is None]
    assert others == [facts(exchange) for exchange in read(whole + PAIRS)[0]]
    assert [(gap.source.line, gap.source.offset) for gap in gaps] == [
        (whole.count(b"\n") + 1, len(whole))
    ]
    (fault,) = (gap.fault for gap in gaps)
    assert fault is not None and fault.rule == "unreadable-entry"
    assert fault.message.startswith('expected a record of WARC/1.0 or WARC/1.1, found "')
    assert fault.message.endswith(f"; {len(damage)} bytes precede the next record")


def test_junk_after_the_last_record_is_damage() -> None:
    whole = INFO + answer(1) + FIRST
    found, error = read(whole + b"junk\r\nmore\r\n")
    assert [facts(exchange) for exchange in found] == [(URL, "GET", 200, b"[]")]
    assert error is not None
    assert error.reason == 'expected a record of WARC/1.0 or WARC/1.1, found "junk"'
    assert (error.line, error.offset) == (whole.count(b"\n") + 1, len(whole))


BODY = b'[{"email":"a@b.example","reason":"r"}]'


@pytest.mark.parametrize("wrong", [-40, -9, -1, 1, 3, 4, 5, 9, 40, 100])
@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_a_wrong_length_loses_no_other_record(wrong: int, newline: bytes) -> None:
    url = "https://h.example/api/invalidemails.get.json?api_user=u&api_key=k"
    data = b"".join(answer(n, BODY, url) for n in range(3))
    length = data.index(b"Content-Length: ") + 16
    end = data.index(b"\r", length)
    stated = int(data[length:end])
    data = data[:length] + b"%d" % (stated + wrong) + data[end:]
    if newline == b"\n":
        data = data.replace(b"\r\n\r\nWARC", b"\n\nWARC")
    found, error = read(data)
    assert error is None
    bodies = [exchange.body for exchange in found if exchange.fault is None]
    assert bodies[-2:] == [BODY, BODY]
    first = bodies[0] if len(bodies) == 3 else b""
    gaps = [exchange for exchange in found if exchange.fault is not None]
    assert first is not None and (BODY.startswith(first) or first.rstrip() == BODY)
    assert first.rstrip() == BODY or gaps


@pytest.mark.parametrize("length", ["", "x", "-5", "1e3", "9" * 30])
def test_a_record_without_its_length_is_damage(length: str) -> None:
    broken = f"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: {length}\r\n\r\n".encode()
    found, error = read(answer(1) + broken + b"x")
    assert len(found) == 1
    assert error is not None
    assert error.reason == "expected a record with its Content-Length, found none"
    assert error.offset == len(answer(1))


def test_the_size_of_headers_is_limited() -> None:
    broken = b"WARC/1.0\r\n" + b"a: b\r\n" * 300_000
    _, error = read(broken)
    assert error is not None
    assert error.reason == "expected the end of a record's headers, found more lines"
    assert error.offset == 1024 * 1024


def test_a_cut_anywhere_keeps_complete_entries_before_it() -> None:
    whole = all_of(PAIRS)
    # At the end of a record the cut is not detectable; only half of a pair may be left.
    ends = [
        at for at in range(len(PAIRS) + 1) if PAIRS[at:].startswith(b"WARC/1.0") or at == len(PAIRS)
    ]
    clean = {end - trailing for end in ends for trailing in (0, 2, 4)} | {0}
    for length in range(len(PAIRS)):
        found, error = read(PAIRS[:length])
        assert (error is None) == (length in clean), length
        if error is not None:
            assert error.offset is not None
            assert error.offset <= length
            if ends[2] < length < ends[3] - 4:  # The file has no calls so far.
                assert [facts(exchange) for exchange in found] == [(URL, None, 200, b"[\r\n]")]
            elif length > ends[2]:
                assert found == whole[: 1 if length < ends[5] - 4 else 2]
        else:
            assert found[:-1] == whole[: len(found)][:-1]


def test_a_half_pair_before_damage_is_dropped_if_there_are_calls() -> None:
    data = answer(1) + FIRST + request(2, BARE, FORM) + answer(2, url=BARE)[:-20]
    found, error = read(data)
    assert error is not None
    assert [facts(exchange) for exchange in found] == [(URL, "GET", 200, b"[]")]
    found, error = read(answer(1) + answer(2) + answer(3)[:-20])
    assert error is not None
    assert [facts(exchange) for exchange in found] == [(URL, None, 200, b"[]")] * 2


def test_a_failing_stream_gives_everything_before(tmp_path: Path) -> None:
    members = b"".join(map(gzip.compress, (INFO, answer(1), FIRST, answer(2))))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(members)
    assert [e.status for e in read_captures(path)] == [200, 200]
    path.write_bytes(members[:-30])
    found = []
    with pytest.raises(CaptureError, match="gzip data"):
        for exchange in read_captures(path):
            found.append(exchange)
    assert [facts(exchange) for exchange in found] == [(URL, "GET", 200, b"[]")]


def test_a_changed_byte_never_raises_anything_else() -> None:
    chance = random.Random(5)
    for _ in range(2000):
        data = bytearray(PAIRS)
        for _ in range(chance.randint(1, 3)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        found, error = read(bytes(data))
        assert error is not None or len(found) >= 1


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_file() -> None:
    class Many(io.RawIOBase):
        def __init__(self) -> None:
            self.left = 3000
            self.buffer = b""

        def readline(self, size: int | None = -1, /) -> bytes:
            at = self.filled().find(b"\n") + 1
            return self.read(at)

        def read(self, size: int = -1) -> bytes:
            data, self.buffer = self.filled()[:size], self.buffer[size:]
            return data

        def filled(self) -> bytes:
            while len(self.buffer) < 10_000 and self.left:
                self.buffer += answer(1, b"x" * 4000) + record("metadata", b"x" * 4000)
                self.left -= 1
            return self.buffer

    def count() -> Iterator[Exchange]:
        return warc.read(cast(BinaryIO, Many()), "a.warc")

    tracemalloc.start()
    assert sum(1 for _ in count()) == 3000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000
