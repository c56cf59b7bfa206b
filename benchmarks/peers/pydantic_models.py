"""pydantic, validating JSON into frozen models with a datetime."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, PlainSerializer, TypeAdapter, ValidationError

from benchmarks.contender import Contender, rows_of, text_of

Created = Annotated[datetime, PlainSerializer(text_of, return_type=str)]


class LenientEmail(BaseModel):
    model_config = ConfigDict(frozen=True)

    email: str
    reason: str
    created: Created | None = None


class InvalidEmail(LenientEmail):
    model_config = ConfigDict(extra="forbid")


_STRICT = TypeAdapter(list[InvalidEmail])
_LAX = TypeAdapter(list[LenientEmail])


def _validate(data: bytes) -> list[Any]:
    try:
        _STRICT.validate_json(data)
    except ValidationError as error:
        return error.errors()
    return []


def _numbers(errors: list[Any]) -> list[int]:
    return [error["loc"][0] for error in errors]


def _models(rows: Any) -> list[InvalidEmail]:
    return [InvalidEmail(email=e, reason=r, created=created) for e, r, created in rows]


def _encode(models: list[InvalidEmail]) -> bytes:
    return _STRICT.dump_json(models, exclude_none=True)


CONTENDERS = (
    Contender("pydantic", "parse", "json", _STRICT.validate_json, rows_of),
    Contender("pydantic", "lax", "json", _LAX.validate_json, rows_of),
    Contender("pydantic", "validate", "json", _validate, _numbers, "every problem: path"),
    Contender("pydantic", "encode", "json", _encode, given=_models),
)
