"""Reads a list item by item: certain items in groups, odd ones alone, and on after damage.

`scan` yields the contents of a payload in document order. Callers may stop at any time. The work is
linear in the payload; only one item and a window of the text are in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TypeVar

from sgformats._formats import FORMATS
from sgformats._json.items import JsonItems
from sgformats._model.items import Follower, Items, Records
from sgformats._model.node import Fault, Node
from sgformats._model.zones import Zone, ZoneError, localise
from sgformats._reading.findings import Findings
from sgformats._reading.records import read_item
from sgformats._scan.found import (
    AFTER,
    BEFORE,
    BETWEEN,
    IN_RECORD,
    Broken,
    Found,
    Group,
    Lost,
    Single,
)
from sgformats._scan.sizes import Sizes
from sgformats._text.encodings import undecodable
from sgformats._text.payload import MAX_BYTES, Format, skip_white
from sgformats._text.positions import Text
from sgformats._text.window import Window
from sgformats._xml.items import XmlItems
from sgformats.operations import Operation
from sgformats.rules import problem_of

_NEAR = 64  # Characters that are enough to recognise the start of an item.
_QUOTED = 64  # A few characters more than a message quotes.
# A broken item that is longer has probably lost its end, and contains the items after it.
_LONGEST = 16 * 1024

T = TypeVar("T")


def scan(
    window: Window,
    operation: Operation,
    format: Format,
    zone: Zone | None = None,
    *,
    damage: Fault | None = None,
    max_chars: int = MAX_BYTES,
    doubt: bool = False,
) -> Iterator[Found]:
    """Yields the contents of a list in document order.

    `damage` is the known fault of a payload that does not begin with a list. An item of more than
    `max_chars` characters is refused. `doubt`: something in the list is known to be odd. Raises
    `NotAListError` if the root is not a list of the operation.
    """
    items = XmlItems(operation) if format == "xml" else JsonItems(operation, format == "json-v3")
    return _Scan(window, items, operation, format, zone, max_chars, doubt).run(damage)


class _Scan:
    """The state of one scan.

    `i` is the current index, `gap` the start of lost text or -1, and `reach` the furthest index at
    which reading an item failed. After a break, the text before `seen` was searched for unknown
    values that may hold objects or elements like items; `depth` of them are open there. Those that
    are open at `damage` are forgotten, because their ends may be lost; -1 if the item has no end.
    """

    def __init__(
        self,
        window: Window,
        items: Items,
        operation: Operation,
        format: Format,
        zone: Zone | None,
        max_chars: int,
        doubt: bool,
    ) -> None:
        self.window = window
        self.items = items
        self.operation = operation
        self.format = format
        self.zone = zone
        fields = operation.method.fields
        self.times = [field.name for field in fields if field.scalar == "timestamp"]
        self.max_chars = max_chars
        self.root = Node("element" if format == "xml" else "array", operation.method.root, 0, 0)
        self.i = 0
        self.gap = -1
        self.passed = 0
        self.reach = 0
        self.seen = self.damage = self.depth = 0
        self.number = 0
        self.sizes = Sizes(doubt)
        self.entered = False
        self.closed = False
        self.strayed = False

    def run(self, damage: Fault | None) -> Iterator[Found]:
        if damage is None:
            yield from self.enter()
        else:
            self.gap = 0
            yield self.broken(damage, BEFORE)
        first = True
        while self.i >= 0:
            if self.gap >= 0:
                yield from self.find()
            elif (yield from self.step(first)):
                yield from self.items_here()
            first = False

    def enter(self) -> Iterator[Found]:
        """Reads the start of the list."""
        try:
            self.i, node = self.reading(lambda chars, i: self.items.enter(chars))
        except Fault as fault:
            self.gap = 0
            yield self.broken(fault, BEFORE)
            return
        self.entered = True
        self.root = node
        findings = self.findings()
        findings.check_attributes(node, findings.root_path)
        if node.attributes and not findings.problems.total:
            empty = Text(self.items.empty_list(), "UTF-8")
            self.confirm(findings, empty, node.start)
        yield from self.beside(findings)

    def step(self, first: bool) -> Generator[Found, None, bool]:
        """Moves to the next item and returns True; after the end of the list, `i` is -1."""
        try:
            step = self.reading(lambda chars, i: self.items.step(chars, i, first))
        except Fault as fault:
            chars = self.window.chars
            at_end = skip_white(chars, self.i) == len(chars)
            if fault.rule == "truncated" and not self.entered and at_end:
                self.i = -1  # Without a start, no end is missing.
            else:
                yield from self.broken_between(fault, BETWEEN)
            return False
        if step.stray >= 0 and not self.strayed:
            self.strayed = True
            findings = self.findings()
            findings.report_text(step.stray, findings.root_path)
            yield from self.beside(findings)
        self.i = step.at
        if step.more:
            return True
        self.closed = True
        try:
            self.i = self.reading(self.items.finish)
            while self.more():
                self.i = self.reading(self.items.finish)
        except Fault as fault:
            yield from self.broken_between(fault, AFTER)
        else:
            if self.window.fault is not None:
                yield self.broken(Fault(self.i, "", "", "truncated"), AFTER)
            self.i = -1
        return False

    def items_here(self) -> Iterator[Found]:
        """Yields the next items as a group if they are certain, else the next item alone."""
        left = len(self.window.chars) - self.i
        size = self.sizes.first(self.i, left, self.guess_odd)
        while size:
            group = self.decode_group(self.i + size)
            if group is not None:
                records, self.i = group
                yield Group(self.number, records)
                self.number += len(records)
                self.sizes.after_group(self.i)
                return
            size = self.sizes.fewer(self.i, size, self.guess_odd)
        yield from self.single()

    def guess_odd(self, stop: int) -> int:
        return self.items.guess_odd(self.window.chars, self.i, stop)

    def single(self) -> Iterator[Found]:
        """Yields the item at the current index."""
        try:
            node, end = self.read_here()
        except Fault as fault:
            in_record = self.items.is_item_start(self.window.chars, self.i)
            yield self.broken(fault, IN_RECORD if in_record else BETWEEN)
            self.number += in_record
            self.seen, self.depth = self.i, 0
            self.damage = self.i if fault.index - self.i > _LONGEST else fault.index
            if fault.rule == "too-large" or (fault.rule == "truncated" and self.damage > self.i):
                self.damage = -1  # What is there may be well-formed.
            self.gap, self.i = self.i, self.i + 1
            return
        yield from self.item(node, end)

    def find(self) -> Iterator[Found]:
        """Yields the next item after damage; if there is none, `i` is -1."""
        at = self.items.find(self.window.chars, self.i)
        if at < 0:
            self.i = max(self.i, len(self.window.chars) - _NEAR)
            self.is_nested()
            if not self.more():
                yield from self.lost(len(self.window.chars), "closed" if self.closed else "open")
                self.i = -1
            return
        self.i = at
        if self.is_nested():
            self.i += 1
            return
        try:
            node, end = self.read_here()
        except Fault as fault:
            self.reach = max(self.reach, fault.index)
            self.number += 1
            self.i += 1
            return
        if not self.items.could_be_item(node):
            self.i = end
            return
        yield from self.lost(self.i)
        yield from self.item(node, end)

    def is_nested(self) -> bool:
        """Whether what begins here is in an unknown value of a broken item, and so no item."""
        if not self.entered:
            return False  # Items may be in another document.
        if self.seen < self.damage <= self.i:
            self.seen, self.depth = self.damage, 0
        part = (self.window.chars, self.seen, self.i)
        self.depth = self.items.depth_after(*part, self.depth, self.damage)
        self.seen = self.i
        return self.depth > 0

    def read_here(self) -> tuple[Node, int]:
        """The item at the current index; near damage, the total time stays linear."""
        near = self.i < self.reach
        return self.reading(self.items.read_damaged if near else self.items.read)

    def item(self, node: Node, end: int) -> Iterator[Found]:
        """Yields the meaning of an item that ends at an index."""
        start, self.i = self.i, end
        findings = self.findings()
        if not self.items.is_item(node):
            expected = f"the element {self.operation.method.item}"
            findings.report_wrong_element(node, findings.root_path, expected)
            yield from self.beside(findings)
            return
        record = read_item(findings, node, self.number)
        chars = self.window.chars
        clean = not findings.problems.total
        certain = clean and self.items.decode_group(chars, start, end) is not None
        if clean and not certain:
            self.confirm(findings, Text(self.items.wrap(chars[start:end]), "UTF-8"), start)
        intact = findings.problems.tolerable
        yield Single(self.number, record if intact else None, findings.problems.in_order())
        self.number += 1
        self.sizes.after_item(certain, end - start)

    def confirm(self, findings: Findings, text: Text, start: int) -> None:
        """Asks the schema, and reports its refusal."""
        refused = FORMATS[self.format].confirm(text, self.operation)
        if refused is not None:
            findings.report_refusal(start, refused)

    def decode_group(self, stop: int) -> tuple[Records, int] | None:
        group = self.items.decode_group(self.window.chars, self.i, stop)
        if group is None or self.zone is None:
            return group
        try:
            return localise(group[0], self.times, self.zone), group[1]
        except ZoneError:
            return None

    def findings(self) -> Findings:
        return Findings(self.window.text, self.root, self.operation, self.format, self.zone)

    def beside(self, findings: Findings) -> Iterator[Found]:
        """Yields problems that belong to no item."""
        if findings.problems.total:
            yield Single(None, None, findings.problems.in_order())

    def broken(self, fault: Fault, state: str) -> Broken:
        self.reach = max(self.reach, fault.index)
        text = self.window.text
        if fault.rule == "truncated" and self.window.fault is not None:
            (problem,) = undecodable(text, self.window.fault).problems
        else:
            location = text.location(fault.index)
            problem = problem_of(fault.rule, location, fault.expected, fault.found)
        return Broken(problem, state)

    def broken_between(self, fault: Fault, state: str) -> Iterator[Found]:
        yield self.broken(fault, state)
        self.gap, self.i = self.i, max(self.i, fault.index)
        self.seen = self.damage = self.i
        self.depth = 0

    def lost(self, end: int, before: Follower = "item") -> Iterator[Found]:
        """Yields the size of the lost text from the gap to an index, without layout."""
        text = self.window.text
        start, stop = self.items.trim_layout(text.chars[self.gap : end], before)
        size = self.passed
        if start < stop:
            start = 0 if size else start  # Continues text that was dropped.
            size += text.offset(self.gap + stop) - text.offset(self.gap + start)
        if size:
            yield Lost(size)
        self.passed, self.gap = 0, -1

    def reading(self, read: Callable[[str, int], T]) -> T:
        """Reads at the current index; fetches more of the payload if the text ends too early."""
        while True:
            try:
                return read(self.window.chars, self.i)
            except Fault as fault:
                # The quoted text may continue after the window.
                cut = fault.rule == "truncated" or fault.index + _QUOTED > len(self.window.chars)
                if not cut or self.window.ended:
                    raise
            if len(self.window.chars) - self.i > self.max_chars:
                expected = f"at most {self.max_chars} characters in an item"
                raise Fault(self.i, expected, "more", "too-large")
            self.more()

    def more(self) -> bool:
        """Fetches more of the payload and drops what was read; False at its end."""
        if self.window.ended:
            return False
        if self.gap >= 0:
            text = self.window.text
            self.passed += text.offset(self.i) - text.offset(self.gap)
            self.gap = self.i
        gone = self.i - self.window.drop(self.i)
        self.i -= gone
        self.gap -= gone if self.gap >= 0 else 0
        self.reach = max(self.reach - gone, 0)
        self.seen -= gone
        self.damage = max(self.damage - gone, 0) if self.damage >= 0 else -1
        self.sizes.drop(gone)
        return self.window.more()
