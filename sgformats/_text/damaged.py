"""Damaged bytes as characters: whatever is none is kept as an escape, so that all else has its place."""

from __future__ import annotations

import codecs
import re

from sgformats._text.declared import find_declared
from sgformats._text.encodings import find_encoding, recognise
from sgformats._text.payload import Syntax
from sgformats._text.positions import Text, is_wide, kept
from sgformats._text.signs import is_page, without_hidden
from sgformats.errors import DecodeError
from sgformats.operations import METHODS

_ITEM = re.compile("|".join(f"<{method.item}[ \t\r\n/>]" for method in METHODS))
_OBJECT = re.compile(r'\{[ \t\r\n]*"')


def open_damaged(
    raw: bytes, syntax: Syntax | None = None, given_text: bool = False
) -> tuple[Syntax, Text, int] | None:
    """The syntax of what is left of a payload, its characters, and how many bytes begin one more.

    `given_text` tells that the bytes are UTF-8 that was made of characters. None for what shows no
    sign of a list: nothing, a web page, other text. Markup before a list is less than a page.
    """
    seen = recognise(raw, given_text)
    if seen.kind == "empty":
        return None
    try:
        found, encoding, mark = find_encoding(raw, syntax, given_text)
    except DecodeError:
        shown = syntax or seen.format or _shown(raw)
        if shown is None or (seen.kind == "html" and not _is_fragment(raw)):
            return None
        # Of an encoding that is not known, ASCII is certain.
        narrow = "US-ASCII" if shown == "xml" and not given_text else "UTF-8"
        found, mark = shown, seen.mark
        encoding = seen.encoding if is_wide(seen.encoding) else narrow
    at = raw.find(b"<?xml")
    if at >= 0 and found == "xml" and not (given_text or mark or is_wide(encoding)):
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
    """The characters of bytes that need not be any, and how many bytes at the end begin one more.

    Raises `UnicodeDecodeError` for units of four bytes that are no characters.
    """
    decoder = codecs.getincrementaldecoder(encoding)(kept(encoding))
    text = Text(decoder.decode(raw[mark:]), encoding, mark)
    return text, len(decoder.getstate()[0])


def _shown(raw: bytes) -> Syntax | None:
    chars = raw.decode("latin-1")
    if _ITEM.search(chars):
        return "xml"
    return "json" if _OBJECT.search(chars) else None


def _is_fragment(raw: bytes) -> bool:
    """Whether the markup before the first item is less than a web page."""
    chars = without_hidden(raw.decode("latin-1"))
    first = _ITEM.search(chars) or _OBJECT.search(chars)
    return first is not None and not is_page(chars[: first.start()])
