"""The main program of a worker process: runs tasks one after the other until the parent is gone.

It reads pickles (the work, then tasks) and writes pickles (progress messages and results).
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
from queue import SimpleQueue
from typing import IO, Any, NoReturn

from sgformats.workers.pool import do

_GARBAGE = 100_000
"""How many new objects trigger a garbage collection: rows are many objects without cycles."""


def serve() -> NoReturn:
    """Run tasks until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # The parent decides when to end.
    gc.set_threshold(_GARBAGE)
    results = _results()
    tasks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_listen, args=(tasks,), daemon=True).start()

    def send(is_progress: bool, *values: object) -> None:
        results.write(pickle.dumps((is_progress, *values)))
        results.flush()

    try:
        work = tasks.get()
        while True:
            done = do(work, tasks.get(), lambda event: send(True, event.message))
            send(False, done.result, done.error)
    except BrokenPipeError:
        os._exit(0)
    except BaseException:
        _fail()


def _results() -> IO[bytes]:
    """The stream for results: standard output, closed to any other output."""
    results = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return results


def _listen(tasks: SimpleQueue[Any]) -> None:
    """Receive tasks until the parent is gone."""
    try:
        while True:
            tasks.put(pickle.load(sys.stdin.buffer))
    except EOFError:
        os._exit(0)
    except BaseException:
        _fail()


def _fail() -> NoReturn:
    sys.excepthook(*sys.exc_info())
    os._exit(1)
