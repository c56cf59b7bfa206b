"""Reads one record and reports every problem with its fields."""

from __future__ import annotations

from typing import Any

from sgformats._model.node import Node
from sgformats._reading.findings import ABSENT, Findings
from sgformats._reading.paths import ValuePath


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
    fields = {field.name: field for field in method.fields}
    required = method.required(v3=findings.format == "json-v3")
    findings.check_required(node, required, path)
    values: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for child in node.nodes:
        name = child.name
        seen[name] = ordinal = seen.get(name, 0) + 1
        inside = path.member(name, ordinal)
        if ordinal > 1:
            findings.report_duplicate(child, inside)
        elif name not in fields:
            findings.report_unknown(child, inside)
        else:
            values[name] = findings.read_scalar(fields[name].scalar, child, inside)
    if ABSENT in values.values() or any(name not in values for name in required):
        return None
    return method.record(**values)
