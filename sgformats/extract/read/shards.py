"""Divide the captures to read into shards, which can be read independently.

An uncompressed file of JSON lines is cut at line ends, so that several workers can share it. Every other
capture is one piece, because it must be read from its beginning. Small files share a shard. Planning is
lazy: a million files take no more memory than the names of one folder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import msgspec

from sgformats.captures.pieces import SPLIT, STDIN, Piece, cut_file
from sgformats.captures.reading import find_captures
from sgformats.errors import CaptureError, ExtractError
from sgformats.extract.read.options import Options

_FILES = 1_000


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
                    yield from cut_file(found, options.kind, options.fields, split)
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


def _in_words(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot be read: {reason or error}"
