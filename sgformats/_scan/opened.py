"""Decodes a payload that may be damaged, and records what is uncertain."""

from __future__ import annotations

import re
from typing import NamedTuple

from sgformats._formats import FORMATS
from sgformats._model.items import UNSURE
from sgformats._options import CheckedOptions
from sgformats._scan.sampling import shows_v3
from sgformats._text.damaged import decode_damaged, open_damaged
from sgformats._text.declared import WIDE, find_declared
from sgformats._text.encodings import open_payload
from sgformats._text.payload import Format, Payload
from sgformats._text.positions import Text
from sgformats.errors import DecodeError

_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


class OpenedPayload(NamedTuple):
    """The text of a payload.

    `format` is the one shown or given, `tail` the number of bytes of an incomplete character at the
    end, `refused` the error of the undamaged reader. `certain`: damage cannot have changed the
    meaning of the characters.
    """

    raw: bytes
    options: CheckedOptions
    format: Format
    text: Text
    tail: int
    refused: DecodeError | None
    certain: bool


def open_any(data: Payload, raw: bytes, options: CheckedOptions) -> OpenedPayload | DecodeError:
    """The payload's text, or the error if nothing in it looks like a list."""
    format = options.format
    syntax = FORMATS[format].syntax if format else None
    given_text = isinstance(data, str)
    try:
        shown, text = open_payload(data, syntax, options.max_bytes)
        tail, refused = 0, None
    except DecodeError as error:
        opened = open_damaged(raw, syntax, given_text)
        if opened is None:
            return error
        shown, text, tail = opened
        refused = error
    found: Format = format or shown
    if format is None and shown == "json" and shows_v3(text.chars):
        found = "json-v3"
    told = given_text or text.mark > 0 or text.encoding == "US-ASCII" or text.chars.isascii()
    head = text.chars[(at := max(text.chars.find("<?xml"), 0)) : at + 200]
    told = told or (shown == "xml" and find_declared(head, text.encoding) == text.encoding)
    return OpenedPayload(raw, options, found, text, tail, refused, told)


def only_ascii(opened: OpenedPayload) -> OpenedPayload:
    """The payload without the characters that depend on the encoding."""
    text = opened.text
    if text.encoding in WIDE:
        four = text.encoding.startswith("UTF-32")
        chars = _NOT_ASCII.sub(
            lambda found: UNSURE * (1 if four or found[0] <= "\uffff" else 2), text.chars
        )
        return opened._replace(text=Text(chars, text.encoding))
    text, tail = decode_damaged(opened.raw, "US-ASCII", 0)
    return opened._replace(text=text, tail=tail)
