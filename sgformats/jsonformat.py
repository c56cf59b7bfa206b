"""Everything JSON: the short route, the thorough reading, the schema's last word, and writing.

`decode` answers only when it is certain that the payload is valid; `read` and `confirm` are the
pieces of the thorough route, `encode` is the way back.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import msgspec

from sgformats.errors import EncodeError
from sgformats.jsontext import read_json
from sgformats.operations import Method, Operation
from sgformats.payload import WHITE, Text
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.scalars import SCALARS, read_timestamps
from sgformats.schemafiles import json_schema
from sgformats.tree import Node

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def read(text: Text) -> Node:
    """The payload as a tree; raises `Fault` where it is no JSON."""
    return read_json(text.chars)


# The short route.


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    message: str


_WORDS = msgspec.json.Decoder(_Words)


@functools.lru_cache(maxsize=64)
def _rows_decoder(method: Method) -> msgspec.json.Decoder[Any]:
    """Records as the wire has them, every value still text, unknown fields refused."""
    required = [(field.name, str) for field in method.fields if field.required]
    optional = [
        (field.name, str, msgspec.UNSET) for field in method.fields if not field.required
    ]
    row = msgspec.defstruct(
        method.item, [*required, *optional], forbid_unknown_fields=True, gc=False
    )
    return msgspec.json.Decoder(list[row])  # type: ignore[valid-type]


def decode(data: bytes, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    try:
        if data.startswith(b"["):
            return _decode_list(data, operation.method) if operation.task == "get" else None
        if data.startswith(b'{"message"') and data.count(b'"') == 4:
            return _decode_words(_WORDS.decode(data).message, operation)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return None


def _decode_words(message: str, operation: Operation) -> Reply | None:
    if message.strip(WHITE) != "success":
        return Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def _decode_list(data: bytes, method: Method) -> Listing[Any] | None:
    rows = _rows_decoder(method).decode(data)
    columns: list[list[Any]] = []
    members = 0
    for field in method.fields:
        column = [getattr(row, field.name) for row in rows]
        absent = column.count(msgspec.UNSET)
        members += len(column) - absent
        if absent:
            if absent < len(column):
                return None
            column = [None] * absent
        elif field.scalar == "timestamp":
            moments = read_timestamps(column)
            if moments is None:
                return None
            column = moments
        columns.append(column)
    if _quotes(data) != 4 * members:
        return None  # Some member stood twice, or a string hides what it holds.
    return Listing(method.name, method.records(columns))


def _quotes(data: bytes) -> int:
    """How many quotes begin or end a string; -1 where counting cannot tell."""
    if b"\\" not in data:
        return data.count(b'"')
    return -1 if b"\\\\" in data else data.count(b'"') - data.count(b'\\"')


# The thorough route's last word.


@functools.lru_cache(maxsize=64)
def _validator(operation: Operation) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json_schema(operation, operation.method.schemas))


def confirm(text: Text, operation: Operation) -> str | None:
    """What the shipped schema says against the payload; None when it accepts it."""
    error = next(iter(_validator(operation).iter_errors(json.loads(text.chars))), None)
    return None if error is None else str(error.message)


# Writing.


def encode(reply: Reply, operation: Operation | None, encoding: str, indent: bool) -> bytes:
    """The reply as JSON text: compact, or with two spaces a level."""
    written = msgspec.json.encode(_plain(reply, operation))
    if indent:
        written = msgspec.json.format(written, indent=2)
    if encoding == "US-ASCII":
        layout = {"indent": 2} if indent else {"separators": (",", ":")}
        written = json.dumps(json.loads(written), **layout).encode()
    return written


def _plain(reply: Reply, operation: Operation | None) -> Any:
    if isinstance(reply, Listing):
        assert operation is not None
        return [
            _record(record, operation.method, number) for number, record in enumerate(reply.records)
        ]
    if isinstance(reply, Count):
        return {"count": reply.count}
    if isinstance(reply, Success):
        return {"message": _text(reply.message, "message")}
    message = _text(reply.message, "message")
    if reply.code is not None:
        if reply.errors:
            raise EncodeError("errors", "JSON's form with a code has no list of errors")
        return {"error": {"code": reply.code, "message": message}}
    if reply.errors:
        errors = [_text(error, f"errors[{n}]") for n, error in enumerate(reply.errors)]
        return {"message": message, "errors": errors}
    return {"error" if message.strip(WHITE) == "success" else "message": message}


def _record(record: Any, method: Method, number: int) -> dict[str, str]:
    written = {}
    for field in method.fields:
        value = getattr(record, field.name)
        if value is None and not field.required:
            continue
        path = f"[{number}].{field.name}"
        try:
            text = SCALARS[field.scalar].write(value)
        except ValueError as error:
            raise EncodeError(path, str(error)) from None
        written[field.name] = _text(text, path)
    return written


def _text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        reason = f"U+{code:04X} is half of a surrogate pair, no character"
        raise EncodeError(path, reason, error.start) from None
    return text
