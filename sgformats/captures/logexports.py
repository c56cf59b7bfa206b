"""Log messages in one JSON document, read as a text log made of the messages.

Reads the output of `aws logs filter-log-events` and `gcloud logging read`, and the answers of the
search APIs of Elasticsearch and Datadog.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from sgformats.captures.build import CaptureOptions, exchange, json_entries
from sgformats.captures.exchange import Exchange
from sgformats.captures.lines import Line
from sgformats.captures.logwrappers import Order
from sgformats.captures.loose import mapping
from sgformats.captures.textlog import read_log
from sgformats.errors import Problem

_PATHS = (("events",), ("hits", "hits"), ("data",), ())
_SIGNS = re.compile(
    rb"""\s*(?:
      \{\s*"events"\s*:\s*\[\s*\{\s*"(?:logStreamName|timestamp|ingestionTime|eventId|message)"\s*:
    | \{\s*"(?:took|_scroll_id|hits)"\s*:[\s\S]{0,600}?"hits"\s*:\s*\[\s*\{\s*"_(?:index|id|type)"\s*:
    | \{\s*"data"\s*:\s*\[\s*\{[^{}\[\]]{0,400}"attributes"\s*:\s*\{
    | \[\s*\{\s*"(?:insertId|logName|textPayload|jsonPayload|receiveTimestamp)"\s*:
    )""",
    re.VERBOSE,
)


def matches(head: bytes, fields: Mapping[str, str]) -> bool:
    """Whether a file that begins with `head` is such a document."""
    return _SIGNS.match(head) is not None


def read(file: BinaryIO, name: str, options: CaptureOptions) -> Iterator[Exchange]:
    """The exchanges of the log, located in the JSON file. Raises `CaptureError` at damage."""
    refused: list[Exchange] = []
    for found in read_log(_lines(file, name, options.max_bytes, refused), name, options):
        yield from refused
        refused.clear()
        yield found
    yield from refused


def _lines(file: BinaryIO, name: str, max_bytes: int, refused: list[Exchange]) -> Iterator[Line]:
    """The lines of all messages; an element that is not an object is added to `refused`."""
    order = Order(name)
    for source, event in json_entries(file, name, _PATHS, max_bytes):
        if isinstance(event, Problem):
            refused.append(exchange(source, fault=event))
            continue
        place = Line(b"", source.line or 1, source.offset or 0)
        attributes = mapping(event.get("attributes"))
        message = event.get("message", attributes.get("message"))
        time = event.get("timestamp", attributes.get("timestamp"))
        if isinstance(message, str):
            # CloudWatch, whose times are numbers, gives the messages of several streams in order.
            shown = time if isinstance(time, str) else ""
            order.check(shown.encode("utf-8", "replace"), place)
        else:
            message = json.dumps(event)  # The log removes what is around the message.
        for line in message.splitlines(keepends=True) or [""]:
            yield place.with_text(line.encode("utf-8", "replace").rstrip(b"\r\n"))
