"""The exchanges of a piece of the plan, those with bodies too large to be held among them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import IO, BinaryIO, Protocol, cast

import msgspec
from msgspec.structs import replace

from sgformats.captures import build
from sgformats.captures.bodies import encoded, too_large
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.jsonlines import FIELDS
from sgformats.captures.jsonlines import read as read_lines
from sgformats.captures.kinds import HEAD, KINDS, Kind, find_kind
from sgformats.captures.opening import Opened
from sgformats.errors import CaptureError
from sgformats.extract.counts import Counts
from sgformats.extract.files import Counted, open_piece
from sgformats.extract.huge import HEAD as BODY_HEAD
from sgformats.extract.huge import HOLD, Huge, may_be_list
from sgformats.extract.longlines import (
    NoLineError,
    ValueSpan,
    find_values,
    read_bytes,
    read_text,
)
from sgformats.extract.options import Options
from sgformats.extract.shards import STDIN, Piece

LINEWISE = ("jsonl", "log")
"""The kinds of captures whose exchanges have a line rather than a number."""

_BLOCK = 1 << 16
_SMALL = 1 << 16

Found = tuple[Exchange, Huge | None]


class Hearer(Protocol):
    """Who is told of each capture, and of one that could not be read to its end."""

    def begin(self, piece: Piece, kind: Kind) -> None:
        """Another capture."""

    def damaged(self, name: str, error: CaptureError) -> None:
        """It is damaged."""


def find_exchanges(
    piece: Piece, options: Options, counts: Counts, hearer: Hearer, stdin: BinaryIO | None
) -> Iterator[Found]:
    """The exchanges of a piece, each with its body where that is not held."""
    if piece.unread:
        hearer.begin(piece, KINDS["payload"])
        counts.files += 1
        hearer.damaged(shown_path(piece.path), CaptureError(piece.path, piece.unread))
        return
    with open_piece(piece, stdin) as file:
        name = shown_path(piece.path)
        opened = Opened(cast("BinaryIO", file), name, options.unpacking)
        kind = KINDS["jsonl"] if piece.end is not None else _kind(opened, options)
        if kind.name != "payload":
            opened.as_utf8()
        if options.kind is None:
            opened.refuse_foreign()
        lines = Counted(opened, options.max_bytes, lambda line: _may_be_list(line, options))
        hearer.begin(piece, kind)
        counts.files += piece.start == 0
        before = counts.bytes
        found = (
            _payload(piece, opened, name, options.max_bytes)
            if kind.name == "payload" and _is_huge(opened)
            else _all(kind, lines, name, options)
        )
        try:
            for each in found:
                counts.bytes = before + file.taken
                yield each
        except CaptureError as error:
            hearer.damaged(name, error)
        finally:
            counts.bytes = before + file.taken
            if kind.name in LINEWISE:
                counts.lines += lines.lines


def _all(kind: Kind, lines: Counted, name: str, options: Options) -> Iterator[Found]:
    long = max(HOLD, HEAD) if kind.name == "jsonl" else None
    reading = build.CaptureOptions(options.max_bytes, options.fields, long)
    for exchange in kind.read(cast("BinaryIO", lines), name, reading):
        if lines.line is not None and kind.name == "jsonl" and not lines.cut:
            yield _long(exchange, lines.line, options)
        else:
            yield exchange, None


def held(exchange: Exchange, body: Huge, max_bytes: int) -> Exchange:
    """The exchange with its body, or with the fault that this is too large."""
    if body.size > max_bytes:
        return replace(exchange, body=b"", fault=too_large(max_bytes), raw=body.part(0, _BLOCK))
    return replace(exchange, body=body.whole())


def shown_path(path: str) -> str:
    """What the tables call a capture: its path as text, whatever bytes it is made of."""
    if path == STDIN:
        return "<stdin>"
    return path.encode("utf-8", "backslashreplace").decode()


def _kind(opened: Opened, options: Options) -> Kind:
    if options.kind is not None:
        return KINDS[options.kind]
    return find_kind(_peek(opened, HEAD), opened.name, options.fields)


def _peek(opened: Opened, size: int) -> bytes:
    try:
        return opened.peek(size)
    except CaptureError:
        return b""


def _key(name: str) -> bytes:
    return msgspec.json.encode(name)


def _is_huge(opened: Opened) -> bool:
    return len(_peek(opened, HOLD + 1)) > HOLD


# A file that is nothing but one payload.


def _payload(piece: Piece, opened: Opened, name: str, max_bytes: int) -> Iterator[Found]:
    """The one exchange of the file, which is put aside, so that it can be read again.

    What cannot be a list is rejected by its size alone, so no more than `max_bytes` of it is kept.
    """
    damage = None
    size = 0
    most = None if may_be_list(_peek(opened, BODY_HEAD)) else max_bytes
    with tempfile.TemporaryFile() as aside:
        try:
            while block := opened.read(_BLOCK):
                if most is None or size <= most:
                    aside.write(block)
                size += len(block)
        except CaptureError as error:
            damage = error
        yield Exchange(None, None, None, None, Source(name)), Huge(size, lambda: _again(aside))
    if damage is not None:
        raise damage


def _again(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while block := file.read(_BLOCK):
        yield block


# A line that is longer than is held.


def _long(exchange: Exchange, line: IO[bytes], options: Options) -> Found:
    """The exchange of a line that was put aside."""
    file = cast("BinaryIO", line)
    size = line.seek(0, 2)
    try:
        values = find_values(file)
        found = _taken_apart(values, file, options)
    except NoLineError:
        found = None
    if found is not None:
        return replace(found[0], source=exchange.source), found[1]
    if size > options.max_bytes:
        return exchange, None
    line.seek(0)
    reading = build.CaptureOptions(options.max_bytes, options.fields)
    whole = next(read_lines(BytesIO(line.read()), exchange.source.file, reading))
    return replace(whole, source=exchange.source), None


def _may_be_list(line: BinaryIO, options: Options) -> bool:
    """Whether the beginning of a line tells of a call whose body may be a list."""
    try:
        body = _body_of(find_values(line, cut=True), options)[0]
        if body is None:
            return False
        # As much as an escape for each byte takes.
        start = body._replace(end=min(body.end, body.start + 7 * BODY_HEAD))
        if body.mark != b'"':
            return may_be_list(b"".join(read_bytes(line, start))[:BODY_HEAD])
        return may_be_list(Huge(0, lambda: encoded(read_text(line, start))).part(0, BODY_HEAD))
    except NoLineError:
        return False


def _body_of(
    values: Mapping[str, ValueSpan], options: Options
) -> tuple[ValueSpan | None, dict[str, ValueSpan], str]:
    """The body, the other values, and the body's key; no body where another value is the long one."""
    names = {**FIELDS, **{key: (path,) for key, path in options.fields.items()}}
    (path,) = names["body"]
    others = {key: span for key, span in values.items() if key != path}
    small = sum(span.end - span.start for span in others.values()) <= _SMALL
    return values.get(path) if small else None, others, path


def _taken_apart(
    values: Mapping[str, ValueSpan], file: BinaryIO, options: Options
) -> tuple[Exchange, Huge] | None:
    """The call that a line tells of, and its body; None where another value is the long one."""
    body, others, path = _body_of(values, options)
    if body is None:
        return None
    small = b",".join(
        b"%b:%b" % (_key(key), b"".join(read_bytes(file, span))) for key, span in others.items()
    )
    line = b'{%b%b%b:""}' % (small, b"," if small else b"", _key(path))
    reading = build.CaptureOptions(options.max_bytes, options.fields)
    (exchange,) = read_lines(BytesIO(line), "", reading)
    if exchange.fault is not None:
        return None
    exchange = replace(exchange, body=None)
    if body.mark != b'"':
        return exchange, Huge(body.end - body.start, lambda: read_bytes(file, body))
    # Once through, so that what is no string is seen before any of it is read.
    size = sum(map(len, encoded(read_text(file, body))))
    return exchange, Huge(size, lambda: encoded(read_text(file, body)))
