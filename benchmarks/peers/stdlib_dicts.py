"""Encoding without a library: `json.dumps` and a template for XML."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

from benchmarks.contender import Contender, Row, dicts_of, same


def _encode_json(rows: list[Row]) -> bytes:
    return json.dumps(dicts_of(rows)).encode()


def _encode_xml(rows: list[Row]) -> bytes:
    items = []
    for fields in dicts_of(rows):
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
        items.append(f"<invalidemail>{inside}</invalidemail>")
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    document = f"{head}<invalidemails>{''.join(items)}</invalidemails>"
    return document.encode("iso-8859-1", "xmlcharrefreplace")


CONTENDERS = (
    Contender("json.dumps", "encode", "json", _encode_json, same, given=list),
    Contender(
        "template + escape",
        "encode",
        "xml",
        _encode_xml,
        same,
        given=list,
    ),
)
