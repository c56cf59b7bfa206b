"""Everything JSON: the short route, the thorough reading, the schema's last word, and writing.

`decode` answers only when it is certain that the payload is valid; `read` and `confirm` are the
pieces of the thorough route, `encode` is the way back.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from operator import attrgetter
from typing import TYPE_CHECKING, Any, get_type_hints

import msgspec

from sgformats.errors import EncodeError
from sgformats.jsontext import read_json
from sgformats.operations import Method, Operation
from sgformats.payload import WHITE, Text
from sgformats.records import Count, Failure, Listing, Reply, Success
from sgformats.scalars import LARGEST_SECONDS, read_timestamps
from sgformats.schemafiles import json_schema
from sgformats.sifting import DEEPEST, Records, Sifted, certain, move
from sgformats.sifting import sift as sift_items
from sgformats.tree import Fault, Node
from sgformats.writing import record_texts, seconds, text_columns
from sgformats.zones import Zone

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_SMALL = 1024  # Bytes of a payload that is sooner written again than taken apart.
_HINTS: Mapping[str, tuple[Any, ...]] = {
    "text": (str, str | None),
    "timestamp": (datetime, datetime | None),
}
_write = msgspec.json.Encoder().encode
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def read(text: Text) -> Node:
    """The payload as a tree; raises `Fault` where it is no JSON."""
    return read_json(text.chars)


# The short route.


class _Words(msgspec.Struct, forbid_unknown_fields=True):
    message: str


_WORDS = msgspec.json.Decoder(_Words)
_ITEMS = msgspec.json.Decoder(list[msgspec.Raw])


class _Shape:
    """What reading the lists of a method needs, looked up once."""

    def __init__(self, method: Method, v3: bool) -> None:
        required = method.required(v3=v3)
        times = [field.name for field in method.fields if field.scalar == "timestamp"]
        kinds = {name: int if v3 and name in times else str for name in method.names}
        row = msgspec.defstruct(
            method.item,
            [
                *((name, kinds[name]) for name in required),
                *((name, kind, None) for name, kind in kinds.items() if name not in required),
            ],
            forbid_unknown_fields=True,
            gc=False,
        )
        # Records as the wire has them, every value still text, unknown fields refused.
        self.decode = msgspec.json.Decoder(list[row]).decode  # type: ignore[valid-type]
        # Where texts stand, whether in every record, and what each takes beside itself: quotes for
        # its name and for itself, a colon, and a comma or brace.
        self.texts = tuple(
            (place, name in required, len(name) + 6)
            for place, name in enumerate(method.names)
            if kinds[name] is str
        )
        self.times = tuple(map(method.names.index, times))
        self.few = _Few(method, times[0]) if not v3 and _says_it_all(method, times) else None


def _says_it_all(method: Method, times: list[str]) -> bool:
    """Whether a record class says of itself what the wire's fields are, one timestamp among them."""
    config = method.record.__struct_config__
    if not (config.forbid_unknown_fields and config.omit_defaults):
        return False
    hints = get_type_hints(method.record)
    return len(times) == 1 and all(
        hints[field.name] in _HINTS[field.scalar] for field in method.fields
    )


class _Few:
    """What reading straight into the records of a method needs, looked up once."""

    def __init__(self, method: Method, time: str) -> None:
        kind: Any = tuple[method.record, ...]  # type: ignore[name-defined]
        self.decode: Callable[[bytes], tuple[Any, ...]] = msgspec.json.Decoder(kind).decode
        self.moment: Callable[[Any], Any] = attrgetter(time)


_shape = functools.lru_cache(maxsize=64)(_Shape)


def decode(data: bytes | str, operation: Operation) -> Reply | None:
    """The reply to a payload that is certainly valid; None for every other, at little cost."""
    try:
        if isinstance(data, str):
            data = data.encode()
        if data.startswith(b"["):
            return _decode_list(data, operation, v3=False)
        if data.startswith(b'{"message"') and data.count(b'"') == 4:
            return _decode_words(_WORDS.decode(data).message, operation)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        pass
    return None


def shows_v3(data: bytes | str) -> bool:
    """Whether every object certainly begins with a `created`, as the successor's records do."""
    if isinstance(data, str):
        return data.count('{"created"') == data.count("{")
    return data.count(b'{"created"') == data.count(b"{")


