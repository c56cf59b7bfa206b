"""Bytes to replies and back: the one module that composes the others.

`parse` tries a format's short route, which answers only when it is certain, and pays for the
thorough one only when something is out of the ordinary. What strict reading accepts is what the
shipped schemas accept, plus the rules of `RULES` that no schema can say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, overload

from sgformats import jsonformat, xmlformat
from sgformats.errors import (
    AmbiguousOperationError,
    ArgumentError,
    DecodeError,
    EncodeError,
    Problem,
    ValidationError,
    quote,
)
from sgformats.infer import candidates
from sgformats.operations import OPERATIONS, Operation, find_operation
from sgformats.payload import MAX_BYTES, WHITE, Format, Payload, Text, open_payload
from sgformats.records import (
    Block,
    Bounce,
    Count,
    Failure,
    InvalidEmail,
    Listing,
    Reply,
    SpamReport,
    Success,
    Unsubscribe,
)
from sgformats.scalars import SCALARS
from sgformats.tree import Fault, Node
from sgformats.walk import Walk

Mode = Literal["strict", "lax"]


class _Format(NamedTuple):
    """What a format can do; both know the same five things under the same names."""

    read: Callable[[Text], Node]
    confirm: Callable[[Text, Operation], str | None]
    decode: Callable[[bytes, Operation], Reply | None]
    encode: Callable[[Reply, Operation | None, str, bool], bytes]
    encodings: Mapping[str, str]


_FORMATS: Mapping[Format, _Format] = {
    "xml": _Format(
        xmlformat.read,
        xmlformat.confirm,
        xmlformat.decode,
        xmlformat.encode,
        {
            "ISO-8859-1": "ISO-8859-1",
            "UTF-8": "UTF-8",
            "US-ASCII": "US-ASCII",
            "WINDOWS-1252": "windows-1252",
            "UTF-16": "UTF-16",
        },
    ),
    "json": _Format(
        jsonformat.read,
        jsonformat.confirm,
        jsonformat.decode,
        jsonformat.encode,
        {"UTF-8": "UTF-8", "US-ASCII": "US-ASCII"},
    ),
}


class Document(NamedTuple):
    """A well-formed payload: its format, its characters, its tree."""

    format: Format
    text: Text
    root: Node


def read_document(
    data: Payload, format: Format | None = None, max_bytes: int = MAX_BYTES
) -> Document:
    """The payload as a tree with places; raises `DecodeError` where it is not well-formed."""
    format_, text = open_payload(data, format, max_bytes)
    try:
        return Document(format_, text, _FORMATS[format_].read(text))
    except Fault as fault:
        raise text.problem(fault.rule, fault.message, fault.index) from None


def examine(document: Document, operation: Operation) -> Walk:
    """The thorough route: every problem with its place; the schema file has the last word."""
    walk = Walk(document.text, document.root, operation)
    if not walk.found:
        refused = _FORMATS[document.format].confirm(document.text, operation)
        if refused is not None:
            walk.refuse(refused)
    return walk


@overload
def parse(
    data: Payload,
    operation: Literal["invalidemails.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Listing[InvalidEmail] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["bounces.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Listing[Bounce] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["blocks.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Listing[Block] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["spamreports.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Listing[SpamReport] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["unsubscribes.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Listing[Unsubscribe] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal[
        "invalidemails.delete",
        "bounces.delete",
        "blocks.delete",
        "spamreports.delete",
        "unsubscribes.delete",
        "unsubscribes.add",
    ],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Success | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal[
        "invalidemails.count", "bounces.count", "blocks.count", "spamreports.count"
    ],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Count | Failure: ...
@overload
def parse(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Reply: ...
def parse(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """The reply that a payload means.

    `data` is a body as `bytes` (or characters); `operation` a name such as `"invalidemails.get"`
    and `format` `"xml"` or `"json"`, both inferred where they are not given. `mode="lax"` also
    reads what breaks the contract but still has one certain meaning. A body of more than
    `max_bytes` bytes (64 MiB) is refused unread.

    Raises `DecodeError` where the payload cannot be read, `ValidationError` where it is no answer
    of the operation, `AmbiguousOperationError` where none is given and several lists would differ.

    >>> parse(b'[{"email":"brandon","reason":"Bad Syntax"}]', "invalidemails.get").records
    (InvalidEmail(email='brandon', reason='Bad Syntax', created=None),)
    """
    found = None if operation is None else find_operation(operation)
    _check_choice("format", format, (*_FORMATS, None))
    _check_choice("mode", mode, ("strict", "lax"))
    if found is not None:
        reply = _decode(data, found, format, max_bytes)
        if reply is not None:
            return reply
    document = read_document(data, format, max_bytes)
    read: Reply | None = read_as(document, found, mode).reply
    assert read is not None
    return read


def _decode(
    data: Payload, operation: Operation, format: Format | None, max_bytes: int
) -> Reply | None:
    if not isinstance(data, bytes) or len(data) > max_bytes:
        return None
    guess: Format = "xml" if data.startswith(b"<") else "json"
    if format is not None and format != guess:
        return None
    return _FORMATS[guess].decode(data, operation)


def read_as(document: Document, operation: str | Operation | None, mode: Mode) -> Walk:
    """The thorough reading of a document in a mode that accepts it; its `reply` is never None.

    Raises `ValidationError` where the mode does not, and what `_resolve` raises.
    """
    walk = examine(document, _resolve(document, operation, mode))
    if walk.reply is None or (mode == "strict" and walk.found):
        raise ValidationError(tuple(walk.problems))
    return walk


def _resolve(document: Document, operation: str | Operation | None, mode: Mode) -> Operation:
    """The operation to read a payload as: the one given, or else the one that it shows by itself.

    Raises `AmbiguousOperationError` where several could have been answered so and would differ.
    """
    if operation is not None:
        return find_operation(operation)
    possible = _walkable(document)
    if len(possible) == 1:
        return possible[0]
    walks = {one: examine(document, one) for one in possible}
    readable = [
        one for one, walk in walks.items() if walk.reply and (mode == "lax" or not walk.found)
    ]
    if any(walks[one].reply != walks[readable[0]].reply for one in readable):
        raise AmbiguousOperationError(tuple(one.name for one in readable))
    return readable[0] if readable else possible[0]


def _walkable(document: Document) -> tuple[Operation, ...]:
    """The operations to hold a payload against: lists that could be, one for results."""
    found = candidates(document.root)
    if not found:
        return tuple(OPERATIONS.values())[:1]
    return found if found[0].task == "get" else found[:1]


def validate(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    max_bytes: int = MAX_BYTES,
) -> list[Problem]:
    """All problems of a payload, in document order; an empty list says that it is valid.

    Takes what `parse` takes. No payload makes it raise: what cannot be read is a problem too, and
    then the only one. Without an operation, the payload is valid if it is for some operation.
    """
    found = None if operation is None else find_operation(operation)
    _check_choice("format", format, (*_FORMATS, None))
    if found is not None and _decode(data, found, format, max_bytes) is not None:
        return []
    try:
        document = read_document(data, format, max_bytes)
    except DecodeError as error:
        return list(error.problems)
    first: list[Problem] | None = None
    for one in (found,) if found is not None else _walkable(document):
        problems = examine(document, one).problems
        if not problems:
            return []
        first = first or problems
    return first or []


def encode(
    reply: Reply, format: Format, *, encoding: str | None = None, indent: bool = False
) -> bytes:
    """A reply as the API would write it.

    XML is written in ISO-8859-1 as the API does, other characters as references; `encoding` may
    also be UTF-8, US-ASCII, windows-1252 or UTF-16. JSON is UTF-8, or US-ASCII with escapes.
    `indent` lays it out in lines.

    Raises `EncodeError`, with the path and the character, for what the format cannot hold.

    >>> encode(Success(), "json")
    b'{"message":"success"}'
    """
    _check_choice("format", format, tuple(_FORMATS))
    form = _FORMATS[format]
    name = next(iter(form.encodings)) if encoding is None else encoding
    known = form.encodings.get(name.upper()) if isinstance(name, str) else None
    if known is None:
        expected = ", ".join(form.encodings.values())
        raise ArgumentError(f"expected one of the encodings {expected}, found {quote(str(name))}")
    operation = _check_reply(reply)
    return form.encode(reply, operation, known, indent)


def _check_reply(reply: Reply) -> Operation | None:
    """Refuses values that no payload can mean; gives a listing's operation."""
    if isinstance(reply, Listing):
        operation = OPERATIONS.get(f"{reply.method}.get")
        if operation is None:
            raise EncodeError("method", f"no method is called {quote(str(reply.method))}")
        record = operation.method.record
        for number, item in enumerate(reply.records):
            if type(item) is not record:
                found = type(item).__name__
                raise EncodeError(f"[{number}]", f"expected {record.__name__}, found {found}")
        return operation
    if isinstance(reply, Count):
        _check_value("count", "number", reply.count)
    elif isinstance(reply, (Success, Failure)):
        _check_value("message", "text", reply.message)
        if isinstance(reply, Success) and reply.message.strip(WHITE) != "success":
            raise EncodeError("message", "a success's message reads success")
        if isinstance(reply, Failure):
            for number, error in enumerate(reply.errors):
                _check_value(f"errors[{number}]", "text", error)
            if reply.code is not None:
                _check_value("code", "number", reply.code)
    else:
        raise ArgumentError(
            f"expected a Listing, Success, Failure or Count, found {type(reply).__name__}"
        )
    return None


def _check_value(path: str, scalar: str, value: Any) -> None:
    try:
        SCALARS[scalar].write(value)
    except ValueError as error:
        raise EncodeError(path, str(error)) from None


def convert(
    data: Payload,
    to: Format,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    encoding: str | None = None,
    indent: bool = False,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """A payload in another format, or in another form of its own: `encode(parse(data), to)`."""
    _check_choice("to", to, tuple(_FORMATS))
    reply = parse(data, operation, format=format, mode=mode, max_bytes=max_bytes)
    return encode(reply, to, encoding=encoding, indent=indent)


def _check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    if value not in choices:
        expected = ", ".join(repr(choice) for choice in choices)
        raise ArgumentError(f"expected {name} to be one of {expected}, found {value!r:.60}")
