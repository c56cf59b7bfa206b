"""What a reading of a tree finds: problems with their places, and the values of single nodes.

The vocabulary that lists and results share. It knows that a payload is XML or JSON, so that whoever
reads with it need not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

from sgformats._model.node import Node
from sgformats._model.scalars import LARGEST_NUMBER, LARGEST_SECONDS, SCALARS
from sgformats._model.zones import Zone, ZoneError, to_moment
from sgformats._text.payload import WHITE, Format
from sgformats._text.positions import Text
from sgformats.errors import MAX_PROBLEMS, Problem, Problems, quote, show
from sgformats.operations import Operation

ABSENT: Any = object()
"""Stands for a value that could not be read; None is a value."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_SCHEMA_HINTS = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}"
    for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")
)


class Kept:
    """The first problems in document order, and how many there are; no more than twice `most` at a time.

    `tolerable` tells that all are, also those that are not kept.
    """

    def __init__(self, most: int = MAX_PROBLEMS) -> None:
        self.total = 0
        self.tolerable = True
        self._most = most
        self._found: list[tuple[int, Problem]] = []
        self._last: int | None = None

    def add(self, index: int, problem: Problem) -> None:
        """Adds the problem of a place."""
        self.count(problem.tolerable)
        self._found.append((index, problem))
        if len(self._found) > 2 * self._most:
            self._sort()

    def add_all(self, problems: Problems) -> None:
        """Adds the problems of a part of the payload."""
        for problem in problems:
            self.add(problem.location.offset, problem)
        self.total += problems.total - len(problems)
        self.tolerable &= problems.tolerable

    def count(self, tolerable: bool) -> None:
        """Counts a problem that is not kept."""
        self.total += 1
        self.tolerable &= tolerable

    def is_beyond(self, index: int) -> bool:
        """Whether a problem of this place is not kept."""
        return self._last is not None and index >= self._last

    def in_order(self) -> Problems:
        """The first problems so far, in the order of the places that they point at."""
        self._sort()
        return Problems([problem for _, problem in self._found], self.total, self.tolerable)

    def _sort(self) -> None:
        self._found.sort(key=lambda found: found[0])
        del self._found[self._most :]
        if len(self._found) == self._most:
            self._last = self._found[-1][0]


Places = dict[str, tuple[int, str]]
"""The index and the native path of every value that was read, by its path."""


