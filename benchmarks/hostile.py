"""`python -m benchmarks.hostile`: peak memory of every command on hostile files, as a table.

Each file is far larger than `max_bytes`, or expands to far more: one long value, deep nesting, very
many small things, a verdict length, a compressed bomb. A command may use `BASE` bytes plus `FACTOR`
times `max_bytes`, whatever the size of the file. The exit code is 1 if one uses more. A row of
`SHAPES` adds a file for every command.
"""

from __future__ import annotations

import argparse
import bz2
import io
import json
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

BASE = 200_000_000
FACTOR = 3
MAX_BYTES = 1 << 20
SIZE = 64 << 20
TIMEOUT = 900

_ITEM = b'{"status":"5.1.1","created":"2009-06-10 12:40:30","reason":"r","email":"a%d@b.example"}'
_BLOCK = 1 << 20

Chunks = Iterator[bytes]
Make = Callable[[int], Chunks]


class Peak(NamedTuple):
    """The costs of a command; `code` is its exit code, `bytes` is 0 if it did not end in time."""

    shape: str
    command: str
    bytes: int
    seconds: float
    code: int


def _filled(before: bytes, unit: bytes, after: bytes = b"") -> Make:
    """A unit repeated up to the size, between a start and an end."""

    def make(size: int) -> Chunks:
        block = unit * max(_BLOCK // len(unit), 1)
        yield before
        for _ in range(max(size // len(block), 1)):
            yield block
        yield after

    return make


def _each(before: bytes, one: Callable[[int], bytes], after: bytes = b"") -> Make:
    """Many small, different items up to the size."""

    def make(size: int) -> Chunks:
        yield before
        number = made = 0
        while made < size:
            block = b"".join(map(one, range(number, number + 5_000)))
            number += 5_000
            made += len(block)
            yield block
        yield after

    return make


def _packed(packer: Callable[[], Any], make: Make, times: int = 4) -> Make:
    """A compressed file that expands to `times` the size."""

    def pack(size: int) -> Chunks:
        squeezer = packer()
        for chunk in make(size * times):
            yield squeezer.compress(chunk)
        yield squeezer.flush()

    return pack


def _gzip() -> Any:
    return zlib.compressobj(wbits=31)


def _zstd() -> Any:
    import zstandard

    return zstandard.ZstdCompressor().compressobj()


def _har_entry(text: bytes, url: bytes = b"http://h.example/api/bounces.get.json") -> bytes:
    return (
        b'{"request":{"method":"GET","url":"%s","headers":[]},"response":{"status":200,'
        b'"headers":[],"content":{"mimeType":"application/json","text":"%s"}}}' % (url, text)
    )


_HAR = b'{"log":{"version":"1.2","creator":{"name":"x","version":"1"},"entries":['
_VCR = (
    b"interactions:\n- request:\n    method: GET\n    uri: http://h.example/api/bounces.get.json\n"
    b"    body: null\n    headers: {}\n  response:\n    status: {code: 200, message: OK}\n"
    b"    headers: {}\n    body:\n      string: "
)
_VCR_ONE = b'"[]"\n' + _VCR.removeprefix(b"interactions:\n")


def _warc_record(length: int, body: bytes) -> bytes:
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:0>\r\n"
        b"WARC-Date: 2012-01-01T00:00:00Z\r\n"
        b"WARC-Target-URI: http://h.example/api/bounces.get.json\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n"
        b"HTTP/1.1 200 OK\r\n\r\n%s" % (length, body)
    )


def _call(body: bytes, key: bytes = b"k") -> bytes:
    return b'{"url":"http://h.example/api/bounces.get.json?api_user=u&api_key=%s","body":%s}\n' % (
        key,
        body,
    )


def _tar_header(name: bytes, size: int, kind: bytes = b"0") -> bytes:
    info = tarfile.TarInfo(name.decode())
    info.size, info.type = size, kind
    return info.tobuf(tarfile.GNU_FORMAT)


def _tar_member(number: int) -> bytes:
    data = _call(b'"[]"')
    return _tar_header(b"%d.jsonl" % number, len(data)) + data.ljust(
        -(-len(data) // 512) * 512, b"\0"
    )


def _zip(compression: int, member: int) -> Make:
    """A zip archive whose members have `member` bytes."""

    def make(size: int) -> Chunks:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", compression) as archive:
            for number in range(max(1, size // (member + 100))):
                archive.writestr(f"{number}.log", b"x" * member)
        yield out.getvalue()

    return make


_LINE_BEGINS = _call(b'"').removesuffix(b"}\n")
_LONG_LINE = _filled(_LINE_BEGINS, b"x", b'"}\n')

SHAPES: Mapping[str, Make] = {
    "one-line.jsonl": _LONG_LINE,
    "line-never-ends.jsonl": _filled(_LINE_BEGINS, b"x"),
    "escapes.jsonl": _filled(_LINE_BEGINS, rb"\u00e9", b'"}\n'),
    "other-value.jsonl": _filled(b'{"note":"', b"x", b'",' + _call(b'"[]"')[1:]),
    "line-that-is-a-list.jsonl": _filled(_call(b"[").removesuffix(b"}\n"), b"1,", b"1]}\n"),
    "one-line.log": _filled(b"GET http://h.example/api/bounces.get.json ", b"x"),
    "answer-in.log": _filled(b"GET http://h.example/api/bounces.get.json\n[", b'"x",\n'),
    "new-lines.log": _filled(b"", b"\n"),
    "white-space.json": _filled(b"[", b" ", b"]"),
    "zeros.bin": _filled(b"", b"\0"),
    "one-string.json": _filled(b'["', b"x", b'"]'),
    "one-number.json": _filled(b"[", b"1", b"]"),
    "one-key.json": _filled(b'[{"', b"x", b'":1}]'),
    "one-item.json": _filled(b'[{"email":"a","reason":"', b"x", b'"}]'),
    "one-text.xml": _filled(b"<bounces><bounce><reason>", b"x", b"</reason></bounce></bounces>"),
    "one-name.xml": _filled(b"<", b"x", b">"),
    "one-comment.xml": _filled(b"<bounces><!--", b"x", b"--></bounces>"),
    "attributes.xml": _filled(b"<bounces", b' a="b"', b"></bounces>"),
    "list.json": _each(b"[", lambda n: _ITEM % n + b",", b"{}]"),
    "deep.json": _filled(b"", b"["),
    "deep-objects.json": _filled(b"", b'{"a":'),
    "deep.xml": _filled(b"<bounces>", b"<a>"),
    "deep.yaml": _filled(b"interactions: ", b"["),
    "deep-in.har": _filled(_HAR, b"["),
    "deep-in.jsonl": _filled(b'{"url":', b"["),
    "one-entry.har": _filled(_HAR + _har_entry(b"@").partition(b"@")[0], b"x", b'"}}}]}}'),
    "one-header.har": _filled(_HAR + b'{"request":{"url":"', b"x", b'"}}]}}'),
    "values-in-entry.har": _filled(_HAR + b'{"request":{"headers":[', b'{"name":"a","value":"b"},'),
    "before-entries.har": _filled(b'{"log":{"pages":[', b'{"id":1},', b'1],"entries":[]}}'),
    "many-entries.har": _each(_HAR, lambda n: _har_entry(b"[]") + b",", b"{}]}}"),
    "lying-length.warc": _filled(_warc_record(10**12, b""), b"x"),
    "one-record.warc": lambda size: _filled(_warc_record(size, b"["), b"x", b"\r\n\r\n")(size),
    "one-header.warc": _filled(b"WARC/1.0\r\nWARC-Type: ", b"x"),
    "many-headers.warc": _filled(b"WARC/1.0\r\n", b"A: b\r\n"),
    "many-records.warc": _each(b"", lambda n: _warc_record(21, b"[]") + b"\r\n\r\n"),
    "plain-scalar.yaml": _filled(_VCR, b"x"),
    "quoted-scalar.yaml": _filled(_VCR + b'"', b"x", b'"\n'),
    "block-scalar.yaml": _filled(_VCR + b"|\n", b"        x\n"),
    "many-exchanges.yaml": _each(_VCR, lambda n: _VCR_ONE, b'"[]"\n'),
    "many-calls.jsonl": _each(b"", lambda n: _call(b'"[]"')),
    "many-keys.jsonl": _each(b"", lambda n: _call(b'"[]"', b"secret-%dx" % n)),
    "many-lists.jsonl": _each(b"", lambda n: _call(b"[%s]" % (_ITEM % n))),
    "many-problems.jsonl": _each(b"", lambda n: _call(b'[{"a%d":%d}]' % (n, n))),
    "many-urls.jsonl": _each(b"", lambda n: b'{"url":"http://h%d/p%d","body":"[]"}\n' % (n, n)),
    "many-bad-lines.jsonl": _each(_call(b'"[]"'), lambda n: b"no line %d\n" % n),
    "many-members.tar": _each(b"", _tar_member, bytes(1024)),
    "one-member.tar": lambda size: _filled(_tar_header(b"a.log", size), b"x")(size),
    "long-name.tar": lambda size: _filled(_tar_header(b"a", size, b"L"), b"x")(size),
    "no-headers.tar": _filled(_tar_member(0), b"x"),
    "many-members.zip": _zip(zipfile.ZIP_STORED, 20),
    "bomb-member.zip": lambda size: _zip(zipfile.ZIP_DEFLATED, 4 * size)(4 * size + 100),
    "many-events.json": _each(
        b'{"events":[', lambda n: b'{"message":"GET /api/bounces.get.json"},', b"{}]}"
    ),
    "many-stubs.json": _each(b'{"mappings":[', lambda n: b'{"request":{"url":"/"}},', b"{}]}"),
    "deep-items.json": _filled(b'{"info":{"_postman_id":1},"item":[', b'{"item":['),
    "bomb-line.jsonl.gz": _packed(_gzip, _LONG_LINE),
    "bomb-line.jsonl.bz2": _packed(bz2.BZ2Compressor, _LONG_LINE, 1),
    "bomb-line.jsonl.xz": _packed(lzma.LZMACompressor, _LONG_LINE, 1),
    "bomb-line.jsonl.zst": _packed(_zstd, _LONG_LINE),
    "bomb-string.json.gz": _packed(_gzip, _filled(b'["', b"x", b'"]')),
    "bomb-zeros.gz": _packed(_gzip, _filled(b"", b"\0")),
}
"""Functions that make a given number of bytes of a file; the suffix of its name is that of its content."""

_BOUND = ("--max-bytes", str(MAX_BYTES))

COMMANDS: Mapping[str, Sequence[str]] = {
    "parse": ("parse", "FILE", "--operation", "bounces.get", *_BOUND),
    "parse without operation": ("parse", "FILE", "--mode", "lax", *_BOUND),
    "validate": ("validate", "FILE", *_BOUND),
    "convert": ("convert", "FILE", "--to", "json", *_BOUND),
    "classify": ("classify", "FILE", *_BOUND),
    "diff": ("diff", "FILE", "FILE", *_BOUND),
    "check": ("check", "FILE", "--operation", "bounces.get", *_BOUND),
    "census": ("census", "FILE", *_BOUND),
    "redact": ("redact", "FILE", "-o", "OUT", *_BOUND),
    "extract": ("extract", "FILE", "-o", "OUT.jsonl", "--workers", "1", *_BOUND),
}


def measure(shape: str, folder: Path, size: int = SIZE, only: str = "") -> Iterator[Peak]:
    """The peak of every command on a file, which is written and removed here."""
    file = folder / shape
    with file.open("wb") as made:
        made.writelines(SHAPES[shape](size))
    try:
        for name, arguments in COMMANDS.items():
            if only in name:
                yield _run(shape, name, arguments, file, folder)
    finally:
        file.unlink()


def _run(shape: str, name: str, arguments: Sequence[str], file: Path, folder: Path) -> Peak:
    filled = [a.replace("FILE", str(file)).replace("OUT", str(folder / "out")) for a in arguments]
    command = [sys.executable, "-m", "sgformats", *filled]
    watched = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.watched", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        output, _ = watched.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        os.killpg(watched.pid, signal.SIGKILL)
        watched.communicate()
        return Peak(shape, name, 0, TIMEOUT, -signal.SIGKILL)
    seconds, most, _ = json.loads(output)
    return Peak(shape, name, int(most), seconds, watched.returncode)


def limit() -> int:
    """The most bytes that a command may use."""
    return BASE + FACTOR * MAX_BYTES


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--shape", default="", help="measure the files whose names contain this")
    parser.add_argument(
        "--command", default="", help="measure the commands whose names contain this"
    )
    parser.add_argument("--size", type=int, default=SIZE, metavar="N", help="bytes of each file")
    given = parser.parse_args(arguments)
    above = 0
    print(f"{'file':24} {'command':24} {'peak MB':>8} {'seconds':>8} {'exit':>5}")
    with tempfile.TemporaryDirectory() as folder:
        for shape in SHAPES:
            if given.shape not in shape:
                continue
            for peak in measure(shape, Path(folder), given.size, given.command):
                verdict = "TOO MUCH" if peak.bytes > limit() else "" if peak.bytes else "NO END"
                above += bool(verdict)
                print(
                    f"{peak.shape:24} {peak.command:24} {peak.bytes / 1e6:8.1f} {peak.seconds:8.1f}"
                    f" {peak.code:5} {verdict}".rstrip(),
                    flush=True,
                )
    print(f"{above} above {limit() / 1e6:.1f} MB, or without an end in {TIMEOUT} s")
    return int(above > 0)


if __name__ == "__main__":
    sys.exit(main())
