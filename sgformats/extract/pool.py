"""Processes that work side by side, and none of which outlives the one that started it.

Results come in the order of the tasks. A process that dies says with which task; one that is asked to
end, or whose parent is gone, ends at once.
"""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from sgformats.errors import SgformatsError

_GARBAGE = 100_000
"""How many objects a process makes before it looks for garbage: rows are none, and make many."""

T = TypeVar("T")
R = TypeVar("R")

_AHEAD = 4096
"""How many results may wait for one that comes before them."""


class Done(NamedTuple, Generic[T]):
    """A task that has come to its end: its result, or what it raised."""

    task: T
    result: Any
    error: Exception | None


class DiedError(SgformatsError):
    """A process ended with its task undone; `code` is its exit code, or a signal's below 0."""

    def __init__(self, code: int | None) -> None:
        super().__init__(code)
        self.code = code


def cores() -> int:
    """How many processes can run at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def run_all(
    work: Callable[[T], R],
    tasks: Iterator[T],
    workers: int,
    tell: Callable[[Done[T]], object] = lambda done: None,
) -> Iterator[Done[T]]:
    """Does all tasks, and gives what came of each in their order; `tell` hears of it at once.

    With one worker they are done here. An error that is no `SgformatsError` or `OSError` goes out.
    """
    if workers == 1:
        for task in tasks:
            done = _do(work, task)
            tell(done)
            yield done
        return
    yield from _Pool(work, tasks, workers, tell).run()


def _do(work: Callable[[T], R], task: T) -> Done[T]:
    try:
        return Done(task, work(task), None)
    except (SgformatsError, OSError) as error:
        return Done(task, None, error)


class _Pool(Generic[T]):
    def __init__(
        self,
        work: Callable[[T], Any],
        tasks: Iterator[T],
        workers: int,
        tell: Callable[[Done[T]], object],
    ) -> None:
        self._work = work
        self._tasks = enumerate(tasks)
        self._workers = workers
        self._tell = tell
        self._all: list[_Worker] = []
        self._idle: list[_Worker] = []
        self._busy: dict[_Worker, tuple[int, T]] = {}
        self._results: dict[int, Done[T]] = {}

    def run(self) -> Iterator[Done[T]]:
        following = 0
        try:
            while self._give() or self._busy:
                self._take()
                while following in self._results:
                    yield self._results.pop(following)
                    following += 1
        finally:
            for worker in self._all:
                worker.end()

    def _give(self) -> bool:
        """Hands out tasks to all who have none; False where there is none left."""
        while len(self._busy) < self._workers and len(self._results) < _AHEAD:
            task = next(self._tasks, None)
            if task is None:
                return False
            if not self._idle:
                self._idle.append(_Worker(self._work))
                self._all.append(self._idle[-1])
            worker = self._idle.pop()
            self._busy[worker] = task
            worker.give(task[1])
        return bool(self._busy)

    def _take(self) -> None:
        """Waits for a result, or for a death."""
        from multiprocessing.connection import wait

        if not self._busy:
            return
        by_handle: dict[Any, _Worker] = {}
        for worker in self._busy:
            by_handle[worker.results] = by_handle[worker.process.sentinel] = worker
        for worker in {by_handle[handle] for handle in wait(list(by_handle))}:
            number, task = self._busy.pop(worker)
            done = worker.take(task)
            if isinstance(done.error, DiedError):
                self._all.remove(worker)
            else:
                self._idle.append(worker)
            self._results[number] = done
            self._tell(done)


class _Worker:
    """A process, and the pipes to and from it."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        from multiprocessing import get_context

        # A fork would copy the threads' locks of whoever calls, held or not.
        context = get_context("spawn")
        theirs, self._tasks = context.Pipe(duplex=False)
        self.results, results = context.Pipe(duplex=False)
        self.process = context.Process(target=_serve, args=(work, theirs, results), daemon=True)
        self.process.start()
        theirs.close()
        results.close()

    def give(self, task: Any) -> None:
        """Sends a task; if nobody is there to take it, `take` tells."""
        with suppress(OSError):
            self._tasks.send(task)

    def take(self, task: T) -> Done[T]:
        """The result of a task, if the process lived to give one."""
        try:
            if self.results.poll():
                result, error = self.results.recv()
                return Done(task, result, error)
        except (EOFError, OSError):
            pass
        self.process.join()
        return Done(task, None, DiedError(self.process.exitcode))

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self.process.kill()
        self.process.join()
        self._tasks.close()
        self.results.close()


def _serve(work: Callable[[Any], Any], tasks: Any, results: Any) -> None:
    """What a process does: one task after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent says when to end.
    threading.Thread(target=_outlive_nobody, daemon=True).start()
    gc.set_threshold(_GARBAGE)
    with suppress(EOFError, OSError):
        while True:
            done = _do(work, tasks.recv())
            results.send((done.result, done.error))


def _outlive_nobody() -> None:
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
