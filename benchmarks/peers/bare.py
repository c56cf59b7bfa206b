"""The floors: the bare parser or serialiser under everything else, which checks nothing."""

from __future__ import annotations

from typing import Any

import orjson
from lxml import etree

from benchmarks.contender import (
    Contender,
    Row,
    dict_of,
    dicts_of,
    row_of,
    rows_of_dicts,
    same,
)


def tree_dicts(root: Any) -> list[dict[str, str]]:
    """The records of a tree as dicts."""
    return [{field.tag: field.text or "" for field in item} for item in root]


def _known(root: Any) -> list[Row]:
    return [row_of(fields) for fields in tree_dicts(root)]


def tree_of(dicts: list[dict[str, str]]) -> bytes:
    """An lxml tree of some records, as bytes."""
    root = etree.Element("invalidemails")
    for fields in dicts:
        item = etree.SubElement(root, "invalidemail")
        for name, text in fields.items():
            etree.SubElement(item, name).text = text
    written: Any = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)
    return bytes(written)


def _tree_of_rows(rows: list[Row]) -> bytes:
    return tree_of([dict_of(row) for row in rows])


def _to_xml(data: bytes) -> bytes:
    return tree_of(orjson.loads(data))


def _to_json(data: bytes) -> bytes:
    return orjson.dumps(tree_dicts(etree.fromstring(data)))


def _nothing(result: Any) -> None:
    """No problems: the payload is well-formed."""


CONTENDERS = (
    Contender("orjson.loads", "parse", "json", orjson.loads, rows_of_dicts, floor=True),
    Contender("orjson.loads", "lax", "json", orjson.loads, rows_of_dicts, floor=True),
    Contender(
        "orjson.loads",
        "validate",
        "json",
        orjson.loads,
        _nothing,
        "only syntax errors",
        floor=True,
    ),
    Contender(
        "orjson.dumps of dicts",
        "encode",
        "json",
        orjson.dumps,
        same,
        given=dicts_of,
        floor=True,
    ),
    Contender(
        "orjson + lxml tree",
        "convert",
        "json",
        _to_xml,
        same,
        floor=True,
    ),
    Contender("etree.fromstring", "parse", "xml", etree.fromstring, _known, floor=True),
    Contender("etree.fromstring", "lax", "xml", etree.fromstring, _known, floor=True),
    Contender(
        "etree.fromstring",
        "validate",
        "xml",
        etree.fromstring,
        _nothing,
        "only syntax errors",
        floor=True,
    ),
    Contender(
        "lxml tree + tostring",
        "encode",
        "xml",
        _tree_of_rows,
        same,
        given=list,
        floor=True,
    ),
    Contender(
        "lxml + orjson.dumps",
        "convert",
        "xml",
        _to_json,
        same,
        floor=True,
    ),
)
