"""`iter_records`: the records of a list of any size, one by one, from chunks of bytes.

It yields the records that `parse` returns, however the bytes are cut. A payload of up to a megabyte
is read as a whole; of a larger one, only a piece and one record are in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import tzinfo
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, TypeVar, overload

from sgformats._formats import FORMATS
from sgformats._model.items import NotAListError
from sgformats._model.zones import Fold
from sgformats._options import CheckedOptions, Mode, check_options
from sgformats._scan.document import read_payload
from sgformats._scan.found import Broken, Group, Single
from sgformats._scan.sampling import shows_v3
from sgformats._scan.scan import scan
from sgformats._text.encodings import find_encoding
from sgformats._text.payload import MAX_BYTES, Format
from sgformats._text.positions import Text
from sgformats._text.window import Decoding, Window
from sgformats.errors import (
    ArgumentError,
    DecodeError,
    FailureError,
    ValidationError,
)
from sgformats.operations import Operation, OperationName, find_operation
from sgformats.records import (
    Block,
    Bounce,
    Failure,
    InvalidEmail,
    Listing,
    Record,
    SpamReport,
    Unsubscribe,
)

if TYPE_CHECKING:
    # Only type checkers need this module; they include it.
    from typing_extensions import Unpack

    from sgformats._options import ReadOptions

R = TypeVar("R")
Chunks = Iterable[bytes | bytearray | memoryview] | BinaryIO

_WHOLE = 1 << 20
_PIECE = 1 << 16


@overload
def iter_records(
    chunks: Chunks, operation: Literal["invalidemails.get"], **options: Unpack[ReadOptions]
) -> Iterator[InvalidEmail]: ...
@overload
def iter_records(
    chunks: Chunks, operation: Literal["bounces.get"], **options: Unpack[ReadOptions]
) -> Iterator[Bounce]: ...
@overload
def iter_records(
    chunks: Chunks, operation: Literal["blocks.get"], **options: Unpack[ReadOptions]
) -> Iterator[Block]: ...
@overload
def iter_records(
    chunks: Chunks, operation: Literal["spamreports.get"], **options: Unpack[ReadOptions]
) -> Iterator[SpamReport]: ...
@overload
def iter_records(
    chunks: Chunks, operation: Literal["unsubscribes.get"], **options: Unpack[ReadOptions]
) -> Iterator[Unsubscribe]: ...
@overload
def iter_records(  # type: ignore[overload-overlap]
    chunks: Chunks, operation: Operation[Listing[R]], **options: Unpack[ReadOptions]
) -> Iterator[R]: ...
@overload
def iter_records(
    chunks: Chunks, operation: OperationName | Operation, **options: Unpack[ReadOptions]
) -> Iterator[Record]: ...
def iter_records(
    chunks: Chunks,
    operation: OperationName | Operation[Any],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Iterator[Any]:
    """The records of a list, one by one, while its bytes arrive.

    `chunks` is an iterable of `bytes` or a binary file; `operation` must answer with a list. No
    record may be larger than `max_bytes`. A JSON list is JSON v3 if its first record is.

    Raises the first problem as `DecodeError` or `ValidationError`, after the records before it;
    `FailureError` if the answer is a failure; `ArgumentError` at once for invalid arguments, and
    later for chunks that are not bytes.

    >>> [record.email for record in iter_records([b'[{"email":"a@', b'b"}]'], "unsubscribes.get")]
    ['a@b']
    """
    found = find_operation(operation)
    options = check_options(found, format, mode, zone, fold, max_bytes)
    if found.task != "get":
        raise ArgumentError(f"expected an operation that answers with a list, found {found.name}")
    if isinstance(chunks, (bytes, bytearray, memoryview, str)) or not (
        hasattr(chunks, "read") or hasattr(chunks, "__iter__")
    ):
        kind = type(chunks).__name__
        raise ArgumentError(f"expected an iterable of bytes or a binary file, found {kind}")
    return _Stream(chunks, found, options).records()


class _Stream:
    """One payload in pieces; `held` are the pieces that may be needed again."""

    def __init__(self, chunks: Chunks, operation: Operation, options: CheckedOptions) -> None:
        self._pieces = _pieces(chunks)
        self._operation = operation
        self._options = options
        self._held: list[bytes] | None = []

    def records(self) -> Iterator[Record]:
        """All records up to the first problem."""
        size = min(_WHOLE, self._options.max_bytes)
        head = self._gather(size)
        if len(head) <= size:
            yield from self._read(head)
            return
        try:
            yield from self._scanned(head, self._pieces)
        except NotAListError:
            yield from self._read(self._gather(self._options.max_bytes))

    def _gather(self, size: int) -> bytes:
        """The payload so far and its rest, up to a number of bytes."""
        assert self._held is not None
        left = size - sum(map(len, self._held))
        while left >= 0 and (piece := next(self._pieces, b"")):
            self._held.append(piece)
            left -= len(piece)
        return b"".join(self._held)

    def _read(self, data: bytes) -> Iterator[Record]:
        """The records of a payload that is in memory as a whole."""
        try:
            reply = read_payload(data, self._options)
        except (DecodeError, ValidationError) as error:
            # The scan yields the records before the first problem.
            with suppress(NotAListError):
                yield from self._scanned(data, iter(()))
            raise error from None
        if isinstance(reply, Failure):
            raise FailureError(reply)
        assert isinstance(reply, Listing)
        yield from reply.records

    def _scanned(self, head: bytes, more: Iterator[bytes]) -> Iterator[Record]:
        given, zone, limit = self._options.format, self._options.zone, self._options.max_bytes
        shown, encoding, mark = find_encoding(head, FORMATS[given].syntax if given else None)
        found: Format = given or shown
        decoding = Decoding(self._let_go(head[mark:], more), encoding)
        window = Window(Text("", encoding, mark), decoding)
        window.more()
        if given is None and shown == "json" and self._operation.in_v3:
            found = "json-v3" if shows_v3(window.chars) else "json"
        for each in scan(window, self._operation, found, zone, max_chars=limit):
            self._held = None
            if isinstance(each, Group):
                yield from each.records
            elif isinstance(each, Broken):
                raise DecodeError((each.problem,))
            else:
                assert isinstance(each, Single)
                yield from self._accepted(each)

    def _accepted(self, found: Single) -> Iterator[Record]:
        """The record of an odd item if the mode accepts it; else raises its first problem."""
        for problem in found.problems:
            if self._options.mode == "strict" or not problem.tolerable:
                raise ValidationError((problem,))
        if found.number is not None:
            yield found.record

    def _let_go(self, head: bytes, more: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces; they are no longer held once a list is recognised."""
        for at in range(0, len(head), _PIECE):
            yield head[at : at + _PIECE]
        for piece in more:
            if self._held is not None:
                self._held.append(piece)
            yield piece


def _pieces(chunks: Chunks) -> Iterator[bytes]:
    """The chunks in pieces that are neither too long nor empty."""
    read: Any = getattr(chunks, "read", None)
    for chunk in iter(lambda: read(_PIECE), b"") if read else chunks:
        if not isinstance(chunk, (bytes, bytearray, memoryview)):
            raise ArgumentError(f"expected chunks of bytes, found {type(chunk).__name__}")
        data = bytes(chunk)
        for at in range(0, len(data), _PIECE):
            yield data[at : at + _PIECE]
