"""XML text to a tree of elements with places: XML 1.0 with namespaces, no DTD, no recursion.

It is stricter than it needs to be nowhere and looser only where `xmlformat` asks libxml2 as well.
"""

from __future__ import annotations

import re

from sgformats._model.node import Fault, Node
from sgformats._text.payload import ILLEGAL, MAX_DEPTH
from sgformats.errors import quote

_NAME_START = (
    ":A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NAME = re.compile(f"[{_NAME_START}][{_NAME_START}\\-.0-9\xb7\u0300-\u036f\u203f\u2040]*")
_SPACE = re.compile(r"[ \t\r\n]*")
_NOT_WHITE = re.compile(r"[^ \t\r\n]")
_LEAF = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*)>([^<&\r\]]*)</\1>")
_REFERENCE = re.compile(r"&(?:#([0-9]+)|#x([0-9a-fA-F]+)|(amp|lt|gt|quot|apos));")
_REFERENCE_CUT = re.compile(r"&(?:#(?:[0-9]*|x[0-9a-fA-F]*)|[A-Za-z]*)?\Z")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_RESERVED = (_XML_NAMESPACE, "http://www.w3.org/2000/xmlns/")
_CDATA = "<![CDATA["


def read_xml(chars: str) -> Node:
    """The root element of an XML document.

    Raises `Fault` at the first character that cannot stand where it does; its rule is `truncated`
    where the document ends too early, `forbidden-doctype` at a DOCTYPE.
    """
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


def illegal_character(chars: str, i: int) -> Fault:
    """The fault of a character that XML cannot hold."""
    return Fault(i, f"expected a character that XML allows, found U+{ord(chars[i]):04X}")


class OpenElement:
    """An element that is still open: its node, its written name, its text so far."""

    __slots__ = ("node", "parts", "prefixes", "written")

    def __init__(self, node: Node, written: str, prefixes: tuple[str, ...]) -> None:
        self.node = node
        self.written = written
        self.prefixes = prefixes
        self.parts: list[str] = []


