"""Match the exchanges of two captures by key.

The key of a call is its operation and parameters, without API keys, users and the format. The key
of an answer without a call is the name of its file, relative to the folder that was read.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import cast

import msgspec

from sgformats.captures.exchange import Exchange
from sgformats.redaction import hide_content
from sgformats.request import Request
from sgformats.secrets import hide_names, hide_value, kind_of

Key = tuple[object, ...]

_IN_MEMORY = 64 * 1024 * 1024
# The operation implies these.
_IMPLIED = frozenset({"method", "task"})


def key_of(exchange: Exchange, path: str) -> Key:
    """The key of a call, or for an answer without a call, its file below `path`."""
    request = exchange.request
    if request is None:
        name = PurePath(exchange.source.file)
        inside = name.relative_to(path) if name.is_relative_to(path) else PurePath()
        return "answer", str(inside.with_suffix("")) if inside.name else ""
    parameters = sorted(call_parameters(request), key=lambda pair: pair[0])
    return "call", request.operation, tuple(parameters), hide_content(request.content)


def call_parameters(request: Request) -> Iterator[tuple[str, str]]:
    """The parameters of a call, without secrets and those that its operation implies."""
    names = hide_names(request.parameters)
    for shown, (name, value) in zip(names, request.parameters, strict=True):
        if kind_of(name) is None and name not in _IMPLIED:
            yield shown, hide_value(name, value, keep_user=False)


class ExchangeStore:
    """The exchanges of the first capture, by key.

    They are kept in a temporary database, which stays in memory while it is small, and their
    answers in a separate file, because SQLite's limit for a value is smaller than `max_bytes` may
    be.
    """

    def __init__(self) -> None:
        self._answers = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
        self._calls = sqlite3.connect("", isolation_level=None)  # Without a name it is private.
        self._calls.execute("PRAGMA journal_mode = OFF")
        self._calls.execute(
            "CREATE TABLE kept (number INTEGER PRIMARY KEY, key BLOB, exchange BLOB)"
        )
        self._calls.execute("CREATE INDEX keys ON kept (key, number)")

    def __enter__(self) -> ExchangeStore:
        return self

    def __exit__(self, *_: object) -> None:
        self._calls.close()
        self._answers.close()

    def put(self, key: Key, exchange: Exchange) -> None:
        """Store an exchange."""
        body, start = exchange.body, self._answers.seek(0, os.SEEK_END)
        if body:
            self._answers.write(body)
        place = start, None if body is None else len(body)
        kept = pickle.dumps((msgspec.structs.replace(exchange, body=None), place))
        self._calls.execute("INSERT INTO kept (key, exchange) VALUES (?, ?)", (_digest(key), kept))

    def take(self, key: Key) -> Exchange | None:
        """Remove and return the first exchange with that key."""
        row = self._calls.execute(
            "SELECT number, exchange FROM kept WHERE key = ? ORDER BY number LIMIT 1",
            (_digest(key),),
        ).fetchone()
        if row is None:
            return None
        self._calls.execute("DELETE FROM kept WHERE number = ?", (row[0],))
        exchange, (start, size) = pickle.loads(row[1])
        if size is not None:
            self._answers.seek(start)
            exchange = msgspec.structs.replace(exchange, body=self._answers.read(size))
        return cast("Exchange", exchange)

    def rest(self) -> Iterator[Exchange]:
        """The exchanges that were not taken, in order, without bodies."""
        for (kept,) in self._calls.execute("SELECT exchange FROM kept ORDER BY number"):
            yield pickle.loads(kept)[0]


def _digest(key: Key) -> bytes:
    return hashlib.blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=16).digest()
