"""Everything XML, and the only importer of lxml: both routes, the schema's last word, writing.

`decode` reads plain documents alone, in columns. The thorough route reads any text, with places,
and asks libxml2 for its verdict as well: what either refuses is refused. No DTD is processed, no
entity but XML's own five is known, and nothing is ever fetched.
"""

from __future__ import annotations

import functools
import re
import threading
from itertools import accumulate
from typing import Any, NamedTuple

from lxml import etree

from sgformats._model.node import Fault, Node
from sgformats._model.scalars import read_timestamps
from sgformats._model.sifting import DEEPEST, Records, Sifted, certain, move
from sgformats._model.sifting import sift as sift_items
from sgformats._model.writing import record_texts, text_columns
from sgformats._model.zones import Zone
from sgformats._text.payload import ILLEGAL, WHITE, Text
from sgformats._xml.fast import Plain, find_items, open_plain, read_list, read_message
from sgformats.errors import EncodeError
from sgformats.operations import Method, Operation
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.schemafiles import xsd_bytes

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
    from sgformats._xml.reader import read_xml  # Its patterns take long to make, and few need them.

    root = read_xml(text.chars)
    refused = check_xml(text.chars)
    if refused is not None:
        raise Fault(text.index(refused.line, refused.column), refused.message)
    return root


class Refused(NamedTuple):
    """Why, and where in the text, libxml2 takes a document for no XML."""

    message: str
    line: int
    column: int


def check_xml(chars: str) -> Refused | None:
    """What libxml2 says against a document; None when it takes it."""
    try:
        _parse(chars.encode("utf-8"))
    except etree.XMLSyntaxError as error:
        return Refused(f"expected XML, found that {error.msg}", *error.position)
    return None


# The short route.


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    document = _opened(data)
    if document is None:
        return None
    if document.chars.startswith("<result>", document.start):
        return _decode_words(document, operation)
    return _decode_list(document, operation.method) if operation.task == "get" else None


def _opened(data: bytes | str) -> Plain | None:
    try:
        return open_plain(data)
    except UnicodeError:
        return None


def _decode_words(document: Plain, operation: Operation) -> Reply | None:
    message = read_message(document)
    if message is None or message.strip(WHITE) != "success":
        return None if message is None else Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def _decode_list(document: Plain, method: Method) -> Listing[Any] | None:
    found = read_list(document, method.root, method.item, method.names)
    if found is None:
        return None
    columns: list[list[Any]] = []
    for field, column in zip(method.fields, found.values(), strict=True):
        values: list[Any] | None = column
        if field.scalar == "timestamp":
            values = read_timestamps(column)
        if values is None or (field.required and None in values):
            return None
        columns.append(values)
    return Listing(method.name, method.records(columns))


def sift(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The tree of a long list, in which only what the short route does not know has nodes.

    None, or a `Fault`, where the text is no such list, or one that must be seen as a whole.
    """
    method = operation.method
    document = _opened(data)
    if document is None or "\r" in text.chars:
        return None
    pieces = text.chars[document.start : document.end].split("<")
    starts = find_items(pieces, method.root, method.item)
    if starts is None:
        return None
    begin = document.start
    places = [begin, *accumulate((len(piece) + 1 for piece in pieces[1:]), initial=begin)]
    root = Node("element", method.root, begin, begin + len(method.root) + 2)
    odd = []

    def records(start: int, stop: int) -> Records | None:
        inside = text.chars[places[starts[start]] : places[starts[stop]]]
        chars = f"<{method.root}>{inside}</{method.root}>"
        group = Plain(chars, 0, len(chars), document.escaped)
        reply = _decode_list(group, method)
        return None if reply is None else reply.records

    for start, stop, group in sift_items(len(starts) - 1, records):
        if group is not None:
            root.nodes.append(certain(group))
            continue
        first, last = starts[start], starts[stop]
        if last - first > DEEPEST:
            return None
        item = text.chars[places[first] : places[last]].rstrip(WHITE)
        node = read(Text(item, text.encoding))
        move(node, places[first])
        root.nodes.append(node)
        odd.append(item)
    if len(odd) == len(starts) - 1:
        return None
    return Sifted(root, f"<{method.root}>{''.join(odd)}</{method.root}>")


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
    joined = "\0".join(texts)
    if not "".join(texts).isprintable():  # What is printable, XML can hold.
        return [_escape(text, f"[{number}].{name}") for number, text in enumerate(texts)]
    if not any(mark in joined for mark in _REFERENCES):
        return texts
    for mark, reference in _REFERENCES.items():
        joined = joined.replace(mark, reference)
    return joined.split("\0")


def _escape(text: str, path: str) -> str:
    illegal = ILLEGAL.search(text)
    if illegal is not None:
        code = ord(illegal[0])
        raise EncodeError(path, f"XML cannot hold the character U+{code:04X}", illegal.start())
    return _SPECIAL.sub(lambda match: _REFERENCES[match[0]], text)
