"""Damage payloads: their fields and elements, or their bytes.

`mutate` changes a payload by the choices of a `random.Random`. It does not know what is valid: some
results still are.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from sgformats._model.node import Kind, Node
from sgformats._scan.document import read_document
from sgformats.errors import DecodeError
from sgformats.operations import OPERATIONS
from sgformats.testing.spelling import branch, leaf, spell

_NAMES = ("message", "errors", "error", "count", "result", "code", "field", "Email", "e-mail", "x")
_VALUES = (
    "",
    " ",
    "success",
    " success\n",
    "error",
    "2009-02-29 12:40:30",
    "2009-06-10 24:00:00",
    "0000-01-01 00:00:00",
    " 2009-06-10 12:40:30\n",
    "2009-06-10T12:40:30",
    "2009-06-10 12:40:3",
    "\u0662009-06-10 12:40:30",
    "2",
    " 2 ",
    "-1",
    "1e3",
    "0000000000000002",
    "\u0662",
)
_NUMBERS = ("0", "-0", "-1", "2.5", "1e3", "1E400", "9" * 15, "9" * 16, "0.1e1", "1262304000")
_KINDS: tuple[Kind, ...] = ("string", "number", "true", "false", "null", "object", "array")

_XML_TOKENS = rb"""
    < > / & " ' = ; </ /> <! <? ?> <!-- --> -- <![CDATA[ ]]> x: <?xml?>
    &#13; &#x0; &#xD800; &#1114112; &#000065; &#xFFFE; &amp; &lt; &nbsp; &x; &#38;#60;
    <email> </email> <email/> <created/> <result> </result> <message> </message>
"""
_JSON_TOKENS = rb"""
    \ { } [ ] , : - 0 1 1. 1e 01 2.0 1e999 {} [] },{ "": // # null true NaN Infinity
    \u0065 \ud83d \ude00 \/ \x \u00 \" \n
    "email" "message":"success" "errors":[] "count":2 "error": "\u0065mail":"x",
    "created":"" ,"created":1262304000
"""
_ODD_BYTES = b"""
    \xef\xbb\xbf \xff\xfe \xfe\xff \x00 \x01 \x02 \x1f \x7f \x80 \x85 \xe9 \xc0\xaf \xed\xa0\x80
    \xf4\x90\x80\x80 \xef\xbf\xbe \xc2\x85 \xe2\x80\xa8
"""
_XSI = b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:'
TOKENS: tuple[bytes, ...] = (
    *(_XML_TOKENS.split() + _JSON_TOKENS.split() + _ODD_BYTES.split()),
    *(b" ", b"\t", b"\n", b"\r", b"\r\n"),
    *(b"<!DOCTYPE x>", b"<!DOCTYPE html>", b"<!ENTITY a 'b'>", b"<?xml version='1.0'?>"),
    *(b"<result> </result>", b' a="b"', b" x:y='z'", b' xml:lang="en"', b' xml:space="preserve"'),
    *(b' xmlns="urn:x"', b' xmlns:x="urn:x"', b' xmlns=""', b' encoding="UTF-16"'),
    *(_XSI + b'nil="true"', _XSI + b'type="xsi:x"', _XSI + b'noNamespaceSchemaLocation="x"'),
)
"""Insertions: syntax of both formats, and bytes that are easily misread."""


def mutate(data: bytes, chance: Random) -> bytes:
    """The payload with one to six changes to its tree, its bytes, or both."""
    way = chance.choice(("tree", "tree", "bytes", "both"))
    if way != "bytes":
        try:
            document = read_document(data)
        except DecodeError:
            way = "bytes"
        else:
            for _ in range(chance.randint(1, 3)):
                disturb(document.root, chance)
            data = spell(document.root, document.format, chance)
    if way != "tree":
        for _ in range(chance.randint(1, 3)):
            data = damage(data, chance)
    return data


# Trees.


def disturb(root: Node, chance: Random) -> None:
    """Make one change to one node of a tree."""
    nodes = [root]
    for node in nodes:
        nodes += node.nodes
    chance.choice(_DISTURBANCES)(chance.choice(nodes), root.kind == "element", chance)


def _drop(node: Node, xml: bool, chance: Random) -> None:
    if node.nodes:
        node.own.pop(chance.randrange(len(node.nodes)))


def _double(node: Node, xml: bool, chance: Random) -> None:
    if node.nodes:
        copy = chance.choice(node.nodes)
        node.own.insert(chance.randint(0, len(node.nodes)), copy)


def _swap(node: Node, xml: bool, chance: Random) -> None:
    chance.shuffle(node.own)


def _rename(node: Node, xml: bool, chance: Random) -> None:
    node.name = _name(chance)


def _add(node: Node, xml: bool, chance: Random) -> None:
    kind: Kind = "element" if xml else "string"
    new = leaf(_name(chance), chance.choice(_VALUES), kind)
    node.own.insert(chance.randint(0, len(node.nodes)), new)


def _wrap(node: Node, xml: bool, chance: Random) -> None:
    inner = branch(_name(chance), node.nodes, node.kind)
    inner.text, node.text, node.own[:] = node.text, "", [inner]
    if not xml:
        node.kind = chance.choice(("object", "array"))


def _revalue(node: Node, xml: bool, chance: Random) -> None:
    node.text = chance.choice(_NUMBERS if node.kind == "number" else _VALUES)


def _retype(node: Node, xml: bool, chance: Random) -> None:
    if xml:
        node.own.append(leaf("", chance.choice(("text", " ", "]]>", "\r"))))
        return
    node.kind = chance.choice(_KINDS)
    texts = {"number": chance.choice(_NUMBERS), "string": chance.choice(_VALUES)}
    node.text = texts.get(node.kind, "")


def _mark(node: Node, xml: bool, chance: Random) -> None:
    if xml:
        name = chance.choice(("x", "id", "xmlns", "xmlns:x", "xml:lang", "x:y"))
        node.attributes = (*node.attributes, (name, 1))


def _name(chance: Random) -> str:
    method = chance.choice(tuple(OPERATIONS.values())).method
    fields = tuple(field.name for field in method.fields)
    return chance.choice((*_NAMES, *fields, method.root, method.item))


_DISTURBANCES: tuple[Callable[[Node, bool, Random], None], ...] = (
    *(_drop, _double, _swap, _rename, _add, _wrap, _revalue, _retype, _mark),
)


# Bytes.


def damage(data: bytes, chance: Random) -> bytes:
    """Make one change to the bytes of a payload."""
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((0, 1, 1, 2, 5, 20)))
    token = chance.choice(TOKENS)
    before, piece, after = data[:start], data[start:end], data[end:]
    return chance.choice(
        (
            before,
            before + after,
            before + token + piece + after,
            before + token + after,
            before + piece * 2 + after,
            piece + before + after,
            before + bytes(byte ^ (1 << chance.randrange(8)) for byte in piece) + after,
            data + token,
            token + data,
            data + data,
        )
    )
