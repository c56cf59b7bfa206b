"""Bytes to characters: detects the syntax and the encoding of a payload, and decodes it.

`recognise` detects the syntax, or the kind of non-answer, from the first bytes alone, because
content types are often wrong. `open_payload` returns a `Text`, or raises a `DecodeError` with
exactly one problem.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from sgformats._text.declared import DECLARABLE, DECLARATION, WIDE
from sgformats._text.payload import MAX_BYTES, WHITE, Payload, Syntax, as_bytes, skip_white
from sgformats._text.positions import Text
from sgformats._text.signs import ends_as_answer, find_late_declaration, is_not_xml
from sgformats.errors import DecodeError, Location, quote
from sgformats.rules import problem_of

_MARKS = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe\x00\x00", "UTF-32LE"),
    (b"\x00\x00\xfe\xff", "UTF-32BE"),
    (b"\xff\xfe", "UTF-16LE"),
    (b"\xfe\xff", "UTF-16BE"),
)

# Which bytes of a first ASCII character are zero.
_ZEROS = (
    ((False, True, True, True), "UTF-32LE"),
    ((True, True, True, False), "UTF-32BE"),
    ((False, True), "UTF-16LE"),
    ((True, False), "UTF-16BE"),
)

_JSON_SCALAR = re.compile(
    r"(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null)[ \t\r\n]*\Z"
)
_HEAD = 4096


class Recognised(NamedTuple):
    """What the first bytes indicate: a syntax, or a kind of non-answer."""

    format: Syntax | None
    kind: Literal["xml", "json", "html", "plain-text", "binary", "empty"]
    encoding: str
    mark: int
    start: int
    head: str


def recognise(raw: bytes, given_text: bool = False) -> Recognised:
    """Detect the kind of a payload and its likely encoding, without decoding it. Never raises.

    `given_text`: the bytes were encoded from a `str`.
    """
    encoding, mark = _detect_encoding(raw, given_text)
    wide = encoding in WIDE
    chars = raw[mark:].decode(encoding, "replace") if wide else raw[mark:].decode("latin-1")
    start = skip_white(chars, 0)
    if start == len(chars):
        return Recognised(None, "empty", encoding, mark, 0, "")
    head = chars[start : start + _HEAD]
    kind = _kind(chars, start, head)
    syntax: Syntax | None = "xml" if kind == "xml" else "json" if kind == "json" else None
    return Recognised(syntax, kind, encoding, mark, start, head)


def _kind(
    chars: str, start: int, head: str
) -> Literal["xml", "json", "html", "plain-text", "binary"]:
    if head[0] == "<":
        return "html" if is_not_xml(chars, start) else "xml"
    end = chars[-_HEAD:]
    if head[0] == "[" and ends_as_answer(end) and '{"' not in chars:
        return "xml"  # An XML list after a line of a log or the like.
    if head[0] in '{["' or _JSON_SCALAR.match(chars, start):
        return "json"
    if "\x00" in head:
        return "binary"
    return "xml" if ends_as_answer(end) else "plain-text"


def _detect_encoding(raw: bytes, given_text: bool) -> tuple[str, int]:
    """The encoding by the byte-order mark or by the zero bytes, and the mark's length."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return encoding, len(mark)
    for zeros, encoding in () if given_text else _ZEROS:
        unit = raw[: len(zeros)]
        if len(unit) == len(zeros) and all(
            (byte == 0) == zero for byte, zero in zip(unit, zeros, strict=True)
        ):
            first = unit[zeros.index(False)]
            if 0x20 <= first < 0x7F or chr(first) in WHITE:
                return encoding, 0
    return "UTF-8", 0


def open_payload(
    data: Payload, syntax: Syntax | None = None, max_bytes: int = MAX_BYTES
) -> tuple[Syntax, Text]:
    """The payload's syntax and its characters.

    Raises `DecodeError` if the payload is no answer, or its bytes are invalid in its encoding.
    """
    raw, given_text = as_bytes(data, max_bytes)
    found, encoding, mark = find_encoding(raw, syntax, given_text)
    return found, _decode(raw, encoding, mark)


