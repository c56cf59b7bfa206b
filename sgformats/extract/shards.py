"""Which captures there are to read, in pieces that can be read apart from each other.

A plain file of JSON lines is cut at the ends of lines, so that several can work on it; every other
capture is one piece, because it has to be read from its beginning. Small files come together. The plan
is made while it is carried out: a million files take no more memory than the names of one folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

import msgspec

from sgformats.captures.kinds import HEAD, find_kind
from sgformats.captures.opening import find_packing
from sgformats.captures.reading import FolderFile, find_captures
from sgformats.captures.widetext import wide_encoding
from sgformats.errors import CaptureError, ExtractError
from sgformats.extract.options import Options

SPLIT = 8 * 1024 * 1024
"""About how many bytes make a shard, where a capture can be cut."""

STDIN = "-"
_FILES = 1_000
_BLOCK = 1024 * 1024
_LINES = "jsonl"


class Piece(msgspec.Struct, frozen=True):
    """A capture, or a range of its bytes: what it was when the plan was made.

    `end` is None for a capture that is read to its end; `line` is the number of the first line (from
    1). `size` and `mtime` (nanoseconds) are the whole file's; they are -1 where there is none. `unread`
    says why a file is not read at all; `in_folder` that nobody named it.
    """

    path: str
    start: int = 0
    end: int | None = None
    line: int = 1
    size: int = -1
    mtime: int = -1
    unread: str = ""
    in_folder: bool = False

    @property
    def bytes(self) -> int:
        """How many bytes are to be read."""
        return max(self.size if self.end is None else self.end - self.start, 0)

    def __str__(self) -> str:
        if self.path == STDIN:
            return "<stdin>"
        return self.path if self.end is None else f"{self.path}, bytes {self.start} to {self.end}"


class Shard(msgspec.Struct, frozen=True):
    """What is read in one go; `number` counts from 0 in the order of the results."""

    number: int
    pieces: tuple[Piece, ...]

    @property
    def bytes(self) -> int:
        """How many bytes are to be read."""
        return sum(piece.bytes for piece in self.pieces)

    def __str__(self) -> str:
        if len(self.pieces) == 1:
            return str(self.pieces[0])
        return f"{len(self.pieces)} files from {self.pieces[0]} to {self.pieces[-1]}"


def find_shards(
    paths: Iterable[str | os.PathLike[str]], options: Options, *, split: int = SPLIT
) -> Iterator[Shard]:
    """The shards of files and folders, in their order; `-` is standard input.

    `split` is about how many bytes make one. Raises `ExtractError` for what is not there, and with
    `strict_files` for what cannot be looked at, after the shards of all else.
    """
    failures: list[ExtractError] = []
    number = 0
    held: list[Piece] = []
    for piece in _pieces(paths, options, max(split, 1), failures):
        alone = piece.path == STDIN or piece.end is not None
        full = sum(each.bytes for each in held) + piece.bytes > split or len(held) >= _FILES
        if held and (alone or full):
            yield Shard(number, tuple(held))
            number += 1
            held = []
        held.append(piece)
        if alone:
            yield Shard(number, tuple(held))
            number += 1
            held = []
    if held:
        yield Shard(number, tuple(held))
    if failures:
        raise failures[0]


def _pieces(
    paths: Iterable[str | os.PathLike[str]],
    options: Options,
    split: int,
    failures: list[ExtractError],
) -> Iterator[Piece]:
    for path in paths:
        name = os.fsdecode(path)
        if name == STDIN:
            yield Piece(STDIN)
            continue
        try:
            for found in find_captures(name):
                try:
                    yield from _cut(found, options, split, in_folder=isinstance(found, FolderFile))
                except (OSError, ValueError) as error:
                    if options.strict_files or not isinstance(error, OSError):
                        failures.append(ExtractError(found, _in_words(error)))
                    else:
                        yield Piece(found, unread=_in_words(error))
        except CaptureError as error:
            if options.strict_files or not os.path.lexists(name):
                failures.append(ExtractError(error.file, error.reason))
            else:
                yield Piece(error.file, unread=error.reason)


def _cut(path: str, options: Options, split: int, *, in_folder: bool) -> Iterator[Piece]:
    known = os.stat(path)
    size = known.st_size if stat.S_ISREG(known.st_mode) else -1
    if size <= 2 * split:
        yield Piece(path, size=size, mtime=known.st_mtime_ns, in_folder=in_folder)
        return
    with open(path, "rb", buffering=0) as file:
        head = file.read(HEAD)
        apart = find_packing(head, path) is None and wide_encoding(head) is None
        if not apart or _kind(head, path, options) != _LINES:
            yield Piece(path, size=size, mtime=known.st_mtime_ns, in_folder=in_folder)
            return
        file.seek(0)
        start, first, at, lines = 0, 1, 0, 1
        while block := file.read(min(_BLOCK, size - at)):
            end = block.rfind(b"\n") + 1
            if end and at + end - start >= split:
                # Up to the first end of a line behind where a shard is full.
                end = block.find(b"\n", max(start + split - at - 1, 0)) + 1 or end
                stop = at + end
                lines += block.count(b"\n", 0, end)
                yield Piece(path, start, stop, first, size, known.st_mtime_ns)
                start, first, at = stop, lines, stop
                file.seek(at)
                continue
            lines += block.count(b"\n")
            at += len(block)
        if start < size:
            yield Piece(path, start, size, first, size, known.st_mtime_ns)


def _kind(head: bytes, path: str, options: Options) -> str:
    return options.kind or find_kind(head, path, options.fields).name


def _in_words(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {reason or error}"
