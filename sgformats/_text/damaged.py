"""Decodes damaged payloads: undecodable bytes become escapes, so all positions stay exact."""

from __future__ import annotations

import codecs
import re

from sgformats._text.declared import WIDE, find_declared
from sgformats._text.encodings import find_encoding, recognise
from sgformats._text.payload import Syntax
from sgformats._text.positions import Text, error_handler
from sgformats._text.signs import is_page, without_hidden
from sgformats.errors import DecodeError
from sgformats.operations import METHODS

_ITEM = re.compile("|".join(f"<{method.item}[ \t\r\n/>]" for method in METHODS))
_OBJECT = re.compile(r'\{[ \t\r\n]*"')


def open_damaged(
    raw: bytes, syntax: Syntax | None = None, given_text: bool = False
) -> tuple[Syntax, Text, int] | None:
    """The syntax of a damaged payload, its characters, and the number of bytes of a cut last one.

    `given_text`: the bytes were encoded from a `str`. None if there is no sign of a list (empty, a
    web page, other text). A fragment of HTML before a list does not count as a page.
    """
    seen = recognise(raw, given_text)
    if seen.kind == "empty":
        return None
    try:
        found, encoding, mark = find_encoding(raw, syntax, given_text)
    except DecodeError:
        likely = syntax or seen.format or _likely_syntax(raw)
        if likely is None or (seen.kind == "html" and not _is_fragment(raw)):
            return None
        # In an unknown encoding, only ASCII is certain.
        narrow = "US-ASCII" if likely == "xml" and not given_text else "UTF-8"
        found, mark = likely, seen.mark
        encoding = seen.encoding if seen.encoding in WIDE else narrow
    at = raw.find(b"<?xml")
    if at >= 0 and found == "xml" and not (given_text or mark or encoding in WIDE):
        declared = find_declared(raw[at : at + 200].decode("latin-1"), encoding)
        encoding = declared or encoding
    try:
        text, tail = decode_damaged(raw, encoding, mark)
    except UnicodeDecodeError:
        return None
    if seen.kind == "html" and found == "json":
        text.chars = without_hidden(text.chars)
    return found, text, tail


def decode_damaged(raw: bytes, encoding: str, mark: int) -> tuple[Text, int]:
    """The characters of damaged bytes, and the number of bytes of a cut last one.

    Raises `UnicodeDecodeError` for units of four bytes that are not characters.
    """
    decoder = codecs.getincrementaldecoder(encoding)(error_handler(encoding))
    text = Text(decoder.decode(raw[mark:]), encoding, mark)
    return text, len(decoder.getstate()[0])


def _likely_syntax(raw: bytes) -> Syntax | None:
    """The syntax of the items that the bytes contain."""
    chars = raw.decode("latin-1")
    if _ITEM.search(chars):
        return "xml"
    return "json" if _OBJECT.search(chars) else None


def _is_fragment(raw: bytes) -> bool:
    """Whether the markup before the first item is not a whole web page."""
    chars = without_hidden(raw.decode("latin-1"))
    first = _ITEM.search(chars) or _OBJECT.search(chars)
    return first is not None and not is_page(chars[: first.start()])
