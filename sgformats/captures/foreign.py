"""Files in formats that this package does not read: archives, and the formats of other tools.

They are recognised by their first bytes and refused with the name of the format, so that nothing in
them is taken for a log or a broken answer.
"""

from __future__ import annotations

import re

HEAD = 4096
"""How many bytes are looked at."""

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
        if pattern.match(head):
            return f"expected a capture, found {name}, which is not read"
    return None
