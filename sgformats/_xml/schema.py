"""Validates XML against the shipped XSD with libxml2. The only module that imports lxml.

No DTD is processed, only the five entities of XML are known, and nothing is ever fetched.
"""

from __future__ import annotations

import functools
import threading
from typing import Any

from lxml import etree

from sgformats._text.positions import Text
from sgformats.operations import Operation
from sgformats.schemafiles import xsd_bytes

_local = threading.local()


def _parse(utf8: bytes) -> Any:
    """The tree of a document that the full reader found well-formed; each thread has a parser.

    libxml2 also reports what is not an error in XML, such as a namespace that is not a URI.
    """
    parser = getattr(_local, "parser", None)
    if parser is None:
        parser = _local.parser = etree.XMLParser(
            encoding="utf-8",
            recover=True,
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=True,
        )
    return etree.fromstring(utf8, parser)


@functools.lru_cache(maxsize=64)
def _schema(operation: Operation) -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(xsd_bytes(operation, operation.method.schemas)))


def confirm(text: Text, operation: Operation) -> str | None:
    """The error of the shipped schema for the payload; None if it accepts it."""
    schema = _schema(operation)
    if schema.validate(_parse(text.chars.encode("utf-8"))):
        return None
    log: Any = schema.error_log
    return str(log.last_error.message)
