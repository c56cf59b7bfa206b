"""Everything XML, and the only importer of lxml: both routes, the schema's last word, writing.

`decode` pulls whole columns out of libxml2's tree and proves the shape by counting. The thorough
route reads the text with places and asks libxml2 for its verdict as well: what either refuses is
refused. No DTD is processed, no entity but XML's own five is known, and nothing is ever fetched.
"""

from __future__ import annotations

import functools
import re
import threading
from typing import Any

from lxml import etree

from sgformats.errors import EncodeError
from sgformats.operations import Method, Operation
from sgformats.payload import WHITE, Text, declared_encoding
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.scalars import read_timestamps
from sgformats.schemafiles import xsd_bytes
from sgformats.tree import Fault, Node
from sgformats.writing import record_texts, text_columns
from sgformats.xmltext import ILLEGAL, read_xml
from sgformats.zones import Zone

_SPECIAL = re.compile("[&<>\r]")
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
_local = threading.local()


def _parse(utf8: bytes) -> Any:
    """libxml2's tree; every thread has a parser of its own."""
    parser = getattr(_local, "parser", None)
    if parser is None:
        parser = _local.parser = etree.XMLParser(
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=True,
        )
    return etree.fromstring(utf8, parser)


def read(text: Text) -> Node:
    """The payload as a tree; raises `Fault` where it is no XML."""
    root = read_xml(text.chars)
    try:
        _parse(text.chars.encode("utf-8"))
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise Fault(text.index(line, column), f"expected XML, found that {error.msg}") from None
    return root


# The short route.


class _Columns:
    """The compiled questions that prove the shape of one method's list, and pull its columns."""

    def __init__(self, method: Method) -> None:
        item = method.item
        self.attributes = _xpath("count(@* | */@* | */*/@*)")
        self.deeper = _xpath("count(*/*/*)")
        self.stray = _xpath(
            f"boolean(text()[normalize-space()] | {item}/text()[normalize-space()])"
        )
        self.every = _xpath("count(*)")
        self.items = _xpath(f"count({item})")
        self.children = _xpath("count(*/*)")
        self.fields = tuple(
            (
                field,
                _xpath(f"count(*/{field.name})"),
                _xpath(f"count(*/{field.name}[1])"),
                _xpath(f"*/{field.name}/text()"),
                _xpath(f"*/{field.name}"),
            )
            for field in method.fields
        )


def _xpath(question: str) -> Any:
    return etree.XPath(question, smart_strings=False)


@functools.lru_cache(maxsize=64)
def _columns(method: Method) -> _Columns:
    return _Columns(method)


def decode(data: bytes, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    encoding = declared_encoding(data)
    if encoding is None:
        return None
    # Single bytes are found many times faster than two, and these are rare in text.
    inside = data.find(b"?>") + 2 if data.startswith(b"<?") else 0
    if data.find(b"!", inside) >= 0 and b"<!" in data:
        return None
    if data.find(b"?", inside) >= 0 and data.find(b"<?", inside) >= 0:
        return None
    attributes = data.find(b"=", inside) >= 0
    if attributes and b"xmlns" in data:
        return None
    try:
        if not data.isascii() and encoding != "UTF-8":
            data = data.decode(encoding).encode("utf-8")
        root = _parse(data)
    except (etree.XMLSyntaxError, UnicodeDecodeError):
        return None
    if root.tag == "result":
        return _decode_words(root, operation)
    if root.tag == operation.method.root and operation.task == "get":
        return _decode_list(root, operation.method, attributes)
    return None


def _decode_words(root: Any, operation: Operation) -> Reply | None:
    if root.attrib or len(root) != 1 or (root.text or "").strip(WHITE):
        return None
    child = root[0]
    if child.tag != "message" or child.attrib or len(child) or (child.tail or "").strip(WHITE):
        return None
    message = child.text or ""
    if message.strip(WHITE) != "success":
        return Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def _decode_list(root: Any, method: Method, attributes: bool) -> Listing[Any] | None:
    ask = _columns(method)
    size = int(ask.every(root))
    if ask.items(root) != size or ask.deeper(root) or ask.stray(root):
        return None
    if attributes and ask.attributes(root):
        return None
    total = 0
    columns: list[list[Any]] = []
    for field, count, firsts, texts, elements in ask.fields:
        found = int(count(root))
        if found != firsts(root) or found not in (size, 0) or (field.required and found != size):
            return None
        total += found
        column: list[Any] = texts(root) if found else [None] * size
        if len(column) != size:
            column = [element.text or "" for element in elements(root)]
        if found and field.scalar == "timestamp":
            moments = read_timestamps([text for text in column if text])
            if moments is None:
                return None
            given = iter(moments)
            column = [next(given) if text else None for text in column]
        columns.append(column)
    if total != ask.children(root):
        return None
    return Listing(method.name, method.records(columns))


# The thorough route's last word.


@functools.lru_cache(maxsize=64)
def _schema(operation: Operation) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xsd_bytes(operation, operation.method.schemas)))


