"""sgformats, used as in its README."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sgformats
from benchmarks.contender import OPERATION, OURS, Contender, Format, Row, rows_of, same

_NUMBER = re.compile(r"\[(\d+)\]")


def parse(data: bytes) -> Any:
    return sgformats.parse(data, OPERATION)


def parse_lax(data: bytes) -> Any:
    return sgformats.parse(data, OPERATION, mode="lax")


def validate(data: bytes) -> Any:
    return sgformats.validate(data, OPERATION, max_problems=1_000_000)


def encode_json(listing: Any) -> bytes:
    return sgformats.encode(listing, "json")


def encode_xml(listing: Any) -> bytes:
    return sgformats.encode(listing, "xml")


def to_xml(data: bytes) -> bytes:
    return sgformats.convert(data, "xml", OPERATION)


def to_json(data: bytes) -> bytes:
    return sgformats.convert(data, "json", OPERATION)


def records(listing: Any) -> list[Row]:
    assert isinstance(listing, sgformats.Listing)
    return rows_of(listing.records)


def numbers(problems: Sequence[sgformats.Problem]) -> list[int]:
    """The records that problems are in."""
    found = []
    for problem in problems:
        place = _NUMBER.match(problem.location.path)
        assert place is not None, problem
        found.append(int(place[1]))
    return found


def listing_of(rows: Sequence[Row]) -> sgformats.Listing[sgformats.InvalidEmail]:
    return sgformats.Listing("invalidemails", tuple(sgformats.InvalidEmail(*row) for row in rows))


def _contenders(format: Format) -> tuple[Contender, ...]:
    return (
        Contender(OURS, "parse", format, parse, records),
        Contender(OURS, "lax", format, parse_lax, records),
        Contender(
            OURS,
            "validate",
            format,
            validate,
            numbers,
            "every problem: rule, path, line, column, byte",
        ),
        Contender(
            OURS,
            "encode",
            format,
            encode_json if format == "json" else encode_xml,
            same,
            given=listing_of,
        ),
        Contender(OURS, "convert", format, to_xml if format == "json" else to_json, same),
    )


CONTENDERS = _contenders("json") + _contenders("xml")
