"""sgformats, used as in its README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sgformats
from benchmarks.contender import FORMATS, OPERATION, OURS, Contender, Row, rows_of

_NUMBER = re.compile(r"\[(\d+)\]")


def _parse(data: bytes) -> Any:
    return sgformats.parse(data, OPERATION)


def _parse_lax(data: bytes) -> Any:
    return sgformats.parse(data, OPERATION, mode="lax")


def _validate(data: bytes) -> Any:
    return sgformats.validate(data, OPERATION, max_problems=1_000_000)


def _rows(listing: Any) -> list[Row]:
    assert isinstance(listing, sgformats.Listing)
    return rows_of(listing.records)


def _numbers(problems: Sequence[sgformats.Problem]) -> list[int]:
    places = [_NUMBER.match(problem.location.path) for problem in problems]
    assert all(places), problems
    return [int(place[1]) for place in places if place]


def _listing(rows: Sequence[Row]) -> sgformats.Listing[sgformats.InvalidEmail]:
    return sgformats.Listing("invalidemails", tuple(sgformats.InvalidEmail(*row) for row in rows))


_ENCODE = {
    "json": lambda listing: sgformats.encode(listing, "json"),
    "xml": lambda listing: sgformats.encode(listing, "xml"),
}
_CONVERT = {
    "json": lambda data: sgformats.convert(data, "xml", OPERATION),
    "xml": lambda data: sgformats.convert(data, "json", OPERATION),
}
_REPORTS = "every problem: rule, path, line, column, byte"
CONTENDERS = tuple(
    contender
    for format in FORMATS
    for contender in (
        Contender(OURS, "parse", format, _parse, _rows),
        Contender(OURS, "lax", format, _parse_lax, _rows),
        Contender(OURS, "validate", format, _validate, _numbers, _REPORTS),
        Contender(OURS, "encode", format, _ENCODE[format], given=_listing),
        Contender(OURS, "convert", format, _CONVERT[format]),
    )
)
