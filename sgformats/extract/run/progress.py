"""The state of a run: its progress, and the failures so far."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sgformats.errors import ExtractError
from sgformats.extract.read.counts import Counts
from sgformats.extract.read.shards import Shard
from sgformats.extract.run.partsfolder import Folder
from sgformats.extract.write.parts import Part
from sgformats.workers.pool import DiedError, Done, Progressed

Task = Shard | Part
"""A shard to read, or a part that is finished already."""

Made = tuple[Part, bool]
"""A part, and whether an earlier run made it."""

_MOST_DEATHS = 3
"""The number of dead worker processes that ends the run."""


class Progress(NamedTuple):
    """The progress of a run: bytes of captures, records and rejects read, and parts finished."""

    bytes: int
    records: int
    rejects: int
    parts: int


class RunState:
    """Collects the events of all workers, and reports the progress after each."""

    def __init__(self, out: str, folder: Folder, report: Callable[[Progress], object]) -> None:
        self._out = out
        self._folder = folder
        self._report = report
        self._finished = Progress(0, 0, 0, 0)
        self._running: dict[int, Progress] = {}
        self._failure: ExtractError | None = None
        self._failures = 0
        self._deaths = 0
        self.reused = 0

    @property
    def parts(self) -> int:
        """The number of finished parts."""
        return self._finished.parts

    @property
    def failed(self) -> bool:
        """Whether something could not be read."""
        return self._failure is not None

    def handle(self, event: Done[Task, Made] | Progressed[Task]) -> None:
        """Record the progress, end or failure of a task.

        Raises `ExtractError` if the run cannot continue.
        """
        task = event.task
        if isinstance(task, Part):
            return  # It was recorded when it was made.
        if isinstance(event, Progressed):
            self._running[task.number] = event.message
        else:
            self._running.pop(task.number, None)
            if event.result is None:
                self._handle_error(task, event.error)
                return
            part, is_reused = event.result
            self.reused += is_reused
            self._finished = _sum((self._finished, progress_of(part.counts, 1)))
        self._report(_sum((self._finished, *self._running.values())))

    def fail(self, error: ExtractError) -> None:
        """Record a file that cannot be read; the run continues."""
        self._failure = self._failure or error
        self._failures += 1

    def read_error(self) -> ExtractError:
        """The error to raise at the end if something could not be read."""
        error, more = self._failure, self._failures - 1
        assert error is not None
        reason = f"{error.reason} (and {more} more)" if more else error.reason
        return ExtractError(error.subject, reason, self._folder.advice)

    @contextmanager
    def writing(self, path: str) -> Iterator[None]:
        """Raise each `OSError` as a failure to write this file."""
        try:
            yield
        except OSError as error:
            raise self._write_error(path, error) from None

    def _handle_error(self, shard: Shard, error: Exception | None) -> None:
        if isinstance(error, DiedError):
            self._deaths += 1
            end = _name_of_code(error.code)
            self.fail(ExtractError(str(shard), f"the process that read it ended with {end}"))
            if self._deaths == _MOST_DEATHS:
                raise self.read_error()
        elif isinstance(error, ExtractError):
            self.fail(error)
        elif isinstance(error, OSError):
            raise self._write_error(self._out, error, f" at part {shard.number} of it ({shard})")
        elif error is not None:
            raise error

    def _write_error(self, path: str, error: OSError, where: str = "") -> ExtractError:
        reason = f"cannot be written{where}: {error.strerror or error}"
        return ExtractError(path, reason, self._folder.advice)


def progress_of(counts: Counts, parts: int) -> Progress:
    return Progress(counts.bytes, counts.records, sum(counts.rejects.values()), parts)


def _sum(several: Iterable[Progress]) -> Progress:
    return Progress(*map(sum, zip(*several, strict=True)))


def _name_of_code(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"exit code {code}"
