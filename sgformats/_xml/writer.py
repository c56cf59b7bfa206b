"""Writes replies as XML, as the API does."""

from __future__ import annotations

from typing import Any

from sgformats._model.writing import failure_texts, record_texts, text_columns
from sgformats._model.zones import Zone
from sgformats._text.payload import WHITE
from sgformats._xml.tokens import ILLEGAL
from sgformats.errors import EncodeError
from sgformats.operations import Method
from sgformats.records import Count, Failure, Listing, Reply, Success

_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def encode(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as an XML document with a declared encoding."""
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
        if columns is not None and not any(map(_has_illegal, columns.values())):
            escaped = map(_escape_column, columns.values())
            inside = [f"<{name}>%s</{name}>" for name in columns]
            template = self.element(method.item, inside, 1)
            items = [template % row for row in zip(*escaped, strict=True)]
            return self.element(method.root, items, 0)
        items = []
        for number, record in enumerate(reply.records):
            inside = [
                f"<{name}>{text}</{name}>"
                for name, text in record_texts(record, method, number, zone, _escape)
            ]
            items.append(self.element(method.item, inside, 1))
        return self.element(method.root, items, 0)

    def result(self, reply: Success | Failure | Count) -> list[str]:
        if isinstance(reply, Count):
            return [f"<count>{reply.count}</count>"]
        if isinstance(reply, Success):
            return [f"<message>{_escape(reply.message, 'message')}</message>"]
        text, errors = failure_texts(reply, _escape)
        if reply.code is not None:
            raise EncodeError("code", "no XML form of a failure with a code is documented")
        message = f"<message>{text}</message>"
        if errors:
            inside = [f"<error>{error}</error>" for error in errors]
            return [message, self.element("errors", inside, 1)]
        if reply.message.strip(WHITE) == "success":
            return ["<message>error</message>", message]
        return [message]


def _has_illegal(texts: list[str]) -> bool:
    joined = "".join(texts)
    # XML allows all printable characters.
    return not joined.isprintable() and ILLEGAL.search(joined) is not None


def _escape_column(texts: list[str]) -> list[str]:
    """The escaped texts of one field of all records."""
    joined = "\0".join(texts)
    if not any(char in joined for char in _REFERENCES):
        return texts
    for char, reference in _REFERENCES.items():
        joined = joined.replace(char, reference)
    return joined.split("\0")


def _escape(text: str, path: str) -> str:
    illegal = ILLEGAL.search(text)
    if illegal is not None:
        code = ord(illegal[0])
        raise EncodeError(path, f"XML cannot hold the character U+{code:04X}", illegal.start())
    return _escape_column([text])[0]
