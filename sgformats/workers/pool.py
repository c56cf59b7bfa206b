"""A pool of worker processes; none outlives its parent.

Results come in the order of the tasks. If a worker dies, its task is reported and a new worker
replaces it. Workers are fresh Python processes that receive their input through pipes: they do not
import the main script again, inherit only the given files, and do not receive Ctrl-C.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any, Generic, TypeVar, cast

from sgformats.errors import ExtractError, SgformatsError

T = TypeVar("T")
R = TypeVar("R")
Send = Callable[[Any], object]

_AHEAD = 16_384
"""How many results may wait for one that comes before them."""

_TIMEOUT = 5.0

# Makes glibc's allocator keep freed memory for the next block instead of returning it.
_MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(1 << 28), "MALLOC_MMAP_THRESHOLD_": str(1 << 26)}

# Never import from the current folder.
_MAIN = (
    "import sys; sys.path[:] = filter(None, sys.path); import pickle; "
    "sys.path[:] = pickle.load(sys.stdin.buffer); "
    "from sgformats.workers.worker import serve; serve()"
)


@dataclass(frozen=True)
class Done(Generic[T, R]):
    """A finished task: its result, or what it raised."""

    task: T
    result: R | None
    error: Exception | None


@dataclass(frozen=True)
class Progressed(Generic[T]):
    """A progress message of a running task."""

    task: T
    message: Any


class DiedError(SgformatsError):
    """A process died during a task; `code` is its exit code, or minus the signal number."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


Handler = Callable[["Done[T, R] | Progressed[T]"], object]


def cores() -> int:
    """How many processes can run at the same time."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def run_all(
    work: Callable[[T, Send], R],
    tasks: Iterator[T],
    workers: int,
    handle: Handler[T, R],
    inherit: Collection[int] = (),
) -> Generator[R]:
    """Run all tasks, and yield the results of those that have one, in the order of the tasks.

    `handle` is called at once with each progress message and each finished task; an exception from
    it ends the run. With one worker, the tasks run in this process. The workers inherit the file
    descriptors in `inherit`. Close the generator to end all workers.
    """
    if workers == 1 or not sys.executable:
        for task in tasks:
            done = do(work, task, handle)
            handle(done)
            if done.result is not None:
                yield done.result
        return
    pool = _Pool(work, handle, workers, inherit)
    try:
        yield from pool.run(enumerate(tasks))
    finally:
        pool.end()


def do(
    work: Callable[[T, Send], R], task: T, handle: Callable[[Progressed[T]], object]
) -> Done[T, R]:
    """Run a task. The error in the result is always a `SgformatsError` or an `OSError`."""
    try:
        return Done(task, work(task, lambda message: handle(Progressed(task, message))), None)
    except (SgformatsError, OSError) as error:
        return Done(task, None, error)
    except Exception as error:  # A bug, or out of memory: report it like any other error.
        reason = f"unexpected {type(error).__name__}: {error}"
        return Done(task, None, ExtractError(str(task), reason))


class _Pool(Generic[T, R]):
    """Assigns tasks to processes. One thread serves each process; the caller's does the rest."""

    def __init__(
        self,
        work: Callable[[T, Send], R],
        handle: Handler[T, R],
        workers: int,
        inherit: Collection[int],
    ) -> None:
        self._handle = handle
        self._workers = workers
        self._tasks: SimpleQueue[tuple[int, T] | None] = SimpleQueue()
        self._events: SimpleQueue[tuple[int, Done[T, R] | Progressed[T] | BaseException]] = (
            SimpleQueue()
        )
        self._processes = [_Process(work, inherit) for _ in range(workers)]
        self._threads: list[threading.Thread] = []

    def run(self, tasks: Iterator[tuple[int, T]]) -> Generator[R]:
        """Run the tasks, and yield their results."""
        open_tasks = following = 0
        results: dict[int, R | None] = {}
        more = True
        while True:
            # Queue one extra task per worker, so that none waits for this thread.
            while more and open_tasks < 2 * self._workers and len(results) < _AHEAD:
                task = next(tasks, None)
                if task is None:
                    more = False
                    break
                self._give(task, open_tasks)
                open_tasks += 1
            if not open_tasks:
                return
            number, event = self._events.get()
            if isinstance(event, BaseException):
                raise event
            self._handle(event)
            if isinstance(event, Progressed):
                continue
            open_tasks -= 1
            results[number] = event.result
            while following in results:
                result = results.pop(following)
                following += 1
                if result is not None:
                    yield result

    def end(self) -> None:
        """Kill the processes, and wait for the threads."""
        for process in self._processes:
            process.kill()
        for _ in self._threads:
            self._tasks.put(None)
        for thread in self._threads:
            thread.join()
        for process in self._processes:
            process.end()

    def _give(self, task: tuple[int, T], others: int) -> None:
        self._tasks.put(task)
        if len(self._threads) < min(self._workers, others + 1):
            process = self._processes[len(self._threads)]
            thread = threading.Thread(target=self._serve, args=(process,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, process: _Process) -> None:
        """Give tasks to a process, one after the other; runs in its own thread."""
        for number, task in iter(self._tasks.get, None):
            try:
                for event in process.work(task):
                    self._events.put((number, event))
            except BaseException as error:
                self._events.put((number, error))


class _Process:
    """A worker process: started with its first task, and again after it has died."""

    def __init__(self, work: Callable[[Any, Send], Any], inherit: Collection[int]) -> None:
        self._work = work
        self._inherit = tuple(inherit) if os.name == "posix" else ()
        self._lock = threading.Lock()
        self._killed = False
        self._process: subprocess.Popen[bytes] | None = None

    def work(self, task: T) -> Iterator[Progressed[T] | Done[T, Any]]:
        """Run a task; yield its progress messages, and last the finished task."""
        try:
            stdout = self._started(task).stdout
            self._send(task)
            while True:
                is_progress, *values = pickle.load(cast("IO[bytes]", stdout))
                if not is_progress:
                    yield Done(task, *values)
                    return
                yield Progressed(task, *values)
        except (EOFError, pickle.UnpicklingError):
            yield Done(task, None, DiedError(self.end()))

    def kill(self) -> None:
        """Kill the process, and prevent a restart."""
        with self._lock:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> int:
        """Wait for the process to end, and return its exit code."""
        with self._lock:
            process, self._process = self._process, None
        if process is None:
            return 0
        try:
            process.wait(_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast("IO[bytes]", pipe).close()
        return process.wait()

    def _started(self, task: object) -> subprocess.Popen[bytes]:
        """The process, started if needed. Raises `EOFError` after `kill`."""
        with self._lock:
            if self._killed:
                raise EOFError
            if self._process is not None:
                return self._process
            try:
                self._process = subprocess.Popen(
                    [sys.executable, *_flags(), "-c", _MAIN],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    start_new_session=True,
                    pass_fds=self._inherit,
                    env=_MALLOC | os.environ,
                )
            except OSError as error:
                reason = f"no process can be started for it: {error.strerror or error}"
                raise ExtractError(str(task), reason, "try again with one worker") from None
        self._send(sys.path)
        self._send(self._work)
        return self._process

    def _send(self, value: object) -> None:
        """Send a value; a broken pipe is ignored because the next read will raise."""
        process = self._process
        if process is not None and process.stdin is not None:
            with suppress(BrokenPipeError):
                process.stdin.write(pickle.dumps(value))
                process.stdin.flush()


def _flags() -> list[str]:
    """The interpreter options of the parent that affect how file names are decoded."""
    return ["-X", "utf8"] if sys.flags.utf8_mode else []
