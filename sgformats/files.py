"""Atomic file replacement, for everything that writes a file.

Only the requested file is written, even in a folder where others may create links: see `replacing`.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
"""A flag that refuses a link at the end of a path; 0 if the system has none."""

_LINKS = 40
_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)


class Discard(Exception):
    """Raised inside `replacing`: leaves the old file unchanged, and is not raised further."""


@contextmanager
def replacing(path: str | os.PathLike[str], *, follow: bool = True) -> Iterator[IO[bytes]]:
    """Open a binary file for writing that replaces `path` in one step once it is complete.

    Until then it has a random name in the same folder, and only this user can read it. Then it gets
    the permissions of the old file, or those of a new one. After any exception the old file
    remains.

    With `follow`, for a path that the user named, links are followed as in `resolve`, and output
    for a device or a pipe is copied to it. Without it, for a name that this package chose, a link,
    a device or a pipe is itself replaced. Raises `OSError`, and `ValueError` for an impossible
    path.
    """
    target = Path(resolve(path) if follow else path)
    with suppress(Discard):
        if follow and is_special(path):
            with tempfile.TemporaryFile() as file:
                yield file
                file.seek(0)
                with Path(path).open("ab") as device:
                    shutil.copyfileobj(file, device)
            return
        # The name is known before the file exists, so an interrupt leaves no stray file.
        temporary = target.parent / f".{target.name[:40]}.{secrets.token_hex(8)}.tmp"
        ours = True

        def open_private(name: str, flags: int) -> int:
            nonlocal ours
            try:
                return os.open(name, flags | NO_FOLLOW, 0o600)
            except FileExistsError:
                ours = False
                raise

        try:
            with open(temporary, "x+b", opener=open_private) as file:
                yield file
                file.flush()
                by_name = os.chmod not in os.supports_fd
                os.chmod(temporary if by_name else file.fileno(), _mode_for(target))
                os.fsync(file.fileno())
            temporary.replace(target)
            _sync_folder(target.parent)
        finally:
            if ours:
                temporary.unlink(missing_ok=True)


def resolve(path: str | os.PathLike[str]) -> str:
    """The path of the file that a path leads to through links.

    Like the Linux kernel, refuses links of other users in a world-writable folder such as `/tmp`.
    Raises `PermissionError` then, `OSError` for circular links, `ValueError` for a null character.
    """
    name = os.fspath(path)
    if "\0" in name:
        raise ValueError("expected a path without U+0000")
    for _ in range(_LINKS):
        if not os.path.islink(name):
            folder, last = os.path.split(name)
            return os.path.join(os.path.realpath(folder), last) if last else os.path.realpath(name)
        folder = os.path.dirname(name)
        link, around = os.lstat(name), os.stat(folder or os.curdir)
        shared = around.st_mode & (stat.S_ISVTX | stat.S_IWOTH) == stat.S_ISVTX | stat.S_IWOTH
        if shared and link.st_uid not in (os.geteuid(), around.st_uid):
            raise PermissionError(errno.EACCES, "is a link of another user", name)
        name = os.path.join(folder, os.readlink(name))
    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))


def open_regular(path: str, *, dir_fd: int | None = None, flags: int = os.O_RDONLY) -> int:
    """Open a regular file with a single name and return its descriptor.

    A file created by `flags` is private to this user. Raises `OSError`, also for links and pipes.
    """
    handle = os.open(path, flags | NO_FOLLOW | _NO_WAIT, 0o600, dir_fd=dir_fd)
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and found.st_nlink == 1:
        return handle
    os.close(handle)
    raise OSError(errno.EPERM, "is not a regular file with one name", path)


def error_text(error: Exception) -> str:
    """The text of an error, without its number and file name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def is_special(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a device, a pipe or the like, which a file cannot replace."""
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
        return not regular or os.fspath(path).startswith(("/dev/", "/proc/"))
    except (OSError, ValueError):
        return False


def _mode_for(target: Path) -> int:
    """The permissions of the existing file, or those of a new one."""
    try:
        found = target.lstat().st_mode
    except OSError:
        found = 0
    if stat.S_ISREG(found):
        return found & 0o777
    mask = os.umask(0o077)  # A strict mask, in case another thread creates a file now.
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