def find_encoding(
    raw: bytes, syntax: Syntax | None = None, given_text: bool = False
) -> tuple[Syntax, str, int]:
    """The syntax and the encoding by the start of a payload, and the length of its mark.

    `given_text`: the bytes were encoded from a `str`. Raises `DecodeError` like `open_payload`.
    """
    seen = recognise(raw, given_text)
    if seen.head == "\ufffd" and seen.encoding in WIDE:
        _decode(raw, seen.encoding, seen.mark)  # Cut inside its first character.
    if seen.format is None:
        raise _not_an_answer(raw, seen)
    found = syntax or seen.format
    encoding = seen.encoding
    if found == "xml" and not given_text:
        encoding = _xml_encoding(raw, seen)
    return found, encoding, seen.mark


def _not_an_answer(raw: bytes, seen: Recognised) -> DecodeError:
    chars = raw[seen.mark :].decode(seen.encoding, "replace")
    index = seen.start
    found = {
        "html": "an HTML page",
        "plain-text": f"plain text {quote(chars[index : index + _HEAD])}",
        "binary": "binary data",
    }.get(seen.kind, "nothing")
    text = Text(chars[:index], seen.encoding, seen.mark)
    return text.error("not-an-answer", index, "an XML or JSON answer of the API", found)


def _xml_encoding(raw: bytes, seen: Recognised) -> str:
    match = DECLARATION.match(seen.head)
    if match is None or seen.start:
        _refuse_late_declaration(raw, seen)
        if seen.head[0] != "<":
            raise _not_an_element(raw, seen)
        return seen.encoding
    name = match[1].lower()
    marked = seen.mark > 0
    if seen.encoding in WIDE:
        if name in WIDE[seen.encoding]:
            return seen.encoding
        expected = seen.encoding
    elif marked and DECLARABLE.get(name) != "UTF-8":
        expected = "UTF-8"
    elif name in DECLARABLE:
        return DECLARABLE[name]
    elif name.startswith(("utf-16", "utf-32")):
        expected = "an encoding of single bytes"
    else:
        expected = "UTF-8, ISO-8859-1, windows-1252, US-ASCII or UTF-16"
    text = Text(seen.head, seen.encoding if seen.encoding in WIDE else "latin-1", seen.mark)
    found = f"the declared encoding {quote(match[1])}"
    raise text.error("bad-encoding", match.start(1), f"{expected} by the bytes", found)


def _refuse_late_declaration(raw: bytes, seen: Recognised) -> None:
    """Raise for a declaration after white space, before its encoding can be misread."""
    wide = seen.encoding in WIDE
    if not wide and raw.find(b"<?xml", seen.mark + 1) < 0:
        return
    chars = raw[seen.mark :].decode(seen.encoding, "replace" if wide else "surrogateescape")
    index = find_late_declaration(chars)
    if index >= 0:
        expected = "an XML declaration only at the very start"
        text = Text(chars[:index], seen.encoding, seen.mark)
        raise text.error("not-well-formed", index, expected, "a later one")


def _not_an_element(raw: bytes, seen: Recognised) -> DecodeError:
    """The error for XML that does not begin with `<`, raised before the bytes are decoded."""
    char = seen.head[0]
    if seen.encoding not in WIDE:
        first = raw[seen.mark + seen.start :][:4]
        decoded = first.decode("utf-8", "replace")[0]
        char = decoded if first.startswith(decoded.encode()) else char
    before = raw[seen.mark :].decode(seen.encoding, "replace")[: seen.start]
    text = Text(before, seen.encoding, seen.mark)
    return text.error("not-well-formed", seen.start, "the root element", quote(char))


def _decode(raw: bytes, encoding: str, mark: int) -> Text:
    body = raw[mark:] if mark else raw
    try:
        return Text(body.decode(encoding), encoding, mark)
    except UnicodeDecodeError as error:
        text = Text(body[: error.start].decode(encoding), encoding, mark)
        raise undecodable(text, error) from None


def undecodable(text: Text, error: UnicodeDecodeError) -> DecodeError:
    """The error for bytes, directly after a text, that are not valid in its encoding."""
    end = len(text.chars)
    cut = error.reason in ("unexpected end of data", "truncated data")
    if cut and error.end == len(error.object):
        left = len(error.object) - error.start
        place = text.location(end)
        location = Location("", "", place.line, place.column, place.offset + left)
        expected, found = "the rest of a character", "the end of the payload"
        return DecodeError((problem_of("truncated", location, expected, found),))
    bad = " ".join(f"{byte:02X}" for byte in error.object[error.start : error.end][:4])
    return text.error("bad-encoding", end, text.encoding, f"the bytes {bad}")
