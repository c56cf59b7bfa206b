"""The main part of `salvage`: scans damaged bytes and collects what is certain."""

from __future__ import annotations

import msgspec

from sgformats._formats import FORMATS
from sgformats._model.items import NotAListError
from sgformats._model.node import Fault, Node
from sgformats._model.shapes import candidates, is_v3, operations_in
from sgformats._options import CheckedOptions
from sgformats._reading.findings import FirstProblems
from sgformats._scan.document import Document, read_as
from sgformats._scan.found import BEFORE, IN_RESULT, Broken, Group, Single
from sgformats._scan.opened import OpenedPayload, only_ascii, open_any
from sgformats._scan.salvaged import Salvage, salvaged
from sgformats._scan.sampling import sample
from sgformats._scan.scan import scan
from sgformats._text.declared import WIDE
from sgformats._text.payload import WHITE, Format, Payload, as_bytes
from sgformats._text.positions import Text
from sgformats._text.window import Window
from sgformats.errors import (
    MAX_PROBLEMS,
    AmbiguousOperationError,
    DecodeError,
    Problem,
    ValidationError,
)
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Listing, Record

_SAMPLE = 32
_ANY_LIST = OPERATIONS["invalidemails.get"]
_HEAD = 512  # Characters that are enough to find the root of an XML document.


def harvest(data: Payload, options: CheckedOptions) -> Salvage:
    """The result of `salvage` for a payload that the fast reader does not answer."""
    try:
        raw = as_bytes(data, options.max_bytes)[0]
    except DecodeError as error:
        raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)
        if error.problems[0].rule == "too-large":
            return _nothing(error, options.operation, options.format, len(raw))
    opened = open_any(data, raw, options)
    if isinstance(opened, DecodeError):
        return _nothing(opened, options.operation, options.format, len(raw))
    if options.operation is not None:
        return _salvage(opened, options.operation)
    if not _begins_list(opened):
        whole = _read_whole(opened)
        is_read = whole.reply is not None or not _candidates(opened)
        if whole.broken_at is None and is_read and not _lost_its_head(opened, whole):
            return whole
    possible = _candidates(opened)
    if not possible:
        return _unnamed(_salvage(opened, _ANY_LIST))
    first = _salvage(opened, possible[0])
    for operation in possible[1:]:
        if _salvage(opened, operation).records != first.records:
            raise AmbiguousOperationError(tuple(operation.name for operation in possible))
    return first if len(possible) == 1 else _unnamed(first)


def _unnamed(found: Salvage) -> Salvage:
    """The result without an operation: the payload shows none, or several."""
    return msgspec.structs.replace(found, operation=None)


def _begins_list(opened: OpenedPayload) -> bool:
    head = opened.text.chars.lstrip()[:_HEAD]
    roots = [f"<{op.method.root}" for op in OPERATIONS.values()]
    return head.startswith("[") or any(root in head for root in roots)


def _candidates(opened: OpenedPayload) -> tuple[Operation, ...]:
    """The lists that fit the first items of a payload; empty if there are no items."""
    gets = [op for op in operations_in(opened.format) if op.task == "get"]
    if opened.format == "xml":
        chars = opened.text.chars
        places = {op: chars.find(f"<{op.method.item}") for op in gets}
        shown = [op for op in gets if places[op] >= 0]
        return (min(shown, key=places.__getitem__),) if shown else ()
    items = sample(opened.text.chars, _SAMPLE)
    return candidates(items, gets) if items.nodes else ()


