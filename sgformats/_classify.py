"""What a body is, judged by its bytes alone: format, encoding, dialect, and possible operations.

Content types and hosts play no part, because they are often wrong. For a body that is not an answer
of the API, `classify` reports its kind and whether to send the call again.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sgformats._model.node import Node
from sgformats._model.shapes import candidates, operations_in
from sgformats._options import check_max_bytes
from sgformats._retrying import is_later, may_retry_text, may_retry_tree, split_response
from sgformats._scan.document import Document, examine, read_document
from sgformats._text.encodings import recognise
from sgformats._text.payload import MAX_BYTES, WHITE, Format, Payload, as_bytes
from sgformats._text.signs import is_foreign, is_html
from sgformats.errors import DecodeError, quote
from sgformats.operations import OPERATIONS, OperationName
from sgformats.records import Count, Failure, Success

Dialect = Literal[
    "list",
    "record",
    "message",
    "message and errors",
    "text",
    "error",
    "error with code",
    "count",
    "unknown",
    "html",
    "plain-text",
    "binary",
    "empty",
    "truncated",
    "damaged",
]


class Classification(msgspec.Struct, frozen=True):
    """What the bytes of a body show.

    `format` and `encoding` are None if unknown. `dialect` is the form of an answer, or the kind of
    body that is not an answer. `operations` are the names of the operations that the body can
    answer, `evidence` the reasons in words. `retry`: the same call may succeed later, because the
    body is not from the API, is cut, or is a failure such as 429, 5xx or "too many requests".
    """

    format: Format | None
    encoding: str | None
    dialect: Dialect
    operations: tuple[OperationName, ...]
    evidence: tuple[str, ...]
    retry: bool


def classify(data: Payload, *, max_bytes: int = MAX_BYTES) -> Classification:
    """Classify a body by its bytes alone, without headers or URL.

    `data` is the body as bytes or `str`; one of more than `max_bytes` bytes is not read. Raises
    `ArgumentError` for arguments of a wrong type or value, and nothing else, whatever the bytes.

    >>> classify(b"<bounces/>").operations
    ('bounces.get',)
    """
    check_max_bytes(max_bytes)
    try:
        document = read_document(data, None, max_bytes)
    except DecodeError as error:
        return _broken(data, error, max_bytes)
    return classify_document(document)


def classify_document(document: Document) -> Classification:
    """Like `classify`, for a payload that was already read."""
    root = document.root
    dialect = _dialect(root)
    evidence = [_root_in_words(root)]
    if root.kind == "array":
        count = len(root.nodes)
        evidence.append(f"{count} record" if count == 1 else f"{count} records")
        if root.nodes and root.nodes[0].kind == "object":
            keys = ", ".join(node.name for node in root.nodes[0].nodes[:8])
            evidence.append(f"the first record's fields are {quote(keys)}")
    if document.text.mark:
        evidence.append("a byte-order mark")
    operations = _operations(document)
    if dialect == "unknown" and root.kind == "element" and is_html(document.text.chars):
        dialect = "html"
    encoding = document.text.encoding
    retry = may_retry_tree(root, document.text.chars)
    return Classification(document.format, encoding, dialect, operations, tuple(evidence), retry)


def _broken(data: Payload, error: DecodeError, max_bytes: int) -> Classification:
    problem = error.problems[0]
    evidence: tuple[str, ...] = (str(problem),)
    try:
        raw, given_text = as_bytes(data, max_bytes)
        seen = recognise(raw, given_text)
    except DecodeError:  # Too large, or a `str` with half of a surrogate pair.
        unread: Dialect = "unknown" if problem.rule == "too-large" else "damaged"
        return Classification(None, None, unread, (), evidence, False)
    dialect: Dialect = "damaged"
    chars = raw[seen.mark :].decode(seen.encoding, "replace")
    if problem.rule == "not-an-answer":
        dialect = seen.kind if seen.kind not in ("xml", "json") else "unknown"  # type: ignore[assignment]
    elif is_foreign(chars):
        dialect = "html" if seen.format == "xml" and is_html(chars) else "unknown"
    elif problem.rule == "truncated":
        dialect = "truncated"
    if not data:  # "v3 `delete` that was done: HTTP 204 with an empty body"
        evidence += ("an empty body is a success only for a delete of v3",)
    encoding = None if dialect in ("empty", "binary") else seen.encoding
    form = None if dialect == "html" else seen.format
    retry = dialect in ("empty", "truncated")
    if dialect in ("html", "plain-text", "unknown"):
        retry = _may_retry_text(chars, max_bytes)
    return Classification(form, encoding, dialect, (), evidence, retry)


def _may_retry_text(chars: str, max_bytes: int) -> bool:
    response = split_response(chars)
    if response is None:
        return may_retry_text(chars)
    status, body = response
    if is_later(status) or status == 204:
        return status != 204
    return classify(body.encode("utf-8", "replace"), max_bytes=max_bytes).retry


def _root_in_words(root: Node) -> str:
    if root.kind == "element":
        return f"the root element is {quote(root.name)}"
    if root.kind == "object":
        keys = ", ".join(node.name for node in root.nodes[:8])
        return f"an object with the keys {quote(keys)}" if keys else "an empty object"
    return f"the root is of type {root.kind}"


def _dialect(root: Node) -> Dialect:
    if root.kind == "array":
        return "list"
    names = {node.name for node in root.nodes}
    if root.kind == "element" and root.name != "result":
        if any(root.name == op.method.root for op in OPERATIONS.values()):
            return "list"
        return "record" if candidates(root, operations_in("json")) else "unknown"
    if root.kind not in ("element", "object"):
        return "unknown"
    if "count" in names:
        return "count"
    if "errors" in names:
        return "message and errors"
    if root.kind == "element" and sum(node.name == "message" for node in root.nodes) == 2:
        return "error"
    if "message" in names:
        return "message"
    if "error" in names:
        code = any(node.name == "error" and node.kind == "object" for node in root.nodes)
        return "error with code" if code else "error"
    if root.text.strip(WHITE):
        return "text"
    is_record = root.kind == "object" and candidates(root, operations_in("json"))
    return "record" if is_record else "unknown"


def _operations(document: Document) -> tuple[OperationName, ...]:
    found = candidates(document.root, operations_in(document.format))
    if not found or found[0].task == "get":
        return tuple(operation.name for operation in found)
    reply = examine(document, found[0]).reply
    if isinstance(reply, Failure):
        found = operations_in(document.format)
    elif not isinstance(reply, (Success, Count)):
        return ()
    return tuple(operation.name for operation in found)
