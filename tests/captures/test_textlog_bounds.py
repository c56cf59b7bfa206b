"""Text logs of any bytes: cut, joined, hostile or long."""

from __future__ import annotations

import gzip
import io
import random
import tracemalloc
from itertools import pairwise
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures import read_capture
from sgformats.errors import CaptureError
from tests.captures.textlogkit import (
    CASES,
    DONE,
    FORM_URL,
    LIST,
    OTHER,
    URL,
    XML_URL,
    read,
)
from tests.work import cpu_growth, work


def test_a_payload_that_is_too_large_is_named_and_the_next_call_is_found() -> None:
    rows = "".join(f'{{"email":"{n}"}},\n' for n in range(100))
    for large in (f"[{rows}{{}}]", "[" + '{"email":"a"},' * 100 + "{}]", '["' + "x" * 5000):
        found = read(f"{URL}\n{large}\n{URL} []\n", max_bytes=1000)
        assert [(e.body, e.fault and e.fault.rule) for e in found] == [
            (b"", "too-large"),
            (b"[]", None),
        ]
    assert read("x" * 5000 + "\n", max_bytes=1000) == []


WHOLE = "".join(log for log, _ in CASES.values())


@pytest.mark.thorough
def test_a_log_cut_at_any_byte_keeps_every_exchange_before() -> None:
    logs = [(log.encode(), 1) for log, _ in CASES.values()]
    for data, step in [*logs, (WHOLE.encode(), 13)]:
        whole = read(data)
        for end in range(0, len(data), step):
            # Certain is only what ended before the truncated line.
            line = data.count(b"\n", 0, end) + 1
            sure = [e for e, after in pairwise(whole) if (after.source.line or 0) < line]
            assert read(data[:end])[: len(sure)] == sure


def test_joined_logs_are_read_like_each_alone() -> None:
    logs = [log for log, expected in CASES.values() if expected and expected[0].url]
    chosen = random.Random(1)
    for _ in range(100):
        one, two = chosen.choice(logs), chosen.choice(logs)
        first, both = read(one), read(f"{one}\n{two}")
        more = [e for e in both if (e.source.line or 0) > one.count("\n") + 1]
        assert [(e.url, e.body) for e in both[: len(first)]] == [(e.url, e.body) for e in first]
        assert [(e.url, e.body, e.status) for e in more] == [
            (e.url, e.body, e.status) for e in read(two)
        ]


@given(st.lists(st.sampled_from(WHOLE.splitlines(keepends=True)), max_size=20))
def test_any_lines_in_any_order_give_exchanges_in_order(lines: list[str]) -> None:
    data = "".join(lines).encode()
    found = read(data)
    assert [e.source.entry for e in found] == list(range(len(found)))
    assert [e.source.line for e in found] == sorted(e.source.line or 0 for e in found)
    for e in found:
        assert e.source.offset == sum(
            map(len, data.splitlines(keepends=True)[: (e.source.line or 1) - 1])
        )
        assert e.url is None or e.url.encode() in data


@given(st.binary(max_size=80), st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_any_bytes_give_exchanges(noise: bytes, start: int, end: int) -> None:
    data = WHOLE[start : start + 300].encode() + noise + WHOLE[end : end + 300].encode()
    for e in read(data):
        assert e.body is None or len(e.body) <= len(data)


HOSTILE = {
    "brackets": b"[" * 300_000,
    "open": URL.encode() + b"\n" + b"[{" * 100_000,
    "calls": URL.encode() * 4000,
    "answers": (f"{URL} [] " * 3000).encode(),
    "slashes": b"/" * 300_000,
    "spaces": URL.encode() + b"\nx" + b" " * 300_000,
    "indents": URL.encode() + b"\n" + (b" " * 3_000 + b"x\n") * 100,
    "quotes": URL.encode() + b'\n["' + b'\\"' * 150_000,
    "tags": XML_URL.encode() + b"\n" + b"<result>" * 40_000,
    "less": XML_URL.encode() + b"\n" + b"<" * 300_000,
    "comments": XML_URL.encode() + b"\n" + b"<!--\n" * 60_000,
    "records": URL.encode() + b"\n" + b'{"email":"a"},' * 20_000,
    "labels": URL.encode() + b"\n" + b"body [] x " * 30_000,
    "prefix": b"2009-06-10 12:40:30 " + b"a: " * 100_000 + b"[",
    "stamps": b"2009-06-10 " * 30_000,
    "curl": b"curl " + b"-d ' https://a " * 20_000,
    "keys": b"api_user=" * 30_000,
    "continued": b"curl \\\n" * 40_000,
    "words": b"GET " * 75_000,
}


@pytest.mark.thorough
@pytest.mark.parametrize("name", HOSTILE)
def test_work_is_linear_in_the_size_of_the_log(name: str) -> None:
    data = HOSTILE[name]
    quarter, whole = data[: len(data) // 80], data[: len(data) // 20]
    read(quarter)
    assert work(read, whole) < 5 * work(read, quarter)


@pytest.mark.thorough
@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear_in_the_size_of_the_log(name: str) -> None:
    data = HOSTILE[name]
    assert cpu_growth(read, data[: len(data) // 4], 2 * data) < 24


@pytest.mark.thorough
def test_memory_holds_one_exchange() -> None:
    class Endless(io.RawIOBase):
        left = 50

        def read(self, size: int = -1, /) -> bytes:
            self.left -= 1
            return f"noise {self.left}\n{URL}\n{LIST}\n".encode() * 200 if self.left > 0 else b""

    tracemalloc.start()
    count = sum(1 for _ in read_capture(cast("BinaryIO", Endless())))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 49 * 200
    assert peak < 1_500_000


def test_a_command_that_is_cut_with_its_file_is_found_before_the_damage() -> None:
    log = f"curl {FORM_URL} \\\n  -d api_user=u \\\n".encode()
    # Stored, not compressed: all of it is readable.
    packed = gzip.compress(log, 0)[:-8]
    found: list[str | None] = []
    with pytest.raises(CaptureError, match="line 3, byte"):
        found.extend(e.url for e in read_capture(io.BytesIO(packed), name="x.log"))
    assert found == [FORM_URL]


def test_no_message_holds_a_secret() -> None:
    secret = "Correct-Horse"
    for found in read(f"GET {URL}{secret} {DONE}\nGET {OTHER}?api_key={secret} {DONE}\n"):
        assert secret not in repr(found)