def _salvage(opened: OpenedPayload, operation: Operation) -> Salvage:
    options = msgspec.structs.replace(opened.options, operation=operation)
    format = opened.format if operation.in_v3 or opened.format != "json-v3" else "json"
    opened = opened._replace(options=options, format=format)
    if operation.task != "get":
        return _read_whole(opened)
    harvest = _Harvest(opened, operation)
    damage = None
    try:
        harvest.gather()
    except NotAListError:
        try:
            root = FORMATS[format].read(opened.text)
        except Fault as fault:
            damage = fault
        else:
            whole = _read_whole(opened)
            if whole.reply is None:
                return _inside(harvest, whole, root)
            if not _lost_its_head(opened, whole):
                return whole
            expected = f"the element {operation.method.root}"
            damage = Fault(root.start, expected, "one item alone")
        harvest.gather(damage)
    if harvest.is_unsure():
        breaks = harvest.breaks
        harvest = _Harvest(only_ascii(opened), operation)
        harvest.gather(damage)
        if breaks and breaks[0][1] == BEFORE:
            others = (each for each in harvest.breaks if each[1] != BEFORE)
            harvest.breaks = [breaks[0], *others]
    return harvest.result()


def _inside(harvest: _Harvest, refused: Salvage, root: Node) -> Salvage:
    """The items inside a document that is not a list, as if it were cut."""
    harvest.gather(Fault(len(harvest.text.chars), "", ""))
    alone = _is_item(root, harvest.operation)
    return msgspec.structs.replace(
        refused,
        records=() if alone else tuple(harvest.records),
        indexes=() if alone else tuple(harvest.indexes),
        unaccounted=harvest.lost,
    )


def _is_item(root: Node, operation: Operation) -> bool:
    """Whether the root is a single item, which was read and refused before."""
    if root.kind == "element":
        return root.name == operation.method.item
    flat = all(node.kind not in ("object", "array") for node in root.nodes)
    return flat and any(node.name in operation.method.names for node in root.nodes)


def _lost_its_head(opened: OpenedPayload, whole: Salvage) -> bool:
    """Whether it is a single XML item whose encoding may have been declared in a lost head."""
    alone = opened.format == "xml" and bool(whole.records)
    return alone and not opened.certain and not opened.text.chars.startswith("<?xml")


def _read_whole(opened: OpenedPayload) -> Salvage:
    """Reads a payload that is not a list: all of it or nothing."""
    text, format, options, size = opened.text, opened.format, opened.options, len(opened.raw)
    operation = options.operation
    if opened.refused is not None:
        return _nothing(opened.refused, operation, format, size)
    try:
        root = FORMATS[format].read(text)
    except Fault as fault:
        refused = text.error(fault.rule, fault.index, fault.expected, fault.found)
        return _nothing(refused, operation, format, size)
    if options.format is None and (operation is None or operation.in_v3) and is_v3(root):
        format = "json-v3"
    try:
        reading = read_as(Document(format, text, root, opened.raw), options)
    except ValidationError as error:
        return salvaged(None, operation, format, error.problems, error.total, size)
    reply, problems = reading.reply, reading.problems
    size = 0 if isinstance(reply, Listing) else _left_out(text, root, problems)
    return salvaged(reply, operation, format, tuple(problems), problems.total, size)


def _left_out(text: Text, root: Node, problems: list[Problem]) -> int:
    """The size of the members of a result that are not in its reply."""
    left_out = {each.location.offset for each in problems if each.rule == "unknown-field"}
    ends = [node.start for node in root.nodes[1:]]
    ends.append(text.chars.rfind("</" if root.kind == "element" else "}"))
    size = 0
    for node, end in zip(root.nodes, ends, strict=False):
        start = text.offset(node.start)
        if start in left_out:
            inside = text.chars[node.start : end].rstrip(WHITE + ",")
            size += text.offset(node.start + len(inside)) - start
    return size


def _nothing(
    error: DecodeError, operation: Operation | None, format: Format | None, size: int
) -> Salvage:
    """The result if nothing is certain."""
    problem = error.problems[0]
    in_result = operation is not None and operation.task != "get"
    return Salvage(
        None if operation is None else operation.name,
        format,
        problems=(problem,),
        problem_count=1,
        broken_at=problem.location.offset,
        state=IN_RESULT if in_result else BEFORE,
        rule=problem.rule,
        unaccounted=size,
    )