class Findings:
    """The problems of one payload so far, and the places of the values read from it.

    `places`, where given, is filled with the place of every value.
    """

    def __init__(
        self,
        text: Text,
        root: Node,
        operation: Operation,
        format: Format,
        zone: Zone | None,
        *,
        places: Places | None = None,
        most: int = MAX_PROBLEMS,
    ) -> None:
        self.text = text
        self.root = root
        self.operation = operation
        self.format = format
        self.zone = zone
        self.xml = root.kind == "element"
        self.root_native = f"/{_step(root.name)}" if self.xml else ""
        self.places = places
        self.place("", root.start, self.root_native)
        self.problems = Kept(most)

    def report(
        self,
        rule: str,
        index: int,
        message: str,
        path: str = "",
        native: str | None = None,
        tolerable: bool = False,
    ) -> None:
        """Adds a problem at an index of the text."""
        if self.problems.is_beyond(index):
            self.problems.count(tolerable)
            return
        native = self.root_native if native is None else native
        location = self.text.location(index, show(path), native)
        self.problems.add(index, Problem(rule, "error", message, location, tolerable))

    def place(self, path: str, index: int, native: str) -> None:
        """Notes where a value stands."""
        if self.places is not None:
            self.places[path] = index, native

    def inside(self, native: str, name: str, ordinal: int = 1) -> str:
        """The native path of a member or child element."""
        if self.xml:
            return f"{native}/{_step(name)}" + (f"[{ordinal}]" if ordinal > 1 else "")
        return f"{native}/{show(name).replace('~', '~0').replace('/', '~1')}"

    # What stands where it should not, or does not stand where it should.

    def wrong(self, found: str) -> None:
        """The payload is an answer, but of another operation."""
        message = f"expected an answer to {self.operation.name}, found {found}"
        self.report("wrong-operation", self.root.start, message)

    def refuse(self, index: int, reason: str) -> None:
        """Takes the schema's word against a payload in which nothing else is wrong."""
        self.report("unknown-shape", index, f"refused by the schema: {show(reason, 240)}")

    def layout(self, node: Node, path: str, native: str) -> None:
        """An element that holds elements: no attributes, and only white space between them."""
        self.attributes(node, path, native)
        if node.stray >= 0:
            message = "expected only white space between elements, found text"
            self.report("unexpected-text", node.stray, message, path, native)

    def attributes(self, node: Node, path: str, native: str) -> None:
        """No attribute is the API's own."""
        for name, index in node.attributes:
            if name in _SCHEMA_HINTS:
                continue  # Every XSD lets these through where they are true; nothing follows them.
            where = f"{path}.@{name}" if path else f"@{name}"
            message = f"unexpected attribute {quote(name)}"
            self.report(
                "unknown-attribute", index, message, where, f"{native}/@{_step(name)}", True
            )

    def missing(self, node: Node, required: Iterable[str], path: str, native: str) -> None:
        """Reports each required name that no child has, where the node begins."""
        present = {child.name for child in node.nodes}
        for name in required:
            if name not in present:
                inside = f"{path}.{name}" if path else name
                index = node.start if self.xml else node.at
                self.report("missing-field", index, f"missing field {name}", inside, native)

    def twice(self, node: Node, path: str, native: str) -> None:
        """A name that stood before."""
        message = f"expected {quote(node.name)} once, found it again"
        self.report("duplicate-field", node.start, message, path, native)

    def unknown(self, node: Node, path: str, native: str, tolerable: bool = True) -> None:
        """A name that the contract does not have."""
        what = "element" if self.xml else "field"
        message = f"unexpected {what} {quote(node.name)}"
        self.report("unknown-field", node.start, message, path, native, tolerable)

    def foreign(self, node: Node, path: str, native: str, expected: str) -> None:
        """An element that stands among others of another name: tolerable where it is empty."""
        inside = f"{path}.{node.name}" if path else node.name
        message = f"expected {expected}, found {quote(node.name)}"
        at = self.inside(native, node.name)
        self.report("unknown-field", node.start, message, inside, at, is_empty(node))

    def wrong_type(self, node: Node, expected: str, path: str, native: str) -> None:
        """A value of another type than its field."""
        message = f"expected {expected}, found {kind_in_words(node)}"
        self.report("wrong-type", node.at, message, path, native)

    # Single values.

    def read_text(self, node: Node, path: str, native: str) -> Any:
        """A string's value or an element's text."""
        self.place(path, node.at, native)
        self.attributes(node, path, native)
        if node.kind == "string" or (node.kind == "element" and not node.nodes):
            return node.text
        if node.kind == "element":
            child = node.nodes[0]
            message = f"expected text, found the element {quote(child.name)}"
            self.report("wrong-type", child.start, message, path, native)
        else:
            self.wrong_type(node, "text", path, native)
        return ABSENT

    def read_scalar(self, kind: str, node: Node, path: str, native: str) -> Any:
        """The value that a text stands for; white space around it is tolerable."""
        if kind == "timestamp" and self.format == "json-v3":
            return self._read_seconds(node, path, native)
        if (
            kind == "timestamp"
            and self.operation.in_v3
            and _whole(node, LARGEST_SECONDS) is not None
        ):
            message = 'expected text, found a number, which format="json-v3" reads'
            self.report("wrong-type", node.at, message, path, native)
            return ABSENT
        text = self.read_text(node, path, native)
        if text is ABSENT or kind == "text":
            return text
        scalar = SCALARS[kind]
        try:
            value = scalar.read(text)
        except ValueError:
            try:
                value = scalar.read(text.strip(WHITE))
            except ValueError:
                value = ABSENT
            message = f"expected {scalar.expected}, found {quote(text)}"
            tolerable = value is not ABSENT
            self.report(scalar.rule, node.at, message, path, native, tolerable)
        if self.zone is not None and isinstance(value, datetime):
            try:
                return to_moment(value, self.zone)
            except ZoneError as error:
                message = f"expected one moment of {self.zone.name}, found {quote(text)}, {error}"
                self.report(error.rule, node.at, message, path, native)
                return ABSENT
        return value

    def read_number(self, node: Node, path: str, native: str) -> Any:
        """A JSON number that is whole, and of at most 15 digits."""
        return self._read_whole(node, LARGEST_NUMBER, "invalid-number", path, native)

    def _read_seconds(self, node: Node, path: str, native: str) -> Any:
        """`created` in the successor: "an integer, unix seconds, UTC"."""
        value = self._read_whole(node, LARGEST_SECONDS, "invalid-timestamp", path, native)
        return value if value is ABSENT else _EPOCH + timedelta(seconds=value)

    def _read_whole(self, node: Node, most: int, rule: str, path: str, native: str) -> Any:
        self.place(path, node.at, native)
        if node.kind != "number":
            self.wrong_type(node, "a number", path, native)
            return ABSENT
        number = _whole(node, most)
        if number is not None:
            return number
        message = f"expected a whole number from 0 to {most}, found {quote(node.text)}"
        self.report(rule, node.at, message, path, native)
        return ABSENT


def _whole(node: Node, most: int) -> int | None:
    """A number that is whole and within bounds."""
    number = float(node.text) if node.kind == "number" else -1.0
    return int(number) if number.is_integer() and 0 <= number <= most else None


def is_empty(node: Node) -> bool:
    """Whether an element holds neither elements nor text."""
    return not node.nodes and node.stray < 0


def kind_in_words(node: Node) -> str:
    """A JSON value's type as a message says it."""
    if node.kind == "object" and not node.nodes:
        return "an empty object"
    words = {"object": "an object", "array": "an array", "string": "a string", "number": "a number"}
    return words.get(node.kind, node.kind)


def _step(name: str) -> str:
    """An element's name as a step of an XPath that needs no prefixes."""
    if not name.startswith("{"):
        return show(name)
    namespace, _, local = map(show, name[1:].rpartition("}"))
    return f"*[local-name()='{local}' and namespace-uri()={_literal(namespace)}]"


def _literal(text: str) -> str:
    if "'" not in text:
        return f"'{text}'"
    return "concat(" + ', "\'", '.join(f"'{part}'" for part in text.split("'")) + ")"
