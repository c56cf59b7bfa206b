"""Open the captures named by arguments (files, folders, patterns, standard input), and count bytes.

A file that cannot be opened is passed on by name; the reader then reports the error.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO, cast

from sgformats.captures.kinds import HEAD, find_kind
from sgformats.captures.opening import Opened, open_path
from sgformats.captures.reading import FolderFile, find_captures, match_paths
from sgformats.captures.unpacking import find_packing
from sgformats.cli.job import Job, Trouble, standard_input
from sgformats.contract.showing import name_of
from sgformats.errors import CaptureError
from sgformats.workers.pool import cores

_SMALL = 16 * 1024 * 1024


class CountedFile:
    """A binary file that counts the bytes read on a meter; `in_folder` if found in a folder."""

    def __init__(self, name: str, file: BinaryIO, meter: Meter) -> None:
        self.name = str(name)
        self.in_folder = isinstance(name, FolderFile)
        self._file = file
        self._meter = meter

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self._meter.add(len(data))
        return data


class Meter:
    """Counts the bytes read of all captures, before decompression; calls `tell` on each step."""

    def __init__(self, tell: Callable[[int], object] = lambda read: None) -> None:
        self.read = 0
        self._tell = tell

    def add(self, size: int) -> None:
        """Add to the count."""
        self.read += size
        self._tell(self.read)


def find_paths(job: Job, arguments: Sequence[str]) -> list[str]:
    """The files and folders named by arguments, with patterns expanded; report those without files.

    Raises `Trouble` if standard input is named twice.
    """
    paths: list[str] = []
    for argument in arguments:
        if argument == "-" and argument in paths:
            raise Trouble("expected - once: standard input can be read only once")
        found = ["-"] if argument == "-" else match_paths(argument)
        if not found:
            job.trouble(f"no file matches {name_of(argument)}")
        if found == [argument] and os.path.isdir(argument) and _is_empty(argument):
            job.trouble(f"no captures in {name_of(argument)}: it holds no files")
        paths += found
    return paths


def _is_empty(folder: str) -> bool:
    try:
        return next(find_captures(folder), None) is None
    except CaptureError:
        return False


def workers_for(paths: Sequence[str], requested: int | None) -> int:
    """The number of worker processes: one if the captures are small."""
    if requested is not None:
        return requested
    total = 0
    for size in sizes_of(paths):
        total += size
        if total > _SMALL:
            return cores()
    return 1


def open_captures(paths: Sequence[str], meter: Meter, workers: int) -> Iterator[str | BinaryIO]:
    """The captures at some paths; each is closed when the next is requested.

    With several workers, which open files themselves, only standard input is opened here.
    """
    for path in paths:
        if path == "-":
            yield cast("BinaryIO", CountedFile("<stdin>", standard_input(), meter))
            continue
        if workers > 1:
            yield path
            continue
        try:
            for found in find_captures(path):
                yield from _opened(found, meter)
        except CaptureError as error:
            yield error.file


def _opened(path: str, meter: Meter) -> Iterator[str | BinaryIO]:
    try:
        file = open_path(path)
    except CaptureError:
        yield path
        return
    with file:
        yield cast("BinaryIO", CountedFile(path, file, meter))


def sizes_of(paths: Sequence[str]) -> Iterator[int]:
    """The sizes of the files to read, in bytes; 0 for a file without a size."""
    for path in paths:
        with suppress(CaptureError):
            for found in find_captures(path) if path != "-" else ():
                with suppress(OSError, ValueError):
                    known = os.stat(found)
                    yield known.st_size if stat.S_ISREG(known.st_mode) else 0


def is_capture(path: str, fields: Mapping[str, str]) -> bool:
    """Whether a path is a folder, or a file whose content is a capture and not a bare payload."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return os.path.isdir(path)
        with open_path(path) as file:
            packed = find_packing(file.read(HEAD), path) is not None
            file.seek(0)
            # By content alone: the name does not make a payload a capture.
            return packed or find_kind(Opened(file, path).peek(HEAD), "", fields).name != "payload"
    except (OSError, ValueError, CaptureError):
        return False  # Reading it later reports the error.
