"""A payload as a tree of nodes with positions, the same for XML and JSON."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Literal, overload

from sgformats._text.payload import MAX_VALUES
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
        "own",
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
        self.own: list[Node] = []
        self.nodes: Sequence[Node] = self.own
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


class LazyNodes(Sequence[Node]):
    """The items of a long list: each is read again when it is used, so few are in memory at a time.

    `read` gives the item that begins at one of the `starts`.
    """

    def __init__(self, starts: array[int], read: Callable[[int], Node]) -> None:
        self._starts = starts
        self._read = read
        self._last: tuple[int, Node] | None = None

    def named(self, name: str) -> LazyNodes:
        pairs = zip(self._starts, self, strict=True)
        return LazyNodes(array("q", (at for at, node in pairs if node.name == name)), self._read)

    def __len__(self) -> int:
        return len(self._starts)

    def __iter__(self) -> Iterator[Node]:
        return map(self._read, self._starts)

    @overload
    def __getitem__(self, index: int) -> Node: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Node]: ...
    def __getitem__(self, index: int | slice) -> Node | Sequence[Node]:
        if isinstance(index, slice):
            return LazyNodes(self._starts[index], self._read)
        start = self._starts[index]
        if self._last is None or self._last[0] != start:
            self._last = start, self._read(start)
        return self._last[1]


def too_many_values(index: int) -> Fault:
    """The fault of an item, or an answer that is no list, with too many values to keep in memory."""
    return Fault(index, f"at most {MAX_VALUES} values", "more", "too-large")


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
