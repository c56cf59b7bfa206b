"""Which operations a payload can be an answer of, by its elements and keys alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sgformats._model.node import Node
from sgformats.operations import Operation

RESULT_KEYS = frozenset(("message", "errors", "error", "count"))
"""An object with one of these is a result, not a record."""


def is_v3(root: Node) -> bool:
    """Whether a payload shows that the API's successor wrote it.

    Its records begin with a `created` in seconds, each of them, and its errors are objects. A number
    in place of a timestamp elsewhere is a mistake, not a sign.
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


def _is_record_of_v3(node: Node) -> bool:
    first = node.nodes[0] if node.kind == "object" and node.nodes else None
    return first is not None and first.name == "created" and first.kind == "number"


def candidates(root: Node, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Those of some operations that can have been answered so, in their order.

    Several lists can look alike; results and failures read alike for every operation but for a
    count and a success. Empty where no operation answers with anything of the kind.
    """
    gets = tuple(operation for operation in operations if operation.task == "get")
    if root.kind == "element":
        if root.name == "result":
            return _of_result({node.name for node in root.nodes}, operations)
        names = root.name
        return tuple(op for op in gets if names in (op.method.root, op.method.item))
    if root.kind == "array":
        keys = {
            frozenset(child.name for child in node.nodes)
            for node in root.nodes
            if node.kind == "object"
        }
        return _of_records(keys, gets)
    if root.kind == "object":
        names_of = frozenset(node.name for node in root.nodes)
        if names_of & RESULT_KEYS:
            return _of_result(names_of, operations)
        fitting = _of_records({names_of}, gets)
        known = {field.name for op in fitting for field in op.method.fields}
        return fitting if names_of & known else ()
    return ()


def _of_result(names: Iterable[str], operations: Sequence[Operation]) -> tuple[Operation, ...]:
    counting = "count" in names
    return tuple(
        operation
        for operation in operations
        if (operation.task == "count" if counting else operation.task in ("delete", "add"))
    )


def _of_records(keys: set[frozenset[str]], gets: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The lists whose fields come nearest: fewest required ones missing, then fewest unknown."""

    def distance(operation: Operation) -> tuple[int, int]:
        fields = {field.name for field in operation.method.fields}
        required = {field.name for field in operation.method.fields if field.required}
        missing = sum(len(required - names) for names in keys)
        return missing, sum(len(names - fields) for names in keys)

    nearest = min(map(distance, gets))
    return tuple(operation for operation in gets if distance(operation) == nearest)
