"""Pairs the records of a web archive: each call with its answer.

The records of a pair name each other in `WARC-Concurrent-To`, or else share a `WARC-Target-URI`.
Exchanges come out in the order of their first records, and gaps between records in their places.
At most `WINDOW` exchanges, with a bounded number of bytes, wait for their other half or for an
earlier exchange.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sgformats.errors import Problem

WINDOW = 64
_MAX_GAPS = 1_000


class Record(NamedTuple):
    """A record: its place, its block, and the relevant headers.

    `block` is None if it is too large for an exchange. `fault` is the problem of a gap: bytes that
    are no record.
    """

    offset: int
    line: int
    kind: str = ""
    block: bytes | None = None
    id: str | None = None
    concurrent: tuple[str, ...] = ()
    url: str | None = None
    time: str | None = None
    content_type: str | None = None
    segmented: bool = False
    fault: Problem | None = None

    @property
    def is_alone(self) -> bool:
        """Whether it has no other half."""
        return self.kind == "resource" or self.fault is not None


class RecordPair:
    """A call and its answer; one of them may be missing."""

    def __init__(self, first: Record) -> None:
        self.first = first
        self.call: Record | None = None
        self.answer: Record | None = None
        self.put(first)

    def put(self, record: Record) -> None:
        """Add a record as the call or the answer."""
        if record.kind == "request":
            self.call = record
        else:
            self.answer = record

    def is_complete(self) -> bool:
        """Whether the pair waits for nothing."""
        return self.first.is_alone or (self.call is not None and self.answer is not None)

    def lacks(self, record: Record) -> bool:
        """Whether a record may be the missing half."""
        return not self.is_complete() and (self.call is None) == (record.kind == "request")


class Pairs:
    """The exchanges not yet returned; together they hold at most about `limit` bytes."""

    def __init__(self, limit: int) -> None:
        self._waiting: list[RecordPair] = []
        self._limit = limit
        self._size = 0
        self._gaps = 0
        self._has_calls = False
        self._last: Record | None = None

    def add(self, record: Record) -> None:
        """Add the next record of the file, or the gap before it."""
        if record.fault is None:
            self._last = record
        self._gaps += record.fault is not None
        self._size += len(record.block or b"")
        self._has_calls = self._has_calls or record.kind == "request"
        pair = None if record.is_alone else self._find(record)
        if pair is None:
            self._waiting.append(RecordPair(record))
        else:
            pair.put(record)

    def ready(self, at_end: bool) -> Iterator[RecordPair]:
        """The exchanges that need not wait any longer; all of them at the end."""
        while self._waiting:
            pair = self._waiting[0]
            full = len(self._waiting) - self._gaps > WINDOW or self._size > self._limit
            if not (pair.is_complete() or full or at_end or self._gaps > _MAX_GAPS):
                return
            if not pair.is_complete():
                self._complete(pair)
            del self._waiting[0]
            self._gaps -= pair.first.fault is not None
            self._size -= sum(len(half.block or b"") for half in (pair.call, pair.answer) if half)
            yield pair

    def drop_last_half(self) -> None:
        """Drop the last record if its other half may have been lost in the damage after it.

        An archive without any calls has no such halves.
        """
        halves = [pair for pair in self._waiting if pair.first is self._last]
        if halves and self._has_calls and not halves[0].is_complete():
            self._waiting.remove(halves[0])

    def _find(self, record: Record) -> RecordPair | None:
        fitting = [pair for pair in self._waiting if pair.lacks(record)]
        for pair in fitting:
            if pair.first.id in record.concurrent or record.id in pair.first.concurrent:
                return pair
        for pair in fitting:
            if pair.first.url == record.url and not (pair.first.concurrent or record.concurrent):
                return pair
        return None

    def _complete(self, pair: RecordPair) -> None:
        """Complete a pair with the first fitting record of the same URL, if there is one."""
        for other in self._waiting:
            alike = pair.lacks(other.first) and other.first.url == pair.first.url
            if alike and not other.is_complete():
                pair.put(other.first)
                self._waiting.remove(other)
                return
