"""The full reader: the meaning of a payload as an operation's answer, and every problem with it.

A list is scanned item by item; anything else is read as a tree. If the operation is not known, the
tree shows which operations are possible.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sgformats._fast import decode, is_certain
from sgformats._formats import FORMATS
from sgformats._model.items import NotAListError
from sgformats._model.node import Fault, Node
from sgformats._model.shapes import candidates, is_v3, items_of, operations_in
from sgformats._model.zones import Zone
from sgformats._options import CheckedOptions, Mode
from sgformats._reading.answers import is_list, read_answer
from sgformats._reading.findings import Findings, FirstProblems, PlaceTable, ValuePlaces
from sgformats._scan.found import Broken, Group, Single
from sgformats._scan.sampling import begins_v3
from sgformats._scan.scan import scan
from sgformats._text.encodings import open_payload
from sgformats._text.payload import MAX_BYTES, Format, Payload, Syntax
from sgformats._text.positions import Text
from sgformats._text.window import Window
from sgformats.errors import (
    MAX_PROBLEMS,
    AmbiguousOperationError,
    DecodeError,
    Problems,
    ValidationError,
)
from sgformats.operations import Operation
from sgformats.records import Listing, Reply

_NUMBER = re.compile(r"\[([0-9]{1,15})\]")


class Document(NamedTuple):
    """A well-formed payload: its format, its text, its tree, and the data as given."""

    format: Format
    text: Text
    root: Node
    data: Payload


class Reading(NamedTuple):
    """A payload read as an answer of an operation.

    `reply` is None if the payload has no certain meaning; `problems` are all violations of the
    contract, in document order.
    """

    operation: Operation
    reply: Reply | None
    problems: Problems

    def accepted(self, mode: Mode) -> bool:
        return self.reply is not None and (mode == "lax" or not self.problems)


def read_document(
    data: Payload, format: Format | None = None, max_bytes: int = MAX_BYTES
) -> Document:
    """The payload as a tree with places; raises `DecodeError` if it is not well-formed."""
    syntax, text = open_payload(data, FORMATS[format].syntax if format else None, max_bytes)
    return _tree(data, format, syntax, text)


def _tree(data: Payload, format: Format | None, syntax: Syntax, text: Text) -> Document:
    found: Format = format or syntax
    try:
        root = FORMATS[found].read(text)
    except Fault as fault:
        raise text.error(fault.rule, fault.index, fault.expected, fault.found) from None
    if format is None and is_v3(root):
        found = "json-v3"
    return Document(found, text, root, data)


def examine(
    document: Document,
    operation: Operation,
    zone: Zone | None = None,
    *,
    most: int = MAX_PROBLEMS,
    give_up: bool = False,
) -> Reading:
    """The meaning of a document as an operation's answer, and its problems.

    If there are no problems but the fast reader is not certain, the schema decides.
    """
    _, text, root, data = document
    format = _format_for(document, operation)
    if is_list(root, operation):
        return _examine_list(text, operation, format, zone, most, give_up)
    findings = Findings(text, root, operation, format, zone, most=most)
    reply = read_answer(findings)
    if not findings.problems.total and not is_certain(data, operation, format):
        refused = FORMATS[format].confirm(text, operation)
        if refused is not None:
            findings.report_refusal(root.start, refused)
    certain = reply if findings.problems.tolerable else None
    return Reading(operation, certain, findings.problems.in_order())


def _format_for(document: Document, operation: Operation) -> Format:
    """The format of a document that may look like JSON v3, but v3 may have no such call."""
    return document.format if operation.in_v3 or document.format != "json-v3" else "json"


def _examine_list(
    text: Text,
    operation: Operation,
    format: Format,
    zone: Zone | None,
    most: int,
    give_up: bool = False,
) -> Reading:
    """The records of a list and its problems; None for a record whose meaning is not certain.

    With `give_up`, reading ends at the first problem that is not tolerable. Raises `DecodeError`
    where the list breaks, and `NotAListError` if the root is another.
    """
    records: list[Any] = []
    problems = FirstProblems(most)
    doubt = zone is None  # With a zone, the fast reader was not tried yet.
    for found in scan(Window(text), operation, format, zone, doubt=doubt):
        if isinstance(found, Group):
            records += found.records
        elif isinstance(found, Single):
            problems.add_all(found.problems)
            if give_up and not problems.tolerable:
                break
            if found.number is not None:
                records.append(found.record)
        else:
            assert isinstance(found, Broken)  # A scan yields `Lost` only after a break.
            raise DecodeError((found.problem,))
    listing = Listing(operation.method.name, tuple(records)) if problems.tolerable else None
    return Reading(operation, listing, problems.in_order())


def find_places(document: Document, operation: Operation) -> ValuePlaces:
    """The places of all values in an answer of an operation."""
    format = _format_for(document, operation)
    given = document.text, document.root, operation, format
    if is_list(document.root, operation):
        return ListPlaces(*given)
    places: PlaceTable = {}
    read_answer(Findings(*given, None, places=places))
    return places


class ListPlaces:
    """The places of a list and of its records' values, by their paths.

    Each is found when it is asked for: all together would take many times the memory of the list.
    """

    def __init__(self, text: Text, root: Node, operation: Operation, format: Format) -> None:
        self._root = root
        self._method = operation.method
        self._path = Findings(text, root, operation, format, None).root_path

    @cached_property
    def items(self) -> Sequence[Node]:
        """The nodes of the records, as a reading numbers them."""
        return items_of(self._root, self._method.item)

    def get(self, path: str) -> tuple[int, str] | None:
        """The index and the native path of a value; None if the list has no such value."""
        found = _NUMBER.match(path)
        if found is None:
            return None if path else (self._root.start, self._path.native)
        number = int(found[1])
        if number >= len(self.items):
            return None
        node = self.items[number]
        inside = self._path.item(number, node.name)
        name = path[found.end() + 1 :]
        if not name:
            return node.start, inside.native
        value = next((child for child in node.nodes if child.name == name), None)
        if value is None or name not in self._method.names:
            return None
        return value.at, inside.member(name).native


def read_payload(data: Payload, options: CheckedOptions) -> Reply:
    """The reply of a payload; see `parse`."""
    if options.zone is None:
        reply = decode(data, options.operation, options.format, options.max_bytes)
        if reply is not None:
            return reply
    return read_fully(data, options)


def read_fully(data: Payload, options: CheckedOptions) -> Reply:
    """The reply of a payload that the fast reader does not answer."""
    return _accept(_read(data, options), options.mode)


def find_problems(data: Payload, options: CheckedOptions, most: int) -> Problems:
    """All problems of a payload; see `validate`."""
    operation, format, max_bytes = options.operation, options.format, options.max_bytes
    try:
        if options.zone is None and decode(data, operation, format, max_bytes) is not None:
            return Problems()
        return _read(data, options, most).problems
    except DecodeError as error:
        return Problems(error.problems)
    except AmbiguousOperationError:
        return Problems()


def _read(data: Payload, options: CheckedOptions, most: int = MAX_PROBLEMS) -> Reading:
    operation, format, zone = options.operation, options.format, options.zone
    syntax, text = open_payload(data, FORMATS[format].syntax if format else None, options.max_bytes)
    if operation is None:
        return _read_as_any(_tree(data, format, syntax, text), options.mode, zone, most)
    if operation.task == "get":
        shown: Format = format or syntax
        in_doubt = format is None and syntax == "json" and operation.in_v3
        if not (in_doubt and begins_v3(text.chars)):  # Only the whole list shows its format.
            try:
                return _examine_list(text, operation, shown, zone, most)
            except (DecodeError, NotAListError):
                pass  # The tree shows the fault, or the kind of answer.
    return examine(_tree(data, format, syntax, text), operation, zone, most=most)


def read_as(document: Document, options: CheckedOptions) -> Reading:
    """The reading of a document in a mode that accepts it; its `reply` is never None.

    Raises `ValidationError` if the mode does not accept it, and `AmbiguousOperationError` if no
    operation is given and several are possible that give different replies.
    """
    if options.operation is not None:
        reading = examine(document, options.operation, options.zone)
    else:
        reading = _read_as_any(document, options.mode, options.zone)
    _accept(reading, options.mode)
    return reading


def _accept(reading: Reading, mode: Mode) -> Reply:
    """The reply of a reading if the mode accepts it; else raises `ValidationError`."""
    if reading.reply is None or not reading.accepted(mode):
        raise ValidationError(tuple(reading.problems), reading.problems.total)
    return reading.reply


def _read_as_any(
    document: Document, mode: Mode, zone: Zone | None, most: int = MAX_PROBLEMS
) -> Reading:
    """The first reading that the mode accepts, else the one closest to that."""
    accepted: dict[str, Reading] = {}
    nearest: Reading | None = None
    for operation in _readable(document):
        more = bool(accepted) or nearest is not None
        reading = examine(document, operation, zone, most=most, give_up=more)
        if reading.accepted(mode):
            accepted[operation.name] = reading
        elif not accepted and (nearest is None or _distance(reading) < _distance(nearest)):
            nearest = reading  # The problems of the others are not kept.
    if not accepted:
        assert nearest is not None
        return nearest
    first, *others = accepted.values()
    if any(reading.reply != first.reply for reading in others):
        raise AmbiguousOperationError(tuple(accepted))
    return first


def _distance(reading: Reading) -> tuple[bool, bool]:
    """Sorts valid readings first, then those that only lax mode accepts."""
    return bool(reading.problems), reading.reply is None


def _readable(document: Document) -> tuple[Operation, ...]:
    """The operations to try: all possible lists, or one for a result."""
    possible = operations_in(document.format)
    found = candidates(document.root, possible)
    if not found:
        return possible[:1]
    return found if found[0].task == "get" else found[:1]
