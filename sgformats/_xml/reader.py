"""XML text to a tree of elements with places, without recursion.

Accepts exactly XML 1.0 with namespaces, without DTDs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sgformats._model.node import Fault, Node
from sgformats._text.payload import ILLEGAL, MAX_DEPTH
from sgformats._text.positions import Text
from sgformats._xml.namespaces import Bound, check_binding, is_declaration, resolve, shortened
from sgformats._xml.tokens import (
    CDATA,
    NOT_WHITE,
    illegal_character,
    is_cut,
    line_ends,
    match_name,
    pass_between,
    pass_comment_or_instruction,
    pass_declaration,
    pass_space,
    read_characters,
    unexpected,
)
from sgformats.errors import quote

_LEAF = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>([^<&\r\]]*)</\1>")


def read(text: Text) -> Node:
    """The root element of an XML document.

    Raises `Fault` at the first character that cannot stand where it does; its rule is `truncated`
    where the document ends too early, `forbidden-doctype` at a DOCTYPE.
    """
    chars = text.chars
    illegal = ILLEGAL.search(chars)
    reader = Reader(chars)
    try:
        root = reader.document()
    except Fault as fault:
        if illegal is not None and illegal.start() <= fault.index and fault.rule != "too-large":
            raise illegal_character(chars, illegal.start()) from None
        raise
    if illegal is not None:
        raise illegal_character(chars, illegal.start())
    return root


class OpenElement:
    """An element that is still open: its node, its written name, its text so far."""

    __slots__ = ("node", "parts", "prefixes", "written")

    def __init__(self, node: Node, written: str, prefixes: Sequence[str]) -> None:
        self.node = node
        self.written = written
        self.prefixes = prefixes
        self.parts: list[str] = []

    @property
    def end(self) -> str:
        """Its end tag as a message shows it."""
        return quote(f"</{self.written}>")


class Reader:
    """A reading of a document: where it is, the elements that are open, the prefixes that are bound."""

    def __init__(self, chars: str) -> None:
        self.chars = chars
        self.i = 0
        self.open: list[OpenElement] = []
        self.bound: Bound = {}

    def document(self) -> Node:
        """The root element of the whole document."""
        root = self.start()
        while self.open:
            self._content()
        self.end()
        return root

    def start(self) -> Node:
        """The root element, of which only the start tag is read."""
        if self.chars.startswith("<?xml") and self.chars[5:6] in (" ", "\t", "\r", "\n", ""):
            self.i = pass_declaration(self.chars)
        self.i = pass_between(self.chars, self.i, "the root element")
        return self._start_tag()

    def child(self) -> Node:
        """The whole element that begins here, inside of those that are open."""
        depth = len(self.open)
        node = self._start_tag()
        while len(self.open) > depth:
            self._content()
        return node

    def pass_over(self) -> bool:
        """Passes what is no element, up to a start tag; False at one, True behind an end tag."""
        while True:
            self._text_run()
            if self.chars.startswith("</", self.i):
                self._end_tag()
                return True
            if not self._other():
                return False

    def leave(self) -> None:
        """Unbinds the prefixes of all elements but the first that are open."""
        while len(self.open) > 1:
            self._unbind(self.open.pop())

    def end(self) -> None:
        """What may stand behind the root element, up to the end of the document."""
        self.i = pass_between(self.chars, self.i, "")

    # Inside elements.

    def _text_run(self) -> None:
        """Passes text, up to markup, which must follow."""
        end = self.chars.find("<", self.i)
        stop = end if end >= 0 else len(self.chars)
        if stop > self.i:
            self._text(self.i, stop)
        if end < 0:
            raise unexpected(self.chars, len(self.chars), self.open[-1].end)
        self.i = end

    def _other(self) -> bool:
        """Passes markup that is no tag; False if it is one."""
        chars, i = self.chars, self.i
        if chars.startswith(CDATA, i):
            self._cdata()
        elif chars.startswith("<!--", i) or chars.startswith("<?", i):
            self.i = pass_comment_or_instruction(chars, i)
        elif is_cut(chars, i, "<!--", CDATA):
            raise unexpected(self.chars, len(chars), self.open[-1].end)
        else:
            return False
        return True

    def _content(self) -> None:
        """Passes one run of text and the markup behind it."""
        self._text_run()
        chars, element, end = self.chars, self.open[-1], self.i
        leaf = _LEAF.match(chars, end)
        if leaf is not None and not self.bound:
            node = Node("element", leaf[1], end, leaf.start(2), leaf[2])
            first = NOT_WHITE.search(chars, leaf.start(2), leaf.end(2))
            node.stray = first.start() if first else -1
            element.node.nodes.append(node)
            if len(self.open) >= MAX_DEPTH:
                raise Fault(end, f"at most {MAX_DEPTH} levels", "more", "too-large")
            self.i = leaf.end()
        elif chars.startswith("</", end):
            self._end_tag()
        elif not self._other():
            self._start_tag()

    def _text(self, start: int, end: int) -> None:
        run = self.chars[start:end]
        bracket = run.find("]]>")
        parts = read_characters(self.chars, start, end if bracket < 0 else start + bracket)
        if bracket >= 0:
            raise Fault(start + bracket, '"]]>" only where CDATA ends', "it in text")
        self._add(parts, start, end, white=not parts.strip(" \t\r\n"))

    def _cdata(self) -> None:
        start = self.i + len(CDATA)
        end = self.chars.find("]]>", start)
        if end < 0:
            raise unexpected(self.chars, len(self.chars), '"]]>"')
        run = line_ends(self.chars[start:end])
        self._add(run, start, end, white=not run.strip(" \t\r\n"))
        self.i = end + 3

    def _add(self, value: str, start: int, end: int, white: bool) -> None:
        element = self.open[-1]
        element.parts.append(value)
        if white:
            return
        first = NOT_WHITE.search(self.chars, start, end)
        index = first.start() if first else start
        if element.node.stray < 0:
            element.node.stray = index
        if element.node.nodes and element.node.tail < 0:
            element.node.tail = index

    def _end_tag(self) -> None:
        chars, element = self.chars, self.open[-1]
        name = match_name(chars, self.i + 2)
        found = name[0] if name else ""
        end = pass_space(self.chars, self.i + 2 + len(found))
        if end >= len(chars) and element.written.startswith(found):
            raise unexpected(self.chars, end, element.end)
        if found != element.written:
            raise Fault(self.i, element.end, quote("</" + found))
        if chars[end] != ">":
            raise unexpected(self.chars, end, '">"')
        self.i = end + 1
        element.node.text = "".join(element.parts)
        self.open.pop()
        self._unbind(element)

    def _start_tag(self) -> Node:
        chars, start = self.chars, self.i
        name = match_name(chars, start + 1)
        if name is None:
            raise unexpected(self.chars, start + 1, "the name of an element")
        if len(self.open) >= MAX_DEPTH:
            raise Fault(start, f"at most {MAX_DEPTH} levels", "more", "too-large")
        i = name.end()
        attributes: dict[str, tuple[int, str]] = {}
        while True:
            space = pass_space(self.chars, i)
            mark = chars[space : space + 1]
            if mark == ">":
                empty, i = False, space + 1
                break
            if mark == "/":
                if chars[space + 1 : space + 2] != ">":
                    raise unexpected(self.chars, space + 1, '">"')
                empty, i = True, space + 2
                break
            if mark and space == i:
                raise unexpected(self.chars, space, '">"')
            i = self._attribute(space, attributes)
        element = self._open(name[0], start, start if empty else i, attributes)
        self.i = i
        if self.open:
            self.open[-1].node.nodes.append(element.node)
        if empty:
            self._unbind(element)
        else:
            self.open.append(element)
        return element.node

    def _attribute(self, start: int, attributes: dict[str, tuple[int, str]]) -> int:
        chars = self.chars
        name = match_name(chars, start)
        if name is None:
            raise unexpected(self.chars, start, 'an attribute or ">"')
        i = pass_space(self.chars, name.end())
        if chars[i : i + 1] != "=":
            raise unexpected(self.chars, i, '"="')
        i = pass_space(self.chars, i + 1)
        mark = chars[i : i + 1]
        if mark not in ('"', "'") or not mark:
            raise unexpected(self.chars, i, "a value in quotes")
        end = chars.find(mark, i + 1)
        stop = end if end >= 0 else len(chars)
        less = chars.find("<", i + 1, stop)
        value = read_characters(self.chars, i + 1, less if less >= 0 else stop)
        if less >= 0:
            raise unexpected(self.chars, less, '"&lt;"')
        if end < 0:
            raise unexpected(self.chars, len(chars), f"the closing {mark}")
        if name[0] in attributes:
            raise Fault(start, "each attribute once", f"{quote(name[0])} again")
        attributes[name[0]] = (start, value)
        return end + 1

    # Namespaces.

    def _open(
        self, written: str, start: int, at: int, attributes: dict[str, tuple[int, str]]
    ) -> OpenElement:
        prefixes: list[str] = []
        node = Node("element", written, start, at)
        element = OpenElement(node, written, prefixes)
        try:
            for name, (index, value) in attributes.items():
                if is_declaration(name):
                    check_binding(name, index, value)
                    prefixes.append(name[6:])
                    self.bound.setdefault(name[6:], []).append(shortened(value))
            self._name(node, written, start, attributes)
        except Fault:
            self._unbind(element)
            raise
        return element

    def _name(
        self, node: Node, written: str, start: int, attributes: dict[str, tuple[int, str]]
    ) -> None:
        """Gives an element and its attributes the names that they have in their namespaces."""
        if self.bound or ":" in written:
            node.name = resolve(self.bound, written, start + 1)
        seen: dict[str, int] = {}
        for name, (index, _) in attributes.items():
            if is_declaration(name):
                continue
            full = resolve(self.bound, name, index) if ":" in name else name
            if full in seen:
                raise Fault(index, "each attribute once", f"{quote(name)} again")
            seen[full] = index
        node.attributes = tuple(seen.items())

    def _unbind(self, element: OpenElement) -> None:
        for prefix in element.prefixes:
            self.bound[prefix].pop()
            if not self.bound[prefix]:
                del self.bound[prefix]
