"""Reads an answer that is not a list: a result, a single record, or an answer of another operation.

An answer without problems is valid by the shipped schemas and by the rules that no schema can
express. With only `tolerable` problems, it still has one certain meaning, and so a reply.
"""

from __future__ import annotations

from sgformats._model.node import Node
from sgformats._model.shapes import RESULT_KEYS
from sgformats._reading.findings import Findings, describe_kind
from sgformats._reading.records import read_record
from sgformats._reading.results import read_result
from sgformats.errors import quote
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Listing, Reply


def is_list(root: Node, operation: Operation) -> bool:
    """Whether a payload is a list of the operation."""
    if operation.task != "get":
        return False
    return root.kind == "array" or (root.kind == "element" and root.name == operation.method.root)


def read_answer(findings: Findings) -> Reply | None:
    """The reply of a payload that is not a list of the operation; reports its problems."""
    root, method = findings.root, findings.operation.method
    if findings.xml:
        if root.name == "result":
            return read_result(findings, _expected(findings))
        if root.name in (method.root, method.item):
            return _record(findings, alone=root.name == method.item)
        for other in OPERATIONS.values():
            if root.name in (other.method.root, other.method.item):
                findings.report_wrong_operation(f"a list of {other.method.name}")
                return None
    elif root.kind == "array":
        return _record(findings, alone=False)
    elif root.kind == "object":
        names = {node.name for node in root.nodes}
        if names & RESULT_KEYS:
            return read_result(findings, _expected(findings))
        if names & set(method.names):
            return _record(findings, alone=True)
    found = f"the element {quote(root.name)}" if findings.xml else describe_kind(root)
    findings.report("unknown-shape", root.start, findings.root_path, _expected(findings), found)
    return None


def _record(findings: Findings, alone: bool) -> Reply | None:
    """A single record instead of a list of one."""
    root, operation = findings.root, findings.operation
    if operation.task != "get":
        findings.report_wrong_operation("a record" if alone else "a list")
        return None
    path, expected = findings.root_path, _expected(findings)
    findings.report("wrong-type", root.start, path, expected, "one record alone", tolerable=True)
    record = read_record(findings, root, path.same_as("[0]"))
    return Listing(operation.method.name, (record,))


def _expected(findings: Findings) -> str:
    method = findings.operation.method
    if findings.operation.task == "get":
        listing = f"the element {method.root}" if findings.xml else "an array"
        return f"{listing} or a failure"
    return "the element result" if findings.xml else "an object with a message, an error or a count"
