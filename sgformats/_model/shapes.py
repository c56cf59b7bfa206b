"""Which operations a payload can answer, judged by its elements and keys alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sgformats._model.node import LazyNodes, Node
from sgformats._model.outcomes import SUCCESS_TASKS
from sgformats._text.payload import Format
from sgformats.operations import OPERATIONS, Operation

RESULT_KEYS = frozenset(("message", "errors", "error", "count"))
"""An object with one of these keys is a result, not a record."""


def operations_in(format: Format | None) -> tuple[Operation, ...]:
    """The operations that can have answers in a format."""
    return tuple(op for op in OPERATIONS.values() if op.in_v3 or format != "json-v3")


def is_v3(root: Node) -> bool:
    """Whether a JSON payload is from API v3.

    All its records begin with a `created` in seconds, and its errors are objects. A number instead
    of a timestamp elsewhere is a mistake in a payload of the older API.
    """
    if root.kind == "array":
        return bool(root.nodes) and all(map(_is_record_of_v3, root.nodes))
    names = {node.name for node in root.nodes}
    if not names & RESULT_KEYS:
        return _is_record_of_v3(root)
    return "message" not in names and any(
        error.kind == "object"
        for node in root.nodes
        if node.name == "errors"
        for error in node.nodes
    )


def items_of(root: Node, name: str) -> Sequence[Node]:
    """The records of a list; in XML, the elements of that name."""
    nodes = root.nodes
    if root.kind == "array":
        return nodes
    if isinstance(nodes, LazyNodes):
        return nodes.named(name)
    return [node for node in nodes if node.name == name]


def _is_record_of_v3(node: Node) -> bool:
    first = node.nodes[0] if node.kind == "object" and node.nodes else None
    return first is not None and first.name == "created" and first.kind == "number"


def candidates(root: Node, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Those of `operations` that a payload can answer, in their order; empty if none.

    Several lists can look alike. Failures look alike for all operations; a success answers only
    `delete` and `add`, a count only `count`.
    """
    gets = tuple(operation for operation in operations if operation.task == "get")
    if root.kind == "element":
        if root.name == "result":
            return _of_result({node.name for node in root.nodes}, operations)
        return tuple(op for op in gets if root.name in (op.method.root, op.method.item))
    if root.kind == "array":
        keys = {
            frozenset(child.name for child in node.nodes)
            for node in root.nodes
            if node.kind == "object"
        }
        return _of_records(keys, gets)
    if root.kind == "object":
        names = frozenset(node.name for node in root.nodes)
        if names & RESULT_KEYS:
            return _of_result(names, operations)
        fitting = _of_records({names}, gets)
        known = {field.name for op in fitting for field in op.method.fields}
        return fitting if names & known else ()
    return ()


def _of_result(names: Iterable[str], operations: Sequence[Operation]) -> tuple[Operation, ...]:
    tasks = ("count",) if "count" in names else SUCCESS_TASKS
    return tuple(operation for operation in operations if operation.task in tasks)


def _of_records(keys: set[frozenset[str]], gets: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The lists with the fewest missing required fields, then with the fewest unknown ones."""

    def distance(operation: Operation) -> tuple[int, int]:
        fields = {field.name for field in operation.method.fields}
        required = {field.name for field in operation.method.fields if field.required}
        missing = sum(len(required - names) for names in keys)
        return missing, sum(len(names - fields) for names in keys)

    nearest = min(map(distance, gets))
    return tuple(operation for operation in gets if distance(operation) == nearest)