class Reader:
    """A reading of a document: where it is, the elements that are open, the prefixes that are bound."""

    def __init__(self, chars: str) -> None:
        self.chars = chars
        self.i = 0
        self.open: list[OpenElement] = []
        self.bound: dict[str, list[str]] = {}

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
            self._declaration()
        self._between("the root element")
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

    def end(self) -> None:
        """What may stand behind the root element, up to the end of the document."""
        self._between("")

    # Around the root element.

    def _declaration(self) -> None:
        i = 5
        versions = r"""("1\.[0-9]*"|'1\.[0-9]*')"""
        encodings = r"""("[A-Za-z][A-Za-z0-9._-]*"|'[A-Za-z][A-Za-z0-9._-]*')"""
        standalones = r"""("(?:yes|no)"|'(?:yes|no)')"""
        for word, values, required in (
            ("version", versions, True),
            ("encoding", encodings, False),
            ("standalone", standalones, False),
        ):
            space = self._space(i)
            if _is_cut(self.chars, space, word):
                raise self._unexpected(len(self.chars), f"{word}=")
            if not self.chars.startswith(word, space):
                if required:
                    raise self._unexpected(space, f"{word}=")
                continue
            if space == i:
                raise self._unexpected(space, "white space")
            i = self._space(space + len(word))
            if self.chars[i : i + 1] != "=":
                raise self._unexpected(i, '"="')
            i = self._space(i + 1)
            value = re.compile(values).match(self.chars, i)
            if value is None:
                if self.chars.find("?>", i) < 0:
                    i = len(self.chars)
                raise self._unexpected(i, f"a value of {word}")
            i = value.end()
        i = self._space(i)
        if not self.chars.startswith("?>", i):
            raise self._unexpected(i if i + 1 < len(self.chars) else len(self.chars), '"?>"')
        self.i = i + 2

    def _between(self, expected: str) -> None:
        """Passes white space, comments and instructions, up to the root or the end."""
        chars = self.chars
        while True:
            self.i = self._space(self.i)
            if self.i >= len(chars):
                if expected:
                    raise self._unexpected(self.i, expected)
                return
            if chars.startswith("<!--", self.i) or chars.startswith("<?", self.i):
                self._comment_or_instruction()
            elif chars.startswith("<!DOCTYPE", self.i):
                raise Fault(self.i, "expected no DOCTYPE, found one", "forbidden-doctype")
            elif expected and chars[self.i] == "<":
                if _is_cut(chars, self.i, "<!--", "<!DOCTYPE"):
                    raise self._unexpected(len(chars), expected)
                return
            elif not expected and _is_cut(chars, self.i, "<!--"):
                raise self._unexpected(len(chars), "the rest of a comment or an instruction")
            else:
                raise self._unexpected(self.i, expected or "the end of the document")

    def _comment_or_instruction(self) -> None:
        chars, i = self.chars, self.i
        if chars.startswith("<!--", i):
            end = chars.find("--", i + 4)
            if end < 0 or end + 2 >= len(chars):
                raise self._unexpected(len(chars), '"-->"')
            if chars[end + 2] != ">":
                raise self._unexpected(end, '"-->"')
            self.i = end + 3
            return
        name = _NAME.match(chars, i + 2)
        if name is None:
            raise self._unexpected(i + 2, "the name of an instruction")
        if name[0].lower() == "xml":
            raise Fault(i, "expected an XML declaration only at the very start, found one here")
        if ":" in name[0]:
            raise Fault(i + 2, f"expected a name without a colon, found {quote(name[0])}")
        end = chars.find("?>", name.end())
        if end < 0:
            raise self._unexpected(len(chars), '"?>"')
        if end != name.end() and chars[name.end()] not in " \t\r\n":
            raise self._unexpected(name.end(), "white space")
        self.i = end + 2

    # Inside elements.

    def _text_run(self) -> None:
        """Passes text, up to markup, which must follow."""
        end = self.chars.find("<", self.i)
        stop = end if end >= 0 else len(self.chars)
        if stop > self.i:
            self._text(self.i, stop)
        if end < 0:
            raise self._unexpected(len(self.chars), f'"</{self.open[-1].written}>"')
        self.i = end

    def _other(self) -> bool:
        """Passes markup that is no tag; False if it is one."""
        chars, i = self.chars, self.i
        if chars.startswith(_CDATA, i):
            self._cdata()
        elif chars.startswith("<!--", i) or chars.startswith("<?", i):
            self._comment_or_instruction()
        elif _is_cut(chars, i, "<!--", _CDATA):
            raise self._unexpected(len(chars), f'"</{self.open[-1].written}>"')
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
            first = _NOT_WHITE.search(chars, leaf.start(2), leaf.end(2))
            node.stray = first.start() if first else -1
            element.node.nodes.append(node)
            if len(self.open) >= MAX_DEPTH:
                raise Fault(end, f"expected at most {MAX_DEPTH} levels", "too-large")
            self.i = leaf.end()
        elif chars.startswith("</", end):
            self._end_tag()
        elif not self._other():
            self._start_tag()

    def _text(self, start: int, end: int) -> None:
        run = self.chars[start:end]
        bracket = run.find("]]>")
        parts = self._characters(start, end if bracket < 0 else start + bracket)
        if bracket >= 0:
            raise Fault(start + bracket, 'expected "]]>" only where CDATA ends, found it in text')
        self._add(parts, start, end, white=not parts.strip(" \t\r\n"))

    def _cdata(self) -> None:
        start = self.i + len(_CDATA)
        end = self.chars.find("]]>", start)
        if end < 0:
            raise self._unexpected(len(self.chars), '"]]>"')
        run = _line_ends(self.chars[start:end])
        self._add(run, start, end, white=not run.strip(" \t\r\n"))
        self.i = end + 3

    def _add(self, value: str, start: int, end: int, white: bool) -> None:
        element = self.open[-1]
        element.parts.append(value)
        if white:
            return
        first = _NOT_WHITE.search(self.chars, start, end)
        index = first.start() if first else start
        if element.node.stray < 0:
            element.node.stray = index
        if element.node.nodes and element.node.tail < 0:
            element.node.tail = index

    def _characters(self, start: int, end: int) -> str:
        """The characters that a run of text or an attribute's value stands for."""
        raw = self.chars[start:end]
        if "&" not in raw:
            return _line_ends(raw)
        parts = []
        i = start
        while (amp := self.chars.find("&", i, end)) >= 0:
            reference = _REFERENCE.match(self.chars, amp)
            if reference is None:
                if _REFERENCE_CUT.match(self.chars, amp):
                    raise self._unexpected(len(self.chars), '";"')
                found = quote(self.chars[amp : amp + 12])
                raise Fault(amp, f"expected &amp; or a reference that XML defines, found {found}")
            parts.append(_line_ends(self.chars[i:amp]))
            parts.append(_referred(reference, amp))
            i = reference.end()
        parts.append(_line_ends(self.chars[i:end]))
        return "".join(parts)

    def _end_tag(self) -> None:
        chars, element = self.chars, self.open[-1]
        name = _NAME.match(chars, self.i + 2)
        found = name[0] if name else ""
        end = self._space(self.i + 2 + len(found))
        if end >= len(chars) and element.written.startswith(found):
            raise self._unexpected(end, f'"</{element.written}>"')
        if found != element.written:
            message = f'expected "</{element.written}>", found {quote("</" + found)}'
            raise Fault(self.i, message)
        if chars[end] != ">":
            raise self._unexpected(end, '">"')
        self.i = end + 1
        element.node.text = "".join(element.parts)
        self.open.pop()
        self._unbind(element)

    def _start_tag(self) -> Node:
        chars, start = self.chars, self.i
        name = _NAME.match(chars, start + 1)
        if name is None:
            raise self._unexpected(start + 1, "the name of an element")
        if len(self.open) >= MAX_DEPTH:
            raise Fault(start, f"expected at most {MAX_DEPTH} levels", "too-large")
        i = name.end()
        attributes: dict[str, tuple[int, str]] = {}
        while True:
            space = self._space(i)
            mark = chars[space : space + 1]
            if mark == ">":
                empty, i = False, space + 1
                break
            if mark == "/":
                if chars[space + 1 : space + 2] != ">":
                    raise self._unexpected(space + 1, '">"')
                empty, i = True, space + 2
                break
            if mark and space == i:
                raise self._unexpected(space, '">"')
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
        name = _NAME.match(chars, start)
        if name is None:
            raise self._unexpected(start, 'an attribute or ">"')
        i = self._space(name.end())
        if chars[i : i + 1] != "=":
            raise self._unexpected(i, '"="')
        i = self._space(i + 1)
        mark = chars[i : i + 1]
        if mark not in ('"', "'") or not mark:
            raise self._unexpected(i, "a value in quotes")
        end = chars.find(mark, i + 1)
        stop = end if end >= 0 else len(chars)
        less = chars.find("<", i + 1, stop)
        value = self._characters(i + 1, less if less >= 0 else stop)
        if less >= 0:
            raise self._unexpected(less, '"&lt;"')
        if end < 0:
            raise self._unexpected(len(chars), f"the closing {mark}")
        if name[0] in attributes:
            raise Fault(start, f"expected each attribute once, found {quote(name[0])} again")
        attributes[name[0]] = (start, value)
        return end + 1

    # Namespaces.

    def _open(
        self, written: str, start: int, at: int, attributes: dict[str, tuple[int, str]]
    ) -> OpenElement:
        prefixes = []
        for name, (index, value) in attributes.items():
            if name == "xmlns" or name.startswith("xmlns:"):
                _check_binding(name, index, value)
                prefixes.append(name[6:])
                self.bound.setdefault(name[6:], []).append(value)
        node = Node("element", written, start, at)
        if self.bound or ":" in written:
            node.name = self._resolve(written, start + 1)
        seen: dict[str, int] = {}
        for name, (index, _) in attributes.items():
            if name == "xmlns" or name.startswith("xmlns:"):
                continue
            full = self._resolve(name, index) if ":" in name else name
            if full in seen:
                raise Fault(index, f"expected each attribute once, found {quote(name)} again")
            seen[full] = index
        node.attributes = tuple(seen.items())
        return OpenElement(node, written, tuple(prefixes))

    def _unbind(self, element: OpenElement) -> None:
        for prefix in element.prefixes:
            self.bound[prefix].pop()
            if not self.bound[prefix]:
                del self.bound[prefix]

    def _resolve(self, written: str, index: int) -> str:
        prefix, colon, local = written.partition(":")
        if colon and (not prefix or not _NAME.match(local) or ":" in local):
            raise Fault(index, f"expected a name of one or two parts, found {quote(written)}")
        if not colon:
            prefix, local = "", written
        if prefix == "xml":
            return f"{{{_XML_NAMESPACE}}}{local}"
        if prefix in self.bound:
            namespace = self.bound[prefix][-1]
            return f"{{{namespace}}}{local}" if namespace else local
        if colon:
            raise Fault(index, f"expected a prefix that is declared, found {quote(written)}")
        return local

    # Small things.

    def _space(self, i: int) -> int:
        match = _SPACE.match(self.chars, i)
        return match.end() if match else i

    def _unexpected(self, i: int, expected: str) -> Fault:
        if i >= len(self.chars):
            message = f"expected {expected}, found the end of the payload"
            return Fault(len(self.chars), message, "truncated")
        return Fault(i, f"expected {expected}, found {quote(self.chars[i])}")


