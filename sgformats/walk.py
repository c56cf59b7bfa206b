"""The contract, held against a tree of nodes: every problem, in document order, and the reply.

One walk serves XML and JSON. It reads what an operation's entry declares and knows no method; what
it accepts without a problem is what the shipped schemas accept, plus the rules that no schema can
say. What has a problem that is `tolerable` still has one certain meaning, and so a reply.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sgformats.errors import Problem, quote
from sgformats.operations import OPERATIONS, Field, Operation
from sgformats.payload import WHITE, Text
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.scalars import LARGEST_NUMBER, SCALARS
from sgformats.tree import Node

_FORMS = {"message": "words", "errors": "words", "error": "error", "count": "count"}
_RESULT_WORDS = frozenset(("message", "errors", "error", "count", "code", "result"))
_ABSENT = object()
_SCHEMA_HINTS = frozenset(
    f"{{http://www.w3.org/2001/XMLSchema-instance}}{name}"
    for name in ("type", "schemaLocation", "noNamespaceSchemaLocation")
)


class Walk:
    """One reading of a tree as an operation's answer.

    `reply` is None where the payload has no certain meaning; `problems` holds every departure from
    the contract. `places` maps a value's path to its index and native path.
    """

    def __init__(self, text: Text, root: Node, operation: Operation) -> None:
        self.text = text
        self.root = root
        self.operation = operation
        self.xml = root.kind == "element"
        self.places: dict[str, tuple[int, str]] = {}
        self.found: list[tuple[int, Problem]] = []
        self.reply: Reply | None = self._read()
        if any(not problem.tolerable for _, problem in self.found):
            self.reply = None

    @property
    def problems(self) -> list[Problem]:
        """All problems, in the order of the places that they point at."""
        return [problem for _, problem in sorted(self.found, key=lambda found: found[0])]

    def refuse(self, reason: str) -> None:
        """Takes the schema's word against a payload in which the walk found nothing."""
        self._report("unknown-shape", self.root.start, f"refused by the schema: {reason}")
        self.reply = None

    # Reporting.

    def _report(
        self,
        rule: str,
        index: int,
        message: str,
        path: str = "",
        native: str | None = None,
        tolerable: bool = False,
    ) -> None:
        native = self._root_native if native is None else native
        location = self.text.location(index, path, native)
        self.found.append((index, Problem(rule, "error", message, location, tolerable)))

    @property
    def _root_native(self) -> str:
        return f"/{self.root.name}" if self.xml else ""

    def _inside(self, native: str, name: str, ordinal: int = 1) -> str:
        if self.xml:
            return f"{native}/{name}[{ordinal}]" if ordinal > 1 else f"{native}/{name}"
        return f"{native}/{name.replace('~', '~0').replace('/', '~1')}"

    def _mark(self, path: str, index: int, native: str) -> None:
        self.places[path] = (index, native)

    # The payload as a whole.

    def _read(self) -> Reply | None:
        root, method = self.root, self.operation.method
        index = root.start
        self._mark("", index, self._root_native)
        if self.xml:
            if root.name == "result":
                return self._result(root)
            if root.name == method.root or root.name == method.item:
                return self._list_of(root, root.name == method.item)
            for other in OPERATIONS.values():
                if root.name in (other.method.root, other.method.item):
                    self._wrong(f"a list of {other.method.name}")
                    return None
        elif root.kind == "array":
            return self._list_of(root, False)
        elif root.kind == "object":
            names = {node.name for node in root.nodes}
            if names & {"message", "errors", "error", "count"}:
                return self._result(root)
            if names & {field.name for field in method.fields}:
                return self._list_of(root, True)
        found = f"the element {quote(root.name)}" if self.xml else _kind_in_words(root)
        self._report("unknown-shape", index, f"expected {self._expected()}, found {found}")
        return None

    def _expected(self) -> str:
        method = self.operation.method
        if self.operation.task == "get":
            listing = f"the element {method.root}" if self.xml else "an array"
            return f"{listing} or a failure"
        return "the element result" if self.xml else "an object with a message, an error or a count"

    def _wrong(self, found: str) -> None:
        expected = f"an answer to {self.operation.name}"
        self._report("wrong-operation", self.root.start, f"expected {expected}, found {found}")

    # Lists.

    def _list_of(self, root: Node, single: bool) -> Listing[Any] | None:
        method = self.operation.method
        if self.operation.task != "get":
            self._wrong("a list" if not single else "a record")
            return None
        records = []
        if single:
            message = f"expected {self._expected()}, found one record alone"
            self._report("wrong-type", root.start, message, tolerable=True)
            records.append(self._record(root, "[0]", self._root_native))
            return Listing(method.name, tuple(records))
        if self.xml:
            self._layout(root, "", self._root_native)
        for node in root.nodes:
            if self.xml and node.name != method.item:
                self._foreign(node, "", self._root_native, f"the element {method.item}")
                continue
            number = len(records)
            path = f"[{number}]"
            native = (
                f"/{method.root}/{method.item}[{number + 1}]" if self.xml else f"/{number}"
            )
            records.append(self._record(node, path, native))
        return Listing(method.name, tuple(records))

    def _record(self, node: Node, path: str, native: str) -> Any:
        self._mark(path, node.start, native)
        if node.kind not in ("object", "element"):
            message = f"expected an object, found {_kind_in_words(node)}"
            self._report("wrong-type", node.at, message, path, native)
            return None
        if self.xml:
            self._layout(node, path, native)
        declared = {field.name: field for field in self.operation.method.fields}
        values: dict[str, Any] = {}
        seen: dict[str, int] = {}
        self._missing(node, (f.name for f in declared.values() if f.required), path, native)
        for child in node.nodes:
            name = child.name
            seen[name] = ordinal = seen.get(name, 0) + 1
            inside = f"{path}.{name}"
            if ordinal > 1:
                self._twice(child, inside, self._inside(native, name, ordinal))
            elif name not in declared:
                self._unknown(child, inside, self._inside(native, name))
            else:
                at = self._inside(native, name)
                values[name] = self._scalar(child, declared[name], inside, at)
        if _ABSENT in values.values() or any(
            field.required and field.name not in values for field in declared.values()
        ):
            return None
        return self.operation.method.record(**values)

    def _scalar(self, node: Node, field: Field, path: str, native: str) -> Any:
        text = self._text(node, path, native)
        if text is None or field.scalar == "text":
            return _ABSENT if text is None else text
        return self._read_scalar(field.scalar, text, node, path, native)

    def _read_scalar(self, kind: str, text: str, node: Node, path: str, native: str) -> Any:
        scalar = SCALARS[kind]
        try:
            return scalar.read(text)
        except ValueError:
            pass
        try:
            value = scalar.read(text.strip(WHITE))
        except ValueError:
            value = _ABSENT
        message = f"expected {scalar.expected}, found {quote(text)}"
        self._report(scalar.rule, node.at, message, path, native, tolerable=value is not _ABSENT)
        return value

    def _text(self, node: Node, path: str, native: str) -> str | None:
        """A string's value or an element's text; anything else is of the wrong type."""
        self._mark(path, node.at, native)
        for name, index in node.attributes:
            self._attribute(name, index, path, native)
        if node.kind == "string" or (node.kind == "element" and not node.nodes):
            return node.text
        if node.kind == "element":
            child = node.nodes[0]
            message = f"expected text, found the element {quote(child.name)}"
            self._report("wrong-type", child.start, message, path, native)
        else:
            message = f"expected text, found {_kind_in_words(node)}"
            self._report("wrong-type", node.at, message, path, native)
        return None

    # What stands where it should not, or does not stand where it should.

    def _layout(self, node: Node, path: str, native: str) -> None:
        for name, index in node.attributes:
            self._attribute(name, index, path, native)
        if node.stray >= 0:
            message = "expected only white space between elements, found text"
            self._report("unexpected-text", node.stray, message, path, native)

    def _attribute(self, name: str, index: int, path: str, native: str) -> None:
        if name in _SCHEMA_HINTS:
            return  # Every XSD lets these through where they are true; nothing follows them.
        message = f"unexpected attribute {quote(name)}"
        where = f"{path}.@{name}" if path else f"@{name}"
        self._report("unknown-attribute", index, message, where, f"{native}/@{name}", True)

    def _missing(self, node: Node, required: Iterable[str], path: str, native: str) -> None:
        present = {child.name for child in node.nodes}
        for name in required:
            if name not in present:
                inside = f"{path}.{name}" if path else name
                index = node.start if self.xml else node.at
                self._report("missing-field", index, f"missing field {name}", inside, native)

    def _twice(self, node: Node, path: str, native: str) -> None:
        message = f"expected {node.name} once, found it again"
        self._report("duplicate-field", node.start, message, path, native)

    def _unknown(self, node: Node, path: str, native: str, tolerable: bool = True) -> None:
        what = "element" if self.xml else "field"
        message = f"unexpected {what} {quote(node.name)}"
        self._report("unknown-field", node.start, message, path, native, tolerable)

    def _foreign(self, node: Node, path: str, native: str, expected: str) -> None:
        """An element that stands among others of another name: tolerable where it is empty."""
        inside = f"{path}.{node.name}" if path else node.name
        message = f"expected {expected}, found {quote(node.name)}"
        at = self._inside(native, node.name)
        self._report("unknown-field", node.start, message, inside, at, _is_empty(node))

    # Results.

    def _result(self, root: Node) -> Reply | None:
        native = self._root_native
        known: list[Node] = []
        for name, index in root.attributes:
            self._attribute(name, index, "", native)
        seen: dict[str, int] = {}
        for node in root.nodes:
            seen[node.name] = seen.get(node.name, 0) + 1
            at = self._inside(native, node.name, seen[node.name])
            if node.name in ("message", "errors", "count") or (node.name == "error" and not self.xml):
                known.append(node)
            elif self.xml and _is_empty(node):
                self._unknown(node, node.name, at)
            elif node.name in _RESULT_WORDS and self.xml:
                self._mixed(node.start, f"the element {quote(node.name)}", node.name, at)
            elif seen[node.name] > 1:
                self._twice(node, node.name, at)
            else:
                self._unknown(node, node.name, at, tolerable=root.stray < 0)
        if root.stray >= 0:
            return self._text_result(root, known)
        if not known:
            found = "an empty result" if self.xml else "an empty object"
            message = f"expected {self._expected()}, found {found}"
            self._report("unknown-shape", root.start, message)
            return None
        form = _FORMS[known[0].name]
        for node in known:
            if _FORMS[node.name] != form:
                self._mixed(node.start, quote(node.name), node.name, self._inside(native, node.name))
                return None
        if form == "words":
            return self._words(known, native)
        for number, node in enumerate(known[1:], 2):
            self._twice(node, form, self._inside(native, form, number))
        return self._count(known[0], native) if form == "count" else self._error(known[0], native)

    def _mixed(self, index: int, found: str, path: str, native: str) -> None:
        message = f"expected one form of result, found {found} beside another"
        self._report("unknown-shape", index, message, path, native)

    def _text_result(self, root: Node, known: list[Node]) -> Reply | None:
        """`<result>success</result>`: "older", with white space around that is layout."""
        index = root.tail if root.tail >= 0 else root.stray
        if known or root.tail >= 0:
            self._mixed(index, "text", "", self._root_native)
            return None
        self._mark("message", root.stray, self._root_native)
        return self._outcome(root.text.strip(WHITE), ())

    def _outcome(self, message: str, errors: tuple[str, ...]) -> Reply | None:
        if message.strip(WHITE) != "success" or errors:
            return Failure(message, errors)
        if self.operation.task in ("get", "count"):
            self._wrong("a success")
            return None
        return Success(message)

    def _words(self, known: list[Node], native: str) -> Reply | None:
        """`message`, with or without `errors`; in XML also `error` and the message behind it."""
        messages = [node for node in known if node.name == "message"]
        lists = [node for node in known if node.name == "errors"]
        if not messages:
            self._missing(self.root, ("message",), "", native)
        values = [
            self._text(node, "message", self._inside(native, "message", number))
            for number, node in enumerate(messages, 1)
        ]
        bare = self.xml and not lists and len(values) > 1 and (values[0] or "").strip(WHITE) == "error"
        for number, node in enumerate(messages[1 + bare :], 2 + bare):
            self._twice(node, "message", self._inside(native, "message", number))
        errors: tuple[str, ...] | None = ()
        for number, node in enumerate(lists, 1):
            inside = self._inside(native, "errors", number)
            if number > 1:
                self._twice(node, "errors", inside)
            else:
                errors = self._errors(node, inside)
        if not messages or None in values or errors is None:
            return None
        if bare:
            return Failure(values[1] or "")
        return self._outcome(values[0] or "", errors)

    def _errors(self, node: Node, native: str) -> tuple[str, ...] | None:
        self._mark("errors", node.at, native)
        if node.kind not in ("array", "element"):
            message = f"expected an array, found {_kind_in_words(node)}"
            self._report("wrong-type", node.at, message, "errors", native)
            return None
        if self.xml:
            self._layout(node, "errors", native)
        texts: list[str | None] = []
        for child in node.nodes:
            if self.xml and child.name != "error":
                self._foreign(child, "errors", native, "the element error")
                continue
            number = len(texts)
            inside = f"{native}/error[{number + 1}]" if self.xml else f"{native}/{number}"
            texts.append(self._text(child, f"errors[{number}]", inside))
        certain = tuple(text for text in texts if text is not None)
        return certain if len(certain) == len(texts) else None

    def _error(self, node: Node, native: str) -> Failure | None:
        """`{"error": …}`: bare text, or an object with a code and a message."""
        native = self._inside(native, "error")
        if node.kind != "object":
            text = self._text(node, "error", native)
            return None if text is None else Failure(text)
        self._mark("error", node.at, native)
        self._missing(node, ("code", "message"), "error", native)
        message: str | None = None
        code: Any = _ABSENT
        seen: set[str] = set()
        for child in node.nodes:
            path, inside = f"error.{child.name}", self._inside(native, child.name)
            if child.name in seen:
                self._twice(child, path, inside)
            elif child.name == "message":
                message = self._text(child, path, inside)
            elif child.name == "code":
                code = self._number(child, path, inside)
            else:
                self._unknown(child, path, inside)
            seen.add(child.name)
        if message is None or code is _ABSENT:
            return None
        return Failure(message, (), code)

    def _count(self, node: Node, native: str) -> Count | None:
        native = self._inside(native, "count")
        if self.operation.task != "count":
            self._wrong("a count")
            return None
        if node.kind == "number":
            value = self._number(node, "count", native)
        else:
            text = self._text(node, "count", native)
            if text is None:
                return None
            value = self._read_scalar("number", text, node, "count", native)
        return None if value is _ABSENT else Count(value)

    def _number(self, node: Node, path: str, native: str) -> Any:
        self._mark(path, node.at, native)
        if node.kind != "number":
            message = f"expected a number, found {_kind_in_words(node)}"
            self._report("wrong-type", node.at, message, path, native)
            return _ABSENT
        number = float(node.text)
        if number.is_integer() and 0 <= number <= LARGEST_NUMBER:
            return int(number)
        message = f"expected a whole number of 1 to 15 digits, found {quote(node.text)}"
        self._report("invalid-number", node.at, message, path, native)
        return _ABSENT


def _is_empty(node: Node) -> bool:
    return not node.nodes and node.stray < 0


def _kind_in_words(node: Node) -> str:
    if node.kind == "object" and not node.nodes:
        return "an empty object"
    words = {"object": "an object", "array": "an array", "string": "a string", "number": "a number"}
    return words.get(node.kind, node.kind)
