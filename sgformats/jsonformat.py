"""Everything JSON: the short route, the thorough reading, the schema's last word, and writing.

`decode` answers only when it is certain that the payload is valid; `read` and `confirm` are the
pieces of the thorough route, `encode` is the way back.
"""

from __future__ import annotations

import functools
import json
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import msgspec

from sgformats.errors import EncodeError
from sgformats.jsontext import read_json
from sgformats.operations import Method, Operation
from sgformats.payload import WHITE, Text
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.scalars import LARGEST_SECONDS, read_timestamps
from sgformats.schemafiles import json_schema
from sgformats.tree import Node
from sgformats.writing import record_texts, seconds, text_columns
from sgformats.zones import Zone

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def read(text: Text) -> Node:
    """The payload as a tree; raises `Fault` where it is no JSON."""
    return read_json(text.chars)


# The short route.


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    message: str


_WORDS = msgspec.json.Decoder(_Words)


@functools.lru_cache(maxsize=64)
def _rows_decoder(method: Method, v3: bool) -> msgspec.json.Decoder[Any]:
    """Records as the wire has them, every value still text, unknown fields refused."""
    names = method.required(v3=v3)
    kinds = {f.name: int if v3 and f.scalar == "timestamp" else str for f in method.fields}
    required = [(name, kinds[name]) for name in names]
    optional = [(name, kind, msgspec.UNSET) for name, kind in kinds.items() if name not in names]
    row = msgspec.defstruct(
        method.item, [*required, *optional], forbid_unknown_fields=True, gc=False
    )
    return msgspec.json.Decoder(list[row])  # type: ignore[valid-type]


