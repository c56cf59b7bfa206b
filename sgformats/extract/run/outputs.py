"""The output files of a run: check their paths, and put them in place when they are complete."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from sgformats.captures.pieces import Piece
from sgformats.errors import ArgumentError, ExtractError
from sgformats.extract.read.shards import Shard
from sgformats.files import error_text, is_special, replacing, resolve


class Outputs(NamedTuple):
    """The paths of OUT and of the rejects, if they are written to a file."""

    out: str
    rejects: str | None

    def check(self, paths: Iterable[str]) -> None:
        """Check that these are two files, and none of the files to read.

        Raises `ArgumentError`, or `ExtractError` if a file cannot be written.
        """
        _check_writable(self.out)
        if self.rejects is not None:
            same = os.path.realpath(self.rejects) == os.path.realpath(self.out)
            if same and not is_special(self.out):
                raise ArgumentError(f"expected two files, found {self.out} for records and rejects")
            _check_writable(self.rejects)
        for path in paths:
            if self._contain(path):
                raise ArgumentError(f"expected a file to write, found one to read: {path}")

    def exclude_from(self, shards: Iterator[Shard]) -> Iterator[Shard]:
        """The shards without these files, which may be in a folder to read."""
        names = {os.path.basename(path) for path in (self.out, self.rejects) if path}

        def is_output(piece: Piece) -> bool:
            return os.path.basename(piece.path) in names and self._contain(piece.path)

        for shard in shards:
            if any(map(is_output, shard.pieces)):
                shard = replace(shard, pieces=tuple(p for p in shard.pieces if not is_output(p)))
            if shard.pieces:
                yield shard

    def _contain(self, path: str) -> bool:
        for output in (self.out, self.rejects):
            if output is not None and not is_special(output):
                with suppress(OSError, ValueError):
                    if os.path.samefile(output, path):
                        return True
        return False


def _check_writable(path: str) -> None:
    if os.path.isdir(path):
        raise ExtractError(path, "expected a file to write, found a folder")
    if is_special(path):
        return
    try:
        folder = os.path.dirname(resolve(path))
    except OSError as error:
        raise ExtractError(path, f"cannot be written: {error_text(error)}") from None
    if not os.path.isdir(folder):
        raise ExtractError(path, "cannot be written: its folder does not exist")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExtractError(path, "cannot be written: its folder is not writable")


def temporary_path(path: str, folder: str, name: str) -> str:
    """Where to write a file until it is complete; a device or a pipe is written directly."""
    return path if is_special(path) else os.path.join(folder, f"{name}.tmp")


def put(temporary: str, path: str) -> None:
    """Move a complete file to its path in one step. Raises `OSError`."""
    if temporary == path:
        return
    target = resolve(path)
    with suppress(OSError):
        shutil.copymode(target, temporary)
    try:
        os.replace(temporary, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with Path(temporary).open("rb") as rows, replacing(path) as file:
            shutil.copyfileobj(rows, file, 1 << 20)
