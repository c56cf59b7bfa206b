"""The first records of a JSON text, damaged or not; they show the list and the format.

Every object with a field of some list counts as a record. Like the scan, it reads nested values up
to the first damage, and after that only flat objects.
"""

from __future__ import annotations

import re

from sgformats._json.items import JsonItems
from sgformats._model.items import NotAListError
from sgformats._model.node import Fault, Node
from sgformats._model.shapes import is_v3
from sgformats.operations import METHODS, OPERATIONS

_ITEMS = JsonItems(OPERATIONS["invalidemails.get"], v3=False)
_NAMES = frozenset(name for method in METHODS for name in method.names)
_BEGINS_AS_V3 = re.compile(
    r'[ \t\r\n]*\[[ \t\r\n]*\{[ \t\r\n]*"created"[ \t\r\n]*:[ \t\r\n]*[0-9-]'
)


def sample(chars: str, most: int) -> Node:
    """A list of the first complete records."""
    found = Node("array", "", 0, 0)
    reach = at = 0
    while len(found.nodes) < most and (at := _ITEMS.find(chars, at)) >= 0:
        try:
            node, end = (_ITEMS.read_damaged if at < reach else _ITEMS.read)(chars, at)
        except Fault as fault:
            reach = max(reach, fault.index)
            at += 1
            continue
        if any(member.name in _NAMES for member in node.nodes):
            found.own.append(node)
            at = end
        else:  # It may contain records.
            reach = max(reach, end)
            at += 1
    return found


def shows_v3(chars: str) -> bool:
    """Whether the first record, which may be cut, looks like JSON v3."""
    return _BEGINS_AS_V3.match(chars) is not None or is_v3(sample(chars, 1))


def begins_v3(chars: str) -> bool:
    """Whether the first item of an undamaged list looks like JSON v3."""
    try:
        i, root = _ITEMS.enter(chars)
        step = _ITEMS.step(chars, i, first=True)
        if step.more:
            root.own.append(_ITEMS.read(chars, step.at)[0])
    except (Fault, NotAListError):
        return False
    return is_v3(root)
