"""The exchanges of a piece of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Protocol, cast

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.kinds import HEAD, KINDS, Kind, find_kind
from sgformats.captures.opening import Opened
from sgformats.errors import CaptureError
from sgformats.extract.counts import Counts
from sgformats.extract.files import Counted, open_piece
from sgformats.extract.options import Options
from sgformats.extract.shards import STDIN, Piece

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
    with open_piece(piece, stdin) as file:
        name = shown_path(piece.path)
        opened = Opened(cast("BinaryIO", file), name, options.unpacking)
        kind = KINDS["jsonl"] if piece.end is not None else _kind(opened, options)
        if kind.name != "payload":
            opened.as_utf8()
        if options.kind is None:
            opened.refuse_foreign()
        lines = Counted(opened)
        hearer.begin(piece, kind)
        counts.files += piece.start == 0
        before = counts.bytes
        reading = CaptureOptions(options.max_bytes, options.fields)
        try:
            for exchange in kind.read(cast("BinaryIO", lines), name, reading):
                counts.bytes = before + file.taken
                yield exchange
        except CaptureError as error:
            hearer.damaged(name, error)
        finally:
            counts.bytes = before + file.taken
            if kind.name in LINEWISE:
                counts.lines += lines.lines


def shown_path(path: str) -> str:
    """What the tables call a capture: its path as text, whatever bytes it is made of."""
    if path == STDIN:
        return "<stdin>"
    return path.encode("utf-8", "backslashreplace").decode()


def _kind(opened: Opened, options: Options) -> Kind:
    if options.kind is not None:
        return KINDS[options.kind]
    return find_kind(_peek(opened, HEAD), opened.name, options.fields)


def _peek(opened: Opened, size: int) -> bytes:
    try:
        return opened.peek(size)
    except CaptureError:
        return b""
