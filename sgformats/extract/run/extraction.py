"""Extract captures to OUT: read them in parts, join the parts, and put OUT in place.

If the run is killed at any moment, the same call resumes it. OUT and the rejects appear only when
they are complete. A file that cannot be read ends the run only after all other files are read.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import IO, BinaryIO

import msgspec
from msgspec.structs import replace

from sgformats.captures.pieces import SPLIT, STDIN
from sgformats.errors import ArgumentError, ExtractError
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.options import Options
from sgformats.extract.read.shards import PathLike, Shard, find_shards, path_name, path_names
from sgformats.extract.read.tables import RowBlock
from sgformats.extract.run.outputs import Outputs, put, temporary_path
from sgformats.extract.run.partsfolder import Folder, use_folder
from sgformats.extract.run.progress import Made, Progress, RunState, Task, progress_of
from sgformats.extract.write.parts import Part, PartStore, find_part, make_part, read_batches
from sgformats.extract.write.sinks import Sink, copy_rows, find_sink
from sgformats.extract.write.text import json_lines
from sgformats.files import is_special, replacing
from sgformats.workers.pool import Send, cores, do, run_all

__all__ = ["Progress", "Summary", "extract"]


class Summary(msgspec.Struct, frozen=True):
    """The counts of a run, its duration, its output files, and its numbers of workers and parts.

    `rejects` is None if no file of rejects was written. `reused` is the number of parts that an
    earlier run made.
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
    """Write the records of captures to a table, and everything that gave no records to the rejects.

    `paths` are files and folders; `-` is standard input, or `stdin`. A run does not read its own
    output. `to` is the output format, by default chosen by OUT's suffix. `rejects` is
    `OUT.rejects.jsonl` by default; for a database or a device there is no such file unless it is
    named. `workers` is the number of processes, by default that of the cores. With `limit`, one
    worker reads until there are so many records. `csv_safe` writes CSV in which no text is a
    formula. `split` is the approximate size of a shard in bytes. `tell` is called with the progress
    now and then.

    If a run was stopped or killed, the same call resumes it from the parts in `.NAME.parts` beside
    OUT.

    Raises `ExtractError` if a file cannot be read or written, `ArgumentError` for invalid
    arguments, and `MissingPackageError`.
    """
    target = path_name(out)
    names = path_names(paths)
    for name, number in (("workers", workers), ("limit", limit), ("split", split)):
        if number is not None and (not isinstance(number, int) or number < 1):
            raise ArgumentError(f"expected a number of at least 1 as {name}")
    if names.count(STDIN) > 1:
        raise ArgumentError("expected - once: standard input can be read only once")
    sink = find_sink(target, to)
    sink.import_packages()
    if csv_safe and sink.name != "csv":
        raise ArgumentError(f"expected CSV with csv_safe, found {sink.name}")
    outputs = Outputs(target, _rejects_path(target, sink, rejects))
    outputs.check(names)
    options = options or Options()
    options = replace(
        options, fields=dict(options.fields)
    )  # A dict can be sent to other processes.
    format = f"{sink.part_format}-safe" if csv_safe else sink.part_format
    stdin = stdin or getattr(sys.stdin, "buffer", None)

    def run(folder: Folder) -> Summary:
        store = PartStore(folder.path, folder.key, format, sink.tables, options)
        state = RunState(target, folder, tell)
        shards = outputs.exclude_from(find_shards(names, options, split=split))
        return _Run(store, folder, sink, outputs, limit, stdin, state).run(
            shards, workers or cores()
        )

    return use_folder(target, run)


def _rejects_path(out: str, sink: Sink, rejects: PathLike | None) -> str | None:
    if rejects is not None:
        return path_name(rejects)
    # A database has a table for rejects.
    if is_special(out) or sink.name == "duckdb":
        return None
    path = f"{out}.rejects.jsonl"
    if os.path.islink(path) or is_special(path):  # The user did not name what it leads to.
        reason = "expected a regular file, found a link, a device or a pipe"
        raise ExtractError(path, reason, "to write to it, name it as the file for the rejects")
    return path


