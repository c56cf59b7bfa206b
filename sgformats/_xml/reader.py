"""XML text to a tree of elements with positions, without recursion.

Accepts exactly XML 1.0 with namespaces, without DTDs.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Sequence
from typing import TypeVar

from sgformats._model.items import check_bytes
from sgformats._model.node import Fault, LazyNodes, Node, too_many_values, unexpected
from sgformats._text.payload import LONG, MAX_DEPTH, MAX_VALUES, WHITE, skip_white
from sgformats._text.positions import Text
from sgformats._xml.namespaces import Bound, check_binding, is_declaration, resolve, shortened
from sgformats._xml.plain import CDATA
from sgformats._xml.tokens import (
    ILLEGAL,
    illegal_character,
    is_cut,
    line_ends,
    match_name,
    read_characters,
    skip_comment_or_instruction,
    skip_declaration,
    skip_misc,
)
from sgformats.errors import quote
from sgformats.operations import METHODS

T = TypeVar("T")

_LISTS = frozenset(method.root for method in METHODS)
_LEAF = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>([^<&\r\]]*)</\1>")


def read(text: Text) -> Node:
    """The root element of an XML document.

    Raises `Fault` at the first wrong character; its rule is `truncated` if the document ends too
    early, `forbidden-doctype` at a DOCTYPE.
    """
    reader = Reader(text.chars)
    return checked(reader, reader.document)


def checked(reader: Reader, read: Callable[[], T]) -> T:
    """The result of `read`; raises `Fault` for a character that XML does not allow."""
    chars, start = reader.chars, reader.i
    try:
        value = read()
    except Fault as fault:
        reader.leave()
        if fault.rule != "too-large":
            _check_characters(chars, start, fault.index + 1)
        raise
    _check_characters(chars, start, reader.i)
    return value


def _check_characters(chars: str, start: int, end: int) -> None:
    bad = ILLEGAL.search(chars, start, end)
    if bad is not None:
        check_bytes(chars, bad.start(), bad.end())
        raise illegal_character(chars, bad.start())


def reader_inside(chars: str, i: int, written: str, bound: Bound) -> Reader:
    """A reader inside an open root element with these prefixes bound."""
    reader = Reader(chars)
    reader.i = i
    # The root has no prefixes of its own, so its end tag unbinds none: items may follow it.
    reader.open.append(OpenElement(Node("element", written, 0, 0), written, ()))
    reader.bound = bound
    return reader


class OpenElement:
    """An open element: its node, its name as written, its own prefixes, and its text so far."""

    __slots__ = ("node", "parts", "prefixes", "written")

    def __init__(self, node: Node, written: str, prefixes: Sequence[str]) -> None:
        self.node = node
        self.written = written
        self.prefixes = prefixes
        self.parts: list[str] = []

    @property
    def end(self) -> str:
        """Its end tag for a message."""
        return quote(f"</{self.written}>")


class Reader:
    """Reads a document: its position `i`, the open elements, and the bound prefixes."""

    def __init__(self, chars: str) -> None:
        self.chars = chars
        self.i = 0
        self.count = 0  # Elements and attributes so far.
        self.open: list[OpenElement] = []
        self.bound: Bound = {}

    def document(self) -> Node:
        """The root element of the whole document."""
        root = self.start()
        if len(self.chars) > LONG and root.name in _LISTS:
            self._long_content(root)
        while self.open:
            self._content()
        self.end()
        return root

    def _long_content(self, root: Node) -> None:
        """Skips the content of the root; its elements are read lazily."""
        chars, starts = self.chars, array("q")
        bound = {prefix: list(spaces) for prefix, spaces in self.bound.items()}
        while self.open and not self.skip_to_tag():
            starts.append(self.i)
            self.count = 0
            self.child()
            del root.own[1:]  # The first shows `_add` which text follows an element.
        root.nodes = LazyNodes(starts, lambda at: reader_inside(chars, at, "", bound).child())

    def start(self) -> Node:
        """The root element; only its start tag is read."""
        if self.chars.startswith("<?xml") and self.chars[5:6] in (" ", "\t", "\r", "\n", ""):
            self.i = skip_declaration(self.chars)
        self.i = skip_misc(self.chars, self.i, "the root element")
        return self._start_tag()

    def child(self) -> Node:
        """The whole element that begins here, inside the open ones."""
        depth = len(self.open)
        node = self._start_tag()
        while len(self.open) > depth:
            self._content()
        return node

    def skip_to_tag(self) -> bool:
        """Skip to the next tag; True after an end tag, False before a start tag."""
        while True:
            self._text_run()
            if self.chars.startswith("</", self.i):
                self._end_tag()
                return True
            if not self._read_other():
                return False

    def leave(self) -> None:
        """Close all open elements but the first, and unbind their prefixes."""
        while len(self.open) > 1:
            self._unbind(self.open.pop())

    def end(self) -> None:
        """Skip what may follow the root element, up to the end of the document."""
        self.i = skip_misc(self.chars, self.i, "")

    def _text_run(self) -> None:
        """Read text, up to the markup that must follow."""
        end = self.chars.find("<", self.i)
        stop = end if end >= 0 else len(self.chars)
        if stop > self.i:
            self._text(self.i, stop)
        if end < 0:
            raise unexpected(self.chars, len(self.chars), self.open[-1].end)
        self.i = end

    def _read_other(self) -> bool:
        """Read markup that is not a tag; False if it is one."""
        chars, i = self.chars, self.i
        if chars.startswith(CDATA, i):
            self._cdata()
        elif chars.startswith("<!--", i) or chars.startswith("<?", i):
            self.i = skip_comment_or_instruction(chars, i)
        elif is_cut(chars, i, "<!--", CDATA):
            raise unexpected(chars, len(chars), self.open[-1].end)
        else:
            return False
        return True

    def _content(self) -> None:
        """Read one run of text and the markup after it."""
        self._text_run()
        chars, element, end = self.chars, self.open[-1], self.i
        leaf = _LEAF.match(chars, end)
        if leaf is not None and not self.bound:
            node = Node("element", leaf[1], end, leaf.start(2), leaf[2])
            first = skip_white(chars, leaf.start(2))
            node.stray = first if first < leaf.end(2) else -1
            element.node.own.append(node)
            self._count(end)
            if len(self.open) >= MAX_DEPTH:
                raise Fault(end, f"at most {MAX_DEPTH} levels", "more", "too-large")
            self.i = leaf.end()
        elif chars.startswith("</", end):
            self._end_tag()
        elif not self._read_other():
            self._start_tag()

    def _text(self, start: int, end: int) -> None:
        run = self.chars[start:end]
        bracket = run.find("]]>")
        text = read_characters(self.chars, start, end if bracket < 0 else start + bracket)
        if bracket >= 0:
            raise Fault(start + bracket, '"]]>" only where CDATA ends', '"]]>" in text')
        self._add(text, start)

    def _cdata(self) -> None:
        start = self.i + len(CDATA)
        end = self.chars.find("]]>", start)
        if end < 0:
            raise unexpected(self.chars, len(self.chars), '"]]>"')
        self._add(line_ends(self.chars[start:end]), start)
        self.i = end + 3

    def _add(self, text: str, start: int) -> None:
        element = self.open[-1]
        element.parts.append(text)
        if not text.strip(WHITE):
            return
        index = skip_white(self.chars, start)
        if element.node.stray < 0:
            element.node.stray = index
        if element.node.own and element.node.tail < 0:
            element.node.tail = index

    def _end_tag(self) -> None:
        chars, element = self.chars, self.open[-1]
        name = match_name(chars, self.i + 2)
        found = name[0] if name else ""
        end = skip_white(chars, self.i + 2 + len(found))
        if end >= len(chars) and element.written.startswith(found):
            raise unexpected(chars, end, element.end)
        if found != element.written:
            raise Fault(self.i, element.end, quote("</" + found))
        if chars[end] != ">":
            raise unexpected(chars, end, '">"')
        self.i = end + 1
        element.node.text = "".join(element.parts)
        self.open.pop()
        self._unbind(element)

    def _start_tag(self) -> Node:
        chars, start = self.chars, self.i
        name = match_name(chars, start + 1)
        if name is None:
            raise unexpected(chars, start + 1, "the name of an element")
        if len(self.open) >= MAX_DEPTH:
            raise Fault(start, f"at most {MAX_DEPTH} levels", "more", "too-large")
        self._count(start)
        i = name.end()
        attributes: dict[str, tuple[int, str]] = {}
        while True:
            space = skip_white(chars, i)
            mark = chars[space : space + 1]
            if mark == ">":
                empty, i = False, space + 1
                break
            if mark == "/":
                if chars[space + 1 : space + 2] != ">":
                    raise unexpected(chars, space + 1, '">"')
                empty, i = True, space + 2
                break
            if mark and space == i:
                raise unexpected(chars, space, '">"')
            i = self._attribute(space, attributes)
        element = self._open(name[0], start, start if empty else i, attributes)
        self.i = i
        if self.open:
            self.open[-1].node.own.append(element.node)
        if empty:
            self._unbind(element)
        else:
            self.open.append(element)
        return element.node

    def _attribute(self, start: int, attributes: dict[str, tuple[int, str]]) -> int:
        chars = self.chars
        name = match_name(chars, start)
        if name is None:
            raise unexpected(chars, start, 'an attribute or ">"')
        i = skip_white(chars, name.end())
        if chars[i : i + 1] != "=":
            raise unexpected(chars, i, '"="')
        i = skip_white(chars, i + 1)
        mark = chars[i : i + 1]
        if mark not in ('"', "'") or not mark:
            raise unexpected(chars, i, "a value in quotes")
        end = chars.find(mark, i + 1)
        stop = end if end >= 0 else len(chars)
        less = chars.find("<", i + 1, stop)
        value = read_characters(chars, i + 1, less if less >= 0 else stop)
        if less >= 0:
            raise unexpected(chars, less, '"&lt;"')
        if end < 0:
            raise unexpected(chars, len(chars), f"the closing {mark}")
        if name[0] in attributes:
            raise Fault(start, "each attribute once", f"{quote(name[0])} again")
        attributes[name[0]] = (start, value)
        self._count(start)
        return end + 1

    def _count(self, index: int) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise too_many_values(index)

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
        """Set the names of an element and its attributes, with their namespaces."""
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
