"""The encoding that an XML declaration names."""

from __future__ import annotations

import re

# The names that an XML declaration may use, in lower case, and the encodings that they mean.
DECLARABLE: dict[str, str] = {
    "utf-8": "UTF-8",
    "utf8": "UTF-8",
    "us-ascii": "US-ASCII",
    "ascii": "US-ASCII",
    "latin1": "ISO-8859-1",
    "latin-1": "ISO-8859-1",
    "iso_8859-1": "ISO-8859-1",
    "iso8859-1": "ISO-8859-1",
    "cp1252": "windows-1252",
    "koi8-r": "KOI8-R",
    **{f"iso-8859-{n}": f"ISO-8859-{n}" for n in range(1, 17) if n != 12},
    **{f"windows-125{n}": f"windows-125{n}" for n in range(9)},
}
# Encodings with units of two or four bytes, and the names that a declaration may use for them.
WIDE = {
    "UTF-16LE": ("utf-16", "utf-16le"),
    "UTF-16BE": ("utf-16", "utf-16be"),
    "UTF-32LE": ("utf-32", "utf-32le"),
    "UTF-32BE": ("utf-32", "utf-32be"),
}

DECLARATION = re.compile(
    r"<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:\"[^\"<]*\"|'[^'<]*')"
    r"[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*[\"']([A-Za-z][A-Za-z0-9._-]*)[\"']"
)
_WITHOUT_ENCODING = re.compile(
    r"<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:\"[^\"<]*\"|'[^'<]*')[ \t\r\n]*\?>"
)


def declared_encoding(raw: bytes) -> str | None:
    """The encoding of an XML document in single bytes; None if the declaration is unusual."""
    if not raw.startswith(b"<?xml"):
        return "UTF-8" if raw.startswith(b"<") and raw[1:2] != b"\x00" else None
    match = DECLARATION.match(raw[:200].decode("latin-1"))
    if match is None:
        return "UTF-8" if b"encoding" not in raw[: raw.find(b"?>")] else None
    return DECLARABLE.get(match[1].lower())


def find_declared(head: str, units: str) -> str | None:
    """The encoding by the XML declaration at the start of a text; None if there is none.

    `units` is the encoding that the bytes themselves suggest.
    """
    if head[:5] != "<?xml":
        return None
    match = DECLARATION.match(head)
    if match is None:
        return "UTF-8" if units not in WIDE and _WITHOUT_ENCODING.match(head) else None
    name = match[1].lower()
    if units in WIDE:  # A lost byte swaps the byte order, so `utf-16` alone is not enough.
        return units if name == units.lower() else None
    return DECLARABLE.get(name)
