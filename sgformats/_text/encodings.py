"""Bytes to characters: the format and the encoding that a payload shows, and its text.

`recognise` looks at the first characters and says which format they begin, or which kind of non-answer
they are: by the bytes alone, because content types lie. `open_payload` decodes: it gives a `Text`, or
raises a `DecodeError` with exactly one problem.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from sgformats._text.declared import DECLARABLE, DECLARATION, WIDE
from sgformats._text.payload import MAX_BYTES, WHITE, Payload, Syntax, as_bytes
from sgformats._text.positions import Text
from sgformats._text.signs import ends_as_answer, find_late_declaration, is_no_xml
from sgformats.errors import DecodeError, Location, quote
from sgformats.rules import problem_of

_NOT_WHITE = re.compile(r"[^ \t\r\n]")

_MARKS = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe\x00\x00", "UTF-32LE"),
    (b"\x00\x00\xfe\xff", "UTF-32BE"),
    (b"\xff\xfe", "UTF-16LE"),
    (b"\xfe\xff", "UTF-16BE"),
)

# Where the zero bytes of a first character of ASCII stand.
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
    """What the first bytes show: a format, or else which kind of non-answer it is."""

    format: Syntax | None
    kind: Literal["xml", "json", "html", "plain-text", "binary", "empty"]
    encoding: str
    mark: int
    start: int
    head: str


def recognise(raw: bytes, given_text: bool = False) -> Recognised:
    """What the bytes begin: looked at, not yet decoded. Never raises.

    `given_text` tells that the bytes are UTF-8 that was made of characters.
    """
    encoding, mark = _units(raw, given_text)
    wide = encoding in WIDE
    chars = raw[mark:].decode(encoding, "replace") if wide else raw[mark:].decode("latin-1")
    found = _NOT_WHITE.search(chars)
    if found is None:
        return Recognised(None, "empty", encoding, mark, 0, "")
    start = found.start()
    head = chars[start : start + _HEAD]
    kind = _kind(chars, start, head)
    syntax: Syntax | None = "xml" if kind == "xml" else "json" if kind == "json" else None
    return Recognised(syntax, kind, encoding, mark, start, head)


def _kind(
    chars: str, start: int, head: str
) -> Literal["xml", "json", "html", "plain-text", "binary"]:
    if head[0] == "<":
        return "html" if is_no_xml(chars, start) else "xml"
    end = chars[-_HEAD:]
    if head[0] == "[" and ends_as_answer(end) and '{"' not in chars:
        return "xml"  # A line of a log, or the like, before an XML list.
    if head[0] in '{["' or _JSON_SCALAR.match(chars, start):
        return "json"
    if "\x00" in head:
        return "binary"
    return "xml" if ends_as_answer(end) else "plain-text"


def _units(raw: bytes, given_text: bool) -> tuple[str, int]:
    """The encoding that a mark or the place of the zero bytes shows, and the mark's length."""
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

    Raises `DecodeError` for what is no answer at all, and for bytes that are not the text that
    they say they are.
    """
    raw, given_text = as_bytes(data, max_bytes)
    found, encoding, mark = find_encoding(raw, syntax, given_text)
    return found, _decode(raw, encoding, mark)


def find_encoding(
    raw: bytes, syntax: Syntax | None = None, given_text: bool = False
) -> tuple[Syntax, str, int]:
    """The syntax and the encoding that the beginning of a payload shows, and the length of its mark.

    `given_text` tells that the bytes were made of characters. Raises `DecodeError` as `open_payload`.
    """
    seen = recognise(raw, given_text)
    if seen.head == "\ufffd" and seen.encoding in WIDE:
        _decode(raw, seen.encoding, seen.mark)  # Cut inside its very first character.
    if seen.format is None:
        raise _not_an_answer(raw, seen)
    found = syntax or seen.format
    encoding = seen.encoding
    if found == "xml" and not given_text:
        encoding = _xml_encoding(raw, seen)
    return found, encoding, seen.mark


def _not_an_answer(raw: bytes, seen: Recognised) -> DecodeError:
    chars = raw[seen.mark :].decode(seen.encoding, "replace")
    start = _NOT_WHITE.search(chars)
    index = start.start() if start else 0
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
            raise _other_beginning(raw, seen)
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
    """Refuses a declaration behind white space, before bytes of its encoding can be misread."""
    wide = seen.encoding in WIDE
    if not wide and raw.find(b"<?xml", seen.mark + 1) < 0:
        return
    chars = raw[seen.mark :].decode(seen.encoding, "replace" if wide else "surrogateescape")
    index = find_late_declaration(chars)
    if index >= 0:
        expected = "an XML declaration only at the very start"
        text = Text(chars[:index], seen.encoding, seen.mark)
        raise text.error("not-well-formed", index, expected, "one here")


def _other_beginning(raw: bytes, seen: Recognised) -> DecodeError:
    """The error for a first character that begins no XML, before the bytes behind it can be one."""
    char = seen.head[0]
    if seen.encoding not in WIDE:
        first = raw[seen.mark + seen.start :][:4]
        shown = first.decode("utf-8", "replace")[0]
        char = shown if first.startswith(shown.encode()) else char
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
    """The error for bytes that are not of a text's encoding, directly behind that text."""
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
