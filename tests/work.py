"""How much work a call does, so that tests of growth need no clock.

    assert work(parse, payload(400)) < 5 * work(parse, payload(100))

`work` counts steps of Python code: the same number on every run, whatever the machine does. It does not
see what happens inside one call of C code: a regular expression that backtracks, `bytes.find` from the
start again and again, slices that are copied. Where that is the danger, use `cpu_growth` in a test that
is marked `thorough`; it is safe as linear and quadratic lie far apart.

Both want arguments that differ in nothing but size. Call the function once before, where the first call
imports or compiles something.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def work(function: Callable[..., object], *arguments: object) -> int:
    """How many lines of Python run, and how many functions are called, in one call.

    Coverage does not see these lines. What the function raises is raised.
    """
    steps = 0

    def line(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal steps
        steps += event == "line"
        return line

    def call(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal steps
        steps += event in ("call", "c_call")

    tracing, profiling = sys.gettrace(), sys.getprofile()
    sys.settrace(line)
    sys.setprofile(call)
    try:
        function(*arguments)
    finally:
        sys.setprofile(profiling)
        sys.settrace(tracing)
    return steps


def cpu_growth(function: Callable[[T], object], small: T, large: T) -> float:
    """How many times the CPU seconds of `small` a call with `large` takes; the best of five of each.

    With `large` eight times the size of `small`, linear is about 8 and quadratic about 64: compare with
    24, so that a machine on which much else runs decides nothing. A call with `small` should take at
    least a thousandth of a second.
    """

    def seconds(data: T) -> float:
        begin = time.thread_time()
        function(data)
        return time.thread_time() - begin

    rounds = [(seconds(small), seconds(large)) for _ in range(5)]
    return min(large for _, large in rounds) / min(small for small, _ in rounds)
