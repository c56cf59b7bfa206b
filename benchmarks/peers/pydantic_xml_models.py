"""pydantic-xml, over lxml, into frozen models with a datetime."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_xml import BaseXmlModel, element

from benchmarks.contender import Contender, Row, rows_of
from benchmarks.peers.pydantic_models import Created


class LenientEmail(BaseXmlModel, tag="invalidemail", frozen=True, search_mode="unordered"):
    email: str = element()
    reason: str = element()
    created: Created | None = element(default=None)


class InvalidEmail(LenientEmail, extra="forbid", frozen=True):
    pass


class LenientEmails(BaseXmlModel, tag="invalidemails"):
    records: list[LenientEmail] = element(tag="invalidemail", default=[])


class InvalidEmails(BaseXmlModel, tag="invalidemails", extra="forbid"):
    records: list[InvalidEmail] = element(tag="invalidemail", default=[])


_LIST = TypeAdapter(list[InvalidEmail])


def _validate(data: bytes) -> list[Any]:
    try:
        InvalidEmails.from_xml(data)
    except ValidationError as error:
        return error.errors()
    return []


def _numbers(errors: list[Any]) -> list[int]:
    return [error["loc"][1] for error in errors]


def _rows(model: Any) -> list[Row]:
    return rows_of(model.records)


def _model(rows: Any) -> InvalidEmails:
    records = [InvalidEmail(email=e, reason=r, created=created) for e, r, created in rows]
    return InvalidEmails(records=records)


def _encode(model: InvalidEmails) -> bytes:
    written: Any = model.to_xml(exclude_none=True, encoding="ISO-8859-1", xml_declaration=True)
    return bytes(written)


def _to_xml(data: bytes) -> bytes:
    return _encode(InvalidEmails(records=_LIST.validate_json(data)))


def _to_json(data: bytes) -> bytes:
    return _LIST.dump_json(InvalidEmails.from_xml(data).records, exclude_none=True)


_NAME = "pydantic-xml"
CONTENDERS = (
    Contender(_NAME, "parse", "xml", InvalidEmails.from_xml, _rows),
    Contender(_NAME, "lax", "xml", LenientEmails.from_xml, _rows),
    Contender(_NAME, "validate", "xml", _validate, _numbers, "every problem: path, line"),
    Contender(_NAME, "encode", "xml", _encode, given=_model),
    Contender(_NAME, "convert", "json", _to_xml),
    Contender(_NAME, "convert", "xml", _to_json),
)
