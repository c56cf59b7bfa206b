"""A whole run: from captures to OUT, in parts that are kept until all of them are joined.

After a kill at any moment, the same call resumes. OUT and the rejects are written only when complete.
A file that cannot be read ends a run only after all others are read.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from functools import partial
from itertools import chain, islice
from typing import IO, BinaryIO

import msgspec
from msgspec.structs import replace

from sgformats.captures.pieces import SPLIT, STDIN
from sgformats.errors import ArgumentError, ExtractError
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.shards import Shard, find_shards
from sgformats.extract.read.tables import RowBlock
from sgformats.extract.run.outputs import Places, aside, put
from sgformats.extract.run.partsfolder import Folder, use_folder
from sgformats.extract.run.progress import Journal, Progress, Task, do_task
from sgformats.extract.write.parts import Part, Work, read_batches
from sgformats.extract.write.sinks import Sink, copy_rows, find_sink
from sgformats.extract.write.text import json_lines
from sgformats.files import is_special, replacing
from sgformats.workers.pool import cores, do, run_all

__all__ = ["Progress", "Summary", "extract"]

PathLike = str | os.PathLike[str]


class Summary(msgspec.Struct, frozen=True):
    """What a run has done: its figures, its seconds, where its results are, and who could work.

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
    csv_safe: bool = False,
    split: int = SPLIT,
    stdin: BinaryIO | None = None,
    tell: Callable[[Progress], object] = lambda progress: None,
) -> Summary:
    """Writes the records of captures to a table, and what gave none to a file of rejects.

    `paths` are files and folders; `-` is standard input, or `stdin`. What the run itself writes is not
    read. `to` names a form of `SINKS`, told by OUT's suffix if not given. `rejects` is
    `OUT.rejects.jsonl` by default, but none if OUT is a database, which has a table of them, or a
    device. `workers` is by default the number of cores. With `limit`, no more records than that are
    read, by one worker. `csv_safe` writes CSV in which no text is a formula. A shard has about `split`
    bytes. `tell` hears now and then how far it is.

    Stopped or killed, the same call goes on with what is kept in `.NAME.parts` beside OUT.

    Raises `ExtractError` where something cannot be read or written, `ArgumentError` for what cannot
    be asked, and `MissingPackageError`.
    """
    target = _name_of(out)
    found = [_name_of(p) for p in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]
    for name, number in (("workers", workers), ("limit", limit), ("split", split)):
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ArgumentError(f"expected a number of at least 1 as {name}")
    if found.count(STDIN) > 1:
        raise ArgumentError("expected - once: standard input can be read only once")
    sink = find_sink(target, to)
    sink.need()
    if csv_safe and sink.name != "csv":
        raise ArgumentError(f"expected CSV with csv_safe, found {sink.name}")
    places = Places(target, _rejects_path(target, sink, rejects))
    places.check(found)
    chosen = options or Options()
    chosen = replace(chosen, fields=dict(chosen.fields))  # Which can be sent to other processes.

    def work(folder: Folder) -> Summary:
        run = _Run(
            Work(
                folder.path,
                folder.key,
                f"{sink.form}-safe" if csv_safe else sink.form,
                sink.tables,
                chosen,
            ),
            folder,
            sink,
            places,
            limit,
            stdin or getattr(sys.stdin, "buffer", None),
            Journal(target, folder, tell),
        )
        shards = places.without(find_shards(found, chosen, split=split))
        return run.summary(shards, workers or cores())

    return use_folder(target, work)


def _name_of(path: PathLike) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"expected a path as str, found {type(path).__name__}")
    return os.fsdecode(path)


def _rejects_path(out: str, sink: Sink, rejects: PathLike | None) -> str | None:
    if rejects is not None:
        return _name_of(rejects)
    # A database has a table for rejects.
    if is_special(out) or sink.name == "duckdb":
        return None
    path = f"{out}.rejects.jsonl"
    if os.path.islink(path) or is_special(path):  # Nobody asked for what it leads to.
        reason = "expected a file or nothing there, found something else"
        raise ExtractError(path, reason, "name the file for the rejects if it is meant")
    return path


