"""xsdata, over lxml, into data classes with a datetime."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xsdata.exceptions import ParserError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig

from benchmarks.contender import Contender, Row, rows_of


@dataclass(frozen=True)
class InvalidEmail:
    class Meta:
        name = "invalidemail"

    email: str | None = field(default=None, metadata={"type": "Element", "required": True})
    reason: str | None = field(default=None, metadata={"type": "Element", "required": True})
    created: datetime | None = field(
        default=None, metadata={"type": "Element", "format": "%Y-%m-%d %H:%M:%S"}
    )


@dataclass
class InvalidEmails:
    class Meta:
        name = "invalidemails"

    invalidemail: list[InvalidEmail] = field(default_factory=list, metadata={"type": "Element"})


_CONTEXT = XmlContext()
_STRICT = XmlParser(context=_CONTEXT, config=ParserConfig(fail_on_converter_warnings=True))
_LAX = XmlParser(
    context=_CONTEXT,
    config=ParserConfig(fail_on_unknown_properties=False, fail_on_converter_warnings=True),
)
_SERIALIZER = XmlSerializer(context=_CONTEXT, config=SerializerConfig(encoding="ISO-8859-1"))


def _parse(data: bytes) -> InvalidEmails:
    return _STRICT.from_bytes(data, InvalidEmails)


def _parse_lax(data: bytes) -> InvalidEmails:
    return _LAX.from_bytes(data, InvalidEmails)


def _validate(data: bytes) -> list[str]:
    try:
        _parse(data)
    except ParserError as error:
        return [str(error)]
    return []


def _refused(messages: list[str]) -> list[int] | None:
    """None for a refusal, which has no location."""
    return None if messages else []


def _records(found: InvalidEmails) -> list[Row]:
    return rows_of(found.invalidemail)


def _object(rows: Any) -> InvalidEmails:
    return InvalidEmails([InvalidEmail(*row) for row in rows])


def _encode(value: InvalidEmails) -> bytes:
    return _SERIALIZER.render(value).encode("iso-8859-1", "xmlcharrefreplace")


CONTENDERS = (
    Contender("xsdata", "parse", "xml", _parse, _records),
    Contender("xsdata", "lax", "xml", _parse_lax, _records),
    Contender("xsdata", "validate", "xml", _validate, _refused, "the first problem, no position"),
    Contender("xsdata", "encode", "xml", _encode, given=_object),
)
