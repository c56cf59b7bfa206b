"""lxml's tree, the shipped XSD by its XMLSchema, and a loop."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from benchmarks.contender import OPERATION, Contender, Row, row_of, same
from sgformats.schemafiles import xsd_bytes

_SCHEMA = etree.XMLSchema(etree.fromstring(xsd_bytes(OPERATION)))
_NUMBER = re.compile(r"invalidemail\[(\d+)\]")


def _rows(root: Any) -> list[Row]:
    return [row_of({field.tag: field.text or "" for field in item}) for item in root]


def _parse(data: bytes) -> list[Row]:
    root = etree.fromstring(data)
    _SCHEMA.assertValid(root)
    return _rows(root)


def _parse_lax(data: bytes) -> list[Row]:
    return _rows(etree.fromstring(data))


def _validate(data: bytes) -> list[Any]:
    if _SCHEMA.validate(etree.fromstring(data)):
        return []
    log: Any = _SCHEMA.error_log
    return [(error.path, error.line, error.message) for error in log]


def _numbers(errors: list[Any]) -> list[int]:
    return [int(_NUMBER.findall(path)[0]) - 1 for path, _, _ in errors]


_NAME = "lxml + XMLSchema + loop"
CONTENDERS = (
    Contender(_NAME, "parse", "xml", _parse, same, rival=True),
    Contender("lxml + loop", "lax", "xml", _parse_lax, same),
    Contender(
        "lxml + XMLSchema", "validate", "xml", _validate, _numbers, "every problem: path, line"
    ),
)
