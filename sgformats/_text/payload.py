"""Bytes to characters, and every character's place in the bytes.

`recognise` looks at the first characters and says which format they begin, or which kind of
non-answer they are: by the bytes alone, because content types lie. `open_payload` decodes: it gives
a `Text`, or raises a `DecodeError` with exactly one problem.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Literal, NamedTuple

from sgformats._text.declared import DECLARABLE, DECLARATION, WIDE
from sgformats._text.declared import declared_encoding as declared_encoding
from sgformats._text.signs import ends_as_answer, find_late_declaration, is_no_xml
from sgformats.errors import ArgumentError, DecodeError, Location, Problem, quote

Syntax = Literal["xml", "json"]
Format = Literal["xml", "json", "json-v3"]
Payload = bytes | bytearray | memoryview | str

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 256
WHITE = " \t\r\n"
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that XML cannot hold, not even as a reference."""

_LINE_END = re.compile(r"\r\n|\n|\r")
_NOT_WHITE = re.compile(r"[^ \t\r\n]")
_BLOCK = 1024

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


class Text:
    """A payload's characters, or a part of them, and where each of them stands in its bytes.

    `mark` is the number of bytes before them, `line` and `column` are the place of the first.
    """

    __slots__ = ("_blocks", "_column", "_line", "_lines", "chars", "encoding", "mark")

    def __init__(
        self, chars: str, encoding: str, mark: int = 0, line: int = 1, column: int = 1
    ) -> None:
        self.chars = chars
        self.encoding = encoding
        self.mark = mark
        self._line = line
        self._column = column
        self._lines: list[tuple[int, int]] | None = None
        self._blocks: list[int] | None = None

    def location(self, index: int, path: str = "", native: str = "") -> Location:
        """The place of the character at `index`, which may be the end."""
        lines = self._line_blocks()
        block = min(index // _BLOCK, len(lines) - 1)
        line, start = _find_line(self.chars, block * _BLOCK, index, *lines[block])
        column = index - start + (1 if line > 1 else self._column)
        return Location(path, native, line + self._line - 1, column, self.offset(index))

    def _line_blocks(self) -> list[tuple[int, int]]:
        """For each block of characters, the line of its first and the index where that line starts."""
        if self._lines is None:
            self._lines = [(1, 0)]
            for stop in range(_BLOCK, len(self.chars) + 1, _BLOCK):
                self._lines.append(_find_line(self.chars, stop - _BLOCK, stop, *self._lines[-1]))
        return self._lines

    def offset(self, index: int) -> int:
        """How many bytes stand before the character at `index`."""
        if self.encoding not in WIDE and self.chars.isascii():
            return self.mark + index
        if self._blocks is None:
            self._blocks = [self.mark]
            for start in range(0, len(self.chars), _BLOCK):
                block = self.chars[start : start + _BLOCK].encode(
                    self.encoding, kept(self.encoding)
                )
                self._blocks.append(self._blocks[-1] + len(block))
        block_number, rest = divmod(index, _BLOCK)
        start = index - rest
        inside = self.chars[start:index].encode(self.encoding, kept(self.encoding))
        return self._blocks[block_number] + len(inside)

    def part(self, start: int) -> Text:
        """The characters from an index on, with their places."""
        place = self.location(start)
        return Text(self.chars[start:], self.encoding, place.offset, place.line, place.column)

    def index(self, line: int, column: int) -> int:
        """The index of a line and column, clipped to the text."""
        lines = self._line_blocks()
        block = max(bisect_left(lines, (line, 0)) - 1, 0)
        found, start = lines[block]
        ends = _LINE_END.finditer(self.chars, block * _BLOCK)
        while found < line and (end := next(ends, None)):
            found, start = found + 1, end.end()
        return min(start + max(column - 1, 0), len(self.chars))

    def problem(self, rule: str, message: str, index: int) -> DecodeError:
        """The error for a payload that cannot be read on from `index`."""
        return DecodeError((Problem(rule, "error", message, self.location(index)),))


def _find_line(chars: str, start: int, index: int, line: int, begin: int) -> tuple[int, int]:
    """The line of the character at `index`, and where that line begins.

    `line` and `begin` are those of the character at `start`, before it.
    """
    line += chars.count("\n", start, index)
    end = chars.rfind("\n", start, index)
    if returns := chars.count("\r", start, index):
        line += returns - chars.count("\r\n", start, index + 1)
        # A line does not begin between the halves of its end.
        stop = index - 1 if chars.startswith("\r\n", index - 1) else index
        end = max(end, chars.rfind("\r", start, stop))
    return line, begin if end < 0 else end + 1


class Recognised(NamedTuple):
    """What the first bytes show: a format, or else which kind of non-answer it is."""

    format: Syntax | None
    kind: Literal["xml", "json", "html", "plain-text", "binary", "empty"]
    encoding: str
    mark: int
    start: int
    head: str


def as_bytes(data: object, max_bytes: int) -> tuple[bytes, bool]:
    """The payload as bytes, and whether it came as characters.

    Raises `DecodeError` for more than `max_bytes` and for a `str` with half of a surrogate pair,
    `ArgumentError` for anything that is neither bytes nor `str`.
    """
    given_text = isinstance(data, str)
    if isinstance(data, str):
        try:
            raw = data.encode("utf-8")
        except UnicodeEncodeError as error:
            start = error.start
            text = Text(data[:start], "UTF-8")
            message = (
                f"expected characters, found half of a surrogate pair U+{ord(data[start]):04X}"
            )
            raise text.problem("bad-encoding", message, start) from None
    elif isinstance(data, (bytes, bytearray, memoryview)):
        raw = bytes(data)
    else:
        raise ArgumentError(f"expected a payload as bytes or str, found {type(data).__name__}")
    if len(raw) > max_bytes:
        message = (
            f"expected at most {max_bytes} bytes, found {len(raw)}; a larger max_bytes allows more"
        )
        raise Text("", "UTF-8").problem("too-large", message, 0)
    return raw, given_text


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
    message = f"expected an XML or JSON answer of the API, found {found}"
    return text.problem("not-an-answer", message, index)


def _xml_encoding(raw: bytes, seen: Recognised) -> str:
    match = DECLARATION.match(seen.head)
    if match is None or seen.start:
        _refuse_late_declaration(raw, seen)
        if seen.head[0] != "<" and seen.encoding == "UTF-8" and not seen.mark:
            return "ISO-8859-1"  # Whatever bytes follow, the first character cannot be.
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
    message = f"expected {expected} by the bytes, found the declared encoding {quote(match[1])}"
    raise text.problem("bad-encoding", message, match.start(1))


def _refuse_late_declaration(raw: bytes, seen: Recognised) -> None:
    """Refuses a declaration behind white space, before bytes of its encoding can be misread."""
    wide = seen.encoding in WIDE
    if not wide and raw.find(b"<?xml", seen.mark + 1) < 0:
        return
    chars = raw[seen.mark :].decode(seen.encoding, "replace" if wide else "surrogateescape")
    index = find_late_declaration(chars)
    if index >= 0:
        message = "expected an XML declaration only at the very start, found one here"
        raise Text(chars[:index], seen.encoding, seen.mark).problem(
            "not-well-formed", message, index
        )


def _decode(raw: bytes, encoding: str, mark: int) -> Text:
    body = raw[mark:] if mark else raw
    try:
        return Text(body.decode(encoding), encoding, mark)
    except UnicodeDecodeError as error:
        text = Text(body[: error.start].decode(encoding), encoding, mark)
        raise undecodable(text, error) from None


def is_wide(encoding: str) -> bool:
    """Whether an encoding has units of two or four bytes."""
    return encoding in WIDE


def kept(encoding: str) -> str:
    """The error handler by which what is no character stays in a text, as half of a surrogate pair."""
    return "surrogatepass" if encoding in WIDE else "surrogateescape"


def undecodable(text: Text, error: UnicodeDecodeError) -> DecodeError:
    """The error for bytes that are not of a text's encoding, directly behind that text."""
    end = len(text.chars)
    cut = error.reason in ("unexpected end of data", "truncated data")
    if cut and error.end == len(error.object):
        left = len(error.object) - error.start
        found = text.location(end)
        location = Location("", "", found.line, found.column, found.offset + left)
        message = "expected the rest of a character, found the end of the payload"
        return DecodeError((Problem("truncated", "error", message, location),))
    bad = " ".join(f"{byte:02X}" for byte in error.object[error.start : error.end][:4])
    message = f"expected {text.encoding}, found the bytes {bad}"
    return text.problem("bad-encoding", message, end)
