"""The parameters of a call as text, in a query or a form body: read with their places, and written.

`read_pairs` undoes what the wire and its archives do to parameters: percent escapes, `+`, and the
mangled separators of converted pages (`&amp;`, `&#038;`, and `&api;_key=` for `&api_key=`). Bytes
that are no UTF-8 become surrogate escapes, so that every text has one reading and `write_pairs`
gives back what was read. Escapes that are none (`100%`) stand for themselves.
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
_WRITTEN_OTHERWISE = re.compile("[%+;]|[^\0-\x7f]")
_HALF = re.compile("[\ud800-\udc7f\udd00-\udfff]")
_SAFE = "@*:"


class Point(NamedTuple):
    """A character of a text: its column from 1, and its offset in bytes from 0."""

    column: int
    offset: int


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where a parameter stands: in which text, and where its name and its value begin there."""

    source: Source
    name: Point
    value: Point

    def location(self, name: str, point: Point) -> Location:
        """A point of this place as the location of the parameter of that name."""
        shown = show(hide_name(name))
        return Location(shown, _SIGNS[self.source] + shown, 1, point.column, point.offset)


class Pair(NamedTuple):
    """A parameter as read."""

    name: str
    value: str
    place: Place


def ruler(text: str) -> Callable[[int], Point]:
    """What turns indices of a text into points. They are to be asked for in rising order."""
    if text.isascii():
        return lambda index: _point((index + 1, index))
    at = offset = 0

    def point(index: int) -> Point:
        nonlocal at, offset
        offset += len(text[at:index].encode("utf-8", "surrogateescape"))
        at = index
        return Point(index + 1, offset)

    return point


# Several for each parameter of every call: what `Point` itself does, in half the time.
_point = cast("Callable[[tuple[int, int]], Point]", partial(tuple.__new__, Point))


def find_half(text: str) -> int | None:
    """The index of the first lone surrogate that stands for no byte either."""
    found = None if text.isascii() else _HALF.search(text)
    return None if found is None else found.start()


def decode(raw: str) -> str:
    """A text without its percent escapes."""
    if "%" not in raw and raw.isascii():
        return raw
    return unquote_to_bytes(raw.encode("utf-8", "surrogateescape")).decode(
        "utf-8", "surrogateescape"
    )


def encode(text: str, name: str) -> str:
    """A text with percent escapes, fit for a path, a query and a form.

    Raises `EncodeError`, which names the parameter, for half a character.
    """
    half = find_half(text)
    if half is not None:
        raise EncodeError(hide_name(name), "half a surrogate pair is no text", half)
    return quote(text, safe=_SAFE, errors="surrogateescape")


def read_pairs(
    text: str, start: int, stop: int, source: Source, point: Callable[[int], Point]
) -> Iterator[Pair]:
    """The parameters between two indices of a text, in their order."""
    otherwise = _WRITTEN_OTHERWISE.search
    plain = otherwise(text, start, stop) is None
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
        if not plain and otherwise(piece) is not None:
            name = decode(name.replace(";", "").replace("+", " "))
            given = decode(given.replace("+", " "))
        yield Pair(name, given, Place(source, point(begin), point(value)))


def write_pairs(pairs: Iterable[tuple[str, str]]) -> str:
    """Parameters as the text of a query or a form, in their order."""
    return "&".join(f"{encode(name, name)}={encode(value, name)}" for name, value in pairs)
