"""Files that appear whole or not at all, for everything that writes one.

Nothing but the file that was asked for is written, whatever stands in its folder: see `replacing`.
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
"""Refuses a link at the end of a path, where the system can."""

_LINKS = 40
_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)


class Discard(Exception):
    """Raised while a file is written, it leaves what was there as it was, and goes no further."""


@contextmanager
def replacing(path: str | os.PathLike[str], *, follow: bool = True) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of another in one step when all of it is written.

    Until then it is a new file of a random name beside that one, which nobody else can read; then it
    gets the permissions of the file it replaces, or those of any new file. If anything is raised, the
    old file stays. With `follow`, for a path that the user named, a link is followed as `resolve` does,
    and the output is copied to a device or a pipe. Without, for a name that we made, a link, a device or
    a pipe itself is replaced. Raises `OSError`, and `ValueError` if no file can have that path.
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
        # The name is known before the file exists, so that an interrupt between the two loses nothing.
        beside = target.parent / f".{target.name[:40]}.{secrets.token_hex(8)}.tmp"
        ours = True

        def for_nobody_else(name: str, flags: int) -> int:
            nonlocal ours
            try:
                return os.open(name, flags | NO_FOLLOW, 0o600)
            except FileExistsError:
                ours = False
                raise

        try:
            with open(beside, "x+b", opener=for_nobody_else) as file:
                yield file
                file.flush()
                os.chmod(file.fileno() if os.chmod in os.supports_fd else beside, _mode_for(target))
                os.fsync(file.fileno())
            beside.replace(target)
            _sync_folder(target.parent)
        finally:
            if ours:
                beside.unlink(missing_ok=True)


def resolve(path: str | os.PathLike[str]) -> str:
    """The file that a path leads to, through links.

    As the Linux kernel does, this refuses a link that somebody else put into a folder like `/tmp`,
    where everybody may write. Raises `PermissionError` then, and `OSError` for links in a circle.
    """
    name = os.fspath(path)
    if "\0" in name:
        raise ValueError("a path holds no character U+0000")
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
    """A descriptor of a regular file that has no other name; a link, a pipe or the like is refused.

    What `flags` create is for nobody else. Raises `OSError`.
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
    """Whether this is a device, a pipe or the like: nothing can take its place."""
    try:
        regular = stat.S_ISREG(Path(path).stat().st_mode)
        return not regular or os.fspath(path).startswith(("/dev/", "/proc/"))
    except (OSError, ValueError):
        return False


def _mode_for(target: Path) -> int:
    """The permissions of the file that is there, or those of a new one."""
    try:
        found = target.lstat().st_mode
    except OSError:
        found = 0
    if stat.S_ISREG(found):
        return found & 0o777
    mask = os.umask(0o077)  # Which is strict, in case another thread makes a file right now.
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
