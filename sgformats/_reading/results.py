"""Reads results: the answers of `delete`, `add` and `count`, and the failures of all calls.

Success and failure in words have the same shape; only the text `success` distinguishes them.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from sgformats._model.node import Node
from sgformats._model.outcomes import read_outcome
from sgformats._model.rawjson import detail_of
from sgformats._model.shapes import RESULT_KEYS
from sgformats._reading.findings import ABSENT, Findings, is_empty
from sgformats._reading.paths import ValuePath
from sgformats._reading.records import Read, read_members
from sgformats._text.payload import WHITE
from sgformats.errors import quote
from sgformats.records import NO_DETAIL, Count, ErrorDetail, Failure, Json, Success

_FORMS = {"message": "words", "errors": "words", "error": "error", "count": "count"}
# Names with a meaning in a result: if they are in the wrong place, they are never ignored.
_WORDS = RESULT_KEYS | {"code", "result"}
_V3_MESSAGE = "error"


def read_result(findings: Findings, expected: str) -> Success | Failure | Count | None:
    """The reply of a `result` element, or of an object in one of its forms."""
    root, path = findings.root, findings.root_path
    if findings.format == "json-v3":
        return _read_v3(findings)
    findings.check_attributes(root, path)
    known = _known_children(findings)
    if root.stray >= 0:
        return _read_text(findings, known)
    if not known:
        found = "an empty result" if findings.xml else "an empty object"
        findings.report("unknown-shape", root.start, path, expected, found)
        return None
    form = _FORMS[known[0].name]
    for node in known:
        if _FORMS[node.name] != form:
            _report_mixed(findings, node.start, quote(node.name), path.member(node.name))
            return None
    if form == "words":
        return _read_words(findings, known)
    for number, node in enumerate(known[1:], 2):
        findings.report_duplicate(node, path.member(form, number))
    return _read_count(findings, known[0]) if form == "count" else _read_error(findings, known[0])


def _known_children(findings: Findings) -> list[Node]:
    """The children that belong to a form of result; reports all others."""
    root, xml = findings.root, findings.xml
    known: list[Node] = []
    seen: dict[str, int] = {}
    for node in root.nodes:
        name = node.name
        seen[name] = seen.get(name, 0) + 1
        path = findings.root_path.member(name, seen[name])
        if name in RESULT_KEYS and not (xml and name == "error"):
            known.append(node)
        elif xml and is_empty(node):
            findings.report_unknown(node, path)
        elif xml and name in _WORDS:
            _report_mixed(findings, node.start, f"the element {quote(name)}", path)
        elif seen[name] > 1:
            findings.report_duplicate(node, path)
        else:
            findings.report_unknown(node, path, tolerable=root.stray < 0)
    return known


def _report_mixed(findings: Findings, index: int, found: str, path: ValuePath) -> None:
    findings.report("unknown-shape", index, path, "one form of result", f"{found} beside another")


def _read_text(findings: Findings, known: list[Node]) -> Success | Failure | None:
    """`<result>success</result>`: "older"; the white space around the text is layout."""
    root, path = findings.root, findings.root_path
    if known or root.tail >= 0:
        _report_mixed(findings, root.tail if root.tail >= 0 else root.stray, "text", path)
        return None
    findings.add_place(path.same_as("message"), root.stray)
    return _outcome(findings, root.text.strip(WHITE), ())


def _outcome(findings: Findings, message: str, errors: tuple[str, ...]) -> Success | Failure | None:
    reply = read_outcome(message, errors, findings.operation)
    if reply is None:
        findings.report_wrong_operation("a success")
    return reply


def _read_words(findings: Findings, known: list[Node]) -> Success | Failure | None:
    """`message`, with or without `errors`; in XML also `error` followed by the message."""
    root = findings.root_path
    messages = [node for node in known if node.name == "message"]
    lists = [node for node in known if node.name == "errors"]
    findings.check_required(findings.root, ("message",), root)
    values = [
        findings.read_text(node, root.member("message", number))
        for number, node in enumerate(messages, 1)
    ]
    readable = ABSENT not in values
    bare = findings.xml and readable and not lists and len(values) > 1
    bare = bare and values[0].strip(WHITE) == "error"
    for number, node in enumerate(messages[1 + bare :], 2 + bare):
        findings.report_duplicate(node, root.member("message", number))
    errors: tuple[str, ...] | None = ()
    for number, node in enumerate(lists, 1):
        path = root.member("errors", number)
        if number > 1:
            findings.report_duplicate(node, path)
        else:
            errors = _read_errors(findings, node, path)
    if not messages or not readable or errors is None:
        return None
    return Failure(values[1]) if bare else _outcome(findings, values[0], errors)


def _read_errors(findings: Findings, node: Node, path: ValuePath) -> tuple[str, ...] | None:
    findings.add_place(path, node.at)
    if node.kind not in ("array", "element"):
        findings.report_type(node, "an array", path)
        return None
    if findings.xml:
        findings.check_container(node, path)
    texts: list[Any] = []
    for child in node.nodes:
        if findings.xml and child.name != "error":
            findings.report_wrong_element(child, path, "the element error")
            continue
        texts.append(findings.read_text(child, path.item(len(texts), "error")))
    return None if ABSENT in texts else tuple(texts)


def _read_error(findings: Findings, node: Node) -> Failure | None:
    """`{"error": …}`: bare text, or an object with a code and a message."""
    path = findings.root_path.member("error")
    if node.kind != "object":
        text = findings.read_text(node, path)
        return None if text is ABSENT else Failure(text)
    findings.add_place(path, node.at)
    known = {"message": findings.read_text, "code": findings.read_number}
    values = read_members(findings, node, path, known, ("code", "message"))
    return None if values is None else Failure(values["message"], (), values["code"])


def _read_count(findings: Findings, node: Node) -> Count | None:
    path = findings.root_path.member("count")
    if findings.operation.task != "count":
        findings.report_wrong_operation("a count")
        return None
    if node.kind in ("string", "element"):
        value = findings.read_scalar("number", node, path)
    else:
        value = findings.read_number(node, path)
    return None if value is ABSENT else Count(value)


def _read_v3(findings: Findings) -> Failure | None:
    """`{"errors":[{"field":null,"message":"…"}]}`: a failure in JSON v3.

    It has no message of its own; the reply has `error`, as the older lists do.
    """
    known: dict[str, Read] = {"errors": partial(_read_v3_errors, findings), **_details(findings)}
    root, path = findings.root, findings.root_path
    extra = read_members(findings, root, path, known, ("errors",), RESULT_KEYS)
    errors = None if extra is None else extra.pop("errors")
    if extra is None or not errors:
        return None
    texts, details = zip(*errors, strict=True)
    shown = details if any(detail != NO_DETAIL for detail in details) else ()
    return Failure(_V3_MESSAGE, texts, None, shown, ErrorDetail(**extra))


def _details(findings: Findings) -> dict[str, Read]:
    def read(node: Node, path: ValuePath) -> str | Json | None:
        findings.add_place(path, node.at)
        return detail_of(node)

    return dict.fromkeys(ErrorDetail.__struct_fields__, read)


def _read_v3_errors(findings: Findings, node: Node, path: ValuePath) -> Any:
    """The message of each error with its details, or `ABSENT`."""
    findings.add_place(path, node.at)
    if node.kind != "array":
        findings.report_type(node, "an array", path)
        return ABSENT
    if not node.nodes:
        findings.report("unknown-shape", node.at, path, "at least one error", "an empty array")
    errors = []
    known: dict[str, Read] = {"message": findings.read_text, **_details(findings)}
    for number, child in enumerate(node.nodes):
        inside = path.item(number, "")
        if child.kind != "object":
            findings.report_type(child, "an object", inside)
            continue
        errors.append(read_members(findings, child, inside, known, ("message",)))
    if None in errors:
        return ABSENT
    return [(error.pop("message"), ErrorDetail(**error)) for error in errors if error]
