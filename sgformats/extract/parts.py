"""What is done of a run: for each shard its rows in files of their own, kept until all are joined.

A part counts when its `.done` is there, which is written last, in one step. It names the shard by a
fingerprint of all that its rows depend on, so that a later run takes it over if it is the same work.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from sgformats.extract.arrow import arrow, batch, schema
from sgformats.extract.columns import Block, Table
from sgformats.extract.counts import Counts
from sgformats.extract.finding import shown_path
from sgformats.extract.options import Options
from sgformats.extract.reading import read_shard
from sgformats.extract.shards import STDIN, Shard
from sgformats.extract.texts import WRITERS
from sgformats.outfile import replacing

_VERSION = 1
"""Of the rows that the same input gives; another one makes every part anew."""


class Work(msgspec.Struct, frozen=True):
    """How shards become parts: in which folder and form, which tables, and how they are read."""

    folder: str
    form: str
    tables: tuple[Table, ...]
    options: Options


class Part(msgspec.Struct, frozen=True):
    """A part that is done.

    `files` are its tables' names in the folder, `captures` the files that it was read from, each with
    the byte at which the part begins.
    """

    number: int
    fingerprint: str
    files: dict[Table, str]
    sizes: dict[Table, int]
    captures: tuple[tuple[str, int], ...]
    counts: Counts

    def path(self, work: Work, table: Table) -> Path:
        """Where the rows of a table are."""
        return Path(work.folder, self.files[table])


def find_part(work: Work, shard: Shard) -> Part | None:
    """The part of an earlier run that is this shard's; None where there is none to be sure of."""
    if any(piece.path == STDIN or piece.size < 0 for piece in shard.pieces):
        return None
    try:
        done = Path(work.folder, _done(shard.number)).read_bytes()
        part = msgspec.json.decode(done, type=Part)
        sizes = {table: os.path.getsize(part.path(work, table)) for table in work.tables}
    except (OSError, msgspec.MsgspecError, KeyError):
        return None
    same = part.fingerprint == _fingerprint(work, shard) and part.sizes == sizes
    return part if same else None


def make_part(
    work: Work, shard: Shard, *, limit: int | None = None, stdin: BinaryIO | None = None
) -> Part:
    """Reads a shard into a part. Raises `OSError` where it cannot be written, `ExtractError`."""
    counts = Counts()
    token = secrets.token_hex(4)
    files = {table: f"{shard.number:08}-{token}.{table}" for table in work.tables}
    try:
        with ExitStack() as stack:
            tables: dict[Table, _Rows] = {}
            for table, name in files.items():
                file = stack.enter_context(Path(work.folder, name).open("wb"))
                tables[table] = stack.enter_context(_Rows(work, table, file))
            blocks = read_shard(
                shard, work.options, counts, limit=limit, stdin=stdin, tables=work.tables
            )
            for block in blocks:
                tables[block.table].write(block)
    except BaseException:
        for name in files.values():
            with suppress(OSError):
                Path(work.folder, name).unlink()
        raise
    sizes = {table: os.path.getsize(Path(work.folder, name)) for table, name in files.items()}
    fingerprint = _fingerprint(work, shard) if limit is None else ""
    captures = tuple((shown_path(piece.path), piece.start) for piece in shard.pieces)
    part = Part(shard.number, fingerprint, files, sizes, captures, counts)
    with replacing(Path(work.folder, _done(shard.number))) as done:
        done.write(msgspec.json.encode(part))
    return part


class _Rows:
    """The rows of one table, on their way into a file."""

    def __init__(self, work: Work, table: Table, file: BinaryIO) -> None:
        self._file = file
        self._zone = work.options.zone is not None
        self._text = WRITERS.get(form_of(work.form, table))
        self._stream: Any = None
        if self._text is None:
            self._stream = arrow().ipc.new_stream(file, schema(table, self._zone))

    def __enter__(self) -> _Rows:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            if self._stream is not None:
                self._stream.close()
            self._file.flush()
            os.fsync(self._file.fileno())

    def write(self, block: Block) -> None:
        """Adds a block."""
        if self._text is not None:
            self._file.write(self._text(block))
        else:
            self._stream.write_batch(batch(block, self._zone))


def form_of(form: str, table: Table) -> str:
    """The form that a table's rows have in a part: rejects are lines of JSON, but for a database."""
    return "jsonl" if table == "rejects" and form != "database" else form


def _done(number: int) -> str:
    return f"{number:08}.done"


def _fingerprint(work: Work, shard: Shard) -> str:
    about = (_VERSION, work.form, work.tables, work.options, shard.pieces)
    return hashlib.sha256(msgspec.json.encode(about)).hexdigest()
