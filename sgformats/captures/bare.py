"""A file that holds just one payload: an exchange without a known call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from sgformats.captures.bodies import too_large
from sgformats.captures.build import CaptureOptions, exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.errors import CaptureError

_PIECE = 64 * 1024


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The file as one exchange; its fault is `too-large` if the file was not read to its end."""
    source = Source(name)
    pieces = []
    size = 0
    damage = None
    try:
        while size <= options.max_bytes and (piece := file.read(_PIECE)):
            pieces.append(piece)
            size += len(piece)
    except CaptureError as error:
        damage = error
    if size > options.max_bytes:
        fault = too_large(options.max_bytes)
        yield exchange(None, None, None, None, None, b"", source, fault=fault)
        return
    body = b"".join(pieces)
    if body or damage is None:
        yield exchange(None, None, None, None, None, body, source, max_bytes=options.max_bytes)
    if damage is not None:
        raise damage
