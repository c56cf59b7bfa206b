"""Replies to the text of their values: what every format's encoder starts from.

Whatever cannot be written is refused here or by the encoder, with its path; nothing is changed to
make it fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from sgformats._model.scalars import SCALARS
from sgformats._model.zones import Zone, ZoneError, from_moment, in_utc, is_naive, to_moment
from sgformats._text.payload import WHITE
from sgformats.errors import ArgumentError, EncodeError, quote
from sgformats.operations import OPERATIONS, Field, Method
from sgformats.records import Count, Failure, Listing, Reply, Success

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def check_reply(reply: Reply) -> Method | None:
    """Refuses values that no payload can mean; gives a listing's method.

    Raises `EncodeError`, and `ArgumentError` for what is no reply at all.
    """
    if isinstance(reply, Listing):
        return _check_listing(reply)
    if isinstance(reply, Count):
        _write("count", "number", reply.count)
    elif isinstance(reply, Success):
        if _write("message", "text", reply.message).strip(WHITE) != "success":
            raise EncodeError("message", "a success's message reads success")
    elif isinstance(reply, Failure):
        _write("message", "text", reply.message)
        for number, error in enumerate(_items("errors", reply.errors)):
            _write(f"errors[{number}]", "text", error)
        if reply.code is not None:
            _write("code", "number", reply.code)
    else:
        found = type(reply).__name__
        raise ArgumentError(f"expected a Listing, Success, Failure or Count, found {found}")
    return None


def _check_listing(reply: Listing[Any]) -> Method:
    operation = OPERATIONS.get(f"{reply.method}.get")
    if operation is None:
        raise EncodeError("method", f"no method is called {quote(str(reply.method))}")
    record = operation.method.record
    kinds = list(map(type, _items("records", reply.records)))
    if kinds.count(record) < len(kinds):
        number = next(n for n, kind in enumerate(kinds) if kind is not record)
        found = kinds[number].__name__
        raise EncodeError(f"[{number}]", f"expected {record.__name__}, found {found}")
    return operation.method


def _items(path: str, value: object) -> Sequence[Any]:
    if not isinstance(value, (tuple, list)):
        raise EncodeError(path, f"expected a tuple, found {type(value).__name__}")
    return value


def text_columns(records: Sequence[Any], method: Method) -> dict[str, list[str]] | None:
    """The texts of all records field by field, where nothing about them is out of the ordinary.

    None where some field is there in some records only, or a value is not the wire's: then
    `record_texts` tells them one by one, or what is wrong with the first.
    """
    columns: dict[str, list[str]] = {}
    for field, column in zip(method.fields, method.columns(records), strict=True):
        if column and not field.required and all(value is None for value in column):
            continue
        if field.scalar == "timestamp":
            column = _timestamps(column)
        if not _are_texts(column):
            return None
        columns[field.name] = column
    return columns


def _are_texts(values: list[Any]) -> bool:
    try:
        return bool(values) and type("".join(values)) is str
    except TypeError:
        return False


def _timestamps(moments: list[Any]) -> list[str]:
    """The wire's text of naive timestamps of whole seconds; empty where one of them is not."""
    if set(map(type, moments)) != {datetime} or any(m.tzinfo is not None for m in moments):
        return []
    # Nothing is shorter than the wire's form; a fraction is longer.
    written = msgspec.json.encode(moments)[2:-2].decode()
    texts = written.replace("T", " ").split('","')
    return texts if len(written) == 22 * len(moments) - 3 else []


def record_texts(
    record: Any, method: Method, number: int, zone: Zone | None
) -> list[tuple[str, str, str]]:
    """(name, path, text) of each field that a record has, in the documented order."""
    texts = []
    for field in method.fields:
        value = getattr(record, field.name)
        if value is None and not field.required:
            continue
        path = f"[{number}].{field.name}"
        if field.scalar == "timestamp":
            value = _naive(value, path, zone)
        texts.append((field.name, path, _write(path, field.scalar, value)))
    return texts


def seconds(value: object, field: Field, path: str, zone: Zone | None) -> int:
    """A `created` as the successor writes it: whole Unix seconds, UTC."""
    if not isinstance(value, datetime):
        found = type(value).__name__
        raise EncodeError(path, f"json-v3 needs a {field.name} in every record, found {found}")
    try:
        if not is_naive(value):
            moment = in_utc(value)
        elif zone is not None:
            moment = to_moment(value, zone)
        else:
            raise EncodeError(path, "json-v3 counts seconds in UTC: say with zone= where it was")
    except ZoneError as error:
        raise EncodeError(path, str(error)) from None
    whole, fraction = divmod(moment - _EPOCH, timedelta(seconds=1))
    if fraction:
        raise EncodeError(path, "json-v3 has no fraction of a second")
    if whole < 0:
        raise EncodeError(path, "json-v3 counts seconds from 1970 on")
    return whole


def _naive(value: object, path: str, zone: Zone | None) -> object:
    if not isinstance(value, datetime):
        return value
    try:
        if is_naive(value):
            return value.replace(tzinfo=None)
        if zone is not None:
            return from_moment(value, zone)
    except ZoneError as error:
        raise EncodeError(path, str(error)) from None
    raise EncodeError(path, "the wire's timestamp names no zone: say with zone= which to write")


def _write(path: str, scalar: str, value: object) -> str:
    try:
        return SCALARS[scalar].write(value)
    except ValueError as error:
        raise EncodeError(path, str(error)) from None
