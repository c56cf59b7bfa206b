"""WARC files with parts beyond the limits are redacted in bounded memory."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from sgformats.errors import CaptureError
from sgformats.redact import redact_stream
from tests.captures.warckit import record

SMALL = record("resource", b"api_key=hunter22hunter22&a=b")
HIDDEN = record("resource", b"api_key=***&a=b")
LONG = 4_000_000


def redacted(data: bytes) -> tuple[bytes, str, int | None]:
    """The output, and the reason and offset of the error."""
    written: list[bytes] = []
    reader = io.BytesIO(data)
    tracemalloc.start()
    try:
        with pytest.raises(CaptureError) as caught:
            redact_stream(reader, "a.warc", written.append, max_bytes=100_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < LONG
    return b"".join(written), caught.value.reason, caught.value.offset


def test_a_record_that_is_too_long_is_omitted_and_the_others_are_kept() -> None:
    long = record("resource", b"x" * LONG)
    made, reason, offset = redacted(SMALL + long + SMALL + long + SMALL)
    assert made == HIDDEN * 3
    limit = "expected at most 100000 bytes in a WARC record, found 4000000"
    assert reason == f"{limit}; a larger max_bytes allows more"
    assert offset == len(SMALL)


def test_a_length_beyond_the_end_ends_the_file() -> None:
    lying = record("resource", b"x" * LONG).replace(b": 4000000\r\n", b": 999999999999\r\n")
    made, reason, offset = redacted(SMALL + lying)
    assert made == HIDDEN
    limit = "expected at most 100000 bytes in a WARC record, found 999999999999"
    assert reason == f"{limit}; a larger max_bytes allows more"
    assert offset == len(SMALL)


@pytest.mark.parametrize("unit", [b"x", b"a: " + b"b" * 500 + b"\r\n"], ids=["one", "many"])
def test_an_endless_head_is_not_a_record(unit: bytes) -> None:
    made, reason, offset = redacted(SMALL + b"WARC/1.0\r\n" + unit * (LONG // len(unit)))
    assert made == HIDDEN
    assert reason == "expected the end of a record's headers, found more lines"
    assert offset == len(SMALL) + 1024 * 1024


def test_endless_empty_lines_are_kept_in_bounded_memory() -> None:
    count = LONG // 10
    data = io.BytesIO(SMALL + b"\n" * count)
    sizes: list[int] = []
    tracemalloc.start()
    redact_stream(data, "a.warc", lambda made: sizes.append(len(made)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LONG
    assert sum(sizes) == len(HIDDEN) + count
