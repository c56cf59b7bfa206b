"""Replies to the text of their values: what every format's encoder starts from.

Whatever cannot be written is refused here or by the encoder, with its path; nothing is changed to
make it fit. Encoders check values as they write them, so that the first in document order is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec

from sgformats._model.scalars import SCALARS
from sgformats._model.zones import Zone, ZoneError, from_moment, in_utc, is_naive, to_moment
from sgformats._text.payload import WHITE
from sgformats.errors import ArgumentError, EncodeError, quote
from sgformats.operations import OPERATIONS, Field, Method
from sgformats.records import (
    NO_DETAIL,
    Count,
    ErrorDetail,
    Failure,
    Json,
    Listing,
    Reply,
    Success,
)

Hold = Callable[[str, str], str]
"""A text and its path to the text as a format writes it. Raises `EncodeError` if the format cannot."""

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def check_reply(reply: Reply) -> Method | None:
    """Refuses what is no reply; gives a listing's method.

    Raises `EncodeError`, and `ArgumentError` for a value of another type.
    """
    if isinstance(reply, Listing):
        operation = OPERATIONS.get(f"{reply.method}.get")
        if operation is None:
            raise EncodeError("method", f"no method is called {quote(str(reply.method))}")
        _check_items("records", reply.records)
        return operation.method
    if isinstance(reply, Count):
        write("count", "number", reply.count)
    elif isinstance(reply, Success):
        if write("message", "text", reply.message).strip(WHITE) != "success":
            raise EncodeError("message", "a success's message reads success")
    elif not isinstance(reply, Failure):
        found = type(reply).__name__
        raise ArgumentError(f"expected a Listing, Success, Failure or Count, found {found}")
    return None


def _check_items(path: str, value: object) -> Sequence[Any]:
    if not isinstance(value, (tuple, list)):
        raise EncodeError(path, f"expected a tuple, found {type(value).__name__}")
    return value


def write(path: str, scalar: str, value: object) -> str:
    """The text of a value. Raises `EncodeError`."""
    try:
        return SCALARS[scalar].write(value)
    except ValueError as error:
        raise EncodeError(path, str(error)) from None


def text_columns(records: Sequence[Any], method: Method) -> dict[str, list[str]] | None:
    """The texts of all records field by field, where nothing about them is out of the ordinary.

    None where some field is there in some records only, or a value is not the wire's: then
    `record_texts` gives them one by one, or raises at the first that cannot be written.
    """
    if list(map(type, records)).count(method.record) < len(records):
        return None
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


def failure_texts(reply: Failure, hold: Hold, *, v3: bool = False) -> tuple[str, list[str]]:
    """The message and the errors. Raises `EncodeError` for the first value that cannot be written.

    Only the successor, `v3`, can hold details.
    """
    if reply.code is not None:  # The form with a code begins with it.
        write("code", "number", reply.code)
    message = hold(write("message", "text", reply.message), "message")
    errors = []
    for number, error in enumerate(_check_items("errors", reply.errors)):
        path = f"errors[{number}]"
        errors.append(hold(write(path, "text", error), path))
    for name, told in (("details", bool(reply.details)), ("extra", reply.extra != NO_DETAIL)):
        if told and not v3:
            raise EncodeError(name, "only json-v3 says more than a message of an error")
    return message, errors


def check_details(reply: Failure) -> Sequence[ErrorDetail]:
    """One detail for each error. Raises `EncodeError`."""
    details = _check_items("details", reply.details)
    if not details:
        return [NO_DETAIL] * len(reply.errors)
    for number, detail in enumerate(details):
        _check_detail(detail, f"details[{number}]")
    if len(details) != len(reply.errors):
        reason = f"expected one for each of {len(reply.errors)} errors, found {len(details)}"
        raise EncodeError("details", reason)
    if all(detail == NO_DETAIL for detail in details):
        raise EncodeError("details", "expected none, as no error has any")
    return details


def detail_values(detail: object, path: str) -> list[tuple[str, str | Json]]:
    """(name, value) of what a detail has. Raises `EncodeError` for what is none."""
    _check_detail(detail, path)
    values = []
    for name in ErrorDetail.__struct_fields__:
        value = getattr(detail, name)
        if isinstance(value, (str, Json)):
            values.append((name, value))
        elif value is not None:
            found = type(value).__name__
            raise EncodeError(f"{path}.{name}", f"expected text or Json, found {found}")
    return values


def _check_detail(detail: object, path: str) -> None:
    if not isinstance(detail, ErrorDetail):
        raise EncodeError(path, f"expected ErrorDetail, found {type(detail).__name__}")


def record_texts(
    record: Any,
    method: Method,
    number: int,
    zone: Zone | None,
    hold: Hold,
) -> list[tuple[str, str]]:
    """(name, text) of each field that a record has, in the documented order.

    Raises `EncodeError` for the first that cannot be written.
    """
    check_record(record, method, number)
    texts = []
    for field in method.fields:
        value = getattr(record, field.name)
        if value is None and not field.required:
            continue
        path = f"[{number}].{field.name}"
        if field.scalar == "timestamp":
            value = _naive(value, path, zone)
        texts.append((field.name, hold(write(path, field.scalar, value), path)))
    return texts


def check_record(record: object, method: Method, number: int) -> None:
    """Refuses what is no record of the method. Raises `EncodeError`."""
    expected, found = method.record, type(record)
    if found is not expected:
        reason = f"expected {expected.__name__}, found {found.__name__}"
        raise EncodeError(f"[{number}]", reason)


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
