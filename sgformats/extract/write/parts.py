"""The finished parts of a run: the rows of each shard in separate files, kept until all are joined.

A part is complete once its `.done` file exists, which is written last, in one step. That file holds a
fingerprint of all that the rows depend on, so that a later run reuses the part only for the same work.
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
from sgformats.extract.write.arrow import arrow, batch, schema
from sgformats.extract.write.text import WRITERS
from sgformats.files import open_regular, replacing

DONE = ".done"
"""The suffix of the file that marks a part as complete."""

_VERSION = 3
"""Of the files of a part; another one makes every part anew, and so does another release."""

_PAUSE = 0.2
_BLOCK = 1 << 20


class Work(msgspec.Struct, frozen=True):
    """How shards become parts: in which folder and form, which tables, and how they are read.

    `key` is the folder's: it seals what says that a part is done.
    """

    folder: str
    key: str
    form: str
    tables: tuple[Table, ...]
    options: Options

    def path(self, part: Part, table: Table) -> Path:
        """Where the rows of a table are."""
        return _path(self, part.number, table)


class Part(msgspec.Struct, frozen=True):
    """A part that is done: what it was made from, the digest of each table, and its figures."""

    number: int
    fingerprint: str
    digests: dict[Table, str]
    counts: Counts


Parts = Iterator[Part]


class _Captures(msgspec.Struct, frozen=True):
    """What else `.done` tells, which is not needed in memory for all parts at once.

    `captures` are the files that the part was read from, each with the byte at which it begins.
    """

    captures: tuple[tuple[str, int], ...]


def find_part(work: Work, shard: Shard) -> Part | None:
    """The part of an earlier run that is this shard's; None where there is none to be sure of.

    Its files must be those that were written, to the byte.
    """
    if any(piece.path == STDIN or piece.size < 0 for piece in shard.pieces):
        return None
    try:
        part = msgspec.json.decode(_read_done(work, shard.number), type=Part)
        if part.fingerprint != _fingerprint(work, shard) or part.number != shard.number:
            return None
        digests = {table: _digest_at(work.path(part, table)) for table in work.tables}
    except (OSError, msgspec.MsgspecError):
        return None
    return part if part.digests == digests else None


def find_captures_of(work: Work, part: Part) -> Iterator[str]:
    """The captures that begin in a part, as its rows name them."""
    done = msgspec.json.decode(_read_done(work, part.number), type=_Captures)
    return (name for name, start in done.captures if not start)


def make_part(
    work: Work,
    shard: Shard,
    *,
    limit: int | None = None,
    stdin: BinaryIO | None = None,
    tell: Callable[[Counts], object] = lambda counts: None,
) -> Part:
    """Reads a shard into a part; `tell` hears a few times a second how far it is.

    Raises `OSError` where it cannot be written, and what `read_shard` raises.
    """
    counts = Counts()
    said = time.monotonic()
    with suppress(FileNotFoundError):
        # From here on `.done` no longer describes the files.
        _done(work, shard.number).unlink()
    with ExitStack() as stack:
        tables = {
            table: _PartRows(
                work,
                table,
                stack.enter_context(replacing(_path(work, shard.number, table), follow=False)),
            )
            for table in work.tables
        }
        blocks = read_shard(
            shard, work.options, counts, limit=limit, stdin=stdin, tables=work.tables
        )
        for block in blocks:
            tables[block.table].write(block)
            if time.monotonic() - said > _PAUSE:
                tell(counts)
                said = time.monotonic()
        for rows in tables.values():
            rows.end()
    cut = limit is not None and counts.records >= limit
    part = Part(
        shard.number,
        "" if cut else _fingerprint(work, shard),
        {table: rows.digest for table, rows in tables.items()},
        counts,
    )
    captures = tuple((shown_path(piece.path), piece.start) for piece in shard.pieces)
    told = msgspec.to_builtins(part) | msgspec.to_builtins(_Captures(captures))
    text = msgspec.json.encode(told)
    with replacing(_done(work, shard.number), follow=False) as file:
        file.write(text + _seal(work, text))
    return part


class _PartRows:
    """The rows of one table, on their way into a file."""

    def __init__(self, work: Work, table: Table, file: IO[bytes]) -> None:
        self._file = file
        self._zone = work.options.zone is not None
        self._text = WRITERS.get(form_of(work.form, table))
        self._stream: Any = None
        if self._text is None:
            self._stream = arrow().ipc.new_stream(file, schema(table, self._zone))
        self.digest = ""

    def end(self) -> None:
        """Says that these were all."""
        if self._stream is not None:
            self._stream.close()
        self._file.seek(0)
        self.digest = _digest(self._file)

    def write(self, block: RowBlock) -> None:
        """Adds a block."""
        if self._text is not None:
            self._file.write(self._text(block))
        else:
            self._stream.write_batch(batch(block, self._zone))


def read_batches(work: Work, part: Part, table: Table) -> Iterator[Any]:
    """The rows of a table of a part, one record batch at a time."""
    with work.path(part, table).open("rb") as file:
        yield from arrow().ipc.open_stream(file)


def form_of(form: str, table: Table) -> str:
    """The form that a table's rows have in a part: rejects are lines of JSON, but for a database."""
    return "jsonl" if table == "rejects" and form != "database" else form


def _done(work: Work, number: int) -> Path:
    return Path(work.folder, f"{number:08}{DONE}")


def _path(work: Work, number: int, table: Table) -> Path:
    return Path(work.folder, f"{number:08}.{table}")


def _seal(work: Work, text: bytes) -> bytes:
    """A seal that nobody can write without the key of the folder."""
    return b"\n" + hmac.new(bytes.fromhex(work.key), text, "sha256").hexdigest().encode()


def _read_done(work: Work, number: int) -> bytes:
    """The content of `.done`. Raises `OSError` if it is missing or not sealed."""
    with open(open_regular(str(_done(work, number))), "rb") as file:
        text, newline, seal = file.read().rpartition(b"\n")
    if not hmac.compare_digest(newline + seal, _seal(work, text)):
        raise OSError(f"part {number} is not sealed")
    return text


def _digest_at(path: Path) -> str:
    with open(open_regular(str(path)), "rb") as file:
        return _digest(file)


def _digest(file: IO[bytes]) -> str:
    """The digest of what is left of a file."""
    found = hashlib.sha256()
    while block := file.read(_BLOCK):
        found.update(block)
    return found.hexdigest()


def _fingerprint(work: Work, shard: Shard) -> str:
    # Two folders may have files of one name, size and time.
    places = [os.path.abspath(piece.path) for piece in shard.pieces]
    about = (_VERSION, _release(), work.form, work.tables, work.options, shard.pieces, places)
    return hashlib.sha256(repr(about).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def _release() -> str:
    try:
        return version("sgformats")
    except PackageNotFoundError:  # Neither installed nor built.
        return ""
