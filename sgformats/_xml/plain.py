"""Opens plain XML documents, and replaces the references in their text.

Plain means what the API and most XML writers write: elements without attributes, text, the
references and CDATA sections in it, white space, and an XML declaration in a usual form.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from sgformats._text.payload import WHITE

_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_NUMBER = re.compile("#(?:0*([0-9]{1,7})|x0*([0-9a-fA-F]{1,6}))")
CDATA = "<![CDATA["
_FORBIDDEN = bytes(code for code in range(0x20) if chr(code) not in WHITE)
ENCODINGS = ("ISO-8859-1", "UTF-8", "US-ASCII", "windows-1252")
# Declarations without their `?>`, and the encodings that they declare.
_DECLARATIONS: Mapping[str, str] = {
    f"<?xml version={quote}1.0{quote}{encoding}": name
    for quote in "\"'"
    for name in ENCODINGS
    for encoding in (
        f" encoding={quote}{name}{quote}",
        f" encoding={quote}{name.lower()}{quote}",
        *([""] if name == "UTF-8" else []),
    )
}
_HEAD = 128  # Characters that contain a declaration in a usual form.
_SMALL = 4096  # Up to so many bytes, one pass is faster than a search for each character.


class NotPlainError(Exception):
    """The document is not plain."""


class PlainDocument(msgspec.Struct, frozen=True, gc=False):
    """The characters of a document, the start and end of the root, and whether it has references."""

    chars: str
    start: int
    end: int
    escaped: bool


def open_plain(data: bytes | str) -> PlainDocument | None:
    """The characters of a document; None if it is certainly not plain.

    Raises `UnicodeError` for bytes that are invalid in the declared encoding, and for half of a
    surrogate pair. The encoding that a `str` declares is ignored.
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
    """The characters with the text of each CDATA section escaped; the root begins at `start`.

    They stay unchanged if a section is not closed or not in the text of an element.
    """
    first, *others = chars[start:].split(CDATA)
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
    """The text with its references replaced. Raises `NotPlainError` for an invalid one."""
    first, *others = text.split("&")
    parts = [first]
    for other in others:
        name, mark, rest = other.partition(";")
        char = character_of(name) if mark else None
        if char is None:
            raise NotPlainError
        parts += (char, rest)
    return "".join(parts)


def character_of(reference: str) -> str | None:
    """The character of a reference such as `lt` or `#60`; None if XML does not allow it."""
    if named := _NAMED.get(reference):
        return named
    number = _NUMBER.fullmatch(reference)
    code = int(number[1] or number[2], 10 if number[1] else 16) if number else -1
    # "Char ::= #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]"
    allowed = 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
    return chr(code) if allowed or code in (0x9, 0xA, 0xD) else None