class _Run:
    """One run, and what it has to do."""

    def __init__(
        self,
        work: Work,
        folder: Folder,
        sink: Sink,
        places: Places,
        limit: int | None,
        stdin: BinaryIO | None,
        journal: Journal,
    ) -> None:
        self._work = work
        self._folder = folder
        self._sink = sink
        self._places = places
        self._limit = limit
        self._stdin = stdin
        self._journal = journal
        self._counts = Counts()
        self._used = 1  # How many processes there was work for.

    def summary(self, shards: Iterator[Shard], workers: int) -> Summary:
        """Does all of it."""
        started = time.monotonic()
        out, rejects = self._places
        journal = self._journal
        place = aside(out, self._folder.path, "out")
        with closing(self._complete(shards, workers)) as parts, journal.writing(out):
            self._sink.join(place, out, self._work, parts)
        if rejects is not None:
            with journal.writing(rejects):
                put(aside(rejects, self._folder.path, "rejects"), rejects)
        with journal.writing(out):
            put(place, out)
        return Summary(
            counts=self._counts,
            seconds=time.monotonic() - started,
            out=out,
            rejects=rejects,
            workers=self._used,
            parts=journal.parts,
            reused=journal.reused,
        )

    def _complete(self, shards: Iterator[Shard], workers: int) -> Generator[Part]:
        """The parts in their order, whose rejects are written meanwhile.

        Raises `ExtractError` behind the last where not everything could be read.
        """
        path, journal = self._places.rejects, self._journal
        with ExitStack() as stack:
            rejects = None
            if path is not None:
                stack.enter_context(journal.writing(path))
                rejects = stack.enter_context(replacing(aside(path, self._folder.path, "rejects")))
            for part in stack.enter_context(closing(self._parts(shards, workers))):
                if journal.failed:
                    continue  # There will be no OUT: all that can be done is kept for the next run.
                if rejects is not None:
                    self._copy_rejects(rejects, part)
                self._counts.add(part.counts)
                yield part
            if journal.failed:
                raise journal.unread()

    def _copy_rejects(self, file: IO[bytes], part: Part) -> None:
        if self._work.form != "database":
            copy_rows(file, self._work.path(part, "rejects"))
            return
        for rows in read_batches(self._work, part, "rejects"):
            file.write(json_lines(RowBlock("rejects", rows.to_pydict())))

    def _parts(self, shards: Iterator[Shard], workers: int) -> Generator[Part]:
        if self._limit is not None:
            yield from self._limited(shards, self._limit)
            return
        tasks = self._tasks(shards)
        first = list(islice(tasks, 2))
        self._used = workers if len(first) > 1 else 1
        work = partial(do_task, self._work, None, None)
        keep = () if self._folder.lock is None else (self._folder.lock,)
        results = run_all(work, chain(first, tasks), self._used, self._journal.hear, keep)
        with closing(results):
            for part, _ in results:
                yield part

    def _limited(self, shards: Iterator[Shard], left: int) -> Iterator[Part]:
        """Parts until there are as many records as are wanted."""
        for shard in self._found(shards):
            part = self._do(shard, left)
            if part is None:
                continue
            yield part
            left -= part.counts.records
            if left <= 0:
                return

    def _tasks(self, shards: Iterator[Shard]) -> Iterator[Task]:
        """What is to be made; what only this process can, because it has standard input, is made."""
        for shard in self._found(shards):
            if shard.pieces[0].path != STDIN:
                yield shard
            elif part := self._do(shard, None):
                yield part

    def _found(self, shards: Iterator[Shard]) -> Iterator[Shard]:
        try:
            yield from shards
        except ExtractError as error:
            self._journal.fail(error)

    def _do(self, shard: Task, limit: int | None) -> Part | None:
        """The part of a shard, made here and now, if it can be."""
        done = do(partial(do_task, self._work, self._stdin, limit), shard, self._journal.hear)
        self._journal.hear(done)
        return None if done.result is None else done.result[0]
