"""The parts of a run: the rows of each shard in files of their own, kept until all are joined.

A part is complete once its `.done` file exists, which is written last and in one step. It holds a
fingerprint of everything that the rows depend on: a later run reuses the part only for the same
work.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import IO, Any, BinaryIO

import msgspec

from sgformats.captures.pieces import STDIN
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.exchanges import shown_path
from sgformats.extract.read.options import Options
from sgformats.extract.read.rows import read_shard
from sgformats.extract.read.shards import Shard
from sgformats.extract.read.tables import RowBlock, Table
from sgformats.extract.write.arrow import arrow_schema, import_arrow, to_batch
from sgformats.extract.write.text import WRITERS
from sgformats.files import open_regular, replacing

DONE = ".done"
"""The suffix of the file that marks a part as complete."""

_VERSION = 3
"""The version of the part files; a run reuses no part of another version or another release."""

_PAUSE = 0.2
_BLOCK = 1 << 20


class PartStore(msgspec.Struct, frozen=True):
    """The folder of the parts of a run, their format and tables, and the options to read shards.

    `key` is the secret of the folder that seals each `.done` file.
    """

    folder: str
    key: str
    format: str
    tables: tuple[Table, ...]
    options: Options

    def path(self, number: int, table: Table) -> Path:
        """The file with the rows of a table."""
        return Path(self.folder, f"{number:08}.{table}")

    def done(self, number: int) -> Path:
        """The file that marks a part as complete."""
        return Path(self.folder, f"{number:08}{DONE}")

    def format_of(self, table: Table) -> str:
        """The format of a table; rejects are JSON lines, except for a database."""
        return "jsonl" if table == "rejects" and self.format != "database" else self.format


class Part(msgspec.Struct, frozen=True):
    """A complete part: the fingerprint of its work, the digest of each table, and its counts."""

    number: int
    fingerprint: str
    digests: dict[Table, str]
    counts: Counts


Parts = Iterator[Part]


class _Captures(msgspec.Struct, frozen=True):
    """The rest of a `.done` file, which need not be in memory for all parts at once.

    `captures` are the files that the part was read from, each with the byte where reading began.
    """

    captures: tuple[tuple[str, int], ...]


def find_part(store: PartStore, shard: Shard) -> Part | None:
    """The part of this shard that an earlier run left; None unless its files are unchanged."""
    if any(piece.path == STDIN or piece.size < 0 for piece in shard.pieces):
        return None
    try:
        part = msgspec.json.decode(_read_done(store, shard.number), type=Part)
        if part.fingerprint != _fingerprint(store, shard) or part.number != shard.number:
            return None
        digests = {table: _digest_at(store.path(part.number, table)) for table in store.tables}
    except (OSError, msgspec.MsgspecError):
        return None
    return part if part.digests == digests else None


def find_captures_of(store: PartStore, part: Part) -> Iterator[str]:
    """The captures that begin in a part, as its rows name them."""
    done = msgspec.json.decode(_read_done(store, part.number), type=_Captures)
    return (name for name, start in done.captures if not start)


def read_batches(store: PartStore, part: Part, table: Table) -> Iterator[Any]:
    """The Arrow record batches of a table of a part, one at a time."""
    with store.path(part.number, table).open("rb") as file:
        yield from import_arrow().ipc.open_stream(file)


def make_part(
    store: PartStore,
    shard: Shard,
    *,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
    report: Callable[[Counts], object] = lambda counts: None,
) -> Part:
    """Read a shard, and write its part; `report` receives the counts a few times a second.

    Raises `OSError` if the part cannot be written, and the errors of `read_shard`.
    """
    counts = Counts()
    reported = time.monotonic()
    with suppress(FileNotFoundError):
        store.done(shard.number).unlink()  # The files will no longer match it.
    with ExitStack() as stack:
        writers = {
            table: _TableWriter(
                store,
                table,
                stack.enter_context(replacing(store.path(shard.number, table), follow=False)),
            )
            for table in store.tables
        }
        for block in read_shard(
            shard, store.options, counts, limit=limit, stdin=stdin, tables=store.tables
        ):
            writers[block.table].write(block)
            if time.monotonic() - reported > _PAUSE:
                report(counts)
                reported = time.monotonic()
        digests = {table: writer.finish() for table, writer in writers.items()}
    is_cut = limit is not None and counts.records >= limit
    fingerprint = "" if is_cut else _fingerprint(store, shard)
    part = Part(shard.number, fingerprint, digests, counts)
    captures = tuple((shown_path(piece.path), piece.start) for piece in shard.pieces)
    fields = msgspec.to_builtins(part) | msgspec.to_builtins(_Captures(captures))
    text = msgspec.json.encode(fields)
    with replacing(store.done(shard.number), follow=False) as file:
        file.write(text + _seal(store, text))
    return part


class _TableWriter:
    """Writes the rows of one table of a part."""

    def __init__(self, store: PartStore, table: Table, file: IO[bytes]) -> None:
        self._file = file
        self._zone = store.options.zone is not None
        self._to_text = WRITERS.get(store.format_of(table))
        self._stream: Any = None
        if self._to_text is None:
            self._stream = import_arrow().ipc.new_stream(file, arrow_schema(table, self._zone))

    def write(self, block: RowBlock) -> None:
        if self._to_text is not None:
            self._file.write(self._to_text(block))
        else:
            self._stream.write_batch(to_batch(block, self._zone))

    def finish(self) -> str:
        """End the file, and return its digest."""
        if self._stream is not None:
            self._stream.close()
        self._file.seek(0)
        return _digest(self._file)


def _seal(store: PartStore, text: bytes) -> bytes:
    """A seal that needs the key of the folder."""
    return b"\n" + hmac.new(bytes.fromhex(store.key), text, "sha256").hexdigest().encode()


def _read_done(store: PartStore, number: int) -> bytes:
    """The content of `.done`. Raises `OSError` if it is missing or not sealed."""
    with open(open_regular(str(store.done(number))), "rb") as file:
        text, newline, seal = file.read().rpartition(b"\n")
    if not hmac.compare_digest(newline + seal, _seal(store, text)):
        raise OSError(f"part {number} is not sealed")
    return text


def _digest_at(path: Path) -> str:
    with open(open_regular(str(path)), "rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    """The digest of the rest of a file."""
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _fingerprint(store: PartStore, shard: Shard) -> str:
    # Files in two folders may have the same name, size and time.
    paths = [os.path.abspath(piece.path) for piece in shard.pieces]
    parts = (_VERSION, _release(), store.format, store.tables, store.options, shard.pieces, paths)
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def _release() -> str:
    try:
        return version("sgformats")
    except PackageNotFoundError:  # Neither installed nor built.
        return ""
