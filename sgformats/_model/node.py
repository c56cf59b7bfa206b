"""A payload as a tree of nodes with positions, the same for XML and JSON."""

from __future__ import annotations

from typing import Literal

from sgformats.errors import quote

Kind = Literal["object", "array", "string", "number", "true", "false", "null", "element"]


class Node:
    """One value of a JSON text, or one element of an XML document.

    `name` is the key or the tag (`{namespace}local` in a namespace), `start` its index, `at` the
    index of the value or content. `text` is a string's value, a number's digits, or an element's
    character data; `nodes` are the values, members or elements inside.

    Only XML has `attributes` (name, index), `stray` and `tail`: the index of the first character
    that is not white space in the element's text, and in its text after its first child; or -1.
    """

    __slots__ = (
        "at",
        "attributes",
        "kind",
        "name",
        "nodes",
        "start",
        "stray",
        "tail",
        "text",
    )

    def __init__(
        self, kind: Kind, name: str, start: int, at: int, text: str = "", stray: int = -1
    ) -> None:
        self.kind: Kind = kind
        self.name = name
        self.start = start
        self.at = at
        self.text = text
        self.nodes: list[Node] = []
        self.attributes: tuple[tuple[str, int], ...] = ()
        self.stray = stray
        self.tail = -1

    def move(self, by: int) -> None:
        """Shift all positions of a tree that was read from a part of the text."""
        left = [self]
        while left:
            each = left.pop()
            each.start += by
            each.at += by
            each.stray += by if each.stray >= 0 else 0
            each.tail += by if each.tail >= 0 else 0
            each.attributes = tuple((name, index + by) for name, index in each.attributes)
            left += each.nodes


class Fault(Exception):
    """The index at which a text is not well-formed. Never leaves the package."""

    def __init__(
        self, index: int, expected: str, found: str, rule: str = "not-well-formed"
    ) -> None:
        super().__init__(index, expected, found, rule)
        self.index = index
        self.expected = expected
        self.found = found
        self.rule = rule


def unexpected(chars: str, i: int, expected: str) -> Fault:
    """The fault of the character at `i`, or of the end of the text."""
    if i >= len(chars):
        return Fault(len(chars), expected, "the end of the payload", "truncated")
    return Fault(i, expected, quote(chars[i]))
