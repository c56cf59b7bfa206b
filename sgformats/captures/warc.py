"""Web archives (WARC 1.0 and 1.1): request and response records, paired.

The reader is our own because others take a cut for the end of the file, and lose the records after
a wrong length. A response and its request, in either order, are one exchange, located at the first
of the two (`pairs` matches them). A `resource` or `conversion` is an answer without details of its
call; a `revisit` is an answer whose body is elsewhere. Other records hold no traffic.

If no record begins after another one, the Content-Length of that one was wrong. The reader then
searches for the next record, also inside the block it read; the bytes between are an exchange with
the fault `unreadable-entry`. Other damage raises `CaptureError` after all whole exchanges; the last
record before it is dropped if its other half is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn

from sgformats.captures.bodies import Body, too_large, unreadable
from sgformats.captures.build import CaptureOptions, entry_limit, exchange, no_entry
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.httpmessages import Headers, http_heads, read_headers, unchunked
from sgformats.captures.loose import header, status, text
from sgformats.captures.pairs import Pairs, Record, RecordPair
from sgformats.errors import CaptureError, quote

_HEAD = 1024 * 1024
_PIECE = 64 * 1024
_VERSION = re.compile(rb"WARC/(?:1\.[01]|0\.1[78])(?![0-9])", re.IGNORECASE)
_LENGTH = re.compile(r"\s*([0-9]{1,18})\s*")
_KINDS = ("request", "response", "resource", "conversion", "revisit")
_RECORD = "a record of WARC/1.0 or WARC/1.1"
_BARE = ("resource", "conversion")
_SCHEMES = ("http:", "https:")
_BLANK = (b"\r\n", b"\n")
_SHORT = 16  # Bytes of a line that begins a record.
_NEXT = re.compile(rb"(?i)(?:\r?\n){2}(?=WARC/[01]\.[0-9]{1,2}\r?\n)")
_BEGIN = re.compile(rb"(?i)WARC/[01]\.[0-9]{1,2}\r?\n\Z")


def read(file: BinaryIO, name: str, options: CaptureOptions | None = None) -> Iterator[Exchange]:
    """Every exchange of a WARC file, in the order of their first records.

    Raises `CaptureError` at damage.
    """
    max_bytes = (options or CaptureOptions()).max_bytes
    limit = entry_limit(max_bytes)
    records, pairs = _Records(file, name, limit), Pairs(limit)
    number = 0
    damage: CaptureError | None = None
    ended = False
    while not ended:
        try:
            record = records.next()
        except CaptureError as error:
            damage, record = error, None
            pairs.drop_last_half()
        if record is not None:
            pairs.add(record)
        ended = record is None
        for pair in pairs.ready(ended):
            source = Source(name, number, pair.first.line, pair.first.offset)
            yield _exchange(pair, source, max_bytes)
            number += 1
    if damage is not None:
        raise damage


class _Records:
    """The records of a file that hold traffic; others are skipped."""

    def __init__(self, file: BinaryIO, name: str, limit: int) -> None:
        self._stream = _Counted(file)
        self._name = name
        self._limit = limit

    def next(self) -> Record | None:
        """The next record of traffic, or the gap before it; None at the end."""
        while True:
            self._stream.begin_headers()
            offset, line = self._stream.place()
            first = self._stream.readline()
            if not first:
                return None
            if first in _BLANK:
                continue
            if offset and not _BEGIN.match(first):
                return self._gap(offset, line, first)
            headers = self._headers(first, offset, line)
            named = _LENGTH.fullmatch(header(headers, "Content-Length") or "")
            if named is None:
                reason = "expected a record with its Content-Length, found none"
                raise CaptureError(self._name, reason, line, offset)
            length = int(named[1])
            kind = (text(header(headers, "WARC-Type")) or "").lower()
            url = (text(header(headers, "WARC-Target-URI")) or "").strip("<>") or None
            known = kind in _KINDS and (url is not None or kind != "conversion")
            traffic = known and (url is None or url.lower().startswith(_SCHEMES))
            block = self._block(length, traffic and length <= self._limit)
            if block is not None and (end := self._ends_early(block)) is not None:
                self._stream.push_back(block[end:])
                block = block[:end]
            if traffic:
                others = [value for key, value in headers if key.lower() == "warc-concurrent-to"]
                return Record(
                    offset,
                    line,
                    kind,
                    block,
                    id=header(headers, "WARC-Record-ID"),
                    concurrent=tuple(others),
                    url=url,
                    time=header(headers, "WARC-Date"),
                    content_type=header(headers, "Content-Type"),
                    segmented=header(headers, "WARC-Segment-Number") is not None,
                )

    def _gap(self, offset: int, line: int, first: bytes) -> Record:
        """Skip to the next record; return the gap. Raises `CaptureError` if no record follows."""
        shown, found, size = _shown(first), first, 0
        begin = None
        while found and (begin := _BEGIN.search(found, max(0, len(found) - _SHORT))) is None:
            size += len(found)
            self._stream.begin_headers()
            found = self._stream.readline()
        if not found or begin is None:
            raise CaptureError(self._name, f"expected {_RECORD}, found {shown}", line, offset)
        self._stream.push_back(found[begin.start() :])
        size += begin.start()
        fault = no_entry(_RECORD, f"{shown}; {size} bytes precede the next record")
        return Record(offset, line, fault=fault)

    def _ends_early(self, block: bytes) -> int | None:
        """The end of a block that reaches into the next record; None if its length is right."""
        self._stream.begin_headers()
        following = self._stream.readline()
        self._stream.push_back(following)
        if not following or following in _BLANK:
            return None
        inside = _NEXT.search(block + following)
        return None if inside is None or inside.start() >= len(block) else inside.start()

    def _headers(self, first: bytes, offset: int, line: int) -> Headers:
        if _VERSION.match(first) is None:
            reason = f"expected {_RECORD}, found {_shown(first)}"
            raise CaptureError(self._name, reason, line, offset)
        found = read_headers(self._stream.readline)
        if self._stream.last_line not in _BLANK:
            self._fail("the end of a record's headers")
        return [(key, value.strip()) for key, value in found]

    def _block(self, length: int, kept: bool) -> bytes | None:
        pieces = []
        while length:
            piece = self._stream.read(min(length, _PIECE))
            if not piece:
                self._fail("the rest of a record")
            length -= len(piece)
            if kept:
                pieces.append(piece)
        return b"".join(pieces) if kept else None

    def _fail(self, expected: str) -> NoReturn:
        offset, line = self._stream.place()
        self._stream.begin_headers()
        at_end = not self._stream.readline()
        found = "the end of the file" if at_end else "more lines"
        raise CaptureError(self._name, f"expected {expected}, found {found}", line, offset)


def _shown(line: bytes) -> str:
    return quote(line[:80].decode("utf-8", "replace").rstrip())


class _Counted:
    """A stream that counts offset and lines, and bounds the length of headers."""

    def __init__(self, file: BinaryIO) -> None:
        self.last_line = b""
        self._file = file
        self._offset = 0
        self._line = 1
        self._left = _HEAD
        self._pushed_back = b""

    def push_back(self, data: bytes) -> None:
        """Push back the last bytes, to be read again."""
        self._pushed_back = data + self._pushed_back
        self._count(data, -1)

    def begin_headers(self) -> None:
        """Begin a head: reset the count of its bytes."""
        self._left = _HEAD
        self.last_line = b""

    def place(self) -> tuple[int, int]:
        return self._offset, self._line

    def readline(self) -> bytes:
        """The next line, or the part of it that is within the bound."""
        end = self._pushed_back.find(b"\n", 0, self._left) + 1 or self._left
        line, self._pushed_back = self._pushed_back[:end], self._pushed_back[end:]
        if not self._pushed_back and not line.endswith(b"\n"):
            line += self._file.readline(self._left - len(line))
        self._left -= len(line)
        self.last_line = line
        return self._count(line)

    def read(self, size: int) -> bytes:
        data, self._pushed_back = self._pushed_back[:size], self._pushed_back[size:]
        return self._count(data or self._file.read(size))

    def _count(self, data: bytes, sign: int = 1) -> bytes:
        self._offset += sign * len(data)
        self._line += sign * data.count(b"\n")
        return data


class _HttpMessage(NamedTuple):
    """An HTTP message: the words of its first line, its headers, and the rest."""

    words: list[str]
    headers: Headers
    body: bytes

    @classmethod
    def read(cls, block: bytes | None, *, is_http: bool = True) -> _HttpMessage:
        """The message in a block, without interim answers before it."""
        if not block or not is_http:
            return cls([], [], block or b"")
        *_, (words, headers, end) = http_heads(block)
        return cls(words, headers, block[end:])

    def content(self) -> Body:
        """The body, without its transfer encoding."""
        if "chunked" in (header(self.headers, "Transfer-Encoding") or "").lower():
            return unchunked(self.body)
        return Body(self.body)


def _exchange(pair: RecordPair, source: Source, max_bytes: int) -> Exchange:
    if pair.first.fault is not None:
        return exchange(source, fault=pair.first.fault)
    call, answer = pair.call, pair.answer
    request = None if call is None or not call.block else _HttpMessage.read(call.block)
    message, body, own_type = _HttpMessage.read(None), None, None
    if answer is not None and answer.block is None:
        body = Body(b"", too_large(max_bytes))
    elif answer is not None and answer.kind in _BARE:
        body, own_type = Body(answer.block or b""), answer.content_type
    elif answer is not None and answer.block:
        message = _HttpMessage.read(answer.block, is_http=answer.block.startswith(b"HTTP/"))
        body = message.content() if answer.kind == "response" else None
    if answer is not None and answer.segmented and body is not None and body.fault is None:
        body = Body(body.body, unreadable("a whole record", "a segment of one", len(body.body)))
    either = answer or pair.first
    return exchange(
        source,
        either.url or pair.first.url,
        request.words[0] if request is not None else None,
        None if request is None else request.content().body,
        status(message.words[1]) if message.words else None,
        body,
        headers=message.headers,
        content_type=own_type,
        time=either.time,
        max_bytes=max_bytes,
    )
