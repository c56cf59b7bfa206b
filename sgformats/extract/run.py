"""A whole run: from captures to OUT, in parts that are kept until all of them are joined.

Killed at any moment, the same call goes on where it was; OUT and the rejects appear when they are
complete. What cannot be read ends a run only after all else is read.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats.errors import ArgumentError, ExtractError, SgformatsError
from sgformats.extract.counts import Counts
from sgformats.extract.options import Options
from sgformats.extract.parts import Part, Work, find_part, make_part
from sgformats.extract.pool import DiedError, Done, cores, run_all
from sgformats.extract.shards import SPLIT, STDIN, Shard, find_shards
from sgformats.extract.sinks import Sink, copy_rows, find_sink
from sgformats.outfile import is_special, replacing

PathLike = str | os.PathLike[str]
_AGAIN = "what is done is kept in {}: run the same command again to go on"


class Progress(NamedTuple):
    """How far a run is: bytes of captures and records that are done, of all parts so far."""

    bytes: int
    records: int
    rejects: int
    parts: int


class Summary(msgspec.Struct, frozen=True):
    """What a run has done: its figures, its seconds, where its results are, and who worked.

    `rejects` is None where they were not written. `reused` of the `parts` are an earlier run's.
    """

    counts: Counts
    seconds: float
    out: str
    rejects: str | None
    workers: int
    parts: int
    reused: int


def extract(
    paths: PathLike | Iterable[PathLike],
    out: PathLike,
    *,
    to: str | None = None,
    rejects: PathLike | None = None,
    options: Options | None = None,
    workers: int | None = None,
    limit: int | None = None,
    split: int = SPLIT,
    stdin: BinaryIO | None = None,
    tell: Callable[[Progress], object] = lambda progress: None,
) -> Summary:
    """Writes the records of captures to a table, and what gave none to a file of rejects.

    `paths` are files and folders; `-` is standard input, or `stdin`. `to` names a form of `SINKS`,
    told by OUT's suffix if not given. `rejects` is `OUT.rejects.jsonl` by default, but none if OUT is a
    database, which has a table of them, or a device. `workers` is by default the number of cores. With
    `limit`, no more records than that are read. A shard has about `split` bytes. `tell` hears of every
    part that is done.

    A run with several workers starts processes, which import the script that calls it: there, call
    it under `if __name__ == "__main__"`.

    Raises `ExtractError` where something cannot be read or written, `ArgumentError` for what cannot
    be asked, and `MissingPackageError`.
    """
    target = os.fsdecode(out)
    found = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    for name, number in (("workers", workers), ("limit", limit), ("split", split)):
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ArgumentError(f"expected a number of at least 1 as {name}")
    if [os.fsdecode(path) for path in found].count(STDIN) > 1:
        raise ArgumentError("expected - once: standard input can be read only once")
    sink = find_sink(target, to)
    run = _Run(
        found,
        target,
        sink,
        _rejects_path(target, sink, rejects),
        options or Options(),
        1 if limit is not None else workers or cores(),
        limit,
        split,
        stdin or getattr(sys.stdin, "buffer", None),
        tell,
    )
    return run.summary()


def _rejects_path(out: str, sink: Sink, rejects: PathLike | None) -> str | None:
    if rejects is not None:
        return os.fsdecode(rejects)
    # A database has a table of them.
    return None if is_special(out) or sink.name == "duckdb" else f"{out}.rejects.jsonl"


class _Run:
    """One run, and how far it is."""

    def __init__(
        self,
        paths: list[PathLike],
        out: str,
        sink: Sink,
        rejects: str | None,
        options: Options,
        workers: int,
        limit: int | None,
        split: int,
        stdin: BinaryIO | None,
        tell: Callable[[Progress], object],
    ) -> None:
        self._paths = paths
        self._out = out
        self._sink = sink
        self._rejects = rejects
        self._options = options
        self._workers = workers
        self._limit = limit
        self._split = split
        self._stdin = stdin
        self._tell = tell
        self._counts = Counts()
        self._progress = Progress(0, 0, 0, 0)
        self._reused = 0
        self._unread: list[ExtractError] = []

    def summary(self) -> Summary:
        """Does all of it."""
        started = time.monotonic()
        with _folder(self._out) as folder:
            work = Work(folder, self._sink.form, self._sink.tables, self._options)
            try:
                self._sink.join(self._out, work, self._complete(work))
            except SgformatsError:
                raise
            except OSError as error:
                raise self._unwritten(work, error) from None
        return Summary(
            counts=self._counts,
            seconds=time.monotonic() - started,
            out=self._out,
            rejects=self._rejects,
            workers=self._workers,
            parts=self._progress.parts,
            reused=self._reused,
        )

    def _complete(self, work: Work) -> Iterator[Part]:
        """The parts in their order, whose rejects are written meanwhile, and stand before OUT does.

        Raises `ExtractError` behind the last where not everything could be read.
        """
        with ExitStack() as stack:
            rejects = stack.enter_context(replacing(self._rejects)) if self._rejects else None
            for part in self._parts(work):
                if self._unread:
                    continue  # There will be no OUT: all that can be done now is kept for the next run.
                if rejects is not None:
                    copy_rows(rejects, work, part, "rejects")
                self._counts.add(part.counts)
                yield part
            if self._unread:
                raise self._unreadable(work)

    def _parts(self, work: Work) -> Iterator[Part]:
        if self._limit is not None:
            yield from self._limited(work, self._limit)
            return
        here = partial(_do, work, self._stdin if self._workers == 1 else None)
        hear = partial(self._hear, work)
        for done in run_all(here, self._shards(), self._workers, hear):
            if done.error is None:
                yield done.result[0]

    def _limited(self, work: Work, left: int) -> Iterator[Part]:
        """Parts until there are as many records as are wanted."""
        for shard in self._shards():
            part = make_part(work, shard, limit=left, stdin=self._stdin)
            self._hear(work, Done(shard, (part, False), None))
            yield part
            left -= part.counts.records
            if left <= 0:
                return

    def _shards(self) -> Iterator[Shard]:
        try:
            yield from find_shards(self._paths, self._options, split=self._split)
        except ExtractError as error:
            self._unread.append(error)

    def _hear(self, work: Work, done: Done[Shard]) -> None:
        """Takes note of a shard that is done, or could not be."""
        error = done.error
        if isinstance(error, DiedError):
            code = error.code or 0
            how = f"signal {-code}" if code < 0 else f"exit code {code}"
            reason = f"the process that read it ended with {how}"
            raise ExtractError(str(done.task), reason, _AGAIN.format(work.folder))
        if isinstance(error, OSError):
            raise self._unwritten(work, error, done.task)
        if isinstance(error, ExtractError):
            self._unread.append(error)
        elif error is not None:
            raise error
        else:
            part, reused = done.result
            self._reused += reused
            before = self._progress
            self._progress = Progress(
                before.bytes + done.task.bytes,
                before.records + part.counts.records,
                before.rejects + sum(part.counts.rejects.values()),
                before.parts + 1,
            )
            self._tell(self._progress)

    def _unreadable(self, work: Work) -> ExtractError:
        first, more = self._unread[0], len(self._unread) - 1
        reason = f"{first.reason} (and {more} more)" if more else first.reason
        return ExtractError(first.subject, reason, _AGAIN.format(work.folder))

    def _unwritten(self, work: Work, error: OSError, shard: Shard | None = None) -> ExtractError:
        where = f" at {shard}" if shard is not None else ""
        reason = f"cannot be written{where}: {error.strerror or error}"
        return ExtractError(self._out, reason, _AGAIN.format(work.folder))


def _do(work: Work, stdin: BinaryIO | None, shard: Shard) -> tuple[Part, bool]:
    """The part of a shard, and whether an earlier run has made it."""
    part = find_part(work, shard)
    return (make_part(work, shard, stdin=stdin), False) if part is None else (part, True)


@contextmanager
def _folder(out: str) -> Iterator[str]:
    """The folder of a run's parts, for this run alone; it goes when the run comes to its end."""
    if is_special(out):
        with tempfile.TemporaryDirectory(prefix="sgformats-") as folder:
            yield folder
        return
    target = os.path.realpath(out)
    folder = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.parts")
    try:
        if os.path.isdir(target):
            raise ExtractError(out, "expected a file to write, found a folder")
        with suppress(FileExistsError):
            os.mkdir(folder)
        lock = os.open(os.path.join(folder, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ExtractError(out, f"cannot be written: {error.strerror or error}") from None
    try:
        if not _locked(lock):
            raise ExtractError(out, "another run is writing it", "wait for that one to end")
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    """Whether a file is now locked by this process, where there are locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
