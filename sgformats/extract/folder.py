"""Where the parts of a run are kept: a folder beside OUT, for one run at a time.

It is called `.NAME.parts`. A run that succeeds removes it; one that fails leaves the parts that are done
in it, and nothing else. If OUT is a device or a pipe, the folder is a temporary one, and nothing is kept.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from io import FileIO
from typing import NamedTuple, TypeVar, cast

from sgformats.errors import ExtractError
from sgformats.files import is_special

T = TypeVar("T")

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
        if not self.stays or not _has_parts(self.path):
            return "run the same command again when that is mended"
        return f"what is done is kept in {self.path}: run the same command again to go on"


def use_folder(out: str, work: Callable[[Folder], T]) -> T:
    """Calls `work` with the folder for OUT, which no other run has meanwhile, and cleans up.

    Ctrl-C can arrive anywhere: between any two steps, and while the folder is cleaned. So the folder is
    claimed inside the `try`, released twice, and not given out by a context manager, which Ctrl-C can
    stop before its `with` begins. `out` is a place that was checked. Raises `ExtractError` where another
    run has the folder.
    """
    special = is_special(out)
    if special:
        path = os.path.join(tempfile.gettempdir(), f"sgformats-{secrets.token_hex(16)}")
    else:
        target = os.path.realpath(out)
        path = os.path.join(os.path.dirname(target), f".{os.path.basename(target)}.parts")
    claim = _Claim(path, out, kept=not special)
    try:
        try:
            result = work(claim.take())
            claim.complete = True
            return result
        finally:
            claim.release()
    finally:
        claim.release()  # Does what is left to do if the first call was interrupted.


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


class _Claim:
    """One run's claim to a folder. Its calls can be repeated after they were interrupted."""

    def __init__(self, path: str, out: str, *, kept: bool) -> None:
        self._path = path
        self._out = out
        self._kept = kept
        # Not a number: a file that is lost between two steps is closed.
        self._lock: FileIO | None = None
        self._released = False
        self.complete = False

    def take(self) -> Folder:
        """Makes the folder if need be, and locks it."""
        try:
            if not self._kept:
                os.mkdir(self._path, 0o700)
                return Folder(self._path, None, False)
            return Folder(self._path, self._wait_for_lock(), True)
        except (OSError, ValueError) as error:
            raise ExtractError(self._out, f"cannot be written: {in_words(error)}") from None

    def release(self) -> None:
        """Removes what nobody needs: all of the folder, or all but the parts that are done."""
        if self._released:
            return
        if self._kept:
            with suppress(OSError, ValueError):
                if self._try_lock():
                    _sweep(self._path)
                    if self.complete or not _has_parts(self._path):
                        _remove(self._path)
            with suppress(OSError, ValueError):
                os.rmdir(self._path)  # If it is empty: nothing but the folder had been made.
        else:
            shutil.rmtree(self._path, ignore_errors=True)
        self._close()
        self._released = True

    def _wait_for_lock(self) -> int:
        """The descriptor of the lock."""
        until = time.monotonic() + _PATIENCE
        while True:
            with suppress(FileExistsError):
                os.mkdir(self._path)
            try:
                locked = self._try_lock()
            except FileNotFoundError:
                # The run that ends has just removed the folder.
                if time.monotonic() > until:
                    raise
                continue
            lock = cast("FileIO", self._lock).fileno()
            if locked:
                os.ftruncate(lock, 0)
                with suppress(OSError):
                    os.write(lock, str(os.getpid()).encode())
                return lock
            owner = os.pread(lock, 20, 0)
            # Processes of a run that was killed may take a moment to end.
            if _lives(owner) or time.monotonic() > until:
                self._close()
                self._released = True  # Nothing here is this run's.
                raise ExtractError(
                    self._out, "another run is writing it", "wait for that one to end"
                )
            time.sleep(_PAUSE)

    def _try_lock(self) -> bool:
        """Whether this run has the lock now."""
        path = os.path.join(self._path, _LOCK)
        if self._lock is None or not _is_there(self._lock.fileno(), path):
            self._close()
            self._lock = FileIO(path, "a+", opener=partial(os.open, mode=0o600))
        lock = self._lock.fileno()
        return _locked(lock) and _is_there(lock, path)

    def _close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


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
    """Whether the open file is still the one at that path: its last owner may have removed it."""
    try:
        return os.path.samestat(os.fstat(lock), os.stat(path))
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


def _has_parts(path: str) -> bool:
    """Whether any part is done."""
    with suppress(OSError):
        return DONE in {os.path.splitext(name)[1] for name in os.listdir(path)}
    return False


def _sweep(path: str) -> None:
    """Takes away what a run that was killed had begun."""
    with os.scandir(path) as entries:
        for entry in entries:
            if TEMPORARY in entry.name:
                _unlink(entry)


def _remove(path: str) -> None:
    """Removes the folder, its lock last."""
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.name != _LOCK:
                _unlink(entry)
    os.unlink(os.path.join(path, _LOCK))
    os.rmdir(path)


def _unlink(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path, ignore_errors=True)
    else:
        with suppress(FileNotFoundError):
            os.unlink(entry.path)
