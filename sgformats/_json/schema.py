"""Validates JSON against the shipped JSON Schema. The only module that imports jsonschema."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

from sgformats._text.positions import Text
from sgformats.operations import Operation
from sgformats.schemafiles import files_in, json_schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


@functools.lru_cache(maxsize=64)
def _validator(operation: Operation, v3: bool) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_flat(json_schema(operation, operation.method.schemas, v3=v3)))


def _flat(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with all references as pointers within it, because its schemas have no anchors.

    For a reference to another schema, jsonschema searches all schemas, each time.
    """
    files = frozenset(files_in(schema))
    whole = _local(schema, "#", files)
    bundled = {name: _local(schema["$defs"][name], _place(name), files) for name in files}
    return {**whole, "$defs": {**whole.get("$defs", {}), **bundled}}


def _local(part: Any, place: str, files: frozenset[str]) -> Any:
    """A part of the schema of the file at `place`, without `$id` and with local references."""
    if isinstance(part, list):
        return [_local(each, place, files) for each in part]
    if not isinstance(part, dict):
        return part
    found = {key: _local(value, place, files) for key, value in part.items()}
    if isinstance(found.get("$id"), str):
        del found["$id"]
    if isinstance(found.get("$ref"), str):
        file, _, pointer = found["$ref"].partition("#")
        found["$ref"] = (_place(file) if file else place) + pointer
    return found


def _place(file: str) -> str:
    return "#/$defs/" + file.replace("~", "~0").replace("/", "~1")


def confirm(text: Text, operation: Operation, v3: bool = False) -> str | None:
    """The error of the shipped schema for the payload; None if it accepts it."""
    value = json.loads(text.chars, parse_int=_whole)
    error = next(iter(_validator(operation, v3).iter_errors(value)), None)
    return None if error is None else str(error.message)


def confirm_v3(text: Text, operation: Operation) -> str | None:
    """Like `confirm`, with the schema of API v3."""
    return confirm(text, operation, v3=True)


def _whole(digits: str) -> int | float:
    """A number without a fraction; Python refuses integers with thousands of digits."""
    return int(digits) if len(digits) < 1_000 else float(digits)
