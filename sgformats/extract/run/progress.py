"""The state of a run in progress: how far it is, and which failures occurred."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from sgformats.errors import ExtractError
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.shards import Shard
from sgformats.extract.run.partsfolder import Folder
from sgformats.extract.write.parts import Part, Work, find_part, make_part
from sgformats.workers.pool import DiedError, Done, Say, Word

Task = Shard | Part
"""A shard to make a part of, or a part that was made already."""

Made = tuple[Part, bool]
"""A part, and whether an earlier run has made it."""

_DEATHS = 3
"""The number of processes that may die before the run is given up."""


class Progress(NamedTuple):
    """The progress of a run: bytes of captures, records and rejects read, and parts finished."""

    bytes: int
    records: int
    rejects: int
    parts: int


class Journal:
    """Hears of everything that `do_task` does, and tells how far that is."""

    def __init__(self, out: str, folder: Folder, tell: Callable[[Progress], object]) -> None:
        self._out = out
        self._folder = folder
        self._tell = tell
        self._done = Progress(0, 0, 0, 0)
        self._doing: dict[int, Progress] = {}
        self._failure: ExtractError | None = None
        self._failures = 0
        self._deaths = 0
        self.reused = 0

    @property
    def parts(self) -> int:
        """The number of finished parts."""
        return self._done.parts

    @property
    def failed(self) -> bool:
        """Whether something could not be read."""
        return self._failure is not None

    def hear(self, event: Done[Task, Made] | Word[Task]) -> None:
        """Records the progress, end or failure of a shard.

        Raises `ExtractError` if the run cannot continue.
        """
        task = event.task
        if isinstance(task, Part):
            return  # It was recorded when it was made.
        if isinstance(event, Word):
            self._doing[task.number] = event.word
        else:
            self._doing.pop(task.number, None)
            if event.result is None:
                self._lose(task, event.error)
                return
            part, reused = event.result
            self.reused += reused
            self._done = _sum((self._done, _progress(part.counts, 1)))
        self._tell(_sum((self._done, *self._doing.values())))

    def fail(self, error: ExtractError) -> None:
        """Records a file that cannot be read; the run continues."""
        self._failure = self._failure or error
        self._failures += 1

    def unread(self) -> ExtractError:
        """The error to raise at the end if something could not be read."""
        error, more = self._failure, self._failures - 1
        assert error is not None
        reason = f"{error.reason} (and {more} more)" if more else error.reason
        return ExtractError(error.subject, reason, self._folder.advice)

    @contextmanager
    def writing(self, path: str) -> Iterator[None]:
        """Reports errors inside as a failure to write that file."""
        try:
            yield
        except OSError as error:
            raise self._unwritten(path, error) from None

    def _lose(self, shard: Shard, error: Exception | None) -> None:
        if isinstance(error, DiedError):
            self._deaths += 1
            how = _name_of_code(error.code)
            self.fail(ExtractError(str(shard), f"the process that read it ended with {how}"))
            if self._deaths == _DEATHS:
                raise self.unread()
        elif isinstance(error, ExtractError):
            self.fail(error)
        elif isinstance(error, OSError):
            raise self._unwritten(self._out, error, f" at part {shard.number} of it ({shard})")
        elif error is not None:
            raise error

    def _unwritten(self, path: str, error: OSError, where: str = "") -> ExtractError:
        reason = f"cannot be written{where}: {error.strerror or error}"
        return ExtractError(path, reason, self._folder.advice)


def do_task(work: Work, stdin: BinaryIO | None, limit: int | None, task: Task, say: Say) -> Made:
    """Makes the part of a shard, unless there is one already."""
    if isinstance(task, Part):
        return task, False
    part = find_part(work, task)
    if part is not None and (limit is None or part.counts.records < limit):
        return part, True

    def tell(counts: Counts) -> None:
        say(_progress(counts, 0))

    return make_part(work, task, limit=limit, stdin=stdin, tell=tell), False


def _progress(counts: Counts, parts: int) -> Progress:
    return Progress(counts.bytes, counts.records, sum(counts.rejects.values()), parts)


def _sum(several: Iterable[Progress]) -> Progress:
    return Progress(*map(sum, zip(*several, strict=True)))


def _name_of_code(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"
