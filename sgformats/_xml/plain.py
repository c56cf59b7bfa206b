"""The characters of a plain XML document, and of the references in its text.

Plain is what the API and most XML writers write: elements without attributes, text, layout, XML's own
references, CDATA sections in text, and a declaration of a usual form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from sgformats._text.payload import WHITE

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NUMBER = re.compile("#(?:([0-9]{1,7})|x([0-9a-fA-F]{1,7}))")
_CDATA = "<![CDATA["
_FORBIDDEN = bytes(code for code in range(0x20) if chr(code) not in WHITE)
_ENCODINGS = ("UTF-8", "ISO-8859-1", "US-ASCII", "windows-1252")
# What may stand before the `?>` of a declaration, and the encoding it means.
_DECLARATIONS: Mapping[str, str] = {
    f"<?xml version={quote}1.0{quote}{encoding}": name
    for quote in "\"'"
    for name in _ENCODINGS
    for encoding in (
        f" encoding={quote}{name}{quote}",
        f" encoding={quote}{name.lower()}{quote}",
        *([""] if name == "UTF-8" else []),
    )
}
_HEAD = 128  # Characters in which a declaration of a usual form ends.
_SMALL = 4096  # Bytes that are sooner looked at once than searched for each code.


class NotPlainError(Exception):
    """The document is of another form."""


class PlainDocument(NamedTuple):
    """The characters of a document, where in them the root begins and ends, and if any are escaped."""

    chars: str
    start: int
    end: int
    escaped: bool


def open_plain(data: bytes | str) -> PlainDocument | None:
    """The characters of a document; None if it is certainly not plain.

    Raises `UnicodeError` for bytes that are not of the encoding they declare, and for half of a
    surrogate pair. What characters declare of bytes that are gone plays no part.
    """
    encoding, start = "UTF-8", 0
    if data[:2] in (b"<?", "<?"):
        head = data[:_HEAD] if isinstance(data, str) else data[:_HEAD].decode("latin-1")
        start = head.find("?>")
        found = _DECLARATIONS.get(head[: max(start, 0)])
        if found is None:
            return None
        encoding, start = found, start + 2
    if isinstance(data, str):
        chars = data
        if not chars.isascii():
            chars.encode()
    else:
        chars = data.decode("UTF-8" if data.isascii() else encoding)
    if _has_forbidden(data, chars):
        return None
    if "]" in chars and "]]>" in chars:
        chars = _without_cdata(chars, start)
        if "]]>" in chars:
            return None
    if not chars.isascii() and ("\ufffe" in chars or "\uffff" in chars):
        return None
    if "\r" in chars:
        chars = chars.replace("\r\n", "\n").replace("\r", "\n")
    end = len(chars)
    while start < end and chars[start] in WHITE:
        start += 1
    while start < end and chars[end - 1] in WHITE:
        end -= 1
    return PlainDocument(chars, start, end, "&" in chars)


def _without_cdata(chars: str, start: int) -> str:
    """The characters with the text of each CDATA section escaped instead; the root begins at `start`.

    If a section is not closed or not in the text of an element, all stay as they are.
    """
    first, *others = chars[start:].split(_CDATA)
    parts = [first]
    for other in others:
        section, mark, text = other.partition("]]>")
        before = parts[-1]
        in_tag, in_reference = (before.rfind(a) > before.rfind(b) for a, b in ("<>", "&;"))
        if not mark or in_tag or in_reference:
            return chars
        parts += [section.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"), text]
    return chars[:start] + "".join(parts) if "<" in first and "<" in parts[-1] else chars


def _has_forbidden(data: bytes | str, chars: str) -> bool:
    if isinstance(data, bytes) and len(data) < _SMALL:
        return len(data.translate(None, _FORBIDDEN)) < len(data)
    return any(code in chars for code in _FORBIDDEN.decode())


def unescape(text: str) -> str:
    """The text with the characters that its references mean."""
    first, *others = text.split("&")
    parts = [first]
    for other in others:
        name, mark, rest = other.partition(";")
        if not mark:
            raise NotPlainError
        parts += [_NAMED.get(name) or _numbered(name), rest]
    return "".join(parts)


def _numbered(name: str) -> str:
    number = _NUMBER.fullmatch(name)
    if number is None:
        raise NotPlainError
    code = int(number[1]) if number[1] else int(number[2], 16)
    if code > 0x10FFFF or not (
        code in (0x9, 0xA, 0xD)
        or 0x20 <= code <= 0xD7FF
        or 0xE000 <= code <= 0xFFFD
        or code > 0xFFFF
    ):
        raise NotPlainError
    return chr(code)
