"""What libxml2 says of XML: the shipped XSD's verdict. The only importer of lxml.

No DTD is processed, no entity but XML's own five is known, and nothing is ever fetched.
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
    """libxml2's tree; every thread has a parser of its own.

    The full reader knows that the document is well-formed. What libxml2 reports beside that, such as a
    namespace that is no URI, is no fault of XML.
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
    """What the shipped schema says against the payload; None when it accepts it."""
    schema = _schema(operation)
    if schema.validate(_parse(text.chars.encode("utf-8"))):
        return None
    log: Any = schema.error_log
    return str(log.last_error.message)
