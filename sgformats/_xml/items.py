"""Reads an XML list item by item, also if the text is damaged or does not yet end.

Text never holds a bare `<`. So after damage, reading restarts at any start tag of an item that is
not in a comment or a CDATA section, and such an item ends before the next one begins.
"""

from __future__ import annotations

import functools
import re

from sgformats._model.items import Follower, NotAListError, Records, Step
from sgformats._model.node import Fault, Node
from sgformats._text.payload import WHITE
from sgformats._xml.fast import decode
from sgformats._xml.namespaces import Bound
from sgformats._xml.reader import Reader, checked, reader_inside
from sgformats.operations import Operation

_SECTION = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->"}
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[^\s<>/!?]{1,256})(?:[\s/][^<>]{0,256})?>")
_WORD = re.compile(r"[^\s<>\"'=/:]+:?")
_HEAD = 256  # Characters that contain the declaration and the root's start tag.
_ITEM = 1024  # Most items have fewer characters.
# Dates that do not exist, such as 0000-00-00, make an item odd.
_DATE = (
    r"(?:\d{4}-(?:(?:0[13578]|1[02])-[0-3]\d|(?:0[469]|11)-(?:[0-2]\d|30)|02-(?:[01]\d|2[0-8]))"
    r"|\d\d(?:[02468][048]|[13579][26])-02-29)"
)
_TIMESTAMP = _DATE + r" [0-2]\d:[0-5]\d:[0-5]\d"


