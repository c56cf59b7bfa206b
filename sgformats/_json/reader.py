"""JSON text to a tree of nodes with positions, without recursion. Accepts exactly RFC 8259."""

from __future__ import annotations

import json
import re
from array import array

from sgformats._model.node import Fault, Kind, LazyNodes, Node, too_many_values, unexpected
from sgformats._text.payload import LONG, MAX_DEPTH, MAX_VALUES, skip_white
from sgformats._text.positions import Text
from sgformats.errors import quote

_STRING = re.compile(r'"([^"\\\x00-\x1f]*)"')
_MEMBER = re.compile(
    r'"([^"\\\x00-\x1f]*)"[ \t\r\n]*:[ \t\r\n]*"([^"\\\x00-\x1f]*)"[ \t\r\n]*([,}])[ \t\r\n]*'
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_NUMBER_CUT = re.compile(r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?)?)?\Z")
_STOP = re.compile(r'["\\\x00-\x1f]')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})')
_ESCAPE_CUT = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
# Any escape or escaped pair; group 1 is an escaped half of a pair.
_HALF = re.compile(r"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERALS: dict[str, Kind] = {"t": "true", "f": "false", "n": "null"}
_CLOSE = {"object": "}", "array": "]"}
_decode_string = json.JSONDecoder().raw_decode


def read(text: Text) -> Node:
    """The value of a JSON text, as a tree.

    Raises `Fault` at the first wrong character; its rule is `truncated` if the text ends too early.
    """
    chars = text.chars
    start = skip_white(chars, 0)
    is_long = len(chars) > LONG and chars.startswith("[", start)
    root, i = _read_long_list(chars, start) if is_long else read_value(chars, start)
    if i < len(chars):
        raise unexpected(chars, i, "the end of the document")
    return root


def _read_long_list(chars: str, start: int) -> tuple[Node, int]:
    """A list, and the index of what follows it, as from `read_value`; its items are read lazily."""
    root = Node("array", "", start, start)
    starts = array("q")
    i = skip_white(chars, start + 1)
    while chars[i : i + 1] != "]" or starts:
        starts.append(i)
        i = read_value(chars, i, 1)[1]
        if chars[i : i + 1] == "]":
            break
        if chars[i : i + 1] != ",":
            raise unexpected(chars, i, '"," or "]"')
        i = skip_white(chars, i + 1)
    root.nodes = LazyNodes(starts, lambda at: read_value(chars, at, 1)[0])
    return root, skip_white(chars, i + 1)


def read_value(chars: str, i: int, depth: int = 0, flat: bool = False) -> tuple[Node, int]:
    """The value at `i`, and the index after it and its white space.

    `depth` is the number of levels around it; a `flat` value may hold no objects and arrays.
    Raises `Fault` like `read`.
    """
    open_nodes: list[Node] = []
    root: Node | None = None
    name, start = "", -1
    count = 0
    while True:
        node, i = _value(chars, i, name, start)
        if root is None:
            root = node
        else:
            open_nodes[-1].own.append(node)
        count += 1
        if count > MAX_VALUES:
            raise too_many_values(node.start)
        if node.kind in _CLOSE and len(open_nodes) + depth >= MAX_DEPTH:
            raise Fault(node.at, f"at most {MAX_DEPTH} levels", "more", "too-large")
        if node.kind in _CLOSE and flat and node is not root:
            raise unexpected(chars, node.at, "a single value")
        if node.kind in _CLOSE and chars[i : i + 1] != _CLOSE[node.kind]:
            open_nodes.append(node)
        else:
            i = _leave(chars, i + (node.kind in _CLOSE), open_nodes)
        while open_nodes and open_nodes[-1].kind == "object":
            members = open_nodes[-1].own
            known = len(members)
            name, start, i = _members(chars, i, members, known + MAX_VALUES - count)
            count += len(members) - known
            if start >= 0:
                break
            open_nodes.pop()
            i = _leave(chars, i, open_nodes)
        else:
            name, start = "", -1
        if not open_nodes:
            return root, i


def _leave(chars: str, i: int, open_nodes: list[Node]) -> int:
    """Go from the end of a value to the start of the next, and close the nodes that end between."""
    i = skip_white(chars, i)
    while open_nodes:
        close = _CLOSE[open_nodes[-1].kind]
        mark = chars[i : i + 1]
        if mark == ",":
            return skip_white(chars, i + 1)
        if mark != close:
            raise unexpected(chars, i, f'"," or "{close}"')
        open_nodes.pop()
        i = skip_white(chars, i + 1)
    return i


def _members(chars: str, i: int, members: list[Node], most: int) -> tuple[str, int, int]:
    """Read members with plain text; return the next other key, its index, and that of its value.

    The key's index is -1 if the object ended. `members` may become `most` long.
    """
    match = _MEMBER.match(chars, i)
    while match is not None:
        at = match.start(2) - 1
        members.append(Node("string", match[1], match.start(), at, match[2]))
        if len(members) > most:
            raise too_many_values(match.start())
        i = match.end()
        if match[3] == "}":
            return "", -1, i
        match = _MEMBER.match(chars, i)
    if chars[i : i + 1] != '"':
        raise unexpected(chars, i, "a key in double quotes")
    name, end = _string(chars, i)
    colon = skip_white(chars, end)
    if chars[colon : colon + 1] != ":":
        raise unexpected(chars, colon, '":"')
    return name, i, skip_white(chars, colon + 1)


def _value(chars: str, i: int, name: str, start: int) -> tuple[Node, int]:
    """The value at `i` and its end; for an object or array, only the opening bracket."""
    if start < 0:
        start = i
    first = chars[i : i + 1]
    if first == '"':
        text, end = _string(chars, i)
        return Node("string", name, start, i, text), end
    if first == "{" or first == "[":
        return Node("object" if first == "{" else "array", name, start, i), skip_white(chars, i + 1)
    if first in _LITERALS:
        kind = _LITERALS[first]
        if chars.startswith(kind, i):
            return Node(kind, name, start, i), i + len(kind)
        if kind.startswith(chars[i : i + 5]):
            raise unexpected(chars, len(chars), kind)
    number = _NUMBER.match(chars, i)
    if number is not None and not (number.end() < len(chars) and _NUMBER_CUT.match(chars, i)):
        return Node("number", name, start, i, number[0]), number.end()
    if first and _NUMBER_CUT.match(chars, i):
        raise unexpected(chars, len(chars), "a digit")
    raise unexpected(chars, i, "a value")


def _string(chars: str, i: int) -> tuple[str, int]:
    plain = _STRING.match(chars, i)
    if plain is not None:
        return plain[1], plain.end()
    end = _string_end(chars, i)
    value: str = _decode_string(chars, i)[0]
    if _SURROGATE.search(value):
        halves = (found.start() for found in _HALF.finditer(chars, i, end) if found[1])
        at = next(halves, end - 1)
        raise Fault(at, "a whole surrogate pair", f"{chars[at : at + 6]} alone", "bad-encoding")
    return value, end


def _string_end(chars: str, i: int) -> int:
    """The index after a string's closing quote."""
    i += 1
    while True:
        stop = _STOP.search(chars, i)
        if stop is None:
            raise unexpected(chars, len(chars), 'the closing "')
        i = stop.start()
        if chars[i] == '"':
            return i + 1
        if chars[i] != "\\":
            raise unexpected(chars, i, "an escape in place of a control character")
        escape = _ESCAPE.match(chars, i)
        if escape is None:
            if _ESCAPE_CUT.match(chars, i):
                raise unexpected(chars, len(chars), "the rest of an escape")
            raise Fault(i, "an escape such as \\n or \\u0041", quote(chars[i : i + 2]))
        i = escape.end()
