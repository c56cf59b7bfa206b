"""Read an answer as the answer to its call: its meaning, its problems, and their locations.

The fast reader handles valid answers. The tree is built if something is wrong, or if a rule needs a
location. `format` is detected from the bytes, whatever the call requested; a list that could be in
either format is read in the requested one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from sgformats._fast import decode, detect_format
from sgformats._formats import FORMATS
from sgformats._model.node import Node
from sgformats._model.shapes import candidates, operations_in
from sgformats._reading.findings import Findings, ValuePlaces
from sgformats._scan.document import Document, ListPlaces, examine, find_places, read_document
from sgformats._text.payload import WHITE, Format, Syntax
from sgformats.codec import parse
from sgformats.errors import DecodeError, Location, Problem, ValidationError
from sgformats.operations import Method, Operation
from sgformats.records import Listing, Reply
from sgformats.rules import problem_of


class Row(NamedTuple):
    """A record for the rules, even if other parts of it are invalid.

    `email` and `created` are None if missing or not certain. `has_created`: whether `created` holds
    a value; None if that is not certain.
    """

    email: str | None
    created: datetime | None
    has_created: bool | None


_NO_ROW = Row(None, None, None)
_NOWHERE = Location("", "", 1, 1, 0)


class Answer:
    """A payload read as an answer of `operation` to a call for the format `requested`.

    `problems` are those of `validate`, but a list that is certainly another call's gives a single
    `wrong-operation`. `reply` is None if the payload has no certain meaning, `format` is None if it
    cannot be read at all. `document` is the payload's tree, if already read. Unless `located`, no
    location is found, so that no tree is needed for it.
    """

    def __init__(
        self,
        data: bytes,
        operation: Operation,
        requested: Format | None,
        max_bytes: int,
        document: Document | None = None,
        located: bool = True,
    ) -> None:
        self._data = data
        self._located = located
        self._document = document
        self._operation = operation
        self._max_bytes = max_bytes
        self.format = requested
        self.reply: Reply | None = None
        self.problems: list[Problem] = []
        if requested is not None and data:  # For an empty body the status decides.
            try:
                self.reply = parse(data, operation, format=requested, max_bytes=max_bytes)
                return
            except (DecodeError, ValidationError):
                pass  # Not in that format, or not valid: the full reader decides.
        elif requested is None and document is None and operation.task == "get":
            reply = decode(data, operation, None, max_bytes)
            if isinstance(reply, Listing):
                self.format, self.reply = detect_format(data), reply
                return
        try:
            document = document or read_document(data, None, max_bytes)
        except DecodeError as error:
            self.format = None
            self.problems = list(error.problems)
            return
        self.format = found = _format(document, operation, requested)
        document = document._replace(format=found)
        reading = examine(document, operation)
        self._document = document
        self.reply, self.problems = reading.reply, reading.problems
        others = _other_lists(document.root, operation, found) if self.problems else ()
        if others:
            self.reply, self.problems = None, [self._wrong_operation(others)]

    @cached_property
    def _tree(self) -> tuple[Document, ValuePlaces]:
        document, form = self._document, self.format
        if document is None or form is None or FORMATS[form].syntax != _syntax(document):
            document = read_document(self._data, form, self._max_bytes)
        document = document._replace(format=form or document.format)
        return document, find_places(document, self._operation)

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The records of a list, in order; empty if this is not a list of the operation."""
        if isinstance(self.reply, Listing):
            return [Row(r.email, r.created, r.created is not None) for r in self.reply.records]
        if self.format is None or any(p.rule == "wrong-operation" for p in self.problems):
            return []
        return [self._row(node) for node in self._nodes]

    @cached_property
    def _nodes(self) -> Sequence[Node]:
        """The nodes of the numbered records."""
        document, places = self._tree
        if places.get("[0]") is None:
            return []
        return places.items if isinstance(places, ListPlaces) else [document.root]

    def _row(self, node: Node) -> Row:
        if node.kind not in ("object", "element"):
            return _NO_ROW
        named: dict[str, list[Node]] = {"email": [], "created": []}
        for child in node.nodes:
            if child.name in named:
                named[child.name].append(child)
        email, created = (
            self._reader.read_scalar(scalar, named[name][0], self._reader.root_path)
            if len(named[name]) == 1
            else None
            for name, scalar in (("email", "text"), ("created", "timestamp"))
        )
        return Row(
            email if isinstance(email, str) else None,
            created if isinstance(created, datetime) else None,
            _has_value(named["created"]),
        )

    @cached_property
    def _reader(self) -> Findings:
        """Reads single values; their problems are already in `problems`."""
        document = self._tree[0]
        return Findings(document.text, document.root, self._operation, document.format, None)

    # Locations.

    def whole(self) -> Location:
        """The first character of the root, or of what is there instead."""
        if self.format is None:
            return self.problems[0].location if self.problems else _NOWHERE
        return self._place("", "")

    def record(self, number: int) -> Location:
        """The location of a record."""
        return self._place(f"[{number}]", f"[{number}]")

    def value(self, number: int, name: str) -> Location:
        """The location of a field's value."""
        path = f"[{number}].{name}"
        return self._place(path, path)

    def lacking(self, number: int, name: str) -> Location:
        """The location of a record that lacks a field."""
        return self._place(f"[{number}]", f"[{number}].{name}")

    def field(self, number: int, name: str) -> Location:
        """The location of a field, at its name."""
        if not self._located:
            return _NOWHERE
        document, places = self._tree
        path = f"[{number}].{name}"
        node = next(child for child in self._nodes[number].nodes if child.name == name)
        found = places.get(path)
        assert found is not None
        return document.text.location(node.start, path, found[1])

    def has(self, number: int, name: str) -> bool:
        """Whether a record has a field, even an empty one; False unless `located`."""
        return self._located and any(child.name == name for child in self._nodes[number].nodes)

    def _place(self, key: str, path: str) -> Location:
        if not self._located:
            return _NOWHERE
        document, places = self._tree
        found = places.get(key)
        assert found is not None
        return document.text.location(found[0], path, found[1])

    def _wrong_operation(self, others: Sequence[Method]) -> Problem:
        names = " or ".join(method.name for method in others)
        expected = f"an answer to {self._operation.name}"
        return problem_of("wrong-operation", self.whole(), expected, f"a list of {names}")


