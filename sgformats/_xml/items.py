"""The items of an XML list, one by one, in a text of which more may follow; also in a damaged one.

No text holds a bare `<`, so behind damage, reading can begin again at any start tag of an item that is
neither in a comment nor in a CDATA section. Such an item ends before the next one begins.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from sgformats._model.items import Follower, NotAListError, Records, Step, check_bytes
from sgformats._model.node import Fault, Node
from sgformats._text.payload import ILLEGAL, WHITE
from sgformats._xml.fast import decode
from sgformats._xml.reader import OpenElement, Reader
from sgformats._xml.tokens import illegal_character
from sgformats.operations import Operation

_SECTION = re.compile(r"<!\[CDATA\[|\]\]>|<!--|-->")
_CLOSING = {"<![CDATA[": "]]>", "<!--": "-->"}
# What may be a prefix, and its colon.
_WORD = re.compile(r"[^\s<>\"'=/:]+:?")
_NEAR = 256
_FEW = 1024  # Characters in which most items end.


_DAY = (
    r"(?:\d{4}-(?:(?:0[13578]|1[02])-[0-3]\d|(?:0[469]|11)-(?:[0-2]\d|30)|02-(?:[01]\d|2[0-8]))"
    r"|\d\d(?:[02468][048]|[13579][26])-02-29)"
)
_TIME = _DAY + r" [0-2]\d:[0-5]\d:[0-5]\d"
T = TypeVar("T")


class XmlItems:
    """How the items of a list stand in XML."""

    def __init__(self, operation: Operation) -> None:
        root, item = operation.method.root, operation.method.item
        self._operation = operation
        self._item = item
        self._close = f"</{item}>"
        self._tags = f"<{root}>", f"</{root}>"
        self._opening = self._tags[0]
        self._begin = re.compile(rf"<{item}(?=[ \t\r\n/>])")
        self._head = re.compile(rf"(?:<\?xml[^<>]*\?>\s*)?(?:<{root}>)?\s*\Z")
        self._root = _Root(root, {})
        self._entered = False
        self._next_begin = _Ahead(self._begin)
        self._next_mark = _Ahead(_SECTION)
        self._behind = _Ahead(self._begin)

    def enter(self, chars: str) -> tuple[int, Node]:
        """The inside of the list, and its root; raises `NotAListError` for another root."""
        reader = Reader(chars)
        node = _checked(reader, reader.start)
        if node.name != self._operation.method.root:
            raise NotAListError
        self._entered = True
        self._opening = chars[node.start : reader.i]
        if reader.open:
            element = reader.open[0]
            self._root = _Root(element.written, reader.bound)
            self._tags = f"<{element.written}>", f"</{element.written}>"
        else:
            self._root = _Root("", {})
        return reader.i, node

    def step(self, chars: str, i: int, first: bool) -> Step:
        """From behind an item, or from the list's beginning, to the next one."""
        if not self._root.written:
            return Step(i, more=False)
        reader = self._reader(chars, i)
        element = reader.open[0]
        closed = _checked(reader, reader.skip_to_tag)
        return Step(reader.i, not closed, element.node.stray)

    def read(self, chars: str, i: int) -> tuple[Node, int]:
        """The item that begins here, and what follows it."""
        reader = self._reader(chars, i)
        node = _checked(reader, reader.child)
        return node, reader.i

    def read_damaged(self, chars: str, i: int) -> tuple[Node, int]:
        """The same near damage: no further than to where the next one begins."""
        following = self._behind.search(chars, i + 1)
        stop = following.start() if following else len(chars)
        size = _FEW
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
        """The records of all items that surely end before `stop`, if all surely are valid."""
        end = chars.rfind(self._close, i, stop)
        if end < 0 or self._root.bound:
            return None
        end += len(self._close)
        reply = decode(self.wrap(chars[i:end]), self._operation)
        records = getattr(reply, "records", ())
        return (records, end) if records else None

    def guess_odd(self, chars: str, i: int, stop: int) -> int:
        """Where the first item begins that is not written as usual."""
        usual = _usual(self._operation).match(chars, i, stop)
        return usual.end() if usual else i

    def finish(self, chars: str, i: int) -> int:
        """Passes what may stand behind the list, up to the end."""
        reader = Reader(chars)
        reader.i = i
        _checked(reader, reader.end)
        return reader.i

    def find(self, chars: str, i: int) -> int:
        """Where the next item may begin, behind damage; -1 for nowhere.

        What closes a section that nothing opened shows that all before it was inside.
        """
        while True:
            begin = self._next_begin.search(chars, i)
            if begin is None:
                return -1
            section = self._next_section(chars, i)
            if section is None:
                return begin.start()
            closing = _CLOSING.get(section[0])
            if closing is None:
                i = section.end()
            elif section.start() > begin.start():
                return begin.start()
            else:
                i = chars.find(closing, section.end())
                if i < 0:
                    return -1
                i += len(closing)

    def is_item_start(self, chars: str, i: int) -> bool:
        """Whether what stands here begins as an item."""
        return self._begin.match(chars, i) is not None

    def wrap(self, item: str) -> str:
        """A list of one item."""
        bound = self._root.bound
        if not bound:
            return item.join(self._tags)
        from html import escape, unescape  # Slow to load, and hardly ever needed.

        begin, end = self._tags
        words = _WORD.findall(unescape(item))
        prefixes = {"", *(word[:-1] for word in words if word.endswith(":"))} & bound.keys()
        declared = "".join(
            f' xmlns{":" if prefix else ""}{prefix}="{escape(bound[prefix][-1])}"'
            for prefix in sorted(prefixes)
        )
        return f"{begin[:-1]}{declared}>{item}{end}"

    def empty_list(self) -> str:
        """The list as it begins, and nothing in it."""
        return self._opening + (self._tags[1] if self._root.written else "")

    def trim_layout(self, gap: str, before: Follower) -> tuple[int, int]:
        """Where in a gap that begins and ends which is more than layout and the list's own marks."""
        inside = gap.rstrip(WHITE)
        if before == "item":
            head = self._head.search(inside, max(0, len(inside) - _NEAR))
            inside = inside[: head.start()] if head else inside
        elif before == "open":
            inside = inside.removesuffix(self._tags[1]).rstrip(WHITE)
        return len(inside) - len(inside.lstrip(WHITE)), len(inside)

    def could_be_item(self, node: Node) -> bool:
        """Whether what stands behind damage can have been an item of this list."""
        return True

    def is_item(self, node: Node) -> bool:
        """Whether an element is one of the list's own."""
        return node.name == self._item

    def _reader(self, chars: str, i: int) -> Reader:
        """A reader inside of the root."""
        root = self._root
        reader = Reader(chars)
        reader.i = i
        # It binds no prefixes of its own, so that its end unbinds none: more items may follow that.
        reader.open.append(OpenElement(Node("element", root.written, 0, 0), root.written, ()))
        reader.bound = root.bound
        return reader

    def _next_section(self, chars: str, i: int) -> re.Match[str] | None:
        """The next mark of a section; in a list whose beginning was seen, text may hold `-->`."""
        found = self._next_mark.search(chars, i)
        while found is not None and found[0] == "-->" and self._entered:
            found = self._next_mark.search(chars, found.end())
        return found


