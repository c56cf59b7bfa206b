"""Reads and writes the parameters of a query or a form body, with their positions.

`read_pairs` decodes percent escapes, `+`, and the broken separators of converted pages (`&amp;`,
`&#038;`, and `&api;_key=` for `&api_key=`). Bytes that are not UTF-8 become surrogate escapes, so
every text can be read, and `write_pairs` restores it. Invalid escapes (`100%`) stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Literal, NamedTuple, cast
from urllib.parse import quote, unquote_to_bytes

import msgspec

from sgformats.errors import EncodeError, Location, show
from sgformats.secrets import hide_name

Source = Literal["path", "query", "form"]

_SIGNS = {"path": "/", "query": "?", "form": "form:"}
_ENTITY = re.compile("(?:amp;|#0*38;)*")
_ENTITIES = ("amp;", "#")
_ESCAPED = re.compile("[%+;]|[^\0-\x7f]")
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_SAFE = "@*:"


class Point(NamedTuple):
    """A position in a text: the column from 1, and the byte offset from 0."""

    column: int
    offset: int


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a parameter is: its text, and the positions of its name and its value in it."""

    source: Source
    name: Point
    value: Point

    def location(self, name: str, point: Point) -> Location:
        """The location of a parameter with this name at one of the positions."""
        shown = show(hide_name(name))
        return Location(shown, _SIGNS[self.source] + shown, 1, point.column, point.offset)


class Pair(NamedTuple):
    """A parameter, decoded, with its place."""

    name: str
    value: str
    place: Place


def ruler(text: str) -> Callable[[int], Point]:
    """A function from the indices of a text, in ascending order, to points."""
    if text.isascii():
        return lambda index: _point((index + 1, index))
    at = offset = 0

    def point(index: int) -> Point:
        nonlocal at, offset
        offset += len(text[at:index].encode("utf-8", "surrogateescape"))
        at = index
        return Point(index + 1, offset)

    return point


# Twice as fast as `Point` itself, and called several times for each parameter.
_point = cast("Callable[[tuple[int, int]], Point]", partial(tuple.__new__, Point))


def find_half(text: str) -> int | None:
    """The index of the first lone surrogate that is not an escaped byte."""
    found = None if text.isascii() else _HALF.search(text)
    return None if found is None else found.start()


def decode(raw: str) -> str:
    """Decode the percent escapes of a text."""
    if "%" not in raw and raw.isascii():
        return raw
    return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )


def encode(text: str, name: str) -> str:
    """Encode a text with percent escapes that are valid in a path, a query and a form.

    Raises `EncodeError`, with the name of the parameter, for half of a surrogate pair.
    """
    half = find_half(text)
    if half is not None:
        raise EncodeError(hide_name(name), "expected text, found half of a surrogate pair", half)
    return quote(text, safe=_SAFE, errors="surrogateescape")


def read_pairs(
    text: str, start: int, stop: int, source: Source, point: Callable[[int], Point]
) -> Iterator[Pair]:
    """The parameters between two indices of a text, in order."""
    find_escape = _ESCAPED.search
    plain = find_escape(text, start, stop) is None
    following = start
    for piece in text[start:stop].split("&"):
        begin = following
        following += len(piece) + 1
        if not plain and begin > start and piece.startswith(_ENTITIES):
            entity = _ENTITY.match(piece).end()  # type: ignore[union-attr]
            begin, piece = begin + entity, piece[entity:]
        if not piece:
            continue
        name, mark, given = piece.partition("=")
        value = begin + len(name) + len(mark)
        if not plain and find_escape(piece) is not None:
            name = decode(name.replace(";", "").replace("+", " "))
            given = decode(given.replace("+", " "))
        yield Pair(name, given, Place(source, point(begin), point(value)))


def write_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Write parameters as a query or a form, in order."""
    return "&".join(f"{encode(name, name)}={encode(value, name)}" for name, value in pairs)
