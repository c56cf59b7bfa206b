"""Divide captures into shards, which can be read independently.

An uncompressed file of JSON lines is cut at line ends, so that several workers can share it. Any
other capture must be read from its beginning, so it is one piece. Small files share a shard.
Planning is lazy: a million files take no more memory than the names in one folder.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Iterator

import msgspec

from sgformats.captures.pieces import SPLIT, STDIN, Piece, cut_file
from sgformats.captures.reading import find_captures
from sgformats.errors import ArgumentError, CaptureError, ExtractError
from sgformats.extract.read.options import Options
from sgformats.files import error_text

_MOST_FILES = 1_000


PathLike = str | os.PathLike[str]


class Shard(msgspec.Struct, frozen=True):
    """The pieces that are read together; `number` is the position of its rows in the output."""

    number: int
    pieces: tuple[Piece, ...]

    def __str__(self) -> str:
        if len(self.pieces) == 1:
            return str(self.pieces[0])
        return f"{len(self.pieces)} files from {self.pieces[0]} to {self.pieces[-1]}"


def path_names(paths: PathLike | Iterable[PathLike]) -> list[str]:
    """The text of one path or several. Raises `ArgumentError` for anything else."""
    return [path_name(p) for p in ([paths] if isinstance(paths, (str, os.PathLike)) else paths)]


def path_name(path: PathLike) -> str:
    if not isinstance(path, (str, os.PathLike)):
        raise ArgumentError(f"expected a path as str, found {type(path).__name__}")
    return os.fsdecode(path)


def find_shards(
    paths: Iterable[PathLike], options: Options, *, split: int = SPLIT
) -> Iterator[Shard]:
    """Yield the shards of files and folders in order; `-` is standard input.

    A shard has about `split` bytes. Raises `ExtractError` after the last shard if a path does not
    exist or, with `strict_files`, if a file cannot be opened.
    """
    failures: list[ExtractError] = []
    pieces = _pieces(paths, options, max(split, 1), failures)
    yield from itertools.starmap(Shard, enumerate(_groups(pieces, split)))
    if failures:
        raise failures[0]


def _groups(pieces: Iterator[Piece], split: int) -> Iterator[tuple[Piece, ...]]:
    """Group the pieces of small files; standard input and each range of a file are groups alone."""
    held: list[Piece] = []
    for piece in pieces:
        is_alone = piece.path == STDIN or piece.end is not None
        is_full = sum(each.bytes for each in held) + piece.bytes > split or len(held) >= _MOST_FILES
        if held and (is_alone or is_full):
            yield tuple(held)
            held = []
        held.append(piece)
        if is_alone:
            yield tuple(held)
            held = []
    if held:
        yield tuple(held)


def _pieces(
    paths: Iterable[PathLike],
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
                    yield from cut_file(found, options.kind, options.fields, split)
                except (OSError, ValueError) as error:
                    reason = f"cannot be read: {error_text(error)}"
                    if options.strict_files or not isinstance(error, OSError):
                        failures.append(ExtractError(found, reason))
                    else:
                        yield Piece(found, unread=reason)
        except CaptureError as error:
            if options.strict_files or not os.path.lexists(name):
                failures.append(ExtractError(error.file, error.reason))
            else:
                yield Piece(error.file, unread=error.reason)
