"""Which operations a payload can be an answer of, by its elements and keys alone."""

from __future__ import annotations

from collections.abc import Iterable

from sgformats.operations import OPERATIONS, Operation
from sgformats.tree import Node


def candidates(root: Node) -> tuple[Operation, ...]:
    """The operations that can have been answered so, in the order of the table.

    Several lists can look alike; results and failures read alike for every operation but for a
    count and a success. Empty where no operation answers with anything of the kind.
    """
    operations = tuple(OPERATIONS.values())
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
        if names_of & {"message", "errors", "error", "count"}:
            return _of_result(names_of, operations)
        fitting = _of_records({names_of}, gets)
        known = {field.name for op in fitting for field in op.method.fields}
        return fitting if names_of & known else ()
    return ()


def _of_result(names: Iterable[str], operations: tuple[Operation, ...]) -> tuple[Operation, ...]:
    counting = "count" in names
    return tuple(
        operation
        for operation in operations
        if (operation.task == "count" if counting else operation.task in ("delete", "add"))
    )


def _of_records(
    keys: set[frozenset[str]], gets: tuple[Operation, ...]
) -> tuple[Operation, ...]:
    """The lists whose fields come nearest: fewest required ones missing, then fewest unknown."""

    def distance(operation: Operation) -> tuple[int, int]:
        fields = {field.name for field in operation.method.fields}
        required = {field.name for field in operation.method.fields if field.required}
        missing = sum(len(required - names) for names in keys)
        return missing, sum(len(names - fields) for names in keys)

    nearest = min(map(distance, gets))
    return tuple(operation for operation in gets if distance(operation) == nearest)
