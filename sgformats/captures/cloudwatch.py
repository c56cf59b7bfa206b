"""CloudWatch log events in JSON, read as a text log made of their messages.

This is the output of `aws logs filter-log-events` and `aws logs get-log-events`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sgformats.captures.build import CaptureOptions
from sgformats.captures.entries import json_entries, unreadable_entry
from sgformats.captures.exchange import Exchange
from sgformats.captures.lines import Line
from sgformats.captures.textlog import read_log
from sgformats.errors import Problem

_PATHS = (("events",),)
_EVENTS = re.compile(
    rb'\s*\{\s*"events"\s*:\s*\[\s*\{\s*"(?:logStreamName|timestamp|ingestionTime|eventId|message)"\s*:'
)


def matches(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a file that begins with `head` holds CloudWatch events."""
    return _EVENTS.match(head) is not None


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of the log, located in the JSON file. Raises `CaptureError` at damage."""
    refused: list[Exchange] = []
    for exchange in read_log(_lines(file, name, options.max_bytes, refused), name, options):
        yield from refused
        refused.clear()
        yield exchange
    yield from refused


def _lines(file: BinaryIO, name: str, max_bytes: int, refused: list[Exchange]) -> Iterator[Line]:
    """The lines of all messages; an element that is not an event is added to `refused`."""
    for source, event in json_entries(file, name, _PATHS, max_bytes):
        if isinstance(event, Problem):
            refused.append(unreadable_entry(source, event))
            continue
        message = event.get("message")
        text = message if isinstance(message, str) else ""
        for line in text.splitlines(keepends=True) or [""]:
            data = line.encode("utf-8", "replace").rstrip(b"\r\n")
            yield Line(data + b"\n", source.line or 1, source.offset or 0)