def decode(data: bytes, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    try:
        if data.startswith(b"["):
            return _decode_list(data, operation, v3=False)
        if data.startswith(b'{"message"') and data.count(b'"') == 4:
            return _decode_words(_WORDS.decode(data).message, operation)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        pass
    return None


def shows_v3(data: bytes) -> bool:
    """Whether every object certainly begins with a `created`, as the successor's records do."""
    return data.count(b'{"created"') == data.count(b"{")


def decode_v3(data: bytes, operation: Operation) -> Reply | None:
    """The same for what the successor answers; an empty list is either's."""
    if not data.startswith(b"["):
        return None
    try:
        return _decode_list(data, operation, v3=True)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _decode_words(message: str, operation: Operation) -> Reply | None:
    if message.strip(WHITE) != "success":
        return Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def _decode_list(data: bytes, operation: Operation, v3: bool) -> Listing[Any] | None:
    if operation.task != "get":
        return None
    method = operation.method
    if not v3:
        records = _decode_compact(data, method)
        if records is not None:
            return Listing(method.name, records)
    rows = _rows_decoder(method, v3).decode(data)
    columns: list[list[Any]] = []
    quotes = 0
    for field in method.fields:
        column = [getattr(row, field.name) for row in rows]
        absent = column.count(msgspec.UNSET)
        if field.scalar != "timestamp":
            quotes += 4 * (len(column) - absent)
            column = (
                [None if text is msgspec.UNSET else text for text in column] if absent else column
            )
        elif v3:
            quotes += 2 * len(column)
            if column and not 0 <= min(column) <= max(column) <= LARGEST_SECONDS:
                return None
            column = [_EPOCH + timedelta(seconds=value) for value in column]
        else:
            quotes += 4 * (len(column) - absent)
            moments = read_timestamps([text for text in column if text])
            if moments is None:
                return None
            given = iter(moments)
            column = [next(given) if text else None for text in column]
        columns.append(column)
    if _quotes(data) != quotes:
        return None  # Some member stood twice, or a string hides what it holds.
    return Listing(method.name, method.records(columns))


class _Compact:
    """What `_decode_compact` needs of a method, looked up once."""

    def __init__(self, method: Method) -> None:
        config = getattr(method.record, "__struct_config__", None)
        self.usable = config is not None and config.forbid_unknown_fields
        kind: Any = tuple[method.record, ...] if self.usable else None  # type: ignore[name-defined]
        self.decode = msgspec.json.Decoder(kind).decode
        # A field's name and value take their quotes, a colon, and a comma or a brace.
        self.fields = tuple(
            (f.name, len(f.name) + 6, f.scalar == "timestamp") for f in method.fields
        )


_compact = functools.lru_cache(maxsize=64)(_Compact)


def _decode_compact(data: bytes, method: Method) -> tuple[Any, ...] | None:
    """Records from ASCII without escapes or layout, proven by adding up what they must have taken.

    msgspec reads timestamps of more forms than the wire's, but none is shorter; so where the sum of
    all names, marks and values is the payload's length, nothing stood twice, there was no white
    space outside strings, and only the mark between date and time is left to prove: by counting.
    """
    if b"\\" in data or not data.isascii():
        return None
    compact = _compact(method)
    if not compact.usable:
        return None
    try:
        records: tuple[Any, ...] = compact.decode(data)
    except msgspec.ValidationError:
        return None  # An empty timestamp, or a fault: the next route tells.
    size = 2 * len(records) + 1 if records else 2
    spaces = 0
    for name, around, timestamp in compact.fields:
        column = [getattr(record, name) for record in records]
        given = len(column) - column.count(None)
        size += given * around
        if timestamp:
            size += 19 * given
            spaces += given
        else:
            text = "".join(column if given == len(column) else filter(None, column))
            size += len(text)
            spaces += text.count(" ")
    return records if size == len(data) and spaces == data.count(b" ") else None


def _quotes(data: bytes) -> int:
    """How many quotes begin or end a string; -1 where counting cannot tell."""
    if b"\\" not in data:
        return data.count(b'"')
    return -1 if b"\\\\" in data else data.count(b'"') - data.count(b'\\"')


# The thorough route's last word.


@functools.lru_cache(maxsize=64)
def _validator(operation: Operation, v3: bool) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(json_schema(operation, operation.method.schemas, v3=v3))


def confirm(text: Text, operation: Operation) -> str | None:
    """What the shipped schema says against the payload; None when it accepts it."""
    return _refusal(text, _validator(operation, False))


def confirm_v3(text: Text, operation: Operation) -> str | None:
    """What the successor's schema says against the payload; None when it accepts it."""
    return _refusal(text, _validator(operation, True))


def _whole(digits: str) -> int | float:
    """A number without a fraction; Python reads no integer of thousands of digits."""
    return int(digits) if len(digits) < 1_000 else float(digits)


def _refusal(text: Text, validator: Draft202012Validator) -> str | None:
    value = json.loads(text.chars, parse_int=_whole)
    error = next(iter(validator.iter_errors(value)), None)
    return None if error is None else str(error.message)


# Writing.


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
        if method.v3 is None:
            raise EncodeError("method", f"json-v3 has no list of {method.name}")
        return _written(_rows_v3(reply, method, zone), encoding, indent)
    if not isinstance(reply, Failure):
        raise EncodeError("", f"json-v3 has no body for a {type(reply).__name__.lower()}")
    if reply.code is not None:
        raise EncodeError("code", "json-v3 has no code in a failure")
    if reply.message != "error" or not reply.errors:
        raise EncodeError(
            "message", "json-v3 has only errors: expected the message error and a list"
        )
    errors = [
        {"field": None, "message": _text(error, f"errors[{number}]")}
        for number, error in enumerate(reply.errors)
    ]
    return _written({"errors": errors}, encoding, indent)


def _written(value: Any, encoding: str, indent: bool) -> bytes:
    written = msgspec.json.encode(value)
    if encoding == "US-ASCII":
        layout: Any = {"indent": 2} if indent else {"separators": (",", ":")}
        return json.dumps(json.loads(written), **layout).encode()
    return msgspec.json.format(written, indent=2) if indent else written


def _rows(reply: Listing[Any], method: Method, zone: Zone | None) -> list[dict[str, str]]:
    return [
        {name: _text(text, path) for name, path, text in record_texts(record, method, number, zone)}
        for number, record in enumerate(reply.records)
    ]


@functools.lru_cache(maxsize=64)
def _row_class(names: tuple[str, ...]) -> type[msgspec.Struct]:
    return msgspec.defstruct("Row", [(name, str) for name in names], gc=False)


def _rows_v3(reply: Listing[Any], method: Method, zone: Zone | None) -> list[dict[str, str | int]]:
    """Records with their fields as the successor orders them, which is by name."""
    times = [field for field in method.fields if field.scalar == "timestamp"]
    others = method.without(times)
    rows = []
    for number, record in enumerate(reply.records):
        row: dict[str, str | int] = {}
        for field in times:
            path = f"[{number}].{field.name}"
            row[field.name] = seconds(getattr(record, field.name), field, path, zone)
        for name, path, text in record_texts(record, others, number, zone):
            row[name] = _text(text, path)
        rows.append(dict(sorted(row.items())))
    return rows


def _plain(reply: Success | Failure | Count) -> Any:
    if isinstance(reply, Count):
        return {"count": reply.count}
    message = _text(reply.message, "message")
    if isinstance(reply, Success):
        return {"message": message}
    if reply.code is not None:
        if reply.errors:
            raise EncodeError("errors", "JSON's form with a code has no list of errors")
        return {"error": {"code": reply.code, "message": message}}
    if reply.errors:
        errors = [_text(error, f"errors[{n}]") for n, error in enumerate(reply.errors)]
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