def confirm(text: Text, operation: Operation) -> str | None:
    """What the shipped schema says against the payload; None when it accepts it."""
    schema = _schema(operation)
    if schema.validate(_parse(text.chars.encode("utf-8"))):
        return None
    log: Any = schema.error_log
    return str(log.last_error.message)


# Writing.


def encode(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as an XML document that declares its encoding."""
    writer = _Writer(indent)
    if isinstance(reply, Listing):
        assert method is not None
        body = writer.listing(reply, method, zone)
    else:
        body = writer.element("result", writer.result(reply), 0)
    declared = "UTF-16" if encoding.startswith("UTF-16") else encoding
    document = f'<?xml version="1.0" encoding="{declared}"?>\n{body}'
    if indent:
        document += "\n"
    if declared == "UTF-16":
        return document.encode("utf-16")
    return document.encode(encoding, "xmlcharrefreplace")


class _Writer:
    def __init__(self, indent: bool) -> None:
        self.indent = indent

    def element(self, name: str, inside: list[str], depth: int) -> str:
        if not inside:
            return f"<{name}></{name}>"
        if not self.indent:
            return f"<{name}>{''.join(inside)}</{name}>"
        outer, inner = "\n" + "   " * depth, "\n" + "   " * (depth + 1)
        return f"<{name}>{inner}{inner.join(inside)}{outer}</{name}>"

    def listing(self, reply: Listing[Any], method: Method, zone: Zone | None) -> str:
        columns = text_columns(reply.records, method)
        if columns is not None:
            escaped = [_escape_column(name, texts) for name, texts in columns.items()]
            inside = [f"<{name}>%s</{name}>" for name in columns]
            template = self.element(method.item, inside, 1)
            items = [template % row for row in zip(*escaped, strict=True)]
            return self.element(method.root, items, 0)
        items = []
        for number, record in enumerate(reply.records):
            inside = [
                f"<{name}>{_escape(text, path)}</{name}>"
                for name, path, text in record_texts(record, method, number, zone)
            ]
            items.append(self.element(method.item, inside, 1))
        return self.element(method.root, items, 0)

    def result(self, reply: Success | Failure | Count) -> list[str]:
        if isinstance(reply, Count):
            return [f"<count>{reply.count}</count>"]
        message = f"<message>{_escape(reply.message, 'message')}</message>"
        if isinstance(reply, Success):
            return [message]
        if reply.code is not None:
            raise EncodeError("code", "no XML form of a failure with a code is documented")
        if reply.errors:
            errors = [
                f"<error>{_escape(error, f'errors[{number}]')}</error>"
                for number, error in enumerate(reply.errors)
            ]
            return [message, self.element("errors", errors, 1)]
        if reply.message.strip(WHITE) == "success":
            return ["<message>error</message>", message]
        return [message]


def _escape_column(name: str, texts: list[str]) -> list[str]:
    """The texts of one field of every record, escaped only where there is anything to escape."""
    joined = "".join(texts)
    if joined.isascii() and joined.isprintable() and not _SPECIAL.search(joined):
        return texts
    return [_escape(text, f"[{number}].{name}") for number, text in enumerate(texts)]


def _escape(text: str, path: str) -> str:
    illegal = ILLEGAL.search(text)
    if illegal is not None:
        code = ord(illegal[0])
        raise EncodeError(path, f"XML cannot hold the character U+{code:04X}", illegal.start())
    return _SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)
