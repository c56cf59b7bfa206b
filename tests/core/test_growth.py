"""The work of every public call grows no faster than its payload, whatever is repeated in it.

The tests count lines and calls of Python. The work of C code shows only in seconds, which the
thorough tests measure.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Final

import pytest

import sgformats
from sgformats import InvalidEmail, Listing, Request, SgformatsError, encode
from tests.core.growthshapes import (
    FORM_PARTS,
    FORM_PLACES,
    JSON_PARTS,
    JSON_PLACES,
    JSON_TWICE,
    XML_PARTS,
    XML_PLACES,
    XML_TWICE,
    Shape,
    shapes,
)
from tests.work import cpu_growth, work

GET: Final = "invalidemails.get"
TWICE = (*JSON_TWICE, *XML_TWICE)


def read_stream(data: bytes) -> None:
    for _ in sgformats.iter_records([data], GET):
        pass


def read_request(data: bytes) -> None:
    request = Request.parse(data.decode("utf-8", "replace"))
    request.problems()
    repr(request)
    request.encode()


CALLS: dict[str, Callable[[bytes], object]] = {
    "parse": lambda data: sgformats.parse(data, GET),
    "parse of any": sgformats.parse,
    "validate": lambda data: sgformats.validate(data, GET),
    "validate of any": sgformats.validate,
    "convert": lambda data: sgformats.convert(data, "json", GET, mode="lax"),
    "compare": lambda data: sgformats.compare(data, data[:-1], GET, mode="lax"),
    "classify": sgformats.classify,
    "salvage": lambda data: sgformats.salvage(data, GET),
    "salvage of any": sgformats.salvage,
    "a stream": read_stream,
}


def quiet(call: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def run(data: bytes) -> None:
        try:
            call(data)
        except SgformatsError as error:
            str(error)

    return run


def check_growth(call: Callable[[bytes], object], shape: Shape, times: int) -> None:
    """Twice the size takes at most twice the work, except once, where another algorithm begins.

    Quadratic work jumps at every doubling, so after a first jump two larger sizes are tried.
    """
    run = quiet(call)
    run(shape.text(times))
    costs = [work(run, shape.text(times * by)) for by in (1, 2, 4)]
    if jumps(costs):
        costs += [work(run, shape.text(times * by)) for by in (8, 16)]
    assert len(jumps(costs)) <= 1, (shape, costs)
    assert costs[-1] <= 2.6 * costs[-2] + 300, (shape, costs)


def jumps(costs: list[int]) -> list[tuple[int, int]]:
    return [(less, more) for less, more in itertools.pairwise(costs) if more > 2.6 * less + 300]


@pytest.mark.parametrize(("power", "found"), [(0, 0), (1, 0), (1.2, 0), (1.5, 4), (2, 4)])
def test_superlinear_growth_is_detected(power: float, found: int) -> None:
    assert len(jumps([int(10_000 * by**power) for by in (1, 2, 4, 8, 16)])) == found


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("shape", TWICE, ids=lambda shape: shape.name)
def test_two_repeated_parts_take_linear_work(shape: Shape, name: str) -> None:
    check_growth(CALLS[name], shape, 24)


@pytest.mark.parametrize("place", JSON_PLACES, ids=lambda place: place[0])
def test_repeated_json_takes_linear_work(place: tuple[str, bytes, bytes]) -> None:
    for shape in shapes(JSON_PARTS, (place,)):
        check_growth(CALLS["salvage"], shape, 24)


@pytest.mark.parametrize("place", XML_PLACES, ids=lambda place: place[0])
def test_repeated_xml_takes_linear_work(place: tuple[str, bytes, bytes]) -> None:
    for shape in shapes(XML_PARTS, (place,)):
        check_growth(CALLS["salvage"], shape, 24)


def test_a_count_is_validated_without_a_search_in_the_schema() -> None:
    count = b'{"count":1}'
    sgformats.validate(count, "bounces.count")
    assert work(sgformats.validate, count, "bounces.count") < 5_000  # 38,000 with a search.


def form_places() -> tuple[tuple[str, bytes, bytes], ...]:
    return tuple((name, head.encode(), tail.encode()) for name, head, tail in FORM_PLACES)


@pytest.mark.parametrize("place", form_places(), ids=lambda place: place[0])
def test_repeated_parameters_take_linear_work(place: tuple[str, bytes, bytes]) -> None:
    for shape in shapes(tuple(part.encode() for part in FORM_PARTS), (place,)):
        check_growth(read_request, shape, 24)


WRITTEN = ("a", "&", "<", "\r", "é", "\U0001f600", "\\", '"', "]]>")


@pytest.mark.parametrize("text", WRITTEN, ids=ascii)
@pytest.mark.parametrize("to", ["xml", "json"])
def test_writing_takes_linear_work(to: sgformats.Format, text: str) -> None:
    def many(times: int) -> Listing[InvalidEmail]:
        return Listing("invalidemails", (InvalidEmail(text, "r"),) * times)

    def long(times: int) -> Listing[InvalidEmail]:
        return Listing("invalidemails", (InvalidEmail(text * times, "r"),) * 2)

    for listing in (many, long):
        encode(listing(2), to)
        small, more, most = (work(encode, listing(100 * by), to) for by in (1, 2, 4))
        assert more <= 2.1 * small, (listing, small, more)
        assert most <= 2.1 * more, (listing, more, most)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["parse", "validate of any", "salvage", "a stream"])
@pytest.mark.parametrize("shape", TWICE, ids=lambda shape: shape.name)
def test_two_repeated_parts_take_linear_time(shape: Shape, name: str) -> None:
    run = quiet(CALLS[name])
    size = 30_000
    assert cpu_growth(run, shape.sized(size), shape.sized(8 * size)) < 24
