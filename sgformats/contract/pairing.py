"""Which exchanges of two captures belong together: those that ask for the same.

A key is what a call asks for: operation and parameters, without keys, users and the format. Answers
without a call have the name of their file, below the folder that was read.
"""

from __future__ import annotations

import tempfile
from collections import defaultdict, deque
from collections.abc import Iterator
from pathlib import PurePath
from typing import NamedTuple

import msgspec

from sgformats.captures.exchange import Exchange
from sgformats.redaction import hide_content
from sgformats.request import Request
from sgformats.secrets import hide_names, hide_value, kind_of

Key = tuple[object, ...]

_IN_MEMORY = 64 * 1024 * 1024
# Said by the operation already.
_NO_PART = frozenset({"method", "task"})


def key_of(exchange: Exchange, path: str) -> Key:
    """What a call asks for; of an answer without a call, where in its capture it was found."""
    request = exchange.request
    if request is None:
        name = PurePath(exchange.source.file)
        inside = name.relative_to(path) if name.is_relative_to(path) else PurePath()
        return "answer", str(inside.with_suffix("")) if inside.name else ""
    asked = sorted(asked_of(request), key=lambda pair: pair[0])
    return "call", request.operation, tuple(asked), hide_content(request.content)


def asked_of(request: Request) -> Iterator[tuple[str, str]]:
    """The parameters that say what is asked for, without secrets."""
    names = hide_names(request.parameters)
    for shown, (name, value) in zip(names, request.parameters, strict=True):
        if kind_of(name) is None and name not in _NO_PART:
            yield shown, hide_value(name, value, keep_user=False)


class Kept(NamedTuple):
    """An exchange that waits for its match."""

    exchange: Exchange
    """Without its body, which stands in the file from `start`, `size` bytes long."""
    start: int
    size: int | None


class Shelf:
    """The exchanges of the first capture, by what they ask for."""

    def __init__(self) -> None:
        self._bodies = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._end = 0
        self._kept: dict[int, Kept] = {}
        self._numbers: dict[Key, deque[int]] = defaultdict(deque)
        self._count = 0

    def __enter__(self) -> Shelf:
        return self

    def __exit__(self, *_: object) -> None:
        self._bodies.close()

    def put(self, key: Key, exchange: Exchange) -> None:
        """Keeps an exchange."""
        body, start = exchange.body, self._end
        if body:
            self._bodies.seek(start)
            self._bodies.write(body)
            self._end += len(body)
        bare = msgspec.structs.replace(exchange, body=None)
        self._kept[self._count] = Kept(bare, start, None if body is None else len(body))
        self._numbers[key].append(self._count)
        self._count += 1

    def take(self, key: Key) -> Exchange | None:
        """The first exchange of that key that was not taken yet."""
        numbers = self._numbers.get(key)
        if not numbers:
            return None
        kept = self._kept.pop(numbers.popleft())
        if kept.size is None:
            return kept.exchange
        self._bodies.seek(kept.start)
        return msgspec.structs.replace(kept.exchange, body=self._bodies.read(kept.size))

    def rest(self) -> Iterator[Exchange]:
        """All that was not taken, in order, without their bodies."""
        return (kept.exchange for kept in self._kept.values())
