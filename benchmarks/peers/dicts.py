"""xmltodict (over expat) and a loop; and encoding without a library."""

from __future__ import annotations

import json
from typing import Any
from xml.sax.saxutils import escape

import xmltodict  # type: ignore[import-untyped]  # it has no types

from benchmarks.contender import Contender, Row, dicts_of, row_of, rows_of_dicts


def _dicts(data: bytes) -> list[Any]:
    document = xmltodict.parse(data, force_list=("invalidemail",))
    items: list[Any] = document["invalidemails"]["invalidemail"]
    return items


def _parse(data: bytes) -> list[Row]:
    return rows_of_dicts(_dicts(data))


def _validate(data: bytes) -> list[int]:
    found = []
    for number, fields in enumerate(_dicts(data)):
        try:
            row_of(fields)
        except (KeyError, ValueError):
            found.append(number)
    return found


def _written(dicts: list[Any]) -> bytes:
    document = {"invalidemails": {"invalidemail": dicts}}
    text: str = xmltodict.unparse(document, encoding="ISO-8859-1")
    return text.encode("iso-8859-1", "xmlcharrefreplace")


def _encode(rows: list[Row]) -> bytes:
    return _written(dicts_of(rows))


def _to_xml(data: bytes) -> bytes:
    return _written(json.loads(data))


def _to_json(data: bytes) -> bytes:
    return json.dumps(_dicts(data)).encode()


def _encode_json(rows: list[Row]) -> bytes:
    return json.dumps(dicts_of(rows)).encode()


def _fill_template(rows: list[Row]) -> bytes:
    items = []
    for fields in dicts_of(rows):
        inside = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items())
        items.append(f"<invalidemail>{inside}</invalidemail>")
    head = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    document = f"{head}<invalidemails>{''.join(items)}</invalidemails>"
    return document.encode("iso-8859-1", "xmlcharrefreplace")


_NAME = "xmltodict + loop"
CONTENDERS = (
    Contender(_NAME, "parse", "xml", _parse),
    Contender(_NAME, "lax", "xml", _parse),
    Contender(_NAME, "validate", "xml", _validate, reports="the number of every bad record"),
    Contender("xmltodict", "encode", "xml", _encode),
    Contender("json + xmltodict", "convert", "json", _to_xml),
    Contender("xmltodict + json", "convert", "xml", _to_json),
    Contender("json.dumps", "encode", "json", _encode_json),
    Contender("template + escape", "encode", "xml", _fill_template),
)
