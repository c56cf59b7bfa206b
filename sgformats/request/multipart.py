"""Reads the parameters of a `multipart/form-data` body, with their positions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sgformats.request.forms import Pair, Place, Point

_BOUNDARY = re.compile(r"\s*(--[^\s=&]{1,70})[ \t]*\r?\n")
_DISPOSITION = re.compile(r"(?i)(?<![^\r\n])content-disposition:[ \t]*form-data[^\r\n]*")
_NAME = re.compile(r"""(?i);[ \t]*name=(?:"([^"\r\n]*)"|([^\s;"]*))""")
_HEADERS_END = re.compile(r"\r?\n\r?\n")


def read_parts(body: str, point: Callable[[int], Point]) -> list[Pair] | None:
    """The parameters of a multipart body, in order; None for any other body.

    Parts without a name are skipped.
    """
    boundary = _BOUNDARY.match(body)
    return None if boundary is None else list(_parts(body, boundary, point))


def _parts(body: str, boundary: re.Match[str], point: Callable[[int], Point]) -> Iterator[Pair]:
    delimiter = re.compile(r"(?:\A|\r?\n)" + re.escape(boundary[1]))
    found = list(delimiter.finditer(body, boundary.start(1)))
    begin = boundary.end(1)
    for stop in [each.start() for each in found if each.start() > begin] + [len(body)]:
        headers_end = _HEADERS_END.search(body, begin, stop)
        if headers_end is not None:
            line = _DISPOSITION.search(body, begin, headers_end.start())
            name = _NAME.search(body, *line.span()) if line is not None else None
            if name is not None:
                group = 1 if name[1] is not None else 2
                where = Place("form", point(name.start(group)), point(headers_end.end()))
                yield Pair(name[group], body[headers_end.end() : stop], where)
        begin = stop
