"""JSON values of any type as text: v3 adds such values to its errors."""

from __future__ import annotations

import msgspec

from sgformats._model.node import Node
from sgformats.records import Json


def json_text(node: Node) -> str:
    """A JSON value as compact text; numbers and the order of members stay as written."""
    parts: list[str] = []
    left: list[Node | str] = [node]
    while left:
        each = left.pop()
        if isinstance(each, str):
            parts.append(each)
        elif each.kind in ("array", "object"):
            begin, end = "[]" if each.kind == "array" else "{}"
            left.append(end)
            for number in range(len(each.nodes) - 1, -1, -1):
                child = each.nodes[number]
                name = f"{_string(child.name)}:" if each.kind == "object" else ""
                left += [child, ("," if number else "") + name]
            left.append(begin)
        elif each.kind == "string":
            parts.append(_string(each.text))
        else:
            parts.append(each.text if each.kind == "number" else each.kind)
    return "".join(parts)


def detail_of(node: Node) -> str | Json | None:
    """The value of an error's detail: text, None for null, otherwise `Json`."""
    if node.kind == "string":
        return node.text
    return None if node.kind == "null" else Json(json_text(node))


def _string(text: str) -> str:
    return msgspec.json.encode(text).decode()
