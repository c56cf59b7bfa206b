"""One record: its fields, and every problem with them."""

from __future__ import annotations

from typing import Any

from sgformats._model.node import Node
from sgformats._reading.findings import ABSENT, Findings


def read_item(findings: Findings, node: Node, number: int) -> Any:
    """The record that the item of that number means; None where it has no certain meaning."""
    native = f"{findings.root_native}/{node.name}[{number + 1}]" if findings.xml else f"/{number}"
    return read_record(findings, node, f"[{number}]", native)


def read_record(findings: Findings, node: Node, path: str, native: str) -> Any:
    """The record that an element or an object means; None where it has no certain meaning."""
    findings.place(path, node.start, native)
    if node.kind not in ("object", "element"):
        findings.wrong_type(node, "an object", path, native)
        return None
    if findings.xml:
        findings.layout(node, path, native)
    method = findings.operation.method
    fields = {field.name: field for field in method.fields}
    required = method.required(v3=findings.format == "json-v3")
    findings.missing(node, required, path, native)
    values: dict[str, Any] = {}
    seen: dict[str, int] = {}
    for child in node.nodes:
        name = child.name
        seen[name] = ordinal = seen.get(name, 0) + 1
        inside = f"{path}.{name}"
        at = findings.inside(native, name, ordinal)
        if ordinal > 1:
            findings.twice(child, inside, at)
        elif name not in fields:
            findings.unknown(child, inside, at)
        else:
            values[name] = findings.read_scalar(fields[name].scalar, child, inside, at)
    if ABSENT in values.values() or any(name not in values for name in required):
        return None
    return method.record(**values)
