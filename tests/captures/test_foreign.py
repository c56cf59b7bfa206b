"""Foreign formats are refused by name, and text in UTF-16 is read like any other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import zstandard

from sgformats.captures import read_capture
from sgformats.errors import CaptureError
from tests.captures.textlogkit import LIST, URL

LINE = f'{{"url":"{URL}","body":{LIST}}}\n'
CUT = "expected the rest of the zstandard data, found the end of the file"
ARC = b"filedesc://x.arc 192.0.2.1 20100101000000 text/plain 76\n"


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (
            ARC,
            "an ARC file, which is not read",
        ),
    ],
)
def test_a_foreign_format_is_refused_by_its_name(data: bytes, name: str) -> None:
    with pytest.raises(CaptureError) as caught:
        list(read_capture(io.BytesIO(data), name="x.log"))
    assert caught.value.reason == f"expected a capture, found {name}"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.jsonl", "\n" + LINE, 2),
        ("a.log", f"hello\nGET {URL}\n{LIST}\n", 2),
        (
            "a.har",
            '{"log":{"entries":[{"request":{"method":"GET","url":"URL"},"response":'
            '{"status":200,"content":{"text":"[]"}}}]}}'.replace("URL", URL),
            1,
        ),
    ],
)
def test_utf_16_is_read(encoding: str, name: str, text: str, line: int) -> None:
    (found,) = read_capture(io.BytesIO(text.encode(encoding)), name=name)
    assert (found.url, found.body, found.source.line) == (
        URL,
        b"[]" if name == "a.har" else LIST.encode(),
        line,
    )


def test_utf_16_that_is_cut_is_read_to_its_end() -> None:
    data = zstandard.compress(("\ufeff" + LINE + LINE).encode("utf-16-le"))[:-1]
    found = []
    with pytest.raises(CaptureError) as caught:
        for exchange in read_capture(io.BytesIO(data), name="a.jsonl.zst"):
            found.append(exchange.url)
    assert caught.value.reason == (
        "expected the rest of the zstandard data, found the end of the file"
    )


def skipped(content: bytes, number: int = 0) -> bytes:
    return bytes([0x50 + number, 0x2A, 0x4D, 0x18]) + len(content).to_bytes(4, "little") + content


def dictionary() -> bytes:
    samples: list[bytes | bytearray | memoryview[int]] = [
        f'{{"url":"{URL}{n}","body":{LIST}}}\n'.encode() for n in range(200)
    ]
    return zstandard.train_dictionary(2048, samples).as_bytes()


@pytest.mark.parametrize("packed", [False, True])
def test_a_dictionary_in_the_first_frame_is_used(packed: bool) -> None:
    raw = dictionary()
    using = zstandard.ZstdCompressor(dict_data=zstandard.ZstdCompressionDict(raw))
    shown = zstandard.compress(raw) if packed else raw
    data = (
        skipped(shown, 13)
        + using.compress(LINE.encode())
        + skipped(b"x" * 5000)
        + using.compress(LINE.encode())
    )
    assert [e.url for e in read_capture(io.BytesIO(data), name="a.jsonl.zst")] == [URL, URL]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (skipped(b"no dictionary", 13)[:10], CUT),
        (
            skipped(b"\x28\xb5\x2f\xfdno frame", 13) + zstandard.compress(LINE.encode()),
            "expected a zstandard dictionary, found damaged bytes",
        ),
        (
            b"\x5d\x2a\x4d\x18\xff\xff\xff\xff",
            "expected a dictionary of at most 16777216 bytes, found more",
        ),
    ],
)
def test_a_damaged_frame_is_reported(data: bytes, reason: str) -> None:
    with pytest.raises(CaptureError) as caught:
        list(read_capture(io.BytesIO(data), name="a.jsonl.zst"))
    assert caught.value.reason == reason


def test_extraction_refuses_and_reads_alike(tmp_path: Path) -> None:
    from sgformats.extract import extract

    (tmp_path / "a.log").write_bytes(ARC)
    (tmp_path / "b.log").write_bytes(f"GET {URL}\n{LIST}\n".encode("utf-16"))
    counts = extract([tmp_path], tmp_path / "out.jsonl").counts
    assert (counts.whole, counts.damaged) == (1, 1)
