"""The items of a JSON list, one by one, in a text of which more may follow; also in a damaged one.

An object with the keys of a record is one wherever it stands: no string holds a bare quote. So
behind damage, reading can begin again at any `{"`; what is read there holds no other objects, until
the place is passed that stopped the reader of the whole.
"""

from __future__ import annotations

import re

from sgformats._json.fast import count_usual, decode, decode_v3
from sgformats._json.reader import read_value
from sgformats._model.items import Follower, NotAListError, Records, Step, check_bytes
from sgformats._model.node import Fault, Node, unexpected
from sgformats._text.payload import WHITE, skip_white
from sgformats.operations import Operation

_BEGIN = re.compile(r'\{[ \t\r\n]*"')
_BEHIND_COLON = re.compile(r":[ \t\r\n]*\Z")
_NEAR = 64


class JsonItems:
    """How the items of a list stand in JSON."""

    def __init__(self, operation: Operation, v3: bool) -> None:
        self._operation = operation
        self._v3 = v3
        self._decode = decode_v3 if v3 else decode

    def enter(self, chars: str) -> tuple[int, Node]:
        """Where a list's inside begins."""
        i = skip_white(chars, 0)
        if i == len(chars):
            raise unexpected(chars, i, "a value")
        if chars[i] != "[":
            raise NotAListError
        return i + 1, Node("array", "", i, i)

    def step(self, chars: str, i: int, first: bool) -> Step:
        """From behind an item, or the list's beginning, to the next; or behind its end, and False."""
        i = skip_white(chars, i)
        mark = chars[i : i + 1]
        if mark == "]":
            return Step(i + 1, more=False)
        if first and mark:
            return Step(i, more=True)
        if mark != ",":
            raise unexpected(chars, i, "a value" if first else '"," or "]"')
        i = skip_white(chars, i + 1)
        if i == len(chars):
            raise unexpected(chars, i, "a value")
        return Step(i, more=True)

    def read(self, chars: str, i: int) -> tuple[Node, int]:
        """The item that begins here, and where it ends."""
        return self._read(chars, i, flat=False)

    def read_damaged(self, chars: str, i: int) -> tuple[Node, int]:
        """The same, of a text that is damaged before or behind it."""
        return self._read(chars, i, flat=True)

    def _read(self, chars: str, i: int, flat: bool) -> tuple[Node, int]:
        try:
            node, end = read_value(chars, i, 1, flat)
        except Fault as fault:
            check_bytes(chars, i, fault.index)
            raise
        check_bytes(chars, i, end)
        return node, end

    def decode_group(self, chars: str, i: int, stop: int) -> tuple[Records, int] | None:
        """All items that surely end before an index, if they surely are valid; where they end."""
        end = chars.rfind("}", i, stop) + 1
        if not end:
            return None
        try:
            data = chars[i:end].encode()
        except UnicodeEncodeError:
            return None
        reply = self._decode(b"[%b]" % data, self._operation)
        records = getattr(reply, "records", ())
        return (records, end) if records else None

    def guess_odd(self, chars: str, i: int, stop: int) -> int:
        """Where the first odd item may begin: behind as many braces as there are items before it."""
        end = chars.rfind("}", i, stop) + 1
        data = b"[%b]" % chars[i:end].encode("utf-8", "replace")
        count = count_usual(data, self._operation, self._v3)
        if count is None:
            return end
        for _ in range(count):
            i = chars.find("}", i, end) + 1
        return i

    def wrap(self, item: str) -> str:
        """A list of one item."""
        return f"[{item}]"

    def empty_list(self) -> str:
        """The list as it begins, and nothing in it."""
        return "[]"

    def finish(self, chars: str, i: int) -> int:
        """Passes what may stand behind the list."""
        i = skip_white(chars, i)
        if i < len(chars):
            raise unexpected(chars, i, "the end of the document")
        return i

    def is_item_start(self, chars: str, i: int) -> bool:
        """Whether what stands here begins as an item."""
        return chars.startswith("{", i)

    def find(self, chars: str, i: int) -> int:
        """Where the next item may begin, behind damage; -1 for nowhere."""
        for begin in _BEGIN.finditer(chars, i):
            at = begin.start()
            if not _BEHIND_COLON.search(chars[max(0, at - _NEAR) : at]):
                return at
        return -1

    def trim_layout(self, gap: str, before: Follower) -> tuple[int, int]:
        """Where in a gap that begins and ends which is more than layout and the list's own marks."""
        inside = gap.rstrip(WHITE + ",[" if before == "item" else WHITE)
        if before == "open":
            inside = inside.removesuffix("]").rstrip(WHITE + ",")
        return len(inside) - len(inside.lstrip(WHITE + ",")), len(inside)

    def could_be_item(self, node: Node) -> bool:
        """Whether what stands behind damage can have been an item of this list."""
        return any(member.name in self._operation.method.names for member in node.nodes)

    def is_item(self, node: Node) -> bool:
        """Whether what was read has its place in the list."""
        return True
