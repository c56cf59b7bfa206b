"""The progress of a run, shown only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], Callable[[], None]]]:
    """A function to call with the name of each part when it begins.

    It returns a function to call after each timing of the part.
    """
    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        line = bar.add_task("", total=total)
        begun = count()

        def begin(name: str) -> Callable[[], None]:
            bar.update(line, completed=next(begun), description=name)
            timings = count(1)
            return lambda: bar.update(line, description=f"{name}, timing {next(timings)}")

        yield begin
        bar.update(line, completed=total, description="")
