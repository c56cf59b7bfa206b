"""What the shipped JSON Schema says of JSON. The only importer of jsonschema."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING

from sgformats._text.payload import Text
from sgformats.operations import Operation
from sgformats.schemafiles import json_schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


@functools.lru_cache(maxsize=64)
def _validator(operation: Operation, v3: bool) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json_schema(operation, operation.method.schemas, v3=v3))


def confirm(text: Text, operation: Operation) -> str | None:
    """What the shipped schema says against the payload; None when it accepts it."""
    return _refusal(text, _validator(operation, False))


def confirm_v3(text: Text, operation: Operation) -> str | None:
    """What the successor's schema says against the payload; None when it accepts it."""
    return _refusal(text, _validator(operation, True))


def _whole(digits: str) -> int | float:
    """A number without a fraction; Python reads no integer of thousands of digits."""
    return int(digits) if len(digits) < 1_000 else float(digits)


def _refusal(text: Text, validator: Draft202012Validator) -> str | None:
    value = json.loads(text.chars, parse_int=_whole)
    error = next(iter(validator.iter_errors(value)), None)
    return None if error is None else str(error.message)