class _Harvest:
    """The findings of a scan so far."""

    def __init__(self, opened: OpenedPayload, operation: Operation) -> None:
        self.opened = opened
        self.text = opened.text
        self.refused = None if opened.refused is None else opened.refused.problems[0]
        self.operation = operation
        self.mode = opened.options.mode
        self.records: list[Record] = []
        self.indexes: list[int] = []
        self.problems = FirstProblems()
        self.more = 0  # Breaks that are not kept.
        self.breaks: list[tuple[Problem, str]] = []
        self.items = 0
        self.lost = 0

    def gather(self, damage: Fault | None = None) -> None:
        format, zone = self.opened.format, self.opened.options.zone
        for found in scan(Window(self.text), self.operation, format, zone, damage=damage):
            if isinstance(found, Group):
                self.records += found.records
                self.indexes += range(found.first, found.first + len(found.records))
                self.items += len(found.records)
            elif isinstance(found, Single):
                self._take(found)
            elif isinstance(found, Broken):
                self._break(found)
            else:
                self.lost += found.size

    def _take(self, found: Single) -> None:
        self.problems.add_all(found.problems)
        if found.number is None:
            return
        self.items += 1
        if found.record is not None and (self.mode == "lax" or not found.problems):
            self.records.append(found.record)
            self.indexes.append(found.number)

    def _break(self, found: Broken) -> None:
        """Keeps the first breaks, and the one that was the reason for the refusal."""
        if len(self.breaks) < MAX_PROBLEMS or (self.refused and _is_same(found, self.refused)):
            self.breaks.append(found)
        else:
            self.more += 1

    def is_unsure(self) -> bool:
        """Whether non-ASCII characters may be wrong because of the damage.

        The head of an XML document declares the encoding, and may be lost. In an encoding of two
        bytes without a byte-order mark, a lost byte shifts all others.
        """
        if self.opened.certain:
            return False
        if self.text.encoding in WIDE:
            return bool(self.breaks) or self.refused is not None
        return self.opened.format == "xml" and bool(self.breaks) and self.breaks[0][1] == BEFORE

    def result(self) -> Salvage:
        """The result, including the refusal before the scan."""
        opened, breaks = self.opened, self.breaks
        refused = self.refused
        if refused is not None:
            breaks = [each for each in breaks if not _is_same(each, refused)]
            state = next(
                (state for problem, state in self.breaks if problem.rule == refused.rule), BEFORE
            )
            breaks.append((refused, state))
            breaks.sort(key=lambda each: each[0].location.offset)
        if breaks and breaks[0][0].rule == "forbidden-doctype" and "<!ENTITY" in self.text.chars:
            self.records, self.indexes, self.lost = [], [], len(opened.raw) - opened.tail
        kept = FirstProblems()  # A break comes before the problems of an item at the same place.
        for problem, _ in breaks:
            kept.add(problem.location.offset, problem)
        kept.add_all(self.problems.in_order())
        problems = kept.in_order()
        whole = not breaks and len(self.records) == self.items
        whole &= not problems or (self.mode == "lax" and kept.tolerable)
        records = tuple(self.records)
        found = Salvage(
            operation=self.operation.name,
            format=opened.format,
            records=records,
            indexes=tuple(self.indexes),
            reply=Listing(self.operation.method.name, records) if whole else None,
            problems=tuple(problems),
            unaccounted=self.lost + opened.tail,
            problem_count=problems.total + self.more,
        )
        if not breaks:
            return found
        first, state = breaks[0]
        at, rule = first.location.offset, first.rule
        return msgspec.structs.replace(found, broken_at=at, state=state, rule=rule)


def _is_same(found: tuple[Problem, str], refused: Problem) -> bool:
    """Whether a break was the reason for the refusal."""
    problem, state = found
    if refused.rule == "not-an-answer":
        return state == BEFORE
    same_rule = problem.rule == refused.rule
    if problem.location.offset == refused.location.offset:
        return same_rule or state == BEFORE
    return same_rule and problem.rule == "truncated"
