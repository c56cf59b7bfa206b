"""Files that are there whole or not at all, for all that writes any."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


class Discard(Exception):
    """Raised while a file is written, it leaves what was there as it was, and goes no further."""


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A file to write, which takes the place of another in one step when all of it is written.

    It stands beside that one meanwhile, and gets its permissions; if anything is raised, that one
    stays as it was. What a link leads to is replaced, not the link. A device or a pipe is no file to
    replace: what was written is copied to it. Raises `OSError`, and `ValueError` for no path at all.
    """
    target = Path(os.path.realpath(path))
    with suppress(Discard):
        if is_special(path):
            with tempfile.TemporaryFile() as file:
                yield file
                file.seek(0)
                with Path(path).open("ab") as device:
                    shutil.copyfileobj(file, device)
            return
        # The name is known before the file is there, so that nothing can come between.
        beside = target.parent / f".{target.name[:40]}.{secrets.token_hex(4)}.tmp"
        try:
            with open(beside, "x+b", opener=_for_nobody_else) as file:
                yield file
                file.flush()
                beside.chmod(_mode_for(target))
                os.fsync(file.fileno())
            beside.replace(target)
            _sync_folder(target.parent)
        finally:
            beside.unlink(missing_ok=True)


def _for_nobody_else(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


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
        return stat.S_IMODE(target.stat().st_mode)
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
