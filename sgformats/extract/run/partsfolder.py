"""The folder for the parts of a run, beside OUT, for one run at a time.

It is called `.NAME.parts`. A successful run removes it; a failed one leaves only the finished parts in
it. If OUT is a device or a pipe, the folder is temporary, and nothing is kept.

A folder of that name may come from a cloned repository, an archive, or another user. An existing one is
used only if it is ours: no link, owned by this user, and with a lock whose mark identifies this folder,
which no copy has. Only files with names that a run gives are removed, one by one; all others stay.
"""

from __future__ import annotations

import os
import re
import secrets
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from io import FileIO
from typing import NamedTuple, TypeVar, cast

from sgformats.errors import ExtractError
from sgformats.extract.write.parts import DONE
from sgformats.files import is_special, open_regular, resolve

T = TypeVar("T")

_LOCK = "lock"
# A random key, the number of the folder on its disk, and the process that has the lock.
_MARK = re.compile(rb"([0-9a-f]{32}) ([0-9]{20}) ([0-9]{10})\n")
_MARK_SIZE = 65

_OURS = r"[0-9]{8,}\.(?:records|exchanges|rejects|done)"
_BEGUN = re.compile(
    rf"(?:out|rejects)\.tmp(?:\.wal)?|duckdb_temp_.*|\.?(?:{_OURS}|(?:out|rejects)\.tmp)(?:\.[0-9a-f]+)?\.tmp"
)
_MADE = re.compile(rf"{_BEGUN.pattern}|{_OURS}")
_PATIENCE, _PAUSE = 10.0, 0.05


class Folder(NamedTuple):
    """The folder; `lock` is the open file that keeps others out, where there are locks.

    `key` seals the parts in it: nobody who cannot read the folder can forge one.
    """

    path: str
    lock: int | None
    stays: bool
    key: str

    @property
    def advice(self) -> str:
        """Advice after a failure."""
        if not self.stays or not _has_parts(self.path):
            return "run the same command again when that is mended"
        return f"what is done is kept in {self.path}: run the same command again to go on"


def use_folder(out: str, work: Callable[[Folder], T]) -> T:
    """Calls `work` with the folder for OUT, which no other run has meanwhile, and cleans up.

    Ctrl-C can arrive anywhere: between any two steps, and while the folder is cleaned. So the folder is
    claimed inside the `try`, released twice, and not given out by a context manager, which Ctrl-C can
    stop before its `with` begins. `out` is a place that was checked. Raises `ExtractError` where another
    run has the folder, or it is not ours.
    """
    special = is_special(out)
    if special:
        path = os.path.join(tempfile.gettempdir(), f"sgformats-{secrets.token_hex(16)}")
    else:
        target = resolve(out)
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
        self._new = False
        self._ours = False
        self._released = False
        self.complete = False

    def take(self) -> Folder:
        """Makes the folder if need be, and locks it."""
        try:
            if not self._kept:
                os.mkdir(self._path, 0o700)
                self._ours = True
                return Folder(self._path, None, False, secrets.token_hex(16))
            lock = self._wait_for_lock()
            return Folder(self._path, lock, True, self._mark(lock))
        except (OSError, ValueError) as error:
            raise ExtractError(self._out, f"cannot be written: {in_words(error)}") from None

    def release(self) -> None:
        """Removes what nobody needs: all of the folder, or all but the parts that are done."""
        if self._released:
            return
        with suppress(OSError, ValueError, ExtractError):
            if not self._kept or self._try_lock():
                if self._ours:
                    whole = self.complete or not self._kept or not _has_parts(self._path)
                    _remove(self._path, _MADE if whole else _BEGUN)
                if os.listdir(self._path) == [_LOCK]:
                    os.unlink(os.path.join(self._path, _LOCK))
        with suppress(OSError, ValueError):
            os.rmdir(self._path)  # If it is empty.
        self._close()
        self._released = True

    def _wait_for_lock(self) -> int:
        """The descriptor of the lock."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                os.mkdir(self._path, 0o700)
                self._new = True
            except FileExistsError:
                self._new = False
            try:
                locked = self._try_lock()
            except FileNotFoundError:
                # The run that ends has just removed the folder.
                if time.monotonic() > until:
                    raise
                continue
            lock = cast("FileIO", self._lock).fileno()
            if locked:
                return lock
            owner = os.pread(lock, _MARK_SIZE, 0).split()[-1:]
            # Processes of a run that was killed may take a moment to end.
            if _lives(b"".join(owner)) or time.monotonic() > until:
                self._close()
                self._released = True  # Nothing here is this run's.
                raise ExtractError(
                    self._out, "another run is writing it", "wait for that one to end"
                )
            time.sleep(_PAUSE)

    def _check_owner(self) -> None:
        """That the folder is one, and this user's."""
        found = os.lstat(self._path)
        if not stat.S_ISDIR(found.st_mode):
            raise self._foreign("is a link or a file, and no folder of a run")
        if found.st_uid != os.geteuid() and not self._new:
            raise self._foreign("is another user's")

    def _mark(self, lock: int) -> str:
        """The key in the lock's mark, which is written if the folder is new."""
        found = _MARK.fullmatch(os.pread(lock, _MARK_SIZE, 0))
        number = b"%020d" % os.lstat(self._path).st_ino
        if found is not None and found[2] == number:
            key = found[1]
        elif os.path.getsize(lock) <= _MARK_SIZE and os.listdir(self._path) == [_LOCK]:
            key = secrets.token_hex(16).encode()
        else:
            raise self._foreign("was made by an older release, or not by sgformats on this disk")
        # In one step, so that the mark is there whenever this run is killed.
        os.pwrite(lock, b"%b %b %010d\n" % (key, number, os.getpid()), 0)
        self._ours = True
        _remove(self._path, _BEGUN)
        return key.decode()

    def _foreign(self, what: str) -> ExtractError:
        self._close()
        self._released = True  # Nothing here is this run's.
        reason = f"the folder for its parts, {self._path}, {what}"
        return ExtractError(self._out, reason, "look into it, and remove it or write elsewhere")

    def _try_lock(self) -> bool:
        """Whether this run has the lock now."""
        self._check_owner()
        path = os.path.join(self._path, _LOCK)
        if self._lock is None or not _is_there(self._lock.fileno(), path):
            self._close()
            try:
                self._lock = FileIO(path, "r+", opener=_open_lock)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise self._foreign(f"has a lock that {in_words(error)}") from None
        lock = self._lock.fileno()
        return _locked(lock) and _is_there(lock, path)

    def _close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _open_lock(path: str, flags: int) -> int:
    return open_regular(path, flags=os.O_RDWR | os.O_CREAT)


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
        return os.path.samestat(os.fstat(lock), os.lstat(path))
    except OSError:
        return False


def _lives(owner: bytes) -> bool:
    """Whether a process with that number exists."""
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


def _remove(path: str, names: re.Pattern[str]) -> None:
    """Removes the files of these names, and nothing else, from the folder itself, not from a link's."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in os.listdir(handle):
            if names.fullmatch(name):
                with suppress(OSError):  # A folder is not ours, whatever its name is.
                    os.unlink(name, dir_fd=handle)
    finally:
        os.close(handle)
