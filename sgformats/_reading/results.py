"""Results: the answers of `delete`, `add` and `count`, and every call's failures.

Success and failure in words have one shape; only the text `success` tells them apart.
"""

from __future__ import annotations

from typing import Any

from sgformats._model.node import Node
from sgformats._model.rawjson import detail_of
from sgformats._model.shapes import RESULT_KEYS
from sgformats._reading.findings import ABSENT, Findings, is_empty
from sgformats._text.payload import WHITE
from sgformats.errors import quote
from sgformats.records import NO_DETAIL, Count, ErrorDetail, Failure, Json, Success

_FORMS = {"message": "words", "errors": "words", "error": "error", "count": "count"}
# Names that may mean something in a result: out of their place they are never left out.
_WORDS = RESULT_KEYS | {"code", "result"}
# "also `help`, `id`, `error_id`, `parameter`": said beside a message.
_V3_KEYS = frozenset(ErrorDetail.__struct_fields__)
_V3_MESSAGE = "error"


def read_result(findings: Findings, expected: str) -> Success | Failure | Count | None:
    """The reply that a `result` element or an object of one of its forms means."""
    root, native = findings.root, findings.root_native
    if findings.format == "json-v3":
        return _v3(findings)
    findings.attributes(root, "", native)
    known = _known(findings)
    if root.stray >= 0:
        return _text(findings, known)
    if not known:
        found = "an empty result" if findings.xml else "an empty object"
        findings.report("unknown-shape", root.start, f"expected {expected}, found {found}")
        return None
    form = _FORMS[known[0].name]
    for node in known:
        if _FORMS[node.name] != form:
            inside = findings.inside(native, node.name)
            _mixed(findings, node.start, quote(node.name), node.name, inside)
            return None
    if form == "words":
        return _words(findings, known)
    for number, node in enumerate(known[1:], 2):
        findings.twice(node, form, findings.inside(native, form, number))
    return _count(findings, known[0]) if form == "count" else _error(findings, known[0])


def _known(findings: Findings) -> list[Node]:
    """The children that make a form; reports all others."""
    root, xml = findings.root, findings.xml
    known: list[Node] = []
    seen: dict[str, int] = {}
    for node in root.nodes:
        name = node.name
        seen[name] = seen.get(name, 0) + 1
        at = findings.inside(findings.root_native, name, seen[name])
        if name in RESULT_KEYS and not (xml and name == "error"):
            known.append(node)
        elif xml and is_empty(node):
            findings.unknown(node, name, at)
        elif xml and name in _WORDS:
            _mixed(findings, node.start, f"the element {quote(name)}", name, at)
        elif seen[name] > 1:
            findings.twice(node, name, at)
        else:
            findings.unknown(node, name, at, tolerable=root.stray < 0)
    return known


def _mixed(findings: Findings, index: int, found: str, path: str, native: str) -> None:
    message = f"expected one form of result, found {found} beside another"
    findings.report("unknown-shape", index, message, path, native)


def _text(findings: Findings, known: list[Node]) -> Success | Failure | None:
    """`<result>success</result>`: "older", with white space around that is layout."""
    root = findings.root
    if known or root.tail >= 0:
        index = root.tail if root.tail >= 0 else root.stray
        _mixed(findings, index, "text", "", findings.root_native)
        return None
    findings.place("message", root.stray, findings.root_native)
    return _outcome(findings, root.text.strip(WHITE), ())


def _outcome(findings: Findings, message: str, errors: tuple[str, ...]) -> Success | Failure | None:
    if message.strip(WHITE) != "success" or errors:
        return Failure(message, errors)
    if findings.operation.task in ("get", "count"):
        findings.wrong("a success")
        return None
    return Success(message)


def _words(findings: Findings, known: list[Node]) -> Success | Failure | None:
    """`message`, with or without `errors`; in XML also `error` and the message behind it."""
    native = findings.root_native
    messages = [node for node in known if node.name == "message"]
    lists = [node for node in known if node.name == "errors"]
    findings.missing(findings.root, ("message",), "", native)
    values = [
        findings.read_text(node, "message", findings.inside(native, "message", number))
        for number, node in enumerate(messages, 1)
    ]
    readable = ABSENT not in values
    bare = findings.xml and readable and not lists and len(values) > 1
    bare = bare and values[0].strip(WHITE) == "error"
    for number, node in enumerate(messages[1 + bare :], 2 + bare):
        findings.twice(node, "message", findings.inside(native, "message", number))
    errors: tuple[str, ...] | None = ()
    for number, node in enumerate(lists, 1):
        inside = findings.inside(native, "errors", number)
        if number > 1:
            findings.twice(node, "errors", inside)
        else:
            errors = _errors(findings, node, inside)
    if not messages or not readable or errors is None:
        return None
    return Failure(values[1]) if bare else _outcome(findings, values[0], errors)


