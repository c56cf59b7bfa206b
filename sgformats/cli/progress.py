"""Show the progress of a long run: one line on standard error, if that is a terminal.

The line appears after one second, and is erased before any other output. The total size is summed
up in small steps. Without a terminal nothing is shown, except, on request, a line every few seconds
in the log of a CI service.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import IO, TYPE_CHECKING

from sgformats.cli.job import complain

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress as Bar
    from rich.progress import Task

_DELAY = 1.0
_INTERVAL = 0.1
_CI_INTERVAL = 5.0
_SUM_TIME = 0.02
_BAR_FROM = 60
_MIN_NOTE = 8
_ERASE = "\r\x1b[2K"


class ProgressLine:
    """Shows the share of bytes read, the rate, and the time left.

    `sizes`: the sizes of all files, 0 for one without a size, such as a pipe. `lines`: write lines
    in CI. `quiet`: show nothing. As a context manager it erases its line at the end.
    """

    def __init__(self, sizes: Iterable[int], *, lines: bool = False, quiet: bool = False) -> None:
        self._stream: IO[str] | None = sys.stderr
        terminal = self._stream is not None and self._stream.isatty()
        self._drawing = terminal and os.environ.get("TERM") != "dumb"
        self._lines = lines and not terminal and os.environ.get("CI", "") not in ("", "0", "false")
        self._wanted = not quiet and (self._drawing or self._lines)
        self._sizes: Iterator[int] | None = iter(sizes)
        self._total = 0
        self._next = time.monotonic() + _DELAY
        self._next_line = time.monotonic() + _CI_INTERVAL
        self._drawn = False
        self._bar: Bar | None = None

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def show(self, read: int, note: str) -> None:
        """Draw the line, if it is due."""
        now = time.monotonic()
        if not self._wanted or now < self._next:
            return
        self._measure()
        bar = self._update(read)
        cells = _cells(bar.tasks[0], note)
        if self._drawing:
            self._draw(bar, cells, note)
        elif now >= self._next_line:
            complain(", ".join(cells))
            self._next_line = now + _CI_INTERVAL
        self._next = time.monotonic() + _INTERVAL

    def hide(self) -> None:
        """Erase the line before other output."""
        if self._drawn and self._stream is not None:
            self._stream.write(_ERASE)
            self._stream.flush()
            self._drawn = False

    def _measure(self) -> None:
        """Sum up sizes for a short time: there may be a million files."""
        if self._sizes is None:
            return
        until = time.monotonic() + _SUM_TIME
        for size in self._sizes:
            self._total += size
            if time.monotonic() > until:
                return
        self._sizes = None

    def _update(self, read: int) -> Bar:
        """The bar, which computes rate and time left; it has no total until all sizes are known."""
        from rich.console import Console
        from rich.progress import Progress as Bar

        total = self._total if self._total and self._sizes is None else None
        read = read if total is None else min(read, total)
        if self._bar is None:
            console = Console(file=self._stream, highlight=False, legacy_windows=False)
            self._bar = Bar(console=console, auto_refresh=False)
            # Bytes read before the first update must not count in the rate.
            self._bar.add_task("", total=total, completed=read)
        else:
            self._bar.update(self._bar.task_ids[0], total=total, completed=read)
        return self._bar

    def _draw(self, bar: Bar, cells: list[str], note: str) -> None:
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        task, console = bar.tasks[0], bar.console
        row: list[RenderableType] = []
        room = console.width - 1
        if task.total is not None and console.width >= _BAR_FROM:
            width = min(30, console.width // 10)
            row.append(ProgressBar(task.total, task.completed, width=width))
            room -= width + 1
        row += map(Text, _fitting(cells, note, room))
        line = Table.grid(padding=(0, 1))
        line.add_row(*row)
        with console.capture() as drawn:
            console.print(line, overflow="ellipsis", no_wrap=True)
        self.hide()
        if self._stream is not None:
            self._stream.write(drawn.get().rstrip("\n"))
            self._stream.flush()
        self._drawn = True


def _cells(task: Task, note: str) -> list[str]:
    """Share, bytes, note, rate and time left, as far as known."""
    from rich.filesize import decimal, pick_unit_and_suffix

    cells = [decimal(int(task.completed)), note] if task.completed else [note]
    if task.total is not None:
        unit, suffix = pick_unit_and_suffix(
            int(task.total), ["bytes", "kB", "MB", "GB", "TB"], 1000
        )
        bytes = f"{task.completed / unit:.1f} of {task.total / unit:.1f} {suffix}"
        cells = [f"{int(task.percentage)} %", bytes, note]
    if task.speed:
        cells.append(f"{decimal(int(task.speed))}/s")
        if task.time_remaining is not None:
            cells.append(f"{_clock(task.time_remaining)} left")
    return cells


def _fitting(cells: list[str], note: str, room: int) -> list[str]:
    """The cells that fit into one line: the note is dropped first, then the bytes."""
    others = [cell for cell in cells if cell != note]
    left = room - sum(len(cell) + 1 for cell in others)
    if left >= len(note):
        return cells
    if left >= _MIN_NOTE:
        return [cell if cell != note else note[: left - 1] + "…" for cell in cells]
    return others if left >= -1 else [*others[:1], *others[2:]]


def _clock(seconds: float) -> str:
    """`0:05`, `1:02:03`."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
