"""xmltodict (over expat) and a loop."""

from __future__ import annotations

import json
from typing import Any

import xmltodict  # type: ignore[import-untyped]  # it has no types

from benchmarks.contender import Contender, Row, dicts_of, row_of, rows_of_dicts, same


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


_NAME = "xmltodict + loop"
CONTENDERS = (
    Contender(_NAME, "parse", "xml", _parse, same, rival=True),
    Contender(_NAME, "lax", "xml", _parse, same),
    Contender(_NAME, "validate", "xml", _validate, same, "the number of every bad record"),
    Contender("xmltodict", "encode", "xml", _encode, same, given=list),
    Contender("json + xmltodict", "convert", "json", _to_xml, same),
    Contender("xmltodict + json", "convert", "xml", _to_json, same),
)
