"""The contract, held against a tree of nodes: every problem, in document order, and the reply.

One walk serves XML and JSON. It reads what an operation's entry declares and knows no method; what
it accepts without a problem is what the shipped schemas accept, plus the rules that no schema can
say. What has a problem that is `tolerable` still has one certain meaning, and so a reply.
"""

from __future__ import annotations

from typing import Any

from sgformats._model.node import Node
from sgformats._model.shapes import RESULT_KEYS
from sgformats._model.zones import Zone
from sgformats._reading.findings import ABSENT, Findings, kind_in_words
from sgformats._reading.results import read_result
from sgformats._text.payload import Format, Text
from sgformats.errors import MAX_PROBLEMS, Problems, quote, show
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Listing, Reply


class Walk:
    """One reading of a tree as an operation's answer.

    `reply` is None where the payload has no certain meaning; `problems` holds every departure from
    the contract. `places`, if asked for, maps a value's path to its index and native path.
    """

    def __init__(
        self,
        text: Text,
        root: Node,
        operation: Operation,
        format: Format,
        zone: Zone | None = None,
        *,
        places: bool = False,
        most: int = MAX_PROBLEMS,
    ) -> None:
        self._findings = findings = Findings(
            text, root, operation, format, zone, places=places, most=most
        )
        reply = _read(findings)
        self.reply: Reply | None = reply if findings.problems.tolerable else None

    @property
    def places(self) -> dict[str, tuple[int, str]]:
        """The places, which were asked for."""
        assert self._findings.places is not None
        return self._findings.places

    @property
    def problems(self) -> Problems:
        """The problems, in the order of the places that they point at."""
        return self._findings.problems.in_order()

    @property
    def clean(self) -> bool:
        """Whether there is no problem at all."""
        return not self._findings.problems.total

    def refuse(self, reason: str) -> None:
        """Takes the schema's word against a payload in which the walk found nothing."""
        start = self._findings.root.start
        self._findings.report("unknown-shape", start, f"refused by the schema: {show(reason, 240)}")
        self.reply = None


def _read(findings: Findings) -> Reply | None:
    """The payload as a whole: a list, a result, or neither."""
    root, method = findings.root, findings.operation.method
    if findings.xml:
        if root.name == "result":
            return read_result(findings, _expected(findings))
        if root.name in (method.root, method.item):
            return _list(findings, single=root.name == method.item)
        for other in OPERATIONS.values():
            if root.name in (other.method.root, other.method.item):
                findings.wrong(f"a list of {other.method.name}")
                return None
    elif root.kind == "array":
        return _list(findings, single=False)
    elif root.kind == "object":
        names = {node.name for node in root.nodes}
        if names & RESULT_KEYS:
            return read_result(findings, _expected(findings))
        if names & {field.name for field in method.fields}:
            return _list(findings, single=True)
    found = f"the element {quote(root.name)}" if findings.xml else kind_in_words(root)
    message = f"expected {_expected(findings)}, found {found}"
    findings.report("unknown-shape", root.start, message)
    return None


def _expected(findings: Findings) -> str:
    method = findings.operation.method
    if findings.operation.task == "get":
        listing = f"the element {method.root}" if findings.xml else "an array"
        return f"{listing} or a failure"
    return "the element result" if findings.xml else "an object with a message, an error or a count"


def _list(findings: Findings, single: bool) -> Listing[Any] | None:
    root, method, native = findings.root, findings.operation.method, findings.root_native
    if findings.operation.task != "get":
        findings.wrong("a record" if single else "a list")
        return None
    if single:
        message = f"expected {_expected(findings)}, found one record alone"
        findings.report("wrong-type", root.start, message, tolerable=True)
        return Listing(method.name, (_read_record(findings, root, "[0]", native),))
    if findings.xml:
        findings.layout(root, "", native)
    records: list[Any] = []
    for node in root.nodes:
        if node.kind == "records":
            records += node.records
            continue
        if findings.xml and node.name != method.item:
            findings.foreign(node, "", native, f"the element {method.item}")
            continue
        records.append(read_item(findings, node, len(records)))
    return Listing(method.name, tuple(records))


def _read_record(findings: Findings, node: Node, path: str, native: str) -> Any:
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


def read_item(findings: Findings, node: Node, number: int) -> Any:
    """The record that the item of that number means; None where it has no certain meaning."""
    native = f"{findings.root_native}/{node.name}[{number + 1}]" if findings.xml else f"/{number}"
    return _read_record(findings, node, f"[{number}]", native)