def _errors(findings: Findings, node: Node, native: str) -> tuple[str, ...] | None:
    findings.place("errors", node.at, native)
    if node.kind not in ("array", "element"):
        findings.wrong_type(node, "an array", "errors", native)
        return None
    if findings.xml:
        findings.layout(node, "errors", native)
    texts: list[Any] = []
    for child in node.nodes:
        if findings.xml and child.name != "error":
            findings.foreign(child, "errors", native, "the element error")
            continue
        number = len(texts)
        inside = f"{native}/error[{number + 1}]" if findings.xml else f"{native}/{number}"
        texts.append(findings.read_text(child, f"errors[{number}]", inside))
    return None if ABSENT in texts else tuple(texts)


def _error(findings: Findings, node: Node) -> Failure | None:
    """`{"error": …}`: bare text, or an object with a code and a message."""
    native = findings.inside(findings.root_native, "error")
    if node.kind != "object":
        text = findings.read_text(node, "error", native)
        return None if text is ABSENT else Failure(text)
    findings.place("error", node.at, native)
    findings.missing(node, ("code", "message"), "error", native)
    values = {"message": ABSENT, "code": ABSENT}
    seen: set[str] = set()
    for child in node.nodes:
        path, inside = f"error.{child.name}", findings.inside(native, child.name)
        if child.name in seen:
            findings.twice(child, path, inside)
        elif child.name == "message":
            values["message"] = findings.read_text(child, path, inside)
        elif child.name == "code":
            values["code"] = findings.read_number(child, path, inside)
        else:
            findings.unknown(child, path, inside)
        seen.add(child.name)
    if ABSENT in values.values():
        return None
    return Failure(values["message"], (), values["code"])


def _count(findings: Findings, node: Node) -> Count | None:
    native = findings.inside(findings.root_native, "count")
    if findings.operation.task != "count":
        findings.wrong("a count")
        return None
    if node.kind in ("string", "element"):
        value = findings.read_scalar("number", node, "count", native)
    else:
        value = findings.read_number(node, "count", native)
    return None if value is ABSENT else Count(value)


def _v3(findings: Findings) -> Failure | None:
    """`{"errors":[{"field":null,"message":"…"}]}`: the successor's failure.

    It has no message of its own; `error` stands for it, as it does before the older lists.
    """
    root = findings.root
    findings.missing(root, ("errors",), "", "")
    errors: list[tuple[str, ErrorDetail]] | None = None
    extra: dict[str, str | Json | None] = {}
    seen: set[str] = set()
    for node in root.nodes:
        inside = findings.inside("", node.name)
        if node.name in seen:
            findings.twice(node, node.name, inside)
        elif node.name == "errors":
            errors = _v3_errors(findings, node)
        elif node.name in _V3_KEYS:
            findings.place(node.name, node.at, inside)
            extra[node.name] = detail_of(node)
        else:
            findings.unknown(node, node.name, inside, tolerable=node.name not in RESULT_KEYS)
        seen.add(node.name)
    if not errors:
        return None
    texts, details = zip(*errors, strict=True)
    told = details if any(detail != NO_DETAIL for detail in details) else ()
    return Failure(_V3_MESSAGE, texts, None, told, ErrorDetail(**extra))


def _v3_errors(findings: Findings, node: Node) -> list[tuple[str, ErrorDetail]] | None:
    """The message of each error, and what stands beside it; None where one cannot be read."""
    findings.place("errors", node.at, "/errors")
    if node.kind != "array":
        findings.wrong_type(node, "an array", "errors", "/errors")
        return None
    if not node.nodes:
        message = "expected at least one error, found an empty array"
        findings.report("unknown-shape", node.at, message, "errors", "/errors")
    errors: list[tuple[Any, ErrorDetail]] = []
    for number, child in enumerate(node.nodes):
        path, native = f"errors[{number}]", f"/errors/{number}"
        if child.kind != "object":
            findings.wrong_type(child, "an object", path, native)
            continue
        findings.missing(child, ("message",), path, native)
        text: Any = ABSENT
        detail: dict[str, str | Json | None] = {}
        seen: set[str] = set()
        for member in child.nodes:
            name, inside = f"{path}.{member.name}", findings.inside(native, member.name)
            if member.name in seen:
                findings.twice(member, name, inside)
            elif member.name == "message":
                text = findings.read_text(member, name, inside)
            elif member.name in _V3_KEYS:
                findings.place(name, member.at, inside)
                detail[member.name] = detail_of(member)
            else:
                findings.unknown(member, name, inside)
            seen.add(member.name)
        errors.append((text, ErrorDetail(**detail)))
    return None if any(text is ABSENT for text, _ in errors) else errors
