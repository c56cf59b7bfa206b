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
    source, limit = Source(name), options.max_bytes
    body, damage = bytearray(), None
    try:
        while len(body) <= limit and (piece := file.read(_PIECE)):
            body += piece
    except CaptureError as error:
        damage = error
    if len(body) > limit:
        yield exchange(source, body=b"", fault=too_large(limit))
        return
    if body or damage is None:
        yield exchange(source, body=bytes(body), max_bytes=limit)
    if damage is not None:
        raise damage