def _syntax(document: Document) -> Syntax:
    return FORMATS[document.format].syntax


def _has_value(found: list[Node]) -> bool | None:
    """Whether the field holds more than white space; None if there are several."""
    if len(found) > 1:
        return None
    return any(
        node.kind not in ("string", "element") or bool(node.nodes or node.text.strip(WHITE))
        for node in found
    )


def _format(document: Document, operation: Operation, requested: Format | None) -> Format:
    """The format whose contract applies to a document."""
    if document.format == "json-v3" and not operation.in_v3:
        return "json"
    if document.format == "json" and requested == "json-v3" and not _is_older(document.root):
        return "json-v3"
    return document.format


def _is_older(root: Node) -> bool:
    """Whether JSON is certainly of the older API."""
    if root.kind == "array":
        kinds = {
            child.kind for node in root.nodes for child in node.nodes if child.name == "created"
        }
        return "string" in kinds and "number" not in kinds
    names = {node.name for node in root.nodes}
    if root.kind != "object" or not names & {"message", "errors", "error", "count"}:
        return False
    return "errors" not in names or "message" in names


def _other_lists(root: Node, operation: Operation, format: Format) -> Sequence[Method]:
    """The methods whose list this certainly is, if it is not the operation's.

    XML names its list. In JSON it is certain if every record has all fields that another method
    requires and no unknown ones, and differs from the operation's records in at least two fields,
    one of them unknown there. A single difference may be a fault in the operation's own list (early
    pages show `status` on invalidemails).
    """
    method = operation.method
    if root.kind != "array" or operation.task != "get" or not root.nodes:
        return ()
    if any(node.kind != "object" for node in root.nodes):
        return ()
    keys = {frozenset(child.name for child in node.nodes) for node in root.nodes}
    v3 = format == "json-v3"
    if not all(_is_different(names, method, v3) for names in keys):
        return ()
    found = (op.method for op in candidates(root, operations_in(format)))
    return [
        other
        for other in found
        if other is not method and all(_fits(names, other, v3) for names in keys)
    ]


def _is_different(names: frozenset[str], method: Method, v3: bool) -> bool:
    unknown = names - {field.name for field in method.fields}
    missing = set(method.required(v3=v3)) - names
    return bool(unknown) and len(unknown) + len(missing) >= 2


def _fits(names: frozenset[str], method: Method, v3: bool) -> bool:
    known = {field.name for field in method.fields}
    return set(method.required(v3=v3)) <= names <= known
