"""How far a long run has come: one line on standard error, if that is a terminal.

The line is there from the second second on, and is gone whenever something else is to be shown.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

_PATIENCE = 1.0
_PAUSE = 0.1
_ERASE = "\r\x1b[2K"


class Progress:
    """Shows the share of the bytes to read that was read; nothing at all where nobody looks.

    `measure` gives how many there are, and is asked only where somebody does. As a context it
    leaves an empty line behind, however it ends.
    """

    def __init__(self, measure: Callable[[], int]) -> None:
        self._stream: IO[str] | None = sys.stderr
        self._wanted = self._stream is not None and self._stream.isatty()
        self._measure = measure
        self._total = 0
        self._next = time.monotonic() + _PATIENCE
        self._drawn = False
        self._console: Console | None = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def show(self, read: int, note: str) -> None:
        """Draws the line, if it is time to."""
        if not self._wanted or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _PAUSE
        self._total = self._total or self._measure()
        self._wanted = self._total > 0
        if self._wanted:
            self._draw(min(read, self._total), note)

    def hide(self) -> None:
        """Leaves the terminal's line empty for what comes next."""
        if self._drawn and self._stream is not None:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn = False

    def _draw(self, read: int, note: str) -> None:
        from rich.console import Console
        from rich.filesize import decimal
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        if self._console is None:
            self._console = Console(file=self._stream, highlight=False, legacy_windows=False)
        self.hide()
        line = Table.grid(padding=(0, 1))
        width = max(10, min(30, self._console.width // 3))
        line.add_row(
            ProgressBar(self._total, read, width=width),
            Text(f"{100 * read // self._total} %"),
            Text(f"{decimal(read)} of {decimal(self._total)}"),
            Text(note, no_wrap=True, overflow="ellipsis"),
        )
        with self._console.capture() as drawn:
            self._console.print(line, overflow="ellipsis", no_wrap=True)
        if self._stream is not None:
            self._stream.write(drawn.get().rstrip("\n"))
            self._stream.flush()
        self._drawn = True
