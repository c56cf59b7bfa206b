"""Reads a JSON list item by item, also if the text is damaged or does not yet end.

Strings never hold a bare quote. So after damage, reading restarts at any `{"`, and an object with
the keys of a record is a record. Until the damage is passed, objects with nested values are skipped.
"""

from __future__ import annotations

import re

from sgformats._json.fast import count_ordinary, decode, decode_v3
from sgformats._json.reader import read_value
from sgformats._model.items import Follower, NotAListError, Records, Step, check_bytes
from sgformats._model.node import Fault, Node, unexpected
from sgformats._text.payload import WHITE, skip_white
from sgformats.operations import Operation

_START = re.compile(r'\{[ \t\r\n]*"')
_AFTER_COLON = re.compile(r":[ \t\r\n]*\Z")
# The start of an array that is a member's value, and the end of any array.
_ARRAY = re.compile(r'\w"[ \t\r\n]{0,64}:[ \t\r\n]{0,64}\[(?P<object>[ \t\r\n[]{0,64}\{)?|\]')
_NEAR = 64


class JsonItems:
    """Implements `Items` for JSON."""

    def __init__(self, operation: Operation, v3: bool) -> None:
        self._operation = operation
        self._v3 = v3
        self._decode = decode_v3 if v3 else decode

    def enter(self, chars: str) -> tuple[int, Node]:
        i = skip_white(chars, 0)
        if i == len(chars):
            raise unexpected(chars, i, "a value")
        if chars[i] != "[":
            raise NotAListError
        return i + 1, Node("array", "", i, i)

    def step(self, chars: str, i: int, first: bool) -> Step:
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

    def read_damaged(self, chars: str, i: int) -> tuple[Node, int]:
        return self.read(chars, i, flat=True)

    def read(self, chars: str, i: int, flat: bool = False) -> tuple[Node, int]:
        try:
            node, end = read_value(chars, i, 1, flat)
        except Fault as fault:
            check_bytes(chars, i, fault.index)
            raise
        check_bytes(chars, i, end)
        return node, end

    def decode_group(self, chars: str, i: int, stop: int) -> tuple[Records, int] | None:
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
        end = chars.rfind("}", i, stop) + 1
        data = b"[%b]" % chars[i:end].encode("utf-8", "replace")
        count = count_ordinary(data, self._operation, self._v3)
        if count is None:
            return end
        for _ in range(count):  # An ordinary item ends at its first brace.
            i = chars.find("}", i, end) + 1
        return i

    def finish(self, chars: str, i: int) -> int:
        i = skip_white(chars, i)
        if i < len(chars):
            raise unexpected(chars, i, "the end of the document")
        return i

    def find(self, chars: str, i: int) -> int:
        for start in _START.finditer(chars, i):
            at = start.start()
            if not _AFTER_COLON.search(chars[max(0, at - _NEAR) : at]):
                return at
        return -1

    def depth_after(self, chars: str, start: int, stop: int, depth: int, damage: int) -> int:
        for mark in _ARRAY.finditer(chars, start, stop + 1):
            if mark[0] == "]":
                depth = max(0, depth - 1)
            elif mark["object"] or not 0 <= damage <= stop:
                depth += 1
        return depth

    def is_item_start(self, chars: str, i: int) -> bool:
        return chars.startswith("{", i)

    def wrap(self, item: str) -> str:
        return f"[{item}]"

    def empty_list(self) -> str:
        return "[]"

    def trim_layout(self, gap: str, before: Follower) -> tuple[int, int]:
        inside = gap.rstrip(WHITE + ",[" if before == "item" else WHITE)
        if before == "open":
            inside = inside.removesuffix("]").rstrip(WHITE + ",")
        return len(inside) - len(inside.lstrip(WHITE + ",")), len(inside)

    def could_be_item(self, node: Node) -> bool:
        return any(member.name in self._operation.method.names for member in node.nodes)

    def is_item(self, node: Node) -> bool:
        return True
