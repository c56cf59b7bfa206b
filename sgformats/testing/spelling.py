"""Write a reply in any way that the contract allows: first as a tree, then as bytes.

`tree_of` chooses a form of a reply; `spell` writes a tree in any layout, escapes and encoding that
its format allows, even if the contract does not allow the tree. All choices come from the given
`random.Random`, so that callers can repeat or shrink them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from random import Random
from typing import Any

from sgformats._json.reader import read_value
from sgformats._model.node import Node
from sgformats._model.scalars import SCALARS
from sgformats._text.payload import WHITE, Format
from sgformats.operations import OPERATIONS, Field
from sgformats.records import (
    NO_DETAIL,
    Count,
    ErrorDetail,
    Failure,
    Json,
    Listing,
    Reply,
    Success,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SPACES = ("", "", " ", "\n", "\t", "\r\n", "\r", " \n  ")
_MARK = "\ufeff"
_JSON_BYTES: tuple[tuple[str, str], ...] = (
    ("", "utf-8"),
    (_MARK, "utf-8"),
    *((mark, f"utf-{n}-{end}") for mark in ("", _MARK) for n in (16, 32) for end in ("le", "be")),
)
# The codec, its name in a declaration (None: no declaration), and a mark.
_XML_BYTES: tuple[tuple[str, str | None, str], ...] = (
    ("utf-8", None, ""),
    ("utf-8", "UTF-8", ""),
    ("utf-8", "utf-8", _MARK),
    ("utf-8", None, _MARK),
    ("iso-8859-1", "ISO-8859-1", ""),
    ("cp1252", "windows-1252", ""),
    ("ascii", "US-ASCII", ""),
    ("utf-16-le", "UTF-16", _MARK),
    ("utf-16-be", "utf-16", _MARK),
    ("utf-16-le", None, _MARK),
    ("utf-16-be", None, _MARK),
    ("utf-16-le", "UTF-16LE", ""),
    ("utf-16-be", "UTF-16BE", ""),
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;"}


# Replies to trees.


def leaf(name: str, text: str, kind: Any = "string") -> Node:
    """A value without positions."""
    return Node(kind, name, 0, 0, text)


def branch(name: str, nodes: Sequence[Node], kind: Any = "element") -> Node:
    """An element, object or array without positions."""
    node = Node(kind, name, 0, 0)
    node.own.extend(nodes)
    return node


def tree_of(reply: Reply, format: Format, chance: Random) -> Node:
    """The tree of a reply, in one of its forms, with the fields in any order."""
    if isinstance(reply, Listing):
        return _list(reply, format, chance)
    if format == "json-v3":
        assert isinstance(reply, Failure)
        return _v3_failure(reply, chance)
    return chance.choice(_results(reply, format == "xml", chance))


def _list(reply: Listing[Any], format: Format, chance: Random) -> Node:
    method = OPERATIONS[f"{reply.method}.get"].method
    xml = format == "xml"
    items = []
    for record in reply.records:
        nodes = []
        for field in method.fields:
            node = _field(field, getattr(record, field.name), format, chance)
            nodes += [node] if node is not None else []
        chance.shuffle(nodes)
        items.append(branch(method.item if xml else "", nodes, "element" if xml else "object"))
    return branch(method.root if xml else "", items, "element" if xml else "array")


def _field(field: Field, value: Any, format: Format, chance: Random) -> Node | None:
    kind = "element" if format == "xml" else "string"
    if value is None:
        # "absent, or (an older page) present and empty"
        empty = field.scalar == "timestamp" and chance.random() < 0.3
        return leaf(field.name, "", kind) if empty else None
    if format == "json-v3" and isinstance(value, datetime):
        return leaf(field.name, _number(int((value - _EPOCH).total_seconds()), chance), "number")
    return leaf(field.name, SCALARS[field.scalar].write(value), kind)


def _results(reply: Any, xml: bool, chance: Random) -> list[Node]:
    """A result in all its forms."""
    text = "element" if xml else "string"

    def whole(*members: Node) -> Node:
        return branch("result", members) if xml else branch("", members, "object")

    if isinstance(reply, Count):
        digits = whole(leaf("count", _digits(reply.count, chance), text))
        number = whole(leaf("count", _number(reply.count, chance), "number"))
        return [digits] if xml else [digits, number]
    message = leaf("message", reply.message, text)
    if isinstance(reply, Failure) and reply.code is not None:
        inside = [message, leaf("code", _number(reply.code, chance), "number")]
        chance.shuffle(inside)
        return [whole(branch("error", inside, "object"))]
    errors = reply.errors if isinstance(reply, Failure) else ()
    items = [leaf("error" if xml else "", error, text) for error in errors]
    members = [message, branch("errors", items, "element" if xml else "array")]
    chance.shuffle(members)
    if errors:
        return [whole(*members)]
    if xml:
        error_form = whole(leaf("message", _with_space("error", chance), text), message)
    else:
        error_form = whole(leaf("error", reply.message))
    if isinstance(reply, Failure) and reply.message.strip(WHITE) == "success":
        return [error_form]
    forms = [whole(message), whole(*members)]
    if xml and reply.message and reply.message == reply.message.strip(WHITE):
        forms.append(leaf("result", _with_space(reply.message, chance), text))
    return forms if isinstance(reply, Success) else [*forms, error_form]


def _v3_failure(reply: Failure, chance: Random) -> Node:
    """`{"errors":[{"field":null,"message":"…"}]}`, with or without `field` and other members."""
    errors = []
    for number, text in enumerate(reply.errors):
        detail = reply.details[number] if reply.details else NO_DETAIL
        nodes = [leaf("message", text), *_detail_nodes(detail, chance)]
        chance.shuffle(nodes)
        errors.append(branch("", nodes, "object"))
    nodes = [branch("errors", errors, "array"), *_detail_nodes(reply.extra, chance)]
    chance.shuffle(nodes)
    return branch("", nodes, "object")


def _detail_nodes(detail: ErrorDetail, chance: Random) -> list[Node]:
    """The members of a detail; null or nothing for None."""
    nodes = []
    for name in ErrorDetail.__struct_fields__:
        value = getattr(detail, name)
        if isinstance(value, Json):
            node, _ = read_value(value.text, 0)
            node.name = name
            nodes.append(node)
        elif value is not None:
            nodes.append(leaf(name, value))
        elif chance.random() < 0.3:
            nodes.append(leaf(name, "", "null"))
    return nodes


def _with_space(text: str, chance: Random) -> str:
    return chance.choice(("", " ", "\n   ")) + text + chance.choice(("", " ", "\n"))


def _digits(number: int, chance: Random) -> str:
    return str(number).zfill(chance.choice((1, 1, 3, 15)))


def _number(number: int, chance: Random) -> str:
    return chance.choice(
        (f"{number}", f"{number}", f"{number}.0", f"{number}e0", f"{10 * number}E-1")
    )


# Trees to bytes.


def spell(root: Node, format: Format, chance: Random) -> bytes:
    """The bytes of a tree, in the plain style of the API or any other."""
    style = chance.choice(("plain", "plain", "spaced", "wild"))
    if format == "xml":
        codec, declared, mark = chance.choice(_XML_BYTES) if style == "wild" else _XML_BYTES[1]
        return _Xml(codec, style, chance).document(root, declared, mark).encode(codec)
    mark, codec = chance.choice(_JSON_BYTES) if style == "wild" else _JSON_BYTES[0]
    return (mark + _Json(style, chance).document(root)).encode(codec, "surrogatepass")


class _Json:
    def __init__(self, style: str, chance: Random) -> None:
        self.style = style
        self.chance = chance
        self.string = chance.choice((self._raw, self._ascii, self._slashes))
        if style == "wild":
            self.string = self._wild

    def document(self, root: Node) -> str:
        return self._space() + self._value(root) + self._space()

    def _value(self, node: Node) -> str:
        if node.kind == "string":
            return self.string(node.text)
        if node.kind not in ("object", "array"):
            return node.text if node.kind == "number" else node.kind
        inside = []
        for child in node.nodes:
            key = f"{self.string(child.name)}{self._space()}:" if node.kind == "object" else ""
            inside.append(f"{self._space()}{key}{self._space()}{self._value(child)}{self._space()}")
        text = ",".join(inside) or self._space()
        return f"{{{text}}}" if node.kind == "object" else f"[{text}]"

    def _space(self) -> str:
        return "" if self.style == "plain" else self.chance.choice(_SPACES)

    @staticmethod
    def _raw(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    @staticmethod
    def _ascii(text: str) -> str:
        return json.dumps(text)

    @staticmethod
    def _slashes(text: str) -> str:
        return json.dumps(text, ensure_ascii=False).replace("/", "\\/")

    def _wild(self, text: str) -> str:
        ways: tuple[Callable[[str], str], ...] = (self._raw, self._slashes, self._ascii, _escaped)
        return '"' + "".join(self.chance.choice(ways)(c)[1:-1] for c in text) + '"'


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass")
    escapes = (f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))
    return f'"{"".join(escapes)}"'


class _Xml:
    def __init__(self, codec: str, style: str, chance: Random) -> None:
        self.codec = codec
        self.wild = style == "wild"
        self.plain = style == "plain"
        self.chance = chance

    def document(self, root: Node, declared: str | None, mark: str) -> str:
        head = ""
        if declared is not None:
            one, two, three = (self.chance.choice("\"'") for _ in range(3))
            alone = f" standalone={three}yes{three}" if self.wild else ""
            head = f"<?xml version={one}1.0{one} encoding={two}{declared}{two}{alone}?>"
        return mark + head + self._between() + self._element(root) + self._between()

    def _element(self, node: Node) -> str:
        inside = self._text(node.text)
        for child in node.nodes:
            piece = self._text(child.text) if child.kind == "string" else self._element(child)
            inside += self._between() + piece
        if node.nodes:
            inside += self._between()
        attributes = "".join(f' {name}="{index}"' for name, index in node.attributes)
        gap = self.chance.choice(_SPACES) if self.wild else ""
        if not inside and self.chance.random() < 0.5:
            return f"<{node.name}{attributes}{gap}/>"
        return f"<{node.name}{attributes}{gap}>{inside}</{node.name}{gap}>"

    def _between(self) -> str:
        if self.plain:
            return ""
        space = self.chance.choice(_SPACES)
        return space + self._comment() + self.chance.choice(_SPACES) if self.wild else space

    def _comment(self) -> str:
        """A comment, an instruction or nothing."""
        return self.chance.choice(("", "", "", "<!-- <a> & -->", "<?php echo '<a>' ?>", "<!---->"))

    def _text(self, text: str) -> str:
        if not self.wild:
            return "".join(self._character(character) for character in text)
        parts: list[str] = []
        rest = text
        while rest:
            size = self.chance.randint(1, 8)
            piece, rest = rest[:size], rest[size:]
            if self.chance.random() < 0.2 and self._can_encode(piece) and "]]>" not in piece:
                parts.append(f"<![CDATA[{piece}]]>{self._comment()}")
            else:
                parts.append("".join(self._any_character(character) for character in piece))
        return "".join(parts)

    def _can_encode(self, text: str) -> bool:
        try:
            text.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return "\r" not in text

    def _character(self, character: str) -> str:
        if character in "&<>":
            return _NAMED[character]
        return character if self._can_encode(character) else f"&#{ord(character)};"

    def _any_character(self, character: str) -> str:
        way = self.chance.randrange(8)
        if way == 0:
            return f"&#x{ord(character):{self.chance.choice('xX')}};"
        if way == 1:
            return f"&#{ord(character):07d};"
        if way == 2 and character in _NAMED:
            return _NAMED[character]
        return self._character(character) + (self._comment() if way == 3 else "")
