"""The fast readers of all formats behind one function.

A reply of a fast reader is certain; None means: use the full reader.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

from sgformats._json import fast as json_fast
from sgformats._json.fast import LISTS
from sgformats._text.payload import Format, Payload
from sgformats._xml import fast as xml_fast
from sgformats.errors import AmbiguousOperationError
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Reply

_HEAD = 256  # Characters that contain the root of an ordinary XML document.
_BRACKET = ord("[")
_READERS: Mapping[Format, Callable[[Any, Operation], Reply | None]] = {
    "xml": xml_fast.decode,
    "json": json_fast.decode,
    "json-v3": json_fast.decode_v3,
}


def as_input(data: Payload, max_bytes: int) -> bytes | str | None:
    """A payload in the form that the fast readers accept; None if too large or of another type.

    A `str` stays one if it is XML, so that its declared encoding is ignored.
    """
    if isinstance(data, bytes):
        return data if len(data) <= max_bytes else None
    if isinstance(data, (bytearray, memoryview)):
        return as_input(bytes(data), max_bytes)
    if not isinstance(data, str) or len(data) > max_bytes:
        return None
    try:
        raw = data.encode()
    except UnicodeEncodeError:
        return None
    if len(raw) > max_bytes:
        return None
    return data if data.startswith("<") else raw


def decode(
    data: Payload, operation: Operation | None, format: Format | None, max_bytes: int
) -> Reply | None:
    """The reply of the fast reader for the format, or for those that the payload may have.

    Without an operation, all lists are tried; each accepts only its own fields. Raises
    `AmbiguousOperationError` if several accept the payload and their replies differ.
    """
    given: Any = data
    if type(data) is not bytes or len(data) > max_bytes:
        given = as_input(data, max_bytes)
        if given is None:
            return None
    if operation is None:
        return _decode_as_any(given, format)
    if format is not None:
        return _READERS[format](given, operation)
    reply: Reply | None
    if given and given[0] == _BRACKET and operation.task == "get":
        reply = LISTS[operation.method].read(given)
    elif isinstance(given, str) or given[:1] == b"<":
        return xml_fast.decode(given, operation)
    else:
        reply = json_fast.decode(given, operation)
    if reply is None and operation.in_v3 and json_fast.looks_like_v3(given):
        return json_fast.decode_v3(given, operation)
    return reply


def _decode_as_any(data: bytes | str, format: Format | None) -> Reply | None:
    replies: dict[str, Reply] = {}
    for each in _lists(data, format):
        reply = decode(data, each, format, sys.maxsize)
        if reply is not None:
            replies[each.name] = reply
    first = next(iter(replies.values()), None)
    if any(reply != first for reply in replies.values()):
        raise AmbiguousOperationError(tuple(replies))
    return first


def detect_format(data: Payload) -> Format:
    """The format of a payload that a fast reader has accepted."""
    given = as_input(data, sys.maxsize) or b""
    if isinstance(given, str) or given.startswith(b"<"):
        return "xml"
    return "json-v3" if json_fast.looks_like_v3(given) else "json"


def is_certain(data: Payload, operation: Operation, format: Format) -> bool:
    """Whether the fast reader accepts the payload, whatever its size."""
    given = as_input(data, sys.maxsize)
    return given is not None and _READERS[format](given, operation) is not None


def _lists(data: bytes | str, format: Format | None) -> list[Operation]:
    """The lists that a payload may be; for XML, those whose root tag is near its start."""
    gets = [operation for operation in OPERATIONS.values() if operation.task == "get"]
    if format == "json-v3":
        return [operation for operation in gets if operation.in_v3]
    head = data[:_HEAD] if isinstance(data, str) else data[:_HEAD].decode("latin-1")
    if not head.startswith("<"):
        return gets
    return [operation for operation in gets if f"<{operation.method.root}>" in head]
