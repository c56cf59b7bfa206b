"""A buffer for lines that are written later: in memory while few, else in a temporary file."""

from __future__ import annotations

from collections.abc import Callable
from tempfile import SpooledTemporaryFile

_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


class Spool:
    """Bytes, in the order in which they were added."""

    def __init__(self) -> None:
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self.empty = True

    def add(self, data: bytes) -> None:
        """Add bytes."""
        self._file.write(data)
        self.empty = False

    def write_to(self, write: Callable[[bytes], object]) -> None:
        """Write all bytes, and drop them."""
        self._file.seek(0)
        while data := self._file.read(_PIECE):
            write(data)
        self._file.close()

    def __del__(self) -> None:
        self._file.close()
