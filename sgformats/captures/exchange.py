"""A call and its answer from a capture, with their place in it."""

from __future__ import annotations

from typing import Any

import msgspec

from sgformats.errors import Problem
from sgformats.redaction import shown_url
from sgformats.request import Request


class Source(msgspec.Struct, frozen=True, gc=False):
    """Where an exchange was found.

    `file` is the path as it was given or found. `entry` counts the exchanges of that file from 0;
    `line` (from 1) and `offset` (bytes from 0) are where the exchange begins in the capture,
    uncompressed. All three are None in a file that holds just one payload.
    """

    file: str
    entry: int | None = None
    line: int | None = None
    offset: int | None = None

    def __str__(self) -> str:
        if self.line is not None:
            return f"{self.file}:{self.line}"
        return self.file if self.entry is None else f"{self.file}[{self.entry}]"


class Exchange(msgspec.Struct, frozen=True, gc=False):
    """A request, its answer, and their place in the capture.

    `request` is None if the capture has none, or if it is not a call of this API (`url` then holds
    its URL). `body` is the answer's payload without its content encoding, or None if there was no
    answer. `fault` is the problem of a body that could not be read completely (`body` then holds
    the part that could). `raw` holds the bytes of an entry that could not be read as an exchange,
    as far as they were read. `time` is the text in the capture. `repr` shows no secret; `url` and
    `raw` may contain some.
    """

    request: Request | None
    status: int | None
    content_type: str | None
    body: bytes | None
    source: Source
    url: str | None = None
    verb: str | None = None
    time: str | None = None
    fault: Problem | None = None
    raw: bytes | None = None

    def __repr__(self) -> str:
        return f"Exchange({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        body = None if self.body is None else f"<{len(self.body)} bytes>"
        url = None if self.url is None else shown_url(self.url)
        return [
            ("request", self.request),
            ("status", self.status),
            ("content_type", self.content_type),
            ("body", body),
            ("source", self.source),
            ("url", url),
        ]
