"""orjson, the list's JSON Schema by jsonschema-rs, and a loop."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import orjson

from benchmarks.contender import Contender, Row, rows_of_dicts, same
from benchmarks.schema import list_schema

_VALIDATOR = jsonschema_rs.validator_for(list_schema())


def _parse(data: bytes) -> list[Row]:
    value = orjson.loads(data)
    _VALIDATOR.validate(value)
    return rows_of_dicts(value)


def _validate(data: bytes) -> list[Any]:
    return list(_VALIDATOR.iter_errors(orjson.loads(data)))


def _numbers(errors: list[Any]) -> list[int]:
    return [error.instance_path[0] for error in errors]


_NAME = "orjson + jsonschema-rs"
CONTENDERS = (
    Contender(_NAME, "parse", "json", _parse, same),
    Contender(_NAME, "validate", "json", _validate, _numbers, "every problem: path"),
)
