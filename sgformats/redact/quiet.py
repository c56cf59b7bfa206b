"""Lists of records in which nothing is to be hidden, told without taking them apart.

Most answers of a log are such lists. All of their fields are known by name and hold words, addresses or
dates, so one look at all the words together says what a look at each of them would say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from sgformats.operations import METHODS
from sgformats.secrets.search import find_secrets

_FIELDS = frozenset(name for method in METHODS for name in method.names)
_NAMES = frozenset(name for method in METHODS for name in (method.root, method.item)) | _FIELDS
_objects = msgspec.json.Decoder(list[dict[str, str | int | None]]).decode
_TAG = re.compile(r"<(/?)([a-z]+)[ \t\r\n]*(/?)>")
_LETTER = re.compile(r"\\u00[4-7]")
_PROLOG = re.compile(
    r'\s*<\?xml version="1\.[01]"(?: encoding="(?:iso-8859-1|utf-8|us-ascii|windows-1252)")? ?\?>',
    re.I,
)
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&"))
_OTHER_REFERENCE = re.compile("&(?!(?:amp|lt|gt|quot|apos);)")
_SHORTEST = 100


def is_quiet(text: str, begins: Iterable[str]) -> bool:
    """Whether a text is a list of records, in XML or JSON, and nothing in it is to be hidden.

    `begins` are the beginnings of the secrets that are known: none of them may stand in it.
    """
    words = _words(text) if len(text) > _SHORTEST else None
    if words is None or any(begin in words for begin in begins):
        return False
    # What holds a call is looked at as one.
    return "/api/" not in words and not find_secrets(words, prose=True)


def _words(text: str) -> str | None:
    """All that a list says, one value behind the other; None for what is no plain list."""
    if text.startswith("["):
        try:
            found = _objects(text)
        except (ValueError, RecursionError):
            return None
        # Of a key that stands twice only the last value was read; letters may be escaped in it.
        known = Counter(name for record in found for name in record)
        once = all(text.count(f'"{name}"') == number for name, number in known.items())
        if not once or not _FIELDS.issuperset(known) or _LETTER.search(text):
            return None
        return "\n".join(str(value) for record in found for value in record.values())
    prolog = _PROLOG.match(text)
    at = 0 if prolog is None else prolog.end()
    values = []
    name = ""  # Of the field that is open.
    for tag in _TAG.finditer(text, at):
        value, at = text[at : tag.start()], tag.end()
        closes = bool(tag[1])
        if tag[2] not in _NAMES or (value.strip() and not (closes and tag[2] == name)):
            return None
        values.append(value)
        name = "" if closes or tag[3] or tag[2] not in _FIELDS else tag[2]
    words = "\n".join((*values, text[at:]))
    if "<" in words or _OTHER_REFERENCE.search(words) or text[at:].strip():
        return None
    for entity, char in _ENTITIES:
        words = words.replace(entity, char)
    return words