class _Ahead:
    """The next match of a pattern, looked for once; places are asked for in rising order."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self._pattern = pattern
        self._chars = ""
        self._found: re.Match[str] | None = None

    def search(self, chars: str, i: int) -> re.Match[str] | None:
        """The first match from an index on."""
        found = self._found
        if self._chars is not chars or (found is not None and found.start() < i):
            self._chars, self._found = chars, self._pattern.search(chars, i)
        return self._found


@functools.lru_cache(maxsize=64)
def _usual(operation: Operation) -> re.Pattern[str]:
    """Items with all their fields in the documented order, and timestamps of the wire's form."""
    method = operation.method
    fields = [
        rf"(?:<{field.name}>{_TIME if field.scalar == 'timestamp' else '[^<]*'}</{field.name}>[ \t\r\n]*)"
        + ("" if field.required else "?")
        for field in method.fields
    ]
    close = rf"</{method.item}>[ \t\r\n]*"
    return re.compile(rf"(?:<{method.item}>[ \t\r\n]*{''.join(fields)}{close})*")


class _Root(NamedTuple):
    """The open root: its written name (none of an empty element), and the prefixes that it binds."""

    written: str
    bound: dict[str, list[str]]


def _checked(reader: Reader, read: Callable[[], T]) -> T:
    """What a reader reads, if it holds no character that XML does not allow."""
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
