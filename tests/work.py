"""Measures of work for tests of growth.

    assert work(parse, payload(400)) < 5 * work(parse, payload(100))

`work` counts steps of Python code. The number is the same on every run and machine. It does not
include work inside one call of C code, such as backtracking in a regular expression or copying. For
that, use `cpu_growth` in a test that is marked `thorough`; linear and quadratic times are far apart.

The two arguments must differ only in size. If the first call imports or compiles something, call the
function once before.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def work(function: Callable[..., object], *arguments: object) -> int:
    """The number of lines of Python that run and of functions that are called, in one call.

    Coverage does not see these lines. Exceptions of the function are passed on.
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
    """The CPU time of a call with `large`, divided by that with `small`; the median of five pairs.

    If `large` is eight times as large as `small`, linear time gives about 8 and quadratic about 64.
    Compare with 24, so that other load on the machine does not matter. A call with `small` should
    take at least a millisecond.
    """

    def seconds(data: T) -> float:
        begin = time.thread_time()
        function(data)
        return time.thread_time() - begin

    # The speed of a machine may change, so each ratio is of calls that follow one another.
    rounds = [(seconds(small), seconds(large)) for _ in range(5)]
    return median(large / small for small, large in rounds)
