"""The progress of a run, shown only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Step = Callable[[], None]


@contextmanager
def progress(total: int) -> Iterator[Callable[[str], Step]]:
    """A function to call with the name of each part when it begins.

    It returns a function to call after each timing of the part.
    """
    if not sys.stderr.isatty():
        yield lambda name: lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    bar = Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        line = bar.add_task("", total=total)
        begun = 0

        def begin(name: str) -> Step:
            nonlocal begun
            bar.update(line, completed=begun, description=name)
            begun += 1
            count = 0

            def step() -> None:
                nonlocal count
                count += 1
                bar.update(line, description=f"{name}, timing {count}")

            return step

        yield begin
        bar.update(line, completed=total, description="")
