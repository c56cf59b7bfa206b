"""The observations of a census in one exchange: pairs of a question and its answer.

The questions are the keys of `QUESTIONS`. Answers are clipped, and hold no secret and no address.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from itertools import compress
from typing import NamedTuple

from sgformats._classify import classify, classify_document
from sgformats._model.node import Node
from sgformats._model.scalars import SCALARS
from sgformats._scan.document import Document, read_document
from sgformats._text.payload import MAX_BYTES, WHITE, Format
from sgformats._text.positions import Text
from sgformats.captures.exchange import Exchange
from sgformats.captures.skipping import skip_reason
from sgformats.census.plainlists import PlainList, read_plain_list
from sgformats.contract.check import examine_exchange
from sgformats.errors import DecodeError
from sgformats.hiding import Secrets
from sgformats.operations import METHODS, Operation, find_operation
from sgformats.secrets import without_secrets

QUESTIONS: Mapping[str, str] = {
    "operations": "Operations",
    "surfaces": "Surfaces",
    "formats": "Formats",
    "dialects": "Dialects",
    "layouts": "Layouts",
    "encodings": "Encodings",
    "http_statuses": "HTTP statuses",
    "content_types": "Content types",
    "fields": "Fields of records",
    "orders": "Orders of fields",
    "statuses": "Statuses of records",
    "reasons": "Reasons",
    "messages": "Messages of results",
    "problems": "Problems by rule",
    "skip_reasons": "Reasons for skipping",
}
"""Every question, with its title."""

_CLIP = 120
# How much of a text is read.
_READ = 1024
_ROOTS = frozenset(method.root for method in METHODS)
_ITEMS = frozenset(method.item for method in METHODS)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

_ADDRESS = re.compile(r"""(?<![\w.+-])[\w.!#$%&'*+^~-]{1,64}@[\w.-]{1,253}""")
_IP = re.compile(r"(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9.])")
_NUMBER = re.compile(r"[0-9]{4,}")
_TOKEN = re.compile(r"(?<![\w-])(?=[\w-]{0,40}[0-9])[\w-]{16,}")
_SPACE = re.compile(r"\s+")


class Observed(NamedTuple):
    """The observations in an exchange: answers to questions, with counts, and its records."""

    answers: Counter[tuple[str, str]]
    skipped: bool = False
    records: int = 0
    created: tuple[datetime, ...] = ()
    undated: int = 0


def observe(
    exchange: Exchange,
    operation: str | Operation | None = None,
    max_bytes: int = MAX_BYTES,
) -> Observed:
    """The observations in an exchange; never raises."""
    secrets = Secrets(exchange.request)
    reason = skip_reason(exchange)
    if reason is not None:
        return Observed(Counter([("skip_reasons", plain(secrets.hide(reason)))]), skipped=True)
    body = exchange.body or b""
    found = _plain_list(exchange, operation, max_bytes)
    document = None if found is not None else _document(body, max_bytes)
    checked = examine_exchange(
        exchange, operation=operation, max_bytes=max_bytes, document=document, located=False
    )
    answers = Counter(_observe_call(exchange))
    answers.update(("problems", problem.rule) for problem in checked.problems)
    show = _Showing(secrets)
    if found is not None and checked.operation is not None:
        return _observe_list(answers, found, find_operation(checked.operation), show)
    if not body:
        answers["operations", checked.operation or "unknown"] += 1
        return Observed(answers)
    seen = classify_document(document) if document else classify(body, max_bytes=max_bytes)
    named = checked.operation or " or ".join(seen.operations[:3]) or "unknown"
    answers.update(
        (
            (
                "operations",
                named + ("" if len(seen.operations) < 4 or checked.operation else " or …"),
            ),
            ("formats", seen.format or "none"),
            ("dialects", seen.dialect),
        )
    )
    if document is None:
        return Observed(answers)
    answers.update(_observe_form(document))
    nodes = list(_records(document.root))
    moments: list[datetime] = []
    undated = 0
    for node in nodes:
        answers.update(_record(node, show))
        moment = _moment(node)
        undated += moment is None
        if moment is not None:
            moments.append(moment)
    if not nodes:
        answers.update(("messages", show.normal(text)) for text in _messages(document.root))
    return Observed(answers, records=len(nodes), created=tuple(moments), undated=undated)


def _plain_list(
    exchange: Exchange, operation: str | Operation | None, max_bytes: int
) -> PlainList | None:
    """The answer, if it is a list that the fast readers accept and its operation is known."""
    name = operation if exchange.request is None else exchange.request.operation
    if name is None or exchange.fault is not None or not exchange.body:
        return None
    wanted = find_operation(name)
    return None if wanted.task != "get" else read_plain_list(exchange.body, wanted, max_bytes)


def _observe_list(
    answers: Counter[tuple[str, str]], found: PlainList, operation: Operation, show: _Showing
) -> Observed:
    """Add the observations in a list to those in its call and its problems."""
    spaced = found.spaced if found.names else None
    answers.update(
        (
            ("operations", operation.name),
            ("formats", found.format),
            ("dialects", "list"),
            *_encoding(found.text, found.format),
            *_layout(found.text.chars, found.format, found.spread, spaced),
        )
    )
    for names, number in Counter(found.names).items():
        for answer in _named(names):
            answers[answer] += number
    for name, question in (("reason", "reasons"), ("status", "statuses")):
        if name in operation.method.names:
            at = [name in names for names in found.names]
            texts = (getattr(record, name) for record in found.records)
            answers.update((question, show.normal(text or "")) for text in compress(texts, at))
    moments = [record.created for record in found.records if record.created is not None]
    undated = len(found.records) - len(moments)
    return Observed(answers, records=len(found.records), created=tuple(moments), undated=undated)


@lru_cache(maxsize=1024)
def _named(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The observations in the field names of a record."""
    fields = [("fields", plain(name)) for name in dict.fromkeys(names)]
    return (*fields, ("orders", plain(", ".join(names[:20]))))


def _document(body: bytes, max_bytes: int) -> Document | None:
    try:
        return read_document(body, None, max_bytes)
    except DecodeError:
        return None


class _Showing:
    """Texts of a payload without secrets; equal ones are processed once."""

    def __init__(self, secrets: Secrets) -> None:
        self._plain = lru_cache(maxsize=4096)(lambda text: plain(secrets.hide(text)))
        self._normal = lru_cache(maxsize=4096)(lambda text: normal(secrets.hide(text)))

    def plain(self, text: str) -> str:
        """A text in one line, clipped."""
        return self._plain(text[:_READ])

    def normal(self, text: str) -> str:
        """A text without its variable parts."""
        return self._normal(text[:_READ])


def plain(text: str) -> str:
    """A text without secrets, in one line, clipped."""
    shown = _SPACE.sub(" ", without_secrets(text[:_READ])).strip()
    return shown if len(shown) <= _CLIP else shown[: _CLIP - 1] + "…"


def normal(text: str) -> str:
    """A text without its variable parts: addresses, IP addresses, identifiers.

    >>> normal("550 <isaac@hotmail.comm> unknown,  see id 20090610124030")
    '550 <…@…> unknown, see id …'
    """
    head = without_secrets(text[:_READ])
    for pattern, placeholder in ((_ADDRESS, "…@…"), (_IP, "…"), (_TOKEN, "…"), (_NUMBER, "…")):
        head = pattern.sub(placeholder, head)
    return plain(head)


def _observe_call(exchange: Exchange) -> Iterator[tuple[str, str]]:
    if exchange.request is not None:
        yield "surfaces", exchange.request.surface
    yield "http_statuses", "none" if exchange.status is None else str(exchange.status)
    kind = (exchange.content_type or "none").partition(";")[0].strip().lower()
    yield "content_types", plain(kind)


def _observe_form(document: Document) -> Iterator[tuple[str, str]]:
    """How a payload is laid out and encoded."""
    text, root = document.text, document.root
    format: Format = "xml" if root.kind == "element" else "json"
    member = None if format == "xml" else _first_member(root)
    spaced = None if member is None else text.chars[member.at - 1] == " "
    yield from _encoding(text, format)
    yield from _layout(text.chars, format, _is_spread(document, root), spaced)


def _encoding(text: Text, format: Format) -> Iterator[tuple[str, str]]:
    mark = ", with a byte-order mark" if text.mark else ""
    if format != "xml":
        yield "encodings", f"{text.encoding}{mark}"
        return
    head = text.chars.partition("?>")[0][:200] if text.chars.startswith("<?xml") else ""
    declared = "declared" if "encoding" in head else "not declared"
    yield "encodings", f"{text.encoding} ({declared}){mark}"


def _layout(
    chars: str, format: Format, spread: bool, spaced: bool | None
) -> Iterator[tuple[str, str]]:
    """How a payload is laid out; `spaced` is None if it has no member."""
    if format == "xml":
        yield "layouts", "indented XML" if spread else "compact XML"
        return
    if spread:
        yield "layouts", "indented JSON"
    elif spaced is not None:
        yield "layouts", "spaced JSON" if spaced else "compact JSON"
    if "\\/" in chars:
        yield "layouts", r"slashes as \/"
    elif "/" in chars:
        yield "layouts", "slashes as /"


def _first_member(root: Node) -> Node | None:
    inside = root.nodes[0] if root.kind == "array" and root.nodes else root
    return inside.nodes[0] if inside.kind == "object" and inside.nodes else None


def _is_spread(document: Document, root: Node) -> bool:
    """Whether values are on separate lines."""
    if not root.nodes:
        return False
    return "\n" in document.text.chars[root.at : root.nodes[0].start]


def _records(root: Node) -> Iterator[Node]:
    if root.kind == "array":
        yield from (node for node in root.nodes if node.kind == "object")
    elif root.kind == "element" and root.name in _ROOTS:
        yield from (node for node in root.nodes if node.name in _ITEMS)
    elif root.name in _ITEMS or any(node.name == "email" for node in root.nodes):
        yield root


def _record(node: Node, show: _Showing) -> Iterator[tuple[str, str]]:
    yield from _named(tuple(show.plain(child.name) for child in node.nodes))
    for child in node.nodes:
        if child.name == "reason":
            yield "reasons", show.normal(child.text)
        elif child.name == "status":
            yield "statuses", show.normal(child.text)


def _moment(node: Node) -> datetime | None:
    """The timestamp of a record, if it is certain."""
    found = [child for child in node.nodes if child.name == "created"]
    if len(found) != 1:
        return None
    text = found[0].text.strip(WHITE)
    try:
        if found[0].kind == "number":
            return _EPOCH + timedelta(seconds=int(text))
        value = SCALARS["timestamp"].read(text)
    except (ValueError, OverflowError):
        return None
    return value if isinstance(value, datetime) else None


def _messages(root: Node) -> Iterator[str]:
    """The message of a result."""
    if root.text.strip(WHITE):
        yield root.text
    for node in root.nodes:
        if node.name in ("message", "error", "errors"):
            inner = [node, *node.nodes, *(leaf for child in node.nodes for leaf in child.nodes)]
            for leaf in inner:
                if leaf.kind in ("string", "element") and leaf.text.strip(WHITE):
                    yield leaf.text