def decode_v3(data: bytes | str, operation: Operation) -> Reply | None:
    """The same for what the successor answers; an empty list is either's."""
    try:
        if isinstance(data, str):
            data = data.encode()
        if not data.startswith(b"["):
            return None
        return _decode_list(data, operation, v3=True)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _decode_words(message: str, operation: Operation) -> Reply | None:
    if message.strip(WHITE) != "success":
        return Failure(message)
    return Success(message) if operation.task in ("delete", "add") else None


def _decode_list(data: bytes, operation: Operation, v3: bool) -> Listing[Any] | None:
    """The records of a list in which, it is certain, no field stands twice.

    msgspec refuses unknown fields and other types, but of two fields of one name it takes the last.
    """
    if operation.task != "get":
        return None
    method = operation.method
    shape = _shape(method, v3)
    if len(data) < _SMALL and shape.few is not None:
        records = _decode_few(data, shape.few)
        if records is not None:
            return Listing(method.name, records)
    rows = shape.decode(data)
    columns = method.columns(rows)
    size = 2 * len(rows) + 1 if rows else 2
    strings = 0
    texts = []
    for place, required, around in shape.texts:
        column = columns[place]
        given = column if required or all(column) else [text for text in column if text is not None]
        text = "".join(given)
        size += len(given) * around + (len(text) if text.isascii() else len(text.encode()))
        strings += 2 * len(given)
        texts.append(text)
    for place in shape.times:
        if v3:
            strings += len(rows)
            moments = _moments(columns[place])
        else:
            moments = read_timestamps(columns[place])
        if moments is None:
            return None
        columns[place] = moments
    if not _adds_up(data, size, texts) and not _has_no_more(data, strings, texts):
        return None
    return Listing(method.name, method.records(columns))


def _decode_few(data: bytes, few: _Few) -> tuple[Any, ...] | None:
    """The records of a payload that is what writing them gives, but for the marks in timestamps.

    Written, a timestamp has a T where the wire's has a space, so the payload has one space more for
    each, and where no text has a T, spaces for all; a fraction or a zone would be written as well,
    and is looked for.
    """
    try:
        records = few.decode(data)
    except msgspec.ValidationError:
        return None  # An empty timestamp, or a fault: the way for many tells.
    written = _write(records)
    given = 0
    for record in records:
        at = few.moment(record)
        if at is not None:
            if at.microsecond or at.tzinfo is not None:
                return None
            given += 1
    if written.replace(b"T", b" ") == data:
        return records
    if written.replace(b" ", b"T") != data.replace(b" ", b"T"):
        return None
    return records if data.count(b" ") == written.count(b" ") + given else None


def _moments(seconds: list[int]) -> list[Any] | None:
    if seconds and not 0 <= min(seconds) <= max(seconds) <= LARGEST_SECONDS:
        return None
    return [_EPOCH + timedelta(seconds=value) for value in seconds]


def _adds_up(data: bytes, size: int, texts: list[str]) -> bool:
    """Whether a compact payload is as long as the names, marks and values that were read.

    An escape adds what it has more of bytes than of backslashes; only an escaped backslash has less.
    """
    if b"\\" not in data:
        return len(data) == size
    return len(data) == size + data.count(b"\\") and not any("\\" in text for text in texts)


def _has_no_more(data: bytes, strings: int, texts: list[str]) -> bool:
    """Whether the strings that were read account for every quote, where no other is spelled out."""
    inside = sum(text.count('"') for text in texts if '"' in text)
    return data.count(b'"') == 2 * strings + inside and not (inside and b"\\u" in data)


def sift(data: bytes | str, text: Text, operation: Operation) -> Sifted | None:
    """The tree of a long list, in which only what the short route does not know has nodes.

    None where the text is no such list, or one that must be seen as a whole.
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
    place, index = begin + 1, begin + 1  # Behind the last item in bytes, behind the last odd one in
    seen = place  # characters, and in bytes.

    def records(start: int, stop: int) -> Records | None:
        try:
            reply = _decode_list(b"[" + b",".join(items[start:stop]) + b"]", operation, v3)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
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
        try:
            node = read_json(item)
        except Fault:
            return None
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
