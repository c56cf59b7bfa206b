"""The first items of a JSON text, damaged or not: what they show of the list that they stand in."""

from __future__ import annotations

from sgformats._json.items import JsonItems
from sgformats._model.node import Fault, Node
from sgformats._model.shapes import is_v3
from sgformats.operations import OPERATIONS

_ITEMS = JsonItems(OPERATIONS["invalidemails.get"], v3=False)


def sample(chars: str, most: int) -> Node:
    """A list of the first items that are whole."""
    found = Node("array", "", 0, 0)
    at = -1
    for _ in range(2 * most):
        at = _ITEMS.find(chars, at + 1)
        if at < 0 or len(found.nodes) == most:
            break
        try:
            found.nodes.append(_ITEMS.read_alone(chars, at)[0])
        except Fault:
            continue
    return found


def shows_v3(chars: str) -> bool:
    """Whether the first item is one of the API's successor."""
    return is_v3(sample(chars, 1))
