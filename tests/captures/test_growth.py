"""Reading a capture takes linear work: four times the size takes four times the work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from sgformats.errors import SgformatsError
from tests.growthkit import CALLS, FRAMES, UNITS, Shape, check, cost, redact

MOST = 5.5
"""Linear work gives about 4, quadratic work about 16."""
# Some of each kind of shape, and all that were once slow.
SOME: tuple[str, ...] = (
    *UNITS[::45],
    *("curl ", "curl http://x ", "curl \\\n", "cookie:a=b;", "cookie:a;", 'authorization: a="b", '),
    *(
        "/api/bounces.get.json?",
        "curl /api/bounces.get.json ",
        "/api/bounces.get.json?)",
        "status ",
    ),
    *(
        "[]",
        '{"message":"success"}',
        "name=a",
        "a ",
        "api_key ",
        "\\",
        "\ufeff",
        "content-disposition:",
        " HTTP",
    ),
)

Call = Callable[[bytes, str], None]


def growth(call: Call, frame: str, unit: str, small: int) -> float:
    """The ratio of the work for four times the units."""
    shape = Shape(frame, unit)
    with suppress(SgformatsError):
        call(shape.file(small // 2), frame)  # Fill the caches.
    one, four = (cost(call, shape.file(times * small), frame) for times in (1, 4))
    return four / one


@pytest.mark.parametrize("unit", SOME, ids=repr)
@pytest.mark.parametrize("call", [check, redact], ids=lambda call: call.__name__)
def test_work_is_linear_in_the_size(call: Call, unit: str) -> None:
    assert growth(call, "x.log", unit, 250) < MOST


@pytest.mark.thorough
@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__)
def test_work_is_linear_in_the_size_of_every_frame(call: Call, frame: str) -> None:
    grown = {unit: growth(call, frame, unit, 500) for unit in UNITS}
    assert {unit: times for unit, times in grown.items() if times >= MOST} == {}
