"""Reads single values of a tree and collects problems with their places.

Lists and results share it; it hides the differences between XML and JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol

from sgformats._model.node import Node
from sgformats._model.scalars import EPOCH, LARGEST_NUMBER, LARGEST_SECONDS, SCALARS
from sgformats._model.zones import Zone, ZoneError, to_moment
from sgformats._reading.paths import ValuePath
from sgformats._text.payload import WHITE, Format
from sgformats._text.positions import Text
from sgformats.errors import MAX_PROBLEMS, Problem, Problems, quote, show
from sgformats.operations import Operation
from sgformats.rules import problem_of

_USUAL_PATH = re.compile(r"(?:\[[0-9]{1,15}\])?\.?[a-z_]{0,30}")  # Nothing to hide or to clip.

ABSENT: Any = object()
"""Returned for a value that cannot be read; None is a valid value."""

_SCHEMA_HINTS = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}"
    for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")
)


class FirstProblems:
    """The first `most` problems in document order, and the number of all.

    `tolerable`: all problems are tolerable, also those that are not kept.
    """

    def __init__(self, most: int = MAX_PROBLEMS) -> None:
        self.total = 0
        self.tolerable = True
        self._most = most
        self._found: list[tuple[int, Problem]] = []
        self._last: int | None = None

    def add(self, index: int, problem: Problem) -> None:
        self.count(problem.tolerable)
        self._found.append((index, problem))
        if len(self._found) > 2 * self._most:
            self._sort()

    def add_all(self, problems: Problems) -> None:
        for problem in problems:
            self.add(problem.location.offset, problem)
        self.total += problems.total - len(problems)
        self.tolerable &= problems.tolerable

    def count(self, tolerable: bool) -> None:
        """Count a problem that is not kept."""
        self.total += 1
        self.tolerable &= tolerable

    def is_beyond(self, index: int) -> bool:
        """Whether a problem at this index would not be kept."""
        return self._last is not None and index >= self._last

    def in_order(self) -> Problems:
        """The first problems so far, in document order."""
        self._sort()
        return Problems([problem for _, problem in self._found], self.total, self.tolerable)

    def _sort(self) -> None:
        self._found.sort(key=lambda found: found[0])
        del self._found[self._most :]
        if len(self._found) == self._most:
            self._last = self._found[-1][0]


PlaceTable = dict[str, tuple[int, str]]
"""The index and the native path of values, by their paths."""


class ValuePlaces(Protocol):
    """The places of values: a table, or what finds them when they are asked for."""

    def get(self, path: str, /) -> tuple[int, str] | None:
        """The index and the native path of a value."""


class Findings:
    """The problems of one payload so far.

    `places`, if given, is filled with the place of every value.
    """

    def __init__(
        self,
        text: Text,
        root: Node,
        operation: Operation,
        format: Format,
        zone: Zone | None,
        *,
        places: PlaceTable | None = None,
        most: int = MAX_PROBLEMS,
    ) -> None:
        self.text = text
        self.root = root
        self.operation = operation
        self.format = format
        self.zone = zone
        self.xml = root.kind == "element"
        self.root_path = ValuePath(self.xml, None, "", root.name if self.xml else None)
        self.places = places
        self.add_place(self.root_path, root.start)
        self.problems = FirstProblems(most)

    def report(
        self,
        rule: str,
        index: int,
        path: ValuePath,
        expected: str,
        found: str = "",
        *,
        tolerable: bool = False,
    ) -> None:
        """Add a problem at an index of the text."""
        if self.problems.is_beyond(index):
            self.problems.count(tolerable)
            return
        shown = str(path)
        if _USUAL_PATH.fullmatch(shown) is None:
            shown = show(shown)
        location = self.text.location(index, shown, path.native)
        problem = problem_of(rule, location, expected, found, tolerable=tolerable)
        self.problems.add(index, problem)

    def add_place(self, path: ValuePath, index: int) -> None:
        if self.places is not None:
            self.places[str(path)] = index, path.native

    def report_wrong_operation(self, found: str) -> None:
        expected = f"an answer to {self.operation.name}"
        self.report("wrong-operation", self.root.start, self.root_path, expected, found)

    def report_refusal(self, index: int, reason: str) -> None:
        """Report that the schema refuses a payload without other problems."""
        expected = "a payload that the schema accepts"
        self.report("unknown-shape", index, self.root_path, expected, show(reason, 240))

    def check_container(self, node: Node, path: ValuePath) -> None:
        """Report attributes and text in an element that may hold only elements."""
        self.check_attributes(node, path)
        if node.stray >= 0:
            self.report_text(node.stray, path)

    def report_text(self, index: int, path: ValuePath) -> None:
        expected = "only white space between elements"
        self.report("unexpected-text", index, path, expected, "text")

    def check_attributes(self, node: Node, path: ValuePath) -> None:
        """Report attributes: no element of the API has any."""
        for name, index in node.attributes:
            if name in _SCHEMA_HINTS:
                continue  # Every XSD accepts these if they are valid; they are never followed.
            found = f"attribute {quote(name)}"
            self.report("unknown-attribute", index, path.attribute(name), "", found, tolerable=True)

    def check_required(self, node: Node, required: Iterable[str], path: ValuePath) -> None:
        """Report each required field that is missing, at the start of the node."""
        present = {child.name for child in node.nodes}
        for name in required:
            if name not in present:
                index = node.start if self.xml else node.at
                missing = path.same_as(f".{name}")
                self.report("missing-field", index, missing, f"field {name}")

    def report_duplicate(self, node: Node, path: ValuePath) -> None:
        found = f"{quote(node.name)} again"
        self.report("duplicate-field", node.start, path, "each field once", found)

    def report_unknown(self, node: Node, path: ValuePath, tolerable: bool = True) -> None:
        found = f"{'element' if self.xml else 'field'} {quote(node.name)}"
        self.report("unknown-field", node.start, path, "", found, tolerable=tolerable)

    def report_wrong_element(self, node: Node, path: ValuePath, expected: str) -> None:
        """Report an element with another name than its siblings; tolerable if it is empty."""
        inside, found = path.member(node.name), quote(node.name)
        tolerable = is_empty(node)
        self.report("unknown-field", node.start, inside, expected, found, tolerable=tolerable)

    def report_type(self, node: Node, expected: str, path: ValuePath) -> None:
        self.report("wrong-type", node.at, path, expected, describe_kind(node))

    def read_text(self, node: Node, path: ValuePath) -> Any:
        """A string's value or an element's text."""
        self.add_place(path, node.at)
        self.check_attributes(node, path)
        if node.kind == "string" or (node.kind == "element" and not node.nodes):
            return node.text
        if node.kind == "element":
            child = node.nodes[0]
            found = f"the element {quote(child.name)}"
            self.report("wrong-type", child.start, path, "text", found)
        else:
            self.report_type(node, "text", path)
        return ABSENT

    def read_scalar(self, kind: str, node: Node, path: ValuePath) -> Any:
        """The value of a scalar of that kind; white space around it is tolerable."""
        if kind == "timestamp" and self.format == "json-v3":
            return self._read_seconds(node, path)
        if (
            kind == "timestamp"
            and self.operation.in_v3
            and _whole_number(node, LARGEST_SECONDS) is not None
        ):
            found = 'a number, which format="json-v3" reads'
            self.report("wrong-type", node.at, path, "text", found)
            return ABSENT
        text = self.read_text(node, path)
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
            tolerable = value is not ABSENT
            found = quote(text)
            self.report(scalar.rule, node.at, path, scalar.expected, found, tolerable=tolerable)
        if self.zone is not None and isinstance(value, datetime):
            try:
                return to_moment(value, self.zone)
            except ZoneError as error:
                expected, found = f"one moment of {self.zone.name}", f"{quote(text)}, {error}"
                self.report(error.rule, node.at, path, expected, found)
                return ABSENT
        return value

    def read_number(self, node: Node, path: ValuePath) -> Any:
        """A whole JSON number of at most 15 digits."""
        return self._read_whole(node, LARGEST_NUMBER, "invalid-number", path)

    def _read_seconds(self, node: Node, path: ValuePath) -> Any:
        """`created` in JSON v3: "an integer, unix seconds, UTC"."""
        value = self._read_whole(node, LARGEST_SECONDS, "invalid-timestamp", path)
        return value if value is ABSENT else EPOCH + timedelta(seconds=value)

    def _read_whole(self, node: Node, most: int, rule: str, path: ValuePath) -> Any:
        self.add_place(path, node.at)
        if node.kind != "number":
            self.report_type(node, "a number", path)
            return ABSENT
        number = _whole_number(node, most)
        if number is not None:
            return number
        expected = f"a whole number from 0 to {most}"
        self.report(rule, node.at, path, expected, quote(node.text))
        return ABSENT


def _whole_number(node: Node, most: int) -> int | None:
    """The number of a node, or None if it is not a whole number from 0 to `most`."""
    number = float(node.text) if node.kind == "number" else -1.0
    return int(number) if number.is_integer() and 0 <= number <= most else None


def is_empty(node: Node) -> bool:
    """Whether an element has neither elements nor text inside."""
    return not node.nodes and node.stray < 0


def describe_kind(node: Node) -> str:
    """A JSON value's type in words."""
    if node.kind == "object" and not node.nodes:
        return "an empty object"
    words = {"object": "an object", "array": "an array", "string": "a string", "number": "a number"}
    return words.get(node.kind, node.kind)
