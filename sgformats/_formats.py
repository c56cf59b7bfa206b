"""The table of formats, with the full reader and the writer of each, and the writing of replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import tzinfo
from typing import NamedTuple

from sgformats._json import reader as json_reader
from sgformats._json import schema as json_schema
from sgformats._json import writer as json_writer
from sgformats._model.node import Node
from sgformats._model.writing import check_reply
from sgformats._model.zones import Fold, Zone, find_zone
from sgformats._options import FORMAT_NAMES, check_choice, check_flag
from sgformats._text.payload import Format, Syntax
from sgformats._text.positions import Text
from sgformats._xml import reader as xml_reader
from sgformats._xml import writer as xml_writer
from sgformats._xml.plain import ENCODINGS
from sgformats.errors import ArgumentError, describe
from sgformats.operations import Method, Operation
from sgformats.records import Reply


class FormatFunctions(NamedTuple):
    """The functions and encodings of one format."""

    syntax: Syntax
    read: Callable[[Text], Node]
    confirm: Callable[[Text, Operation], str | None]
    encode: Callable[[Reply, Method | None, str, bool, Zone | None], bytes]
    encodings: Mapping[str, str]


def _confirm_xml(text: Text, operation: Operation) -> str | None:
    from sgformats._xml.schema import confirm  # Loads libxml2.

    return confirm(text, operation)


_XML_ENCODINGS = {name.upper(): name for name in (*ENCODINGS, "UTF-16")}
_JSON_ENCODINGS = {"UTF-8": "UTF-8", "US-ASCII": "US-ASCII"}

FORMATS: Mapping[Format, FormatFunctions] = {
    "xml": FormatFunctions(
        "xml",
        xml_reader.read,
        _confirm_xml,
        xml_writer.encode,
        _XML_ENCODINGS,
    ),
    "json": FormatFunctions(
        "json",
        json_reader.read,
        json_schema.confirm,
        json_writer.encode,
        _JSON_ENCODINGS,
    ),
    "json-v3": FormatFunctions(
        "json",
        json_reader.read,
        json_schema.confirm_v3,
        json_writer.encode_v3,
        _JSON_ENCODINGS,
    ),
}


def encode_reply(
    reply: Reply,
    format: Format,
    encoding: str | None,
    indent: bool,
    zone: str | tzinfo | None,
    fold: Fold | None,
) -> bytes:
    """The reply in a format; see `encode`."""
    check_choice("format", format, FORMAT_NAMES)
    form = FORMATS[format]
    name = next(iter(form.encodings)) if encoding is None else encoding
    known = form.encodings.get(name.upper()) if isinstance(name, str) else None
    if known is None:
        expected = ", ".join(form.encodings.values())
        raise ArgumentError(f"expected one of the encodings {expected}, found {describe(name)}")
    check_flag("indent", indent)
    return form.encode(reply, check_reply(reply), known, indent, find_zone(zone, fold))
