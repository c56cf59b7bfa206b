"""The standard library's json, the list's JSON Schema by jsonschema, and a loop."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from benchmarks.contender import Contender, Row, rows_of_dicts, same
from benchmarks.schema import list_schema

_VALIDATOR = Draft202012Validator(list_schema())


def _parse(data: bytes) -> list[Row]:
    value = json.loads(data)
    _VALIDATOR.validate(value)
    return rows_of_dicts(value)


def _validate(data: bytes) -> list[Any]:
    return list(_VALIDATOR.iter_errors(json.loads(data)))


def _numbers(errors: list[Any]) -> list[int]:
    return [error.absolute_path[0] for error in errors]


_NAME = "json + jsonschema"
CONTENDERS = (
    Contender(_NAME, "parse", "json", _parse, same, rival=True),
    Contender(_NAME, "validate", "json", _validate, _numbers, "every problem: path"),
)
