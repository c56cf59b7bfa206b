"""The values of replies as text: the first step of every format's encoder.

A value that cannot be written is refused with its path, here or by the encoder, and never changed
to fit. Encoders check values while they write, so the error names the first in document order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from sgformats._model.scalars import EPOCH, SCALARS
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

Escape = Callable[[str, str], str]
"""Takes a text and its path; returns the text as a format writes it, or raises `EncodeError`."""


def check_reply(reply: Reply) -> Method | None:
    """The method of a listing; None for other replies.

    Raises `EncodeError` for an invalid reply, `ArgumentError` for a value of another type.
    """
    if isinstance(reply, Listing):
        operation = OPERATIONS.get(f"{reply.method}.get")
        if operation is None:
            raise EncodeError("method", f"expected a method, found {quote(str(reply.method))}")
        _check_items("records", reply.records)
        return operation.method
    if isinstance(reply, Count):
        write("count", "number", reply.count)
    elif isinstance(reply, Success):
        if write("message", "text", reply.message).strip(WHITE) != "success":
            raise EncodeError("message", "expected success as the message of a Success")
    elif not isinstance(reply, Failure):
        found = type(reply).__name__
        raise ArgumentError(f"expected a Listing, Success, Failure or Count, found {found}")
    return None


def _check_items(path: str, value: object) -> Sequence[Any]:
    if not isinstance(value, (tuple, list)):
        raise EncodeError(path, f"expected a tuple, found {type(value).__name__}")
    return value


def write(path: str, scalar: str, value: object) -> str:
    """The text of a scalar value. Raises `EncodeError`."""
    try:
        return SCALARS[scalar].write(value)
    except ValueError as error:
        raise EncodeError(path, str(error)) from None


def text_columns(records: Sequence[Any], method: Method) -> dict[str, list[str]] | None:
    """The texts of all records, one column per field; None if not all have the same fields.

    None also for values of the wrong type. Then `record_texts` writes the records one by one, or
    raises at the first that cannot be written.
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
    """Naive timestamps of whole seconds as text; empty if any of them is something else."""
    if set(map(type, moments)) != {datetime} or any(m.tzinfo is not None for m in moments):
        return []
    # No timestamp is shorter; one with a fraction is longer.
    written = msgspec.json.encode(moments)[2:-2].decode()
    texts = written.replace("T", " ").split('","')
    return texts if len(written) == 22 * len(moments) - 3 else []


def failure_texts(reply: Failure, escape: Escape, *, v3: bool = False) -> tuple[str, list[str]]:
    """The message and the errors; only `v3` may have details.

    Raises `EncodeError` for the first value that cannot be written.
    """
    if reply.code is not None:  # First in document order.
        write("code", "number", reply.code)
    message = escape(write("message", "text", reply.message), "message")
    errors = []
    for number, error in enumerate(_check_items("errors", reply.errors)):
        path = f"errors[{number}]"
        errors.append(escape(write(path, "text", error), path))
    for name, given in (("details", bool(reply.details)), ("extra", reply.extra != NO_DETAIL)):
        if given and not v3:
            raise EncodeError(name, "only json-v3 can hold more than the messages of errors")
    return message, errors


def check_details(reply: Failure) -> Sequence[ErrorDetail]:
    """The details, one for each error. Raises `EncodeError`."""
    details = _check_items("details", reply.details)
    if not details:
        return [NO_DETAIL] * len(reply.errors)
    for number, detail in enumerate(details):
        _check_detail(detail, f"details[{number}]")
    if len(details) != len(reply.errors):
        reason = f"expected one for each of {len(reply.errors)} errors, found {len(details)}"
        raise EncodeError("details", reason)
    if all(detail == NO_DETAIL for detail in details):
        raise EncodeError("details", "expected no details, found only empty ones")
    return details


def detail_values(detail: object, path: str) -> list[tuple[str, str | Json]]:
    """(name, value) of each value that is not None. Raises `EncodeError`."""
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
    escape: Escape,
) -> list[tuple[str, str]]:
    """(name, text) of each field of a record, in the documented order.

    Raises `EncodeError` for the first one that cannot be written.
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
        texts.append((field.name, escape(write(path, field.scalar, value), path)))
    return texts


def check_record(record: object, method: Method, number: int) -> None:
    """Raise `EncodeError` if a record is not of the method's class."""
    expected, found = method.record, type(record)
    if found is not expected:
        reason = f"expected {expected.__name__}, found {found.__name__}"
        raise EncodeError(f"[{number}]", reason)


def seconds(value: object, field: Field, path: str, zone: Zone | None) -> int:
    """A timestamp as v3 writes it: a Unix time in whole seconds. Raises `EncodeError`."""
    if not isinstance(value, datetime):
        found = type(value).__name__
        raise EncodeError(path, f"expected a datetime, which json-v3 requires, found {found}")
    try:
        if not is_naive(value):
            moment = in_utc(value)
        elif zone is not None:
            moment = to_moment(value, zone)
        else:
            raise EncodeError(
                path, "json-v3 holds times in UTC, and this one has no zone: use zone= to name it"
            )
    except ZoneError as error:
        raise EncodeError(path, str(error)) from None
    whole, fraction = divmod(moment - EPOCH, timedelta(seconds=1))
    if fraction:
        raise EncodeError(path, "expected whole seconds, found a fraction of a second")
    if whole < 0:
        raise EncodeError(path, "json-v3 cannot hold a time before 1970")
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
    raise EncodeError(path, "xml and json hold times without a zone: use zone= to name it")
