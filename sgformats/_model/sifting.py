"""A long list of which little is odd: most items as records at once, the odd ones as trees.

The short route tells what is certain, group by group; only what it is silent about is read with
places. The tree that comes of it means what a tree of the whole payload means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sgformats._model.node import Node
from sgformats._text.payload import MAX_DEPTH

Records = Sequence[Any]

_GROUP = 256
# An item that could come near the limit of depth is a matter for whoever sees the whole payload.
DEEPEST = MAX_DEPTH // 2


class Sifted(NamedTuple):
    """A list's tree, and a text of the same list that holds its odd items alone."""

    root: Node
    odd: str


def sift(
    count: int, read: Callable[[int, int], Records | None]
) -> Iterator[tuple[int, int, Records | None]]:
    """The items from 0 to `count`, as groups of records from a number up to another; None for an odd one.

    `read` gives the records of such a group, or None; a group of which it gives none is halved.
    """
    left = [(start, min(start + _GROUP, count)) for start in range(0, count, _GROUP)]
    left.reverse()
    while left:
        start, stop = left.pop()
        records = read(start, stop)
        if records is None and stop - start > 1:
            middle = (start + stop) // 2
            left += [(middle, stop), (start, middle)]
        else:
            yield start, stop, records


def certain(records: Records) -> Node:
    """A node that stands for as many items as there are records."""
    node = Node("records", "", -1, -1)
    node.records = records
    return node


def move(node: Node, by: int) -> None:
    """Shifts the places of a tree that was read as a text of its own."""
    left = [node]
    while left:
        each = left.pop()
        each.start += by
        each.at += by
        each.stray += by if each.stray >= 0 else 0
        each.tail += by if each.tail >= 0 else 0
        each.attributes = tuple((name, index + by) for name, index in each.attributes)
        left += each.nodes
