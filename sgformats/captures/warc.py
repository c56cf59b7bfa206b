"""Web archives (WARC 1.0 and 1.1): request and response records, paired.

A response and its request, in either order, are one exchange, located at the first of the two
(`pairs` matches them). A `resource` or `conversion` is an answer without details of its call; a
`revisit` is an answer whose body is elsewhere. Other records hold no traffic.

A gap between records (see `warcrecords`) is an exchange with the fault `unreadable-entry`. Other
damage raises `CaptureError` after all whole exchanges; the last record before it is dropped if its
other half is missing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from sgformats.captures.bodies import Body, too_large, unreadable
from sgformats.captures.build import DEFAULTS, CaptureOptions, entry_limit, exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.httpmessages import Headers, http_heads, unchunked
from sgformats.captures.loose import header, status, text
from sgformats.captures.pairs import Pairs, Record, RecordPair
from sgformats.captures.warcrecords import WarcRecord, WarcRecords
from sgformats.errors import CaptureError

_KINDS = ("request", "response", "resource", "conversion", "revisit")
_BARE = ("resource", "conversion")
_SCHEMES = ("http:", "https:")


def read(file: BinaryIO, name: str, options: CaptureOptions = DEFAULTS) -> Iterator[Exchange]:
    """Every exchange of a WARC file, in the order of their first records.

    Raises `CaptureError` at damage.
    """
    max_bytes = options.max_bytes
    limit = entry_limit(max_bytes)
    pairs = Pairs(limit)
    records = WarcRecords(
        file, name, lambda headers, length: length <= limit and _is_traffic(headers)
    )
    number = 0
    damage: CaptureError | None = None
    ended = False
    while not ended:
        try:
            record = records.next()
            if record is not None and record.damage is not None:
                raise record.damage
        except CaptureError as error:
            damage, record = error, None
            pairs.drop_last_half()
        if record is not None and (record.fault is not None or _is_traffic(record.headers)):
            pairs.add(_half(record))
        ended = record is None
        for pair in pairs.ready(ended):
            source = Source(name, number, pair.first.line, pair.first.offset)
            yield _exchange(pair, source, max_bytes)
            number += 1
    if damage is not None:
        raise damage


def _is_traffic(headers: Headers) -> bool:
    """Whether a record is a call or an answer."""
    kind, url = _kind(headers), _url(headers)
    known = kind in _KINDS and (url is not None or kind != "conversion")
    return known and (url is None or url.lower().startswith(_SCHEMES))


def _kind(headers: Headers) -> str:
    return (text(header(headers, "WARC-Type")) or "").lower()


def _url(headers: Headers) -> str | None:
    return (text(header(headers, "WARC-Target-URI")) or "").strip("<>") or None


def _half(record: WarcRecord) -> Record:
    """A call, an answer or a gap."""
    headers = record.headers
    named = [value for key, value in headers if key.lower() == "warc-concurrent-to"]
    return Record(
        record.offset,
        record.line,
        _kind(headers),
        record.block,
        id=header(headers, "WARC-Record-ID"),
        concurrent=tuple(named),
        url=_url(headers),
        time=header(headers, "WARC-Date"),
        content_type=header(headers, "Content-Type"),
        segmented=header(headers, "WARC-Segment-Number") is not None,
        fault=record.fault,
    )


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
