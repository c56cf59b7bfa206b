"""Census of lists that the fast readers accept, without building a tree.

The field names are those of the payload. Results equal those of the tree.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from sgformats._fast import decode, detect_format
from sgformats._text.encodings import open_payload
from sgformats._text.payload import Format
from sgformats._text.positions import Text
from sgformats.operations import Operation
from sgformats.records import Listing, Record

_TAG = re.compile(r"<([A-Za-z_][\w.-]*)")
_FIRST_MEMBER = re.compile(r'\{\s*"[^"\\]*"\s*:(\s*)')
_objects = msgspec.json.Decoder(list[dict[str, Any]]).decode


class PlainList(NamedTuple):
    """A valid list: its characters, its records, and the field names of each.

    `spread`: the records are on separate lines. `spaced`: a space precedes the first value.
    """

    format: Format
    text: Text
    records: tuple[Record, ...]
    names: list[tuple[str, ...]]
    spread: bool
    spaced: bool


def read_plain_list(body: bytes, operation: Operation, max_bytes: int) -> PlainList | None:
    """Read a list; None for any other body, and for a list in an unusual form."""
    reply = decode(body, operation, None, max_bytes)
    if not isinstance(reply, Listing):
        return None
    syntax, text = open_payload(body, None, max_bytes)
    chars, method = text.chars, operation.method
    if syntax == "xml":
        names = _names_in_xml(chars, method.item)
        first = chars.find(f"<{method.root}")
        begin = chars.find(f"<{method.item}", first + 1)
        spaced = False
    else:
        known: dict[tuple[str, ...], tuple[str, ...]] = {}  # Most records have the same names.
        names = [known.setdefault(t, t) for t in map(tuple, _objects(body[text.mark :]))]
        first, begin = chars.find("["), chars.find("{")
        member = _FIRST_MEMBER.match(chars, max(begin, 0))
        spaced = member is not None and member[1].endswith(" ")
    if names is None or len(names) != len(reply.records):
        return None
    spread = bool(names) and "\n" in chars[first:begin]
    return PlainList(detect_format(body), text, reply.records, names, spread, spaced)


def _names_in_xml(chars: str, item: str) -> list[tuple[str, ...]] | None:
    if "<!" in chars:  # Comments and CDATA may contain tags.
        return None
    tags = _TAG.findall(chars)
    names = []
    begin = 0
    for at, tag in enumerate(tags):
        if tag == item:
            if begin:
                names.append(tuple(tags[begin:at]))
            begin = at + 1
    if begin:
        names.append(tuple(tags[begin:]))
    return names
