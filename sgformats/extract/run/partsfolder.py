"""The folder for the parts of a run, beside OUT, used by one run at a time.

Its name is `.NAME.parts`. A successful run removes it; a failed run leaves only its finished parts.
If OUT is a device or a pipe, the folder is temporary.

A folder of that name may also come from a cloned repository, an archive, or another user. So an
existing folder is used only if it is ours: not a link, owned by this user, and with a lock file
whose mark identifies this folder on this disk. Only files with names that a run uses are removed.
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
from sgformats.files import error_text, is_special, open_regular, resolve

T = TypeVar("T")

_LOCK = "lock"
# A random key, the inode number of the folder, and the process that holds the lock.
_MARK = re.compile(rb"([0-9a-f]{32}) ([0-9]{20}) ([0-9]{10})\n")
_MARK_SIZE = 65

_PART_FILE = r"[0-9]{8,}\.(?:records|exchanges|rejects|done)"
_UNFINISHED = re.compile(
    r"(?:out|rejects)\.tmp(?:\.wal)?|duckdb_temp_.*"
    rf"|\.?(?:{_PART_FILE}|(?:out|rejects)\.tmp)(?:\.[0-9a-f]+)?\.tmp"
)
_OURS = re.compile(rf"{_UNFINISHED.pattern}|{_PART_FILE}")
_PATIENCE, _PAUSE = 10.0, 0.05


class Folder(NamedTuple):
    """The folder of a run.

    `lock` is the descriptor of the lock file; None for a temporary folder. With `stays`, finished
    parts are kept after a failure. `key` seals the parts: only a user who can read the folder can
    forge one.
    """

    path: str
    lock: int | None
    stays: bool
    key: str

    @property
    def advice(self) -> str:
        """Advice after a failure."""
        if not self.stays or not _has_parts(self.path):
            return "run the same command again once this is fixed"
        return f"finished parts are kept in {self.path}: run the same command again to resume"


def use_folder(out: str, work: Callable[[Folder], T]) -> T:
    """Call `work` with the folder for OUT while no other run can use it, and clean up.

    Ctrl-C can arrive between any two steps, also during the cleanup. So the folder is claimed
    inside the `try` and released twice, and this is not a context manager: Ctrl-C could arrive
    before its `with` begins. Raises `ExtractError` if another run uses the folder, or if it is not
    ours.
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
        claim.release()  # Finishes the cleanup if the first call was interrupted.


