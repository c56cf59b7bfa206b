"""Ctrl-C at every step of the code that makes, locks and removes the folder for parts."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from sgformats.extract.run import partsfolder as module
from sgformats.extract.run.partsfolder import Folder, use_folder

STEPPED = {module.__file__, shutil.__file__}


def interrupt(task: Callable[[], object], step: int) -> bool:
    """Run a task with a `KeyboardInterrupt` before a step; whether it had so many steps.

    A step is a bytecode of the code in `STEPPED`.
    """
    left = step

    def count_down() -> None:
        nonlocal left
        left -= 1
        if not left:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt), before_each_step(count_down):
        task()
    return left <= 0


@contextlib.contextmanager
def before_each_step(call: Callable[[], None]) -> Iterator[None]:
    """Call something before each bytecode of the code in `STEPPED`."""

    def step(code: CodeType, _: int) -> None:
        if code.co_filename in STEPPED:
            call()

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code.co_filename not in STEPPED:
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            call()
        return trace

    if sys.version_info >= (3, 12):  # Trace functions do not see all bytecodes there.
        monitoring, event = sys.monitoring, sys.monitoring.events.INSTRUCTION
        tool = monitoring.DEBUGGER_ID
        monitoring.use_tool_id(tool, "steps")
        monitoring.register_callback(tool, event, step)
        monitoring.set_events(tool, event)
        try:
            yield
        finally:
            monitoring.set_events(tool, 0)
            monitoring.register_callback(tool, event, None)
            monitoring.free_tool_id(tool)
    else:
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            yield
        finally:
            sys.settrace(before)


def nothing(folder: Folder) -> None:
    """Make no part."""


def succeed(folder: Folder) -> None:
    for name in ("00000001.done", "00000001.records", "00000002.records.tmp"):
        Path(folder.path, name).touch()


def keep(folder: Folder) -> None:
    Path(folder.path, "00000000.done").touch()
    raise LookupError


def fail(folder: Folder) -> None:
    succeed(folder)
    raise LookupError


# Python closes a file that an interrupt loses, and warns.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize(
    ("work", "kept"),
    [
        (nothing, ()),
        pytest.param(succeed, (), marks=pytest.mark.thorough),
        pytest.param(fail, (), marks=pytest.mark.thorough),
        pytest.param(fail, ("00000000.done",), marks=pytest.mark.thorough),
    ],
)
def test_ctrl_c_leaves_only_finished_parts(
    work: Callable[[Folder], None], kept: tuple[str, ...], tmp_path: Path
) -> None:
    out = tmp_path / "out.csv"
    folder = tmp_path / ".out.csv.parts"
    done = {"lock", *kept} if kept else set()
    made = {"lock", *kept, "00000001.done", "00000001.records"}
    ends = [done] if work is nothing else [done, made]

    def task() -> None:
        with contextlib.suppress(LookupError):
            use_folder(str(out), work)

    for step in count(1):
        if kept:
            with contextlib.suppress(LookupError):
                use_folder(str(out), keep)
        more = interrupt(task, step)
        left = set(os.listdir(folder)) if folder.exists() else set()
        if not more:
            break
        assert left in [set(), *ends], step
        use_folder(str(out), nothing)
        assert os.listdir(tmp_path) == []
    assert left == (made if work is fail else set())
    assert step > 300, step
