"""Everything JSON: the short route, the thorough reading, the schema's last word, and writing.

`decode` answers only when it is certain that the payload is valid; `read` and `confirm` are the
pieces of the thorough route, `encode` is the way back.
"""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import msgspec

from sgformats._json.fast import read_list
from sgformats._json.reader import read_json
from sgformats._model.node import Node
from sgformats._model.sifting import DEEPEST, Records, Sifted, certain, move
from sgformats._model.sifting import sift as sift_items
from sgformats._model.writing import record_texts, seconds, text_columns
from sgformats._model.zones import Zone
from sgformats._text.payload import WHITE, Text
from sgformats.errors import EncodeError
from sgformats.operations import Method, Operation
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.schemafiles import json_schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator


def read(text: Text) -> Node:
    """The payload as a tree; raises `Fault` where it is no JSON."""
    return read_json(text.chars)


# The short route.


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    message: str


_WORDS = msgspec.json.Decoder(_Words)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])
_FIRST_OF_V3 = b'{"created"'


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    if isinstance(data, str):
        return None  # It begins as XML does.
    if data.startswith(b"["):
        return _decode_list(data, operation, v3=False)
    if data.startswith(b'{"message"') and data.count(b'"') == 4:
        try:
            return _decode_words(_WORDS.decode(data).message, operation)
        except (msgspec.DecodeError, UnicodeError):
            return None
    return None


def shows_v3(data: bytes) -> bool:
    """Whether every object certainly begins with a `created`, as the successor's records do."""
    first = data.find(b"{")
    if first >= 0 and not data.startswith(_FIRST_OF_V3, first):
        return False
    return data.count(_FIRST_OF_V3) == data.count(b"{")


def decode_v3(data: bytes | str, operation: Operation) -> Reply | None:
    """The same for what the successor answers; an empty list is either's."""
    return _decode_list(data, operation, v3=True) if isinstance(data, bytes) else None


def _decode_list(data: bytes, operation: Operation, v3: bool) -> Listing[Any] | None:
    if operation.task != "get":
        return None
    try:
        records = read_list(data, operation.method, v3)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return None if records is None else Listing(operation.method.name, records)


def _decode_words(message: str, operation: Operation) -> Reply | None:
    if message.strip(WHITE) != "success":
        return Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def sift(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The tree of a long list, in which only what the short route does not know has nodes.

    None, or a `Fault`, where the text is no such list, or one that must be seen as a whole.
    """
    return _sift(text, operation, v3=False)


def sift_v3(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The same for the successor's lists."""
    return _sift(text, operation, v3=True)


def _sift(text: Text, operation: Operation, v3: bool) -> Sifted | None:
    data = text.chars.encode()
    try:
        items = list(map(bytes, _ITEMS.decode(data)))
    except (msgspec.DecodeError, RecursionError):
        return None
    begin = data.index(b"[")
    root = Node("array", "", begin, begin)
    odd = []
    place = begin + 1  # Behind the last item, in bytes.
    seen = index = place  # Behind the last odd one, in bytes and in characters.

    def records(start: int, stop: int) -> Records | None:
        reply = _decode_list(b"[" + b",".join(items[start:stop]) + b"]", operation, v3)
        return None if reply is None else reply.records

    for start, stop, group in sift_items(len(items), records):
        if group is not None:
            place = _behind(data, items[start:stop], place)
            root.nodes.append(certain(group))
            continue
        raw = items[start]
        place = data.index(raw, place)
        index += len(data[seen:place].decode())
        item = raw.decode()
        if raw.count(b"[") + raw.count(b"{") > DEEPEST:
            return None
        node = read_json(item)
        move(node, index)
        root.nodes.append(node)
        odd.append(item)
        index += len(item)
        seen = place = place + len(raw)
    return Sifted(root, f"[{','.join(odd)}]") if len(odd) < len(items) else None


def _behind(data: bytes, items: list[bytes], place: int) -> int:
    """The place behind items that come next."""
    joined = b",".join(items)
    for start in (place, place + 1):
        if data.startswith(joined, start):
            return start + len(joined)
    for raw in items:
        place = data.index(raw, place) + len(raw)
    return place


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