def _is_cut(chars: str, i: int, *tokens: str) -> bool:
    """Whether the text ends inside one of the tokens that could begin at `i`."""
    rest = chars[i : i + 10]
    return i + len(rest) == len(chars) and any(token.startswith(rest) for token in tokens)


def _check_binding(name: str, index: int, value: str) -> None:
    prefix = name[6:]
    if prefix == "xml" and value == _XML_NAMESPACE:
        return
    empty = name != "xmlns" and (not prefix or not value)
    if empty or ":" in prefix or prefix in ("xml", "xmlns") or value in _RESERVED:
        raise Fault(index, f"expected a namespace that may be declared, found {quote(name)}")


def _line_ends(raw: str) -> str:
    return raw.replace("\r\n", "\n").replace("\r", "\n") if "\r" in raw else raw


def _referred(reference: re.Match[str], at: int) -> str:
    decimal, hexadecimal, named = reference.groups()
    if named:
        return _NAMED[named]
    digits = (decimal or hexadecimal).lstrip("0") or "0"
    code = int(digits, 10 if decimal else 16) if len(digits) <= 7 else 0
    if code > 0x10FFFF or ILLEGAL.match(chr(code)):
        found = quote(reference[0])
        raise Fault(at, f"expected a reference to a character that XML allows, found {found}")
    return chr(code)
