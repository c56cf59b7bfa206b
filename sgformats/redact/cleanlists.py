"""Recognises lists of records with nothing to hide, without checking each value.

Most answers in a log are such lists. All fields have known names and hold words, addresses or dates, so one
search of all values together gives the same result as a search of each value.
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


def is_clean_list(text: str, prefixes: Iterable[str]) -> bool:
    """Whether a text is a list of records, in XML or JSON, with nothing to hide.

    `prefixes` are the first characters of known secrets; the text must contain none of them.
    """
    joined = _join_values(text) if len(text) > _SHORTEST else None
    if joined is None or any(prefix in joined for prefix in prefixes):
        return False
    # Text with a call needs the full search.
    return "/api/" not in joined and not find_secrets(joined, prose=True)


def _join_values(text: str) -> str | None:
    """All values of a list, joined; None if the text is not a plain list."""
    if text.startswith("["):
        try:
            found = _objects(text)
        except (ValueError, RecursionError):
            return None
        # Only the last value of a duplicate key was read; its letters may be escaped.
        counts = Counter(name for record in found for name in record)
        once = all(text.count(f'"{name}"') == number for name, number in counts.items())
        if not once or not _FIELDS.issuperset(counts) or _LETTER.search(text):
            return None
        return "\n".join(str(value) for record in found for value in record.values())
    prolog = _PROLOG.match(text)
    at = 0 if prolog is None else prolog.end()
    values = []
    name = ""  # Name of the open field.
    for tag in _TAG.finditer(text, at):
        value, at = text[at : tag.start()], tag.end()
        closes = bool(tag[1])
        if tag[2] not in _NAMES or (value.strip() and not (closes and tag[2] == name)):
            return None
        values.append(value)
        name = "" if closes or tag[3] or tag[2] not in _FIELDS else tag[2]
    joined = "\n".join((*values, text[at:]))
    if "<" in joined or _OTHER_REFERENCE.search(joined) or text[at:].strip():
        return None
    for entity, char in _ENTITIES:
        joined = joined.replace(entity, char)
    return joined