class XmlItems:
    """Implements `Items` for XML."""

    def __init__(self, operation: Operation) -> None:
        root, item = operation.method.root, operation.method.item
        self._operation = operation
        self._names = {root, item, *operation.method.names}
        self._close = f"</{item}>"
        self._root = root  # As written.
        self._bound: Bound = {}
        self._opening, self._closing = f"<{root}>", f"</{root}>"
        self._start = re.compile(rf"<{item}(?=[ \t\r\n/>])")
        self._head = re.compile(rf"(?:<\?xml[^<>]*\?>\s*)?(?:<{root}>)?\s*\Z")
        self._entered = self._is_empty = False
        self._starts = _NextMatch(self._start)
        self._section_marks = _NextMatch(_SECTION)
        self._following_starts = _NextMatch(self._start)

    def enter(self, chars: str) -> tuple[int, Node]:
        reader = Reader(chars)
        node = checked(reader, reader.start)
        if node.name != self._operation.method.root:
            raise NotAListError
        self._entered = True
        self._opening = chars[node.start : reader.i]
        self._bound = reader.bound
        self._is_empty = not reader.open
        if reader.open:
            self._root = reader.open[0].written
            self._closing = f"</{self._root}>"
        return reader.i, node

    def step(self, chars: str, i: int, first: bool) -> Step:
        if self._is_empty:
            return Step(i, more=False)
        reader = self._reader(chars, i)
        element = reader.open[0]
        closed = checked(reader, reader.skip_to_tag)
        return Step(reader.i, not closed, element.node.stray)

    def read(self, chars: str, i: int) -> tuple[Node, int]:
        reader = self._reader(chars, i)
        node = checked(reader, reader.child)
        return node, reader.i

    def read_damaged(self, chars: str, i: int) -> tuple[Node, int]:
        following = self._following_starts.search(chars, i + 1)
        stop = following.start() if following else len(chars)
        size = _ITEM
        while True:
            end = min(i + size, stop)
            try:
                node, end = self.read(chars[i:end], 0)
            except Fault as fault:
                if fault.rule == "truncated" and end < stop:
                    size *= 4
                    continue
                raise Fault(i + fault.index, fault.expected, fault.found, fault.rule) from None
            node.move(i)
            return node, i + end

    def decode_group(self, chars: str, i: int, stop: int) -> tuple[Records, int] | None:
        end = chars.rfind(self._close, i, stop)
        if end < 0 or self._bound:
            return None
        end += len(self._close)
        reply = decode(self.wrap(chars[i:end]), self._operation)
        records = getattr(reply, "records", ())
        return (records, end) if records else None

    def guess_odd(self, chars: str, i: int, stop: int) -> int:
        ordinary = _ordinary_items(self._operation).match(chars, i, stop)
        return ordinary.end() if ordinary else i

    def finish(self, chars: str, i: int) -> int:
        reader = Reader(chars)
        reader.i = i
        checked(reader, reader.end)
        return reader.i

    def find(self, chars: str, i: int) -> int:
        # A stray `-->` or `]]>` means that everything before it was inside a section.
        while True:
            start = self._starts.search(chars, i)
            if start is None:
                return -1
            section = self._next_section(chars, i)
            if section is None:
                return start.start()
            closing = _CLOSING.get(section[0])
            if closing is None:
                i = section.end()
            elif section.start() > start.start():
                return start.start()
            else:
                i = chars.find(closing, section.end())
                if i < 0:
                    return -1
                i += len(closing)

    def depth_after(self, chars: str, start: int, stop: int, depth: int, damage: int) -> int:
        if 0 <= damage <= stop:
            return depth  # Text may look like a tag.
        for tag in _TAG.finditer(chars, start, stop):
            name = tag["name"]
            if name in self._names or tag[0].endswith("/>"):
                continue
            if tag["end"]:
                depth = max(0, depth - 1)
            elif damage < 0 or chars.find(f"</{name}>", tag.end(), damage) >= 0:
                depth += 1  # Without its end tag it may be the rest of two tags.
        return depth

    def is_item_start(self, chars: str, i: int) -> bool:
        return self._start.match(chars, i) is not None

    def wrap(self, item: str) -> str:
        if not self._bound:
            return f"<{self._root}>{item}{self._closing}"
        from html import escape, unescape  # Slow to import, and rarely needed.

        # Every word before a colon may be a prefix.
        words = _WORD.findall(unescape(item))
        prefixes = {"", *(word[:-1] for word in words if word.endswith(":"))} & self._bound.keys()
        declared = "".join(
            f' xmlns{":" if prefix else ""}{prefix}="{escape(self._bound[prefix][-1])}"'
            for prefix in sorted(prefixes)
        )
        return f"<{self._root}{declared}>{item}{self._closing}"

    def empty_list(self) -> str:
        return self._opening + ("" if self._is_empty else self._closing)

    def trim_layout(self, gap: str, before: Follower) -> tuple[int, int]:
        inside = gap.rstrip(WHITE)
        if before == "item":
            head = self._head.search(inside, max(0, len(inside) - _HEAD))
            inside = inside[: head.start()] if head else inside
        elif before == "open":
            inside = inside.removesuffix(self._closing).rstrip(WHITE)
        return len(inside) - len(inside.lstrip(WHITE)), len(inside)

    def could_be_item(self, node: Node) -> bool:
        return True

    def is_item(self, node: Node) -> bool:
        return node.name == self._operation.method.item

    def _reader(self, chars: str, i: int) -> Reader:
        """A reader inside the root."""
        return reader_inside(chars, i, self._root, self._bound)

    def _next_section(self, chars: str, i: int) -> re.Match[str] | None:
        """The next mark of a section. If the list's start was read, `-->` is text."""
        found = self._section_marks.search(chars, i)
        while found is not None and found[0] == "-->" and self._entered:
            found = self._section_marks.search(chars, found.end())
        return found


class _NextMatch:
    """Finds the next match of a pattern, each once, for indexes in ascending order."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._chars = ""
        self._found: re.Match[str] | None = None

    def search(self, chars: str, i: int) -> re.Match[str] | None:
        found = self._found
        if self._chars is not chars or (found is not None and found.start() < i):
            self._chars, self._found = chars, self._pattern.search(chars, i)
        return self._found


@functools.lru_cache(maxsize=64)
def _ordinary_items(operation: Operation) -> re.Pattern[str]:
    """Items with the documented fields in their order, and valid timestamps."""
    item = operation.method.item
    inside = r"[ \t\r\n]*"
    for field in operation.method.fields:
        text = _TIMESTAMP if field.scalar == "timestamp" else "[^<]*"
        inside += rf"(?:<{field.name}>{text}</{field.name}>[ \t\r\n]*)"
        inside += "" if field.required else "?"
    return re.compile(rf"(?:<{item}>{inside}</{item}>[ \t\r\n]*)*")