@dataclass
class _Run:
    _store: PartStore
    _folder: Folder
    _sink: Sink
    _outputs: Outputs
    _limit: int | None
    _stdin: BinaryIO | None
    _state: RunState
    _counts: Counts = field(default_factory=Counts)
    _used: int = 1
    """The number of processes that there was work for."""

    def run(self, shards: Iterator[Shard], workers: int) -> Summary:
        """Read all shards, and write the output."""
        started = time.monotonic()
        out, rejects = self._outputs
        state = self._state
        temporary = temporary_path(out, self._folder.path, "out")
        with closing(self._parts_and_rejects(shards, workers)) as parts, state.writing(out):
            self._sink.join(temporary, out, self._store, parts)
        if rejects is not None:
            with state.writing(rejects):
                put(temporary_path(rejects, self._folder.path, "rejects"), rejects)
        with state.writing(out):
            put(temporary, out)
        return Summary(
            counts=self._counts,
            seconds=time.monotonic() - started,
            out=out,
            rejects=rejects,
            workers=self._used,
            parts=state.parts,
            reused=state.reused,
        )

    def _parts_and_rejects(self, shards: Iterator[Shard], workers: int) -> Generator[Part]:
        """Yield the parts in order, and write their rejects meanwhile.

        Raises `ExtractError` after the last part if something could not be read.
        """
        path, state = self._outputs.rejects, self._state
        with ExitStack() as stack:
            rejects = None
            if path is not None:
                stack.enter_context(state.writing(path))
                temporary = temporary_path(path, self._folder.path, "rejects")
                rejects = stack.enter_context(replacing(temporary))
            for part in stack.enter_context(closing(self._parts(shards, workers))):
                if state.failed:
                    continue  # There will be no OUT, but the next run can use all parts.
                if rejects is not None:
                    self._copy_rejects(rejects, part)
                self._counts.add(part.counts)
                yield part
            if state.failed:
                raise state.read_error()

    def _copy_rejects(self, file: IO[bytes], part: Part) -> None:
        if self._store.format_of("rejects") == "jsonl":
            copy_rows(file, self._store.path(part.number, "rejects"))
            return
        for rows in read_batches(self._store, part, "rejects"):
            file.write(json_lines(RowBlock("rejects", rows.to_pydict())))

    def _parts(self, shards: Iterator[Shard], workers: int) -> Generator[Part]:
        if self._limit is not None:
            yield from self._limited_parts(shards, self._limit)
            return
        tasks = self._tasks(shards)
        first = list(islice(tasks, 2))
        self._used = workers if len(first) > 1 else 1
        work = partial(_find_or_make_part, self._store, None, None)
        keep = () if self._folder.lock is None else (self._folder.lock,)
        results = run_all(work, chain(first, tasks), self._used, self._state.handle, keep)
        with closing(results):
            for part, _ in results:
                yield part

    def _limited_parts(self, shards: Iterator[Shard], left: int) -> Iterator[Part]:
        for shard in self._shards(shards):
            part = self._make_here(shard, left)
            if part is None:
                continue
            yield part
            left -= part.counts.records
            if left <= 0:
                return

    def _tasks(self, shards: Iterator[Shard]) -> Iterator[Task]:
        """The shards for the workers; this process reads standard input itself, at once."""
        for shard in self._shards(shards):
            if shard.pieces[0].path != STDIN:
                yield shard
            elif part := self._make_here(shard, None):
                yield part

    def _shards(self, shards: Iterator[Shard]) -> Iterator[Shard]:
        try:
            yield from shards
        except ExtractError as error:
            self._state.fail(error)

    def _make_here(self, shard: Task, limit: int | None) -> Part | None:
        """Make a part in this process; None if this fails."""
        work = partial(_find_or_make_part, self._store, self._stdin, limit)
        done = do(work, shard, self._state.handle)
        self._state.handle(done)
        return None if done.result is None else done.result[0]


def _find_or_make_part(
    store: PartStore, stdin: BinaryIO | None, limit: int | None, task: Task, send: Send
) -> Made:
    if isinstance(task, Part):
        return task, False
    part = find_part(store, task)
    if part is not None and (limit is None or part.counts.records < limit):
        return part, True

    def report(counts: Counts) -> None:
        send(progress_of(counts, 0))

    return make_part(store, task, limit=limit, stdin=stdin, report=report), False
