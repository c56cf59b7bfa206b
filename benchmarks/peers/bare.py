"""The floors: the bare parser or serialiser under everything else, which checks nothing."""

from __future__ import annotations

from typing import Any

import orjson
from lxml import etree

from benchmarks.contender import Contender, Row, dicts_of, rows_of_dicts


def _dicts(root: Any) -> list[dict[str, str]]:
    return [{field.tag: field.text or "" for field in item} for item in root]


def _rows(root: Any) -> list[Row]:
    return rows_of_dicts(_dicts(root))


def _tree(dicts: list[dict[str, str]]) -> bytes:
    root = etree.Element("invalidemails")
    for fields in dicts:
        item = etree.SubElement(root, "invalidemail")
        for name, text in fields.items():
            etree.SubElement(item, name).text = text
    written: Any = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
    return bytes(written)


def _encode_xml(rows: list[Row]) -> bytes:
    return _tree(dicts_of(rows))


def _to_xml(data: bytes) -> bytes:
    return _tree(orjson.loads(data))


def _to_json(data: bytes) -> bytes:
    return orjson.dumps(_dicts(etree.fromstring(data)))


def _nothing(result: Any) -> None:
    """No numbers of bad records: the payload is well-formed."""


_JSON, _XML, _REPORTS = "orjson.loads", "etree.fromstring", "only syntax errors"
CONTENDERS = (
    Contender(_JSON, "parse", "json", orjson.loads, rows_of_dicts),
    Contender(_JSON, "lax", "json", orjson.loads, rows_of_dicts),
    Contender(_JSON, "validate", "json", orjson.loads, _nothing, _REPORTS),
    Contender("orjson.dumps of dicts", "encode", "json", orjson.dumps, given=dicts_of),
    Contender("orjson + lxml tree", "convert", "json", _to_xml),
    Contender(_XML, "parse", "xml", etree.fromstring, _rows),
    Contender(_XML, "lax", "xml", etree.fromstring, _rows),
    Contender(_XML, "validate", "xml", etree.fromstring, _nothing, _REPORTS),
    Contender("lxml tree + tostring", "encode", "xml", _encode_xml),
    Contender("lxml + orjson.dumps", "convert", "xml", _to_json),
)
