"""Files that are not captures: bystanders such as source code or images, and foreign formats.

A file that was found in a folder or an archive, not named by the caller, is a bystander if neither
its name nor its first bytes mark it as a capture. It counts as one exchange with nothing but its
source. Archives and the formats of other tools are refused with the name of the format, so that
nothing in them is taken for a log or a broken answer.
"""

from __future__ import annotations

import os
import re

from sgformats._text.encodings import recognise
from sgformats._text.signs import has_answer, is_foreign
from sgformats.captures.exchange import Exchange

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
_ARCHIVES = (
    ("a zip archive", 0, b"PK\x03\x04"),  # If nested too deeply, or when rewriting.
    ("a zip archive", 0, b"PK\x05\x06"),
    ("a tar archive", 257, b"ustar"),
    ("a 7z archive", 0, b"7z\xbc\xaf\x27\x1c"),
    ("a rar archive", 0, b"Rar!\x1a\x07"),
)
_PACKETS = re.compile(rb"\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\n\r\r\n[\s\S]{4}(?:\x1a\x2b|\x4d\x3c)")
_UNREAD = {
    "an ARC file": re.compile(rb"filedesc://[^ \n]{0,500} [^ \n]{1,64} \d{14} "),
    "Polly.JS's local storage": re.compile(
        rb'\s*\{\s*"[^"\\]{1,200}"\s*:\s*\{\s*"log"\s*:\s*\{[\s\S]{0,2048}"_recordingName"'
    ),
    "a trace of curl's --trace or --trace-ascii": re.compile(
        rb"(?:(?:[0-9:.]{8,20} )?== Info:[^\n]*\n){0,60}(?:[0-9:.]{8,20} )?=> Send "
        rb"(?:header|data|SSL data), [0-9]{1,9} bytes \(0x"
    ),
}
_HEAD = 4096
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


def is_no_capture(exchange: Exchange) -> bool:
    """Whether an exchange represents a file that is not a capture."""
    values = (exchange.request, exchange.url, exchange.status, exchange.body, exchange.fault)
    return exchange.source.entry is None and all(value is None for value in values)


def binary_name(head: bytes) -> str | None:
    """Like `foreign_name`, but None for every text file: those can be rewritten."""
    for name, at, sign in _ARCHIVES:
        if head.startswith(sign, at):
            return f"expected a capture, found {name}: unpack it first"
    if _PACKETS.match(head):
        return "expected a capture, found a pcap file, which is not read"
    return None


def foreign_name(head: bytes) -> str | None:
    """The name of a foreign format, with advice what to do; None if the file may be a capture."""
    if (reason := binary_name(head)) is not None:
        return reason
    for name, pattern in _UNREAD.items():
        if pattern.match(head[:_HEAD]):
            return f"expected a capture, found {name}, which is not read"
    return None
