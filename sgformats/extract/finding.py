"""Read the exchanges of a shard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.kinds import KINDS, Kind
from sgformats.captures.pieces import STDIN, Piece
from sgformats.captures.reading import unfold
from sgformats.errors import CaptureError
from sgformats.extract.counts import Counts
from sgformats.extract.files import Counted, open_piece
from sgformats.extract.options import Options

LINEWISE = ("jsonl", "log")
"""The kinds of captures whose exchanges have a line rather than a number."""


class Hearer(Protocol):
    """Who is told of each capture, and of one that could not be read to its end."""

    def begin(self, piece: Piece, kind: Kind) -> None:
        """Another capture."""

    def damaged(self, name: str, error: CaptureError) -> None:
        """It is damaged."""


def find_exchanges(
    piece: Piece, options: Options, counts: Counts, hearer: Hearer, stdin: BinaryIO | None
) -> Iterator[Exchange]:
    """The exchanges of a piece, in their order."""
    if piece.unread:
        hearer.begin(piece, KINDS["payload"])
        counts.files += 1
        hearer.damaged(shown_path(piece.path), CaptureError(piece.path, piece.unread))
        return
    reading = CaptureOptions(options.max_bytes, options.fields, options.unpacking)
    with open_piece(piece, stdin) as file:
        name = shown_path(piece.path)
        before = counts.bytes
        counts.files += piece.start == 0
        chosen = "jsonl" if piece.end is not None else options.kind
        for capture in unfold(file, name, chosen, reading, in_folder=piece.in_folder):
            hearer.begin(piece, capture.kind)
            if capture.file is None:
                hearer.damaged(capture.name, CaptureError(capture.name, capture.refusal))
                continue
            lines = Counted(capture.file)
            try:
                for exchange in capture.kind.read(cast("BinaryIO", lines), capture.name, reading):
                    counts.bytes = before + file.taken
                    yield exchange
            except CaptureError as error:
                hearer.damaged(capture.name, error)
            finally:
                counts.bytes = before + file.taken
                if capture.kind.name in LINEWISE:
                    counts.lines += lines.lines


def shown_path(path: str) -> str:
    """The name of a capture in the tables: its path as text, even if it is not valid UTF-8."""
    if path == STDIN:
        return "<stdin>"
    return path.encode("utf-8", "backslashreplace").decode()
