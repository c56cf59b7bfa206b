"""Replies to JSON, as the older API or its successor would write them."""

from __future__ import annotations

import functools
import json
from typing import Any

import msgspec

from sgformats._model.writing import (
    check_record,
    failure_texts,
    record_texts,
    seconds,
    text_columns,
    write,
)
from sgformats._model.zones import Zone
from sgformats._text.payload import WHITE
from sgformats.errors import EncodeError
from sgformats.operations import Method
from sgformats.records import Count, Failure, Listing, Reply, Success


def encode(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as JSON text: compact, or with two spaces a level."""
    if not isinstance(reply, Listing):
        return _written(_plain(reply), encoding, indent)
    assert method is not None
    columns = text_columns(reply.records, method)
    if columns is not None:
        rows = list(map(_row_class(tuple(columns)), *columns.values()))
        try:
            return _written(rows, encoding, indent)
        except UnicodeEncodeError:
            pass  # Half of a surrogate pair: one by one, the text that holds it is found.
    return _written(_rows(reply, method, zone), encoding, indent)


def encode_v3(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as the successor writes it: seconds for timestamps, a list for a failure."""
    if isinstance(reply, Listing):
        assert method is not None
        return _written(_rows_v3(reply, method, zone), encoding, indent)
    if not isinstance(reply, Failure):
        raise EncodeError("", f"json-v3 has no body for a {type(reply).__name__.lower()}")
    _, texts = failure_texts(reply, _text)
    if reply.code is not None:
        raise EncodeError("code", "json-v3 has no code in a failure")
    if reply.message != "error" or not texts:
        raise EncodeError(
            "message", "json-v3 has only errors: expected the message error and a list"
        )
    errors = [{"field": None, "message": text} for text in texts]
    return _written({"errors": errors}, encoding, indent)


def _written(value: Any, encoding: str, indent: bool) -> bytes:
    written = msgspec.json.encode(value)
    if encoding == "US-ASCII":
        layout: Any = {"indent": 2} if indent else {"separators": (",", ":")}
        return json.dumps(json.loads(written), **layout).encode()
    return msgspec.json.format(written, indent=2) if indent else written


def _rows(reply: Listing[Any], method: Method, zone: Zone | None) -> list[dict[str, str]]:
    return [
        dict(record_texts(record, method, number, zone, _text))
        for number, record in enumerate(reply.records)
    ]


@functools.lru_cache(maxsize=64)
def _row_class(names: tuple[str, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct("Row", [(name, str) for name in names], gc=False)


def _rows_v3(reply: Listing[Any], method: Method, zone: Zone | None) -> list[dict[str, str | int]]:
    """Records with their fields as the successor orders them, which is by name."""
    fields = sorted(method.fields, key=lambda field: field.name)
    rows = []
    for number, record in enumerate(reply.records):
        check_record(record, method, number)
        row: dict[str, str | int] = {}
        for field in fields:
            path, value = f"[{number}].{field.name}", getattr(record, field.name)
            if field.scalar == "timestamp":
                row[field.name] = seconds(value, field, path, zone)
            elif value is not None or field.required:
                row[field.name] = _text(write(path, field.scalar, value), path)
        rows.append(row)
    return rows


def _plain(reply: Success | Failure | Count) -> Any:
    if isinstance(reply, Count):
        return {"count": reply.count}
    if isinstance(reply, Success):
        return {"message": _text(reply.message, "message")}
    message, errors = failure_texts(reply, _text)
    if reply.code is not None:
        if errors:
            raise EncodeError("errors", "JSON's form with a code has no list of errors")
        return {"error": {"code": reply.code, "message": message}}
    if errors:
        return {"message": message, "errors": errors}
    return {"error" if message.strip(WHITE) == "success" else "message": message}


def _text(text: str, path: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        code = ord(text[error.start])
        reason = f"U+{code:04X} is half of a surrogate pair, no character"
        raise EncodeError(path, reason, error.start) from None
    return text
