"""The entries of a capture: each an object or a problem, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

from sgformats.captures.bodies import unreadable
from sgformats.captures.exchange import Source
from sgformats.captures.jsonstream import Element, Path, elements
from sgformats.captures.jsonvalues import decode
from sgformats.errors import Problem


class CaptureEntry(NamedTuple):
    """One entry of a capture: its place, and the object or the problem."""

    source: Source
    value: dict[object, object] | Problem


def entry_limit(max_bytes: int) -> int:
    """The most bytes of an entry: a body in base64 or with escapes, and everything around it."""
    return 2 * max_bytes + 1024 * 1024


def json_entries(
    file: BinaryIO, name: str, paths: Sequence[Path], max_bytes: int
) -> Iterator[CaptureEntry]:
    """The elements of the arrays at `paths` of a JSON file. Raises as `elements` does."""
    limit = entry_limit(max_bytes)
    for number, element in enumerate(elements(file, name, paths, limit)):
        source = Source(name, number, element.line, element.offset)
        yield CaptureEntry(source, _value(element, limit))


def no_entry(expected: str, found: str) -> Problem:
    """The problem of an entry that is not an exchange."""
    return unreadable(expected, found, rule="unreadable-entry")


def too_long(limit: int) -> Problem:
    """The problem of an entry that was skipped because it is too long."""
    return no_entry(f"an entry of at most {limit} bytes", "more")


def _value(element: Element, limit: int) -> dict[object, object] | Problem:
    if element.raw is None:
        return too_long(limit)
    try:
        value = decode(element.raw)
    except ValueError:
        return no_entry("an entry in JSON", "other text")
    if isinstance(value, dict):
        return value
    return no_entry("an object as entry", "another value")
