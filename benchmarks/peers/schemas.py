"""A bare parser, a validator with the shipped schema, and a loop.

The JSON Schema is written without references, as users would write it: jsonschema is twenty times as
fast with it, and accepts the same lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import orjson
from jsonschema import Draft202012Validator
from lxml import etree

from benchmarks.contender import OPERATION, Contender, Row, row_of, rows_of_dicts
from sgformats.schemafiles import json_schema, xsd_bytes


def list_schema() -> dict[str, Any]:
    """An array of records, with the types of fields inline."""
    definitions = json_schema(OPERATION)["$defs"]
    shared = definitions["shared.schema.json"]["$defs"]
    item = definitions["invalidemail"]
    properties = {
        name: shared[field["$ref"].rpartition("/")[2]] for name, field in item["properties"].items()
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "array",
        "items": {**item, "properties": properties},
    }


def _json(
    name: str, loads: Callable[[bytes], Any], validator: Any, path: str
) -> tuple[Contender, ...]:
    """A JSON parser with a validator, whose errors have the path to the value as an attribute."""

    def parse(data: bytes) -> list[Row]:
        value = loads(data)
        validator.validate(value)
        return rows_of_dicts(value)

    def validate(data: bytes) -> list[Any]:
        return list(validator.iter_errors(loads(data)))

    def numbers(errors: list[Any]) -> list[int]:
        return [getattr(error, path)[0] for error in errors]

    return (
        Contender(name, "parse", "json", parse),
        Contender(name, "validate", "json", validate, numbers, "every problem: path"),
    )


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


_PLAIN = Draft202012Validator(list_schema())
_RUST = jsonschema_rs.validator_for(list_schema())
_REPORTS = "every problem: path, line"
CONTENDERS = (
    *_json("json + jsonschema", json.loads, _PLAIN, "absolute_path"),
    *_json("orjson + jsonschema-rs", orjson.loads, _RUST, "instance_path"),
    Contender("lxml + XMLSchema + loop", "parse", "xml", _parse),
    Contender("lxml + loop", "lax", "xml", _parse_lax),
    Contender("lxml + XMLSchema", "validate", "xml", _validate, _numbers, _REPORTS),
)
