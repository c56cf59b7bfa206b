"""Decodes the escapes inside names, and maps positions back to the original text."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Callable

# Escapes of characters in and after names, but not of those that can end a value.
ESCAPE = re.compile(
    r"(?:%(?:25)*|\\\\{0,3}[uU]00)(4[1-9a-fA-F]|5[0-9aA]|6[1-9a-fA-F]|7[0-9aA]|5[fF]|2[dD]|3[bBdD])"
)


def unescape_names(text: str) -> tuple[str, Callable[[int], int]]:
    """The text with `ESCAPE`s decoded, and a function from its indices to those of `text`."""
    parts: list[str] = []
    places, starts, stops = array("q"), array("q"), array("q")
    size = done = 0
    for escape in ESCAPE.finditer(text):
        parts += (text[done : escape.start()], chr(int(escape[1], 16)))
        size += escape.start() - done
        places.append(size)
        starts.append(escape.start())
        stops.append(escape.end())
        size += 1
        done = escape.end()
    parts.append(text[done:])

    def at(index: int) -> int:
        number = bisect_right(places, index) - 1
        if number < 0:
            return index
        beyond = index - places[number]
        return stops[number] + beyond - 1 if beyond else starts[number]

    return "".join(parts), at
