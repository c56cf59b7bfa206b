"""Put the results of a run, OUT and the rejects, in place after writing them to temporary files."""

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
from sgformats.extract.run.partsfolder import in_words
from sgformats.files import is_special, replacing, resolve


class Places(NamedTuple):
    """OUT, and the file of rejects, if there shall be one."""

    out: str
    rejects: str | None

    def check(self, paths: Iterable[str]) -> None:
        """That they are two files, and none of those to read.

        Raises `ArgumentError`, and `ExtractError` where there can be no file.
        """
        check_place(self.out)
        if self.rejects is not None:
            same = os.path.realpath(self.rejects) == os.path.realpath(self.out)
            if same and not is_special(self.out):
                raise ArgumentError(f"expected two files, found {self.out} for records and rejects")
            check_place(self.rejects)
        for path in paths:
            if self._hold(path):
                raise ArgumentError(f"expected a file to write, found one to read: {path}")

    def without(self, shards: Iterator[Shard]) -> Iterator[Shard]:
        """The shards without what an earlier run wrote to a folder that is read."""
        names = {os.path.basename(path) for path in (self.out, self.rejects) if path}

        def is_ours(piece: Piece) -> bool:
            return os.path.basename(piece.path) in names and self._hold(piece.path)

        for shard in shards:
            if any(map(is_ours, shard.pieces)):
                shard = replace(shard, pieces=tuple(p for p in shard.pieces if not is_ours(p)))
            if shard.pieces:
                yield shard

    def _hold(self, path: str) -> bool:
        """Whether a file is one of them."""
        for place in (self.out, self.rejects):
            if place is not None and not is_special(place):
                with suppress(OSError, ValueError):
                    if os.path.samefile(place, path):
                        return True
        return False


def check_place(path: str) -> None:
    """That a file can be there. Raises `ExtractError`."""
    if os.path.isdir(path):
        raise ExtractError(path, "expected a file to write, found a folder")
    if is_special(path):
        return
    try:
        folder = os.path.dirname(resolve(path))
    except OSError as error:
        raise ExtractError(path, f"cannot be written: {in_words(error)}") from None
    if not os.path.isdir(folder):
        raise ExtractError(path, "expected a folder to write it in, found none")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ExtractError(path, "cannot be written: its folder takes no new files")


def aside(path: str, folder: str, name: str) -> str:
    """The temporary path of a file; what cannot be replaced (a device) is written directly."""
    return path if is_special(path) else os.path.join(folder, f"{name}.tmp")


def put(begun: str, path: str) -> None:
    """Puts a file that is complete in its place, in one step. Raises `OSError`."""
    if begun == path:
        return
    target = resolve(path)
    with suppress(OSError):
        shutil.copymode(target, begun)
    try:
        os.replace(begun, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with Path(begun).open("rb") as rows, replacing(path) as file:
            shutil.copyfileobj(rows, file, 1 << 20)
