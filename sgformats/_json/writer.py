"""Writes replies as JSON, as the older API or API v3 does."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

import msgspec

from sgformats._json.reader import read_value
from sgformats._model.node import Fault
from sgformats._model.rawjson import detail_of
from sgformats._model.writing import (
    check_details,
    check_record,
    detail_values,
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
from sgformats.records import Count, Failure, Json, Listing, Reply, Success

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def encode(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as JSON: compact, or indented by two spaces a level."""
    if not isinstance(reply, Listing):
        return _to_bytes(_result(reply), encoding, indent)
    assert method is not None
    columns = text_columns(reply.records, method)
    if columns is not None:
        rows = list(map(_row_class(tuple(columns)), *columns.values()))
        try:
            return _to_bytes(rows, encoding, indent)
        except UnicodeEncodeError:
            pass  # Half of a surrogate pair: the records one by one show where.
    texts = (
        dict(record_texts(record, method, number, zone, _text))
        for number, record in enumerate(reply.records)
    )
    return _to_bytes(list(texts), encoding, indent)


def encode_v3(
    reply: Reply, method: Method | None, encoding: str, indent: bool, zone: Zone | None
) -> bytes:
    """The reply as API v3 writes it: timestamps in seconds, a success without a body."""
    if isinstance(reply, Listing):
        assert method is not None
        return _to_bytes(_rows_v3(reply, method, zone), encoding, indent)
    if isinstance(reply, Success):
        return b""
    if not isinstance(reply, Failure):
        raise EncodeError("", f"json-v3 has no body for a {type(reply).__name__.lower()}")
    _, texts = failure_texts(reply, _text, v3=True)
    if reply.code is not None:
        raise EncodeError("code", "json-v3 has no code in a failure")
    if reply.message != "error" or not texts:
        raise EncodeError(
            "message", "json-v3 has only errors: expected the message error and a list"
        )
    errors = []
    for number, (text, detail) in enumerate(zip(texts, check_details(reply), strict=True)):
        values = _details(detail, f"details[{number}]", 3)
        errors.append({"field": values.pop("field", None), "message": text, **values})
    return _to_bytes({"errors": errors, **_details(reply.extra, "extra", 1)}, encoding, indent)


def _details(detail: object, path: str, depth: int) -> dict[str, Any]:
    """The members beside a message or the list of errors, at this depth."""
    values: dict[str, Any] = {}
    for name, value in detail_values(detail, path):
        inside = f"{path}.{name}"
        values[name] = (
            _text(write(inside, "text", value), inside)
            if isinstance(value, str)
            else _raw(value, inside, depth)
        )
    return values


def _raw(value: Json, path: str, depth: int) -> msgspec.Raw:
    text = _text(write(path, "text", value.text), path)
    try:
        node, end = read_value(text, 0, depth)
    except Fault:
        raise EncodeError(path, "expected one JSON value") from None
    if end < len(text) or detail_of(node) != value:
        raise EncodeError(path, "expected compact JSON that is neither text nor null")
    return msgspec.Raw(text.encode())


def _to_bytes(value: Any, encoding: str, indent: bool) -> bytes:
    written = msgspec.json.encode(value)
    if indent:
        written = msgspec.json.format(written, indent=2)
    if encoding == "US-ASCII" and not written.isascii():
        escaped = _NOT_ASCII.sub(lambda found: json.dumps(found[0])[1:-1], written.decode())
        return escaped.encode()
    return written


@functools.lru_cache(maxsize=64)
def _row_class(names: tuple[str, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct("Row", [(name, str) for name in names], gc=False)


def _rows_v3(reply: Listing[Any], method: Method, zone: Zone | None) -> list[dict[str, str | int]]:
    """Records with their fields in the order of API v3: by name."""
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


def _result(reply: Success | Failure | Count) -> Any:
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
