"""Where the parts of a run are kept: a folder beside OUT, for one run at a time.

It is called `.NAME.parts`. A run that ends well takes it away; one that does not leaves what is done in
it, and nothing else. Where OUT is a device or a pipe there is nothing beside it, and nothing is kept.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

from sgformats.errors import ExtractError
from sgformats.files import is_special

DONE = ".done"
"""How the name of that file ends that makes a part count."""

TEMPORARY = ".tmp"

_LOCK = "lock"
_PATIENCE, _PAUSE = 10.0, 0.05


class Folder(NamedTuple):
    """The folder; `lock` is the open file that keeps others out, where there are locks."""

    path: str
    lock: int | None
    stays: bool

    @property
    def advice(self) -> str:
        """What to do after a failure."""
        if not self.stays or not any(_done_in(self.path)):
            return "run the same command again when that is mended"
        return f"what is done is kept in {self.path}: run the same command again to go on"


@contextmanager
def parts_folder(out: str) -> Iterator[Folder]:
    """The folder for OUT, which no other run has meanwhile.

    It is a place that was checked. Raises `ExtractError` where another run has it.
    """
    if is_special(out):
        with tempfile.TemporaryDirectory(prefix="sgformats-") as path:
            yield Folder(path, None, False)
        return
    target = os.path.realpath(out)
    path = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.parts")
    try:
        lock = _lock(path, out)
    except (OSError, ValueError) as error:
        raise ExtractError(out, f"cannot be written: {in_words(error)}") from None
    complete = False
    try:
        _sweep(path)
        yield Folder(path, lock, True)
        complete = True
    finally:
        with suppress(OSError):
            _sweep(path)
            if complete or not any(_done_in(path)):
                _remove(path)
        os.close(lock)


def check_place(path: str) -> None:
    """That a file can be there. Raises `ExtractError`."""
    if os.path.isdir(path):
        raise ExtractError(path, "expected a file to write, found a folder")
    if is_special(path):
        return
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        raise ExtractError(path, "expected a folder to write it in, found none")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExtractError(path, "cannot be written: its folder takes no new files")


def in_words(error: Exception) -> str:
    """What went wrong, as the system says it."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _lock(path: str, out: str) -> int:
    """The open lock of the folder, which is there then."""
    until = time.monotonic() + _PATIENCE
    while True:
        with suppress(FileExistsError):
            os.mkdir(path)
        try:
            lock = os.open(os.path.join(path, _LOCK), os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            # The run that ends has just taken the folder away.
            if time.monotonic() > until:
                raise
            continue
        locked = _locked(lock)
        if locked and _is_there(lock, path):
            os.ftruncate(lock, 0)
            with suppress(OSError):
                os.write(lock, str(os.getpid()).encode())
            return lock
        owner = b"" if locked else os.read(lock, 20)
        os.close(lock)
        # Processes of a run that was killed may take a moment to end.
        if _lives(owner) or time.monotonic() > until:
            raise ExtractError(out, "another run is writing it", "wait for that one to end")
        time.sleep(_PAUSE)


def _locked(lock: int) -> bool:
    """Whether a file is now locked for this run, where there are locks."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # Not on this file system.
        return True
    return True


def _is_there(lock: int, path: str) -> bool:
    """Whether that file is still the lock: who had it before may have taken all away."""
    try:
        return os.path.samestat(os.fstat(lock), os.stat(os.path.join(path, _LOCK)))
    except OSError:
        return False


def _lives(owner: bytes) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(int(owner), 0)
    except PermissionError:
        return True
    except (ValueError, OSError, OverflowError):
        return False
    return True


def _done_in(path: str) -> Iterator[str]:
    with suppress(OSError), os.scandir(path) as entries:
        yield from (entry.name for entry in entries if entry.name.endswith(DONE))


def _sweep(path: str) -> None:
    """Takes away what a run that was killed had begun."""
    with os.scandir(path) as entries:
        for entry in entries:
            if TEMPORARY in entry.name:
                _unlink(entry)


def _remove(path: str) -> None:
    """Takes the folder away, its lock last."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name != _LOCK:
                _unlink(entry)
    shutil.rmtree(path, ignore_errors=True)


def _unlink(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            os.unlink(entry.path)
