"""Reads one record, or another object of fields, and reports every problem with its fields."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from typing import Any

from sgformats._model.node import Node
from sgformats._reading.findings import ABSENT, Findings
from sgformats._reading.paths import ValuePath

Read = Callable[[Node, ValuePath], Any]


def read_item(findings: Findings, node: Node, number: int) -> Any:
    """The record of a list's item; None if it has no certain meaning."""
    return read_record(findings, node, findings.root_path.item(number, node.name))


def read_record(findings: Findings, node: Node, path: ValuePath) -> Any:
    """The record of an element or object; None if it has no certain meaning."""
    findings.add_place(path, node.start)
    if node.kind not in ("object", "element"):
        findings.report_type(node, "an object", path)
        return None
    if findings.xml:
        findings.check_container(node, path)
    method = findings.operation.method
    fields = {field.name: partial(findings.read_scalar, field.scalar) for field in method.fields}
    required = method.required(v3=findings.format == "json-v3")
    values = read_members(findings, node, path, fields, required)
    return None if values is None else method.record(**values)


def read_members(
    findings: Findings,
    node: Node,
    path: ValuePath,
    known: Mapping[str, Read],
    required: Iterable[str],
    forbidden: Container[str] = (),
) -> dict[str, Any] | None:
    """The values of the `known` members; None if one that is there or `required` cannot be read.

    Other members are unknown, and not tolerable if `forbidden`.
    """
    findings.check_required(node, required, path)
    values: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for child in node.nodes:
        name = child.name
        seen[name] = ordinal = seen.get(name, 0) + 1
        inside = path.member(name, ordinal)
        if ordinal > 1:
            findings.report_duplicate(child, inside)
        elif name in known:
            values[name] = known[name](child, inside)
        else:
            findings.report_unknown(child, inside, tolerable=name not in forbidden)
    is_whole = ABSENT not in values.values() and all(name in values for name in required)
    return values if is_whole else None
