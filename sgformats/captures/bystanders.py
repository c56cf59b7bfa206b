"""Bystanders: files that are not captures, such as source code, documents or images.

A file that was found in a folder or an archive, not named by the caller, is a bystander if neither
its name nor its first bytes mark it as a capture. It counts as one exchange with nothing but its
source.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import BinaryIO

from sgformats._text.encodings import recognise
from sgformats._text.signs import has_answer, is_foreign
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange, Source

NO_CAPTURE = "not a capture, judging by its name and first bytes"

_SOURCES = frozenset(
    (
        *(".adoc", ".bash", ".bat", ".c", ".cc", ".cfg", ".cpp", ".cs", ".css", ".csproj"),
        *(".erb", ".ex", ".exs", ".fs", ".go", ".gradle", ".h", ".hpp", ".htm", ".html"),
        *(".ini", ".ipynb", ".java", ".js", ".jsx", ".kt", ".less", ".lock", ".lua"),
        *(".markdown", ".md", ".mjs", ".php", ".pl", ".pm", ".properties", ".ps1", ".py"),
        *(".pyi", ".r", ".rb", ".rs", ".rst", ".sass", ".scala", ".scss", ".sh", ".sql"),
        *(".swift", ".tex", ".toml", ".ts", ".tsx", ".vb", ".vue", ".wsdl", ".xsd", ".xsl"),
        *(".xslt"),
    )
)
# Technically zip archives, but used as documents or programs.
_PACKAGES = frozenset(
    (
        *(".apk", ".crate", ".docx", ".ear", ".egg", ".gem", ".jar", ".nupkg"),
        *(".odp", ".ods", ".odt", ".pptx", ".war", ".whl", ".xlsx"),
    )
)
_PAYLOAD_SUFFIXES = (".xml", ".json")
_CASSETTE = re.compile(rb"interactions|request|response|\buri\b|\burl\b")


def is_package(name: str) -> bool:
    """Whether an archive is a document or a program, judging by its name."""
    return os.path.splitext(name)[1].lower() in _PACKAGES


def is_bystander(head: bytes, name: str, kind: str, certain: bool) -> bool:
    """Whether a file is not a capture; `certain`: its kind is known from its bytes."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix in _SOURCES:
        return not certain
    if kind == "vcr" and not certain:
        return not _CASSETTE.search(head)
    if kind != "payload" or not head:
        return False
    seen = recognise(head)
    chars = head[seen.mark :].decode(seen.encoding, "replace")
    if has_answer(chars):
        return False
    if seen.kind in ("xml", "json") and is_foreign(chars):
        return True
    return suffix not in _PAYLOAD_SUFFIXES and seen.kind not in ("xml", "json")


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """One exchange, with nothing but its source."""
    yield Exchange(None, None, None, None, Source(name))


def is_no_capture(exchange: Exchange) -> bool:
    """Whether an exchange represents a file that is not a capture."""
    values = (exchange.request, exchange.url, exchange.status, exchange.body, exchange.fault)
    return exchange.source.entry is None and all(value is None for value in values)