class _Claim:
    """A run's claim to a folder. Its methods can be called again after an interrupt."""

    def __init__(self, path: str, out: str, *, kept: bool) -> None:
        self._path = path
        self._out = out
        self._kept = kept
        # Not a descriptor: Python closes a file object that an interrupt loses.
        self._lock: FileIO | None = None
        self._new = False
        self._ours = False
        self._released = False
        self.complete = False

    def take(self) -> Folder:
        """Make the folder if it is missing, and lock it."""
        try:
            if not self._kept:
                os.mkdir(self._path, 0o700)
                self._ours = True
                return Folder(self._path, None, False, secrets.token_hex(16))
            lock = self._wait_for_lock()
            return Folder(self._path, lock, True, self._mark(lock))
        except (OSError, ValueError) as error:
            raise ExtractError(self._out, f"cannot be written: {error_text(error)}") from None

    def release(self) -> None:
        """Remove the folder, or all but its finished parts."""
        if self._released:
            return
        with suppress(OSError, ValueError, ExtractError):
            if not self._kept or self._try_lock():
                if self._ours:
                    is_useless = self.complete or not self._kept or not _has_parts(self._path)
                    _remove(self._path, _OURS if is_useless else _UNFINISHED)
                if os.listdir(self._path) == [_LOCK]:
                    os.unlink(os.path.join(self._path, _LOCK))
        with suppress(OSError, ValueError):
            os.rmdir(self._path)  # If it is empty.
        self._close()
        self._released = True

    def _wait_for_lock(self) -> int:
        """Wait briefly for the lock, and return its descriptor."""
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
                # Another run has just removed the folder.
                if time.monotonic() > until:
                    raise
                continue
            lock = cast("FileIO", self._lock).fileno()
            if locked:
                return lock
            owner = os.pread(lock, _MARK_SIZE, 0).split()[-1:]
            # The owner was killed; its other processes may take a moment to end.
            if _is_alive(b"".join(owner)) or time.monotonic() > until:
                self._close()
                self._released = True  # Nothing here is this run's.
                raise ExtractError(self._out, "another run is writing it", "wait until it ends")
            time.sleep(_PAUSE)

    def _check_owner(self) -> None:
        """Raise `ExtractError` unless this is a folder of this user."""
        found = os.lstat(self._path)
        if not stat.S_ISDIR(found.st_mode):
            raise self._not_ours("is a link or a file")
        if found.st_uid != os.geteuid() and not self._new:
            raise self._not_ours("belongs to another user")

    def _mark(self, lock: int) -> str:
        """Mark the lock file as this run's; return the key, which is new if the folder is."""
        found = _MARK.fullmatch(os.pread(lock, _MARK_SIZE, 0))
        number = b"%020d" % os.lstat(self._path).st_ino
        if found is not None and found[2] == number:
            key = found[1]
        elif os.path.getsize(lock) <= _MARK_SIZE and os.listdir(self._path) == [_LOCK]:
            key = secrets.token_hex(16).encode()
        else:
            raise self._not_ours("was made by an older release, or copied from another place")
        # Written in one step, so that the mark is complete even if this run is killed.
        os.pwrite(lock, b"%b %b %010d\n" % (key, number, os.getpid()), 0)
        self._ours = True
        _remove(self._path, _UNFINISHED)
        return key.decode()

    def _not_ours(self, what: str) -> ExtractError:
        self._close()
        self._released = True  # Nothing here is this run's.
        reason = f"the folder for its parts, {self._path}, {what}"
        return ExtractError(self._out, reason, "check and remove the folder, or write elsewhere")

    def _try_lock(self) -> bool:
        """Take the lock; whether this run has it."""
        self._check_owner()
        path = os.path.join(self._path, _LOCK)
        if self._lock is None or not _is_at(self._lock.fileno(), path):
            self._close()
            try:
                self._lock = FileIO(path, "r+", opener=_open_lock)
            except FileNotFoundError:
                raise
            except OSError as error:
                raise self._not_ours(f"has an unusable lock file: {error_text(error)}") from None
        lock = self._lock.fileno()
        return _take_lock(lock) and _is_at(lock, path)

    def _close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _open_lock(path: str, flags: int) -> int:
    return open_regular(path, flags=os.O_RDWR | os.O_CREAT)


def _take_lock(lock: int) -> bool:
    """Lock a file; False if another process has it. Without support for locks, always True."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # This file system has no locks.
        return True
    return True


def _is_at(lock: int, path: str) -> bool:
    """Whether the open file is still at that path: its last owner may have removed it."""
    try:
        return os.path.samestat(os.fstat(lock), os.lstat(path))
    except OSError:
        return False


def _is_alive(owner: bytes) -> bool:
    """Whether a process with this number exists."""
    try:
        os.kill(int(owner), 0)
    except PermissionError:
        return True
    except (ValueError, OSError, OverflowError):
        return False
    return True


def _has_parts(path: str) -> bool:
    """Whether there is a finished part."""
    with suppress(OSError):
        return DONE in {os.path.splitext(name)[1] for name in os.listdir(path)}
    return False


def _remove(path: str, names: re.Pattern[str]) -> None:
    """Remove the files with these names from a folder, but not through a link."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        for name in os.listdir(handle):
            if names.fullmatch(name):
                with suppress(OSError):  # It may be a folder, which is not ours.
                    os.unlink(name, dir_fd=handle)
    finally:
        os.close(handle)
