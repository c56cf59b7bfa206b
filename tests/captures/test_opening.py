"""Captures are decompressed piece by piece; a damaged one gives everything readable."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import sys
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
import zstandard

from sgformats.captures.opening import Opened, Unpacking, open_path
from sgformats.errors import ArgumentError, CaptureError, MissingPackageError

Pack = Callable[[bytes], bytes]


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


PACKS: dict[str, Pack] = {
    ".gz": lambda data: gzip.compress(data, mtime=0),
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd,
}
NAMES = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstandard"}
by_suffix = pytest.mark.parametrize("suffix", PACKS)
_RANDOM = random.Random(20090610)
DATA = b"".join(b"%d %d\n" % (n, _RANDOM.randrange(10**9)) for n in range(400))


def opened(data: bytes, name: str = "x") -> Opened:
    return Opened(io.BytesIO(data), name)


def drain(
    file: Opened, size: int = 97, *, lines: bool = False
) -> tuple[bytes, CaptureError | None]:
    """All bytes of a file up to its end or error, and the error."""
    parts = []
    try:
        while part := file.readline(size) if lines else file.read(size):
            parts.append(part)
            assert len(part) <= size
            assert file.tell() == sum(map(len, parts))
    except CaptureError as error:
        return b"".join(parts), error
    return b"".join(parts), None


@by_suffix
def test_a_compressed_file_is_recognised_by_its_bytes_under_any_name(suffix: str) -> None:
    packed = PACKS[suffix](DATA)
    assert drain(opened(packed)) == (DATA, None)
    assert drain(opened(packed, "x.log"), lines=True) == (DATA, None)
    assert drain(opened(DATA, f"x{suffix}")) == (DATA, None)


@by_suffix
def test_the_name_loses_the_suffix_of_a_compression_alone(suffix: str) -> None:
    packed = PACKS[suffix](b"x")
    assert opened(packed, f"a.b/c.log{suffix.upper()}").name == "a.b/c.log"
    assert opened(packed, "c.log").name == "c.log"
    assert opened(b"x", f"c.log{suffix}").name == f"c.log{suffix}"


@by_suffix
def test_consecutive_members_are_one_file(suffix: str) -> None:
    pack = PACKS[suffix]
    parts = (DATA[:3], b"", DATA[3:4000], DATA[4000:])
    assert drain(opened(b"".join(map(pack, parts)))) == (DATA, None)


@pytest.mark.parametrize("suffix", [".gz", ".xz"])
def test_padding_is_not_damage(suffix: str) -> None:
    pack = PACKS[suffix]
    packed = pack(DATA[:3]) + bytes(8) + pack(DATA[3:]) + bytes(12)
    assert drain(opened(packed)) == (DATA, None)


@by_suffix
def test_a_file_cut_at_any_byte_gives_everything_before_the_cut(suffix: str) -> None:
    packed = PACKS[suffix](DATA[:3000])
    least = 0
    for end in range(len(packed)):
        got, error = drain(opened(packed[:end], f"x{suffix}"))
        assert DATA.startswith(got)
        assert len(got) >= least
        least = len(got)
        assert error is not None
        assert error.file == f"x{suffix}"
        expected = f"expected the rest of the {NAMES[suffix]} data, found the end of the file"
        assert error.reason == expected
        assert (error.line, error.offset) == (got.count(b"\n") + 1, len(got))
    assert least == 3000 or suffix in (".bz2", ".xz")


def test_a_truncated_gzip_file_gives_all_that_zlib_can_read() -> None:
    packed = PACKS[".gz"](DATA)
    for end in range(18, len(packed)):
        assert drain(opened(packed[:end]))[0] == zlib.decompressobj(31).decompress(packed[:end])


@by_suffix
def test_complete_entries_before_damage_are_read(suffix: str) -> None:
    pack = PACKS[suffix]
    damaged = bytearray(pack(DATA[1000:]))
    damaged[len(damaged) // 2] ^= 0x55
    got, error = drain(opened(pack(DATA[:1000]) + damaged))
    assert got[:1000] == DATA[:1000]
    assert error is not None
    assert error.reason == f"expected {NAMES[suffix]} data, found damaged bytes"
    assert (error.line, error.offset) == (got.count(b"\n") + 1, len(got))


@by_suffix
def test_bytes_after_the_last_member_are_damage(suffix: str) -> None:
    got, error = drain(opened(PACKS[suffix](DATA) + b"trailing bytes"))
    assert got == DATA
    assert error is not None
    assert error.reason == f"expected {NAMES[suffix]} data, found damaged bytes"


def test_a_wrong_checksum_loses_no_data() -> None:
    packed = PACKS[".gz"](DATA)
    got, error = drain(opened(packed[:-8] + bytes(8)))
    assert got == DATA
    assert error is not None


def test_the_error_is_raised_again_after_the_line_before_it() -> None:
    packed = PACKS[".gz"](b"one\ntw")
    file = opened(packed[:-8])
    assert [file.readline(), file.readline()] == [b"one\n", b"tw"]
    for ask in (file.read, file.readline, file.read1):
        with pytest.raises(CaptureError, match="line 2, byte 6"):
            ask()


def test_peeking_takes_nothing_and_never_raises() -> None:
    file = opened(PACKS[".gz"](b"abc")[:-1])
    assert (file.peek(2), file.peek(9), file.tell()) == (b"ab", b"abc", 0)
    assert file.read() == b"abc"


@pytest.mark.parametrize("data", [b"", b"B", b"BZh9 is a word", b"\x1f\x8b", b"\xfd7z", b"(\xb5/"])
def test_a_magic_number_alone_is_not_a_compressed_file(data: bytes) -> None:
    assert drain(opened(data, "x.log")) == (data, None)


@by_suffix
@pytest.mark.parametrize("end", [0, 1, 2])
def test_the_name_decides_if_the_first_bytes_are_cut(suffix: str, end: int) -> None:
    got, error = drain(opened(PACKS[suffix](DATA)[:end], f"x.log{suffix}"))
    assert (got, error is not None) == (b"", True)


@pytest.mark.parametrize("size", [1, 2, 7, 64 * 1024, -1, None])
def test_lines_and_pieces_are_those_of_a_plain_file(size: int | None) -> None:
    data = b"\n\na\r\n" + b"x" * 70_000 + b"\nlast"
    plain, file = io.BytesIO(data), opened(data)
    assert list(iter(lambda: file.readline(size), b"")) == list(
        iter(lambda: plain.readline(size), b"")
    )
    assert opened(data).read(size) == io.BytesIO(data).read(size)
    assert list(opened(data)) == list(io.BytesIO(data))


class Trickle(io.RawIOBase):
    """A stream that returns one byte at a time."""

    def __init__(self, data: bytes) -> None:
        self._data = iter(data)

    def read(self, size: int = -1, /) -> bytes:
        return bytes([byte for _, byte in zip(range(1), self._data, strict=False)])


@by_suffix
def test_a_stream_may_come_in_any_pieces(suffix: str) -> None:
    stream = cast("BinaryIO", Trickle(PACKS[suffix](DATA)))
    assert drain(Opened(stream, "x")) == (DATA, None)


@pytest.mark.thorough
@by_suffix
def test_a_bomb_is_read_in_little_memory(suffix: str) -> None:
    size = 150_000_000
    packed = PACKS[suffix](bytes(size))
    file = opened(packed)
    tracemalloc.start()
    got = 0
    while piece := file.readline(64 * 1024):
        got += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert got == size
    assert peak < 100_000_000


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    for path, reason in (
        (str(tmp_path / "no"), "cannot read it: No such file or directory"),
        (str(tmp_path), "cannot read it: Is a directory"),
        ("a\0b", "cannot read it: embedded null byte"),
    ):
        with pytest.raises(CaptureError) as refused:
            open_path(path)
        assert (refused.value.file, refused.value.reason) == (path, reason)


class Broken(io.RawIOBase):
    """A stream that fails after its first piece."""

    def __init__(self) -> None:
        self._pieces: Iterator[bytes] = iter([b"one\ntwo"])

    def read(self, size: int = -1, /) -> bytes:
        for piece in self._pieces:
            return piece
        raise OSError(5, "Input/output error")


def test_a_device_that_fails_is_damage_with_its_place() -> None:
    got, error = drain(Opened(cast("BinaryIO", Broken()), "x"))
    assert got == b"one\ntwo"
    assert str(error) == "x, line 2, byte 7: cannot read it: Input/output error"


def test_a_text_stream_is_refused() -> None:
    with pytest.raises(ArgumentError, match="expected a binary file, found str in it"):
        Opened(cast("BinaryIO", io.StringIO("x")), "x")


def test_zstandard_is_required_only_when_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = zstd(DATA)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(MissingPackageError, match=r'pip install "sgformats\[captures\]"'):
        opened(packed).read()
    assert drain(opened(PACKS[".gz"](DATA))) == (DATA, None)


@by_suffix
def test_a_compressed_file_expands_up_to_the_limit(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both limits: the bytes up to the limit are read, then the error has their place."""
    data = b"".join(b"%063d\n" % n for n in range(40_000))
    packed = PACKS[suffix](data)
    got, error = drain(Opened(io.BytesIO(packed), "x", Unpacking(max_bytes=len(data))), 1 << 16)
    assert (got == data, error) == (True, None)
    got, error = drain(Opened(io.BytesIO(packed), "x", Unpacking(max_bytes=len(data) - 1)), 1 << 16)
    assert error is not None
    assert error.reason == (
        f"expected at most {len(data) - 1} uncompressed bytes, found more; max_unpacked allows more"
    )
    assert (data.startswith(got), error.offset) == (True, len(got))
    ratio = len(data) // len(packed)
    narrow = Unpacking(max_ratio=ratio)
    assert drain(Opened(io.BytesIO(packed), "x", narrow), 1 << 16) == (data, None)
    monkeypatch.setattr("sgformats.captures.opening._HARMLESS", 1000)
    got, error = drain(Opened(io.BytesIO(packed), "x", narrow), 1 << 16)
    assert error is not None
    assert error.reason == (
        f"expected at most {ratio} bytes for each compressed one, found more; max_ratio allows more"
    )
    assert data.startswith(got)
    wide = Unpacking(max_ratio=ratio + 1)
    assert drain(Opened(io.BytesIO(packed), "x", wide), 1 << 16) == (data, None)


def test_an_uncompressed_file_has_no_such_limit() -> None:
    assert drain(Opened(io.BytesIO(DATA), "x", Unpacking(1, 1))) == (DATA, None)


@pytest.mark.parametrize("bounds", [(0, 1), (1, -1), ("1", 1), (1, None)])
def test_a_bound_is_a_number_of_at_least_1(bounds: Any) -> None:
    name = "max_bytes" if bounds[0] == 1 else "max_ratio"
    with pytest.raises(ArgumentError, match=f"^expected a number of at least 1 as {name}$"):
        Unpacking(*bounds)
