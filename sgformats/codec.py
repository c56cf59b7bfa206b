"""Bytes to replies and back: the one module that composes the others.

`parse` tries a format's short route, which answers only when it is certain, and pays for the
thorough one only when something is out of the ordinary. What strict reading accepts is what the
shipped schemas accept, plus the rules of `RULES` that no schema can say.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import Literal, NamedTuple, overload

from sgformats._formats import FORMATS, Form, decode, is_certain, take
from sgformats._model.node import Fault, Node
from sgformats._model.shapes import candidates, is_v3
from sgformats._model.writing import check_reply
from sgformats._model.zones import Fold, Zone, find_zone
from sgformats._reading.lists import Walk
from sgformats._text.payload import MAX_BYTES, Format, Payload, Text, open_payload
from sgformats.errors import (
    MAX_PROBLEMS,
    AmbiguousOperationError,
    ArgumentError,
    DecodeError,
    Problems,
    ValidationError,
    quote,
)
from sgformats.operations import OPERATIONS, Operation, find_operation
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

Mode = Literal["strict", "lax"]


_FORMATS_OR_NONE = (None, *FORMATS)
MODES = ("strict", "lax")
_LONG = 2048  # Bytes of a list that is worth looking through for what is odd in it.


class Document(NamedTuple):
    """A well-formed payload: its format, its characters, its tree, and what was given."""

    format: Format
    text: Text
    root: Node
    data: Payload


def read_document(
    data: Payload, format: Format | None = None, max_bytes: int = MAX_BYTES
) -> Document:
    """The payload as a tree with places; raises `DecodeError` where it is not well-formed."""
    syntax, text = open_payload(data, FORMATS[format].syntax if format else None, max_bytes)
    found: Format = format or syntax
    try:
        root = FORMATS[found].read(text)
    except Fault as fault:
        raise text.problem(fault.rule, fault.message, fault.index) from None
    if format is None and is_v3(root):
        found = "json-v3"
    return Document(found, text, root, data)


def examine(
    document: Document,
    operation: Operation,
    zone: Zone | None = None,
    *,
    places: bool = False,
    most: int = MAX_PROBLEMS,
) -> Walk:
    """The thorough route: problems with their places, and with `places` those of all values.

    Where it finds none, and the short route is not certain either, the schema file has the last word.
    """
    format_, text, root, data = document
    if not operation.in_v3 and format_ == "json-v3":
        format_ = "json"  # It looked like the successor's, which has no such call.
    walk = Walk(text, root, operation, format_, zone, places=places, most=most)
    if walk.clean and not is_certain(data, operation, format_):
        _confirm(walk, FORMATS[format_], text, operation)
    return walk


def _confirm(walk: Walk, form: Form, text: Text, operation: Operation) -> None:
    refused = form.confirm(text, operation)
    if refused is not None:
        walk.refuse(refused)


def _examine_list(
    data: Payload,
    operation: Operation,
    format: Format | None,
    max_bytes: int,
    most: int = MAX_PROBLEMS,
) -> Walk | None:
    """The thorough reading of a long list that reads its odd items alone; None for other payloads.

    It equals `examine` but for the places, of which it knows few. Raises `DecodeError`.
    """
    taken = take(data, max_bytes)
    if taken is None or len(taken) < _LONG or operation.task != "get":
        return None
    syntax, text = open_payload(data, FORMATS[format].syntax if format else None, max_bytes)
    found: Format = format or syntax
    try:
        sifted = FORMATS[found].sift(taken, text, operation)
    except Fault:
        return None
    if sifted is None:
        return None
    walk = Walk(text, sifted.root, operation, found, most=most)
    if walk.clean:
        _confirm(walk, FORMATS[found], Text(sifted.odd, "UTF-8"), operation)
    return walk


@overload
def parse(
    data: Payload,
    operation: Literal["invalidemails.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Listing[InvalidEmail] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["bounces.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Listing[Bounce] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["blocks.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Listing[Block] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["spamreports.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Listing[SpamReport] | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["unsubscribes.get"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
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
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Success | Failure: ...
@overload
def parse(
    data: Payload,
    operation: Literal["invalidemails.count", "bounces.count", "blocks.count", "spamreports.count"],
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Count | Failure: ...
@overload
def parse(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply: ...
def parse(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """The reply that a payload means.

    `data` is a body as `bytes` (or characters); `operation` a name such as `"invalidemails.get"`
    and `format` `"xml"`, `"json"` or `"json-v3"`, both told from the payload where not given.
    `mode="lax"` also reads what breaks the contract but still has one certain meaning. A body of
    more than `max_bytes` bytes (64 MiB) is refused unread.

    The wire's timestamps name no zone and stay without one, unless `zone` (a name or a `tzinfo`)
    says where they were taken: then they become moments in UTC, as those of `json-v3` are by
    themselves. An hour that the zone's clock showed twice or never is a problem; `fold` (0 the
    earlier, 1 the later) decides the one that came twice.

    Raises `DecodeError` where the payload cannot be read, `ValidationError` where it is no answer
    of the operation, `AmbiguousOperationError` where none is given and several lists would differ.

    >>> parse(b'[{"email":"brandon","reason":"Bad Syntax"}]', "invalidemails.get").records
    (InvalidEmail(email='brandon', reason='Bad Syntax', created=None),)
    """
    found = check_call(operation, format)
    if mode not in MODES:
        check_choice("mode", mode, MODES)
    place = None if zone is None and fold is None else find_zone(zone, fold)
    if is_zoneless(found, place):
        reply = decode(data, found, format, max_bytes)
        if reply is not None:
            return reply
        walk = None if found is None else _examine_list(data, found, format, max_bytes)
        if walk is not None:
            return _reply_of(walk, mode)
    document = read_document(data, format, max_bytes)
    return _reply_of(read_as(document, found, mode, place), mode)


def read_as(
    document: Document,
    operation: str | Operation | None,
    mode: Mode,
    zone: Zone | None = None,
    *,
    places: bool = False,
) -> Walk:
    """The thorough reading of a document in a mode that accepts it; its `reply` is never None.

    Raises `ValidationError` where the mode does not, and `AmbiguousOperationError` where no
    operation is given and several could have been answered so and would differ.
    """
    if operation is not None:
        walk = examine(document, find_operation(operation), zone, places=places)
    else:
        walk = _read_as_any(document, mode, zone, places)
    _reply_of(walk, mode)
    return walk


def _reply_of(walk: Walk, mode: Mode) -> Reply:
    if walk.reply is None or not _accepted(walk, mode):
        problems = walk.problems
        raise ValidationError(tuple(problems), problems.total)
    return walk.reply


def _accepted(walk: Walk, mode: Mode) -> bool:
    return walk.reply is not None and (mode == "lax" or walk.clean)


def _read_as_any(document: Document, mode: Mode, zone: Zone | None, places: bool) -> Walk:
    accepted: dict[str, Walk] = {}
    nearest: Walk | None = None
    for operation in _walkable(document):
        walk = examine(document, operation, zone, places=places)
        if _accepted(walk, mode):
            accepted[operation.name] = walk
        elif not accepted and (nearest is None or _distance(walk) < _distance(nearest)):
            nearest = walk  # The problems of the others are not kept.
    if not accepted:
        assert nearest is not None
        return nearest
    first, *others = accepted.values()
    if any(walk.reply != first.reply for walk in others):
        raise AmbiguousOperationError(tuple(accepted))
    return first


def _distance(walk: Walk) -> tuple[bool, bool]:
    """A valid reading comes before one that lax mode takes, and that before any other."""
    return not walk.clean, walk.reply is None


def _walkable(document: Document) -> tuple[Operation, ...]:
    """The operations to hold a payload against: lists that could be, one for results."""
    v3 = document.format == "json-v3"
    possible = tuple(op for op in OPERATIONS.values() if op.in_v3 or not v3)
    found = candidates(document.root, possible)
    if not found:
        return possible[:1]
    return found if found[0].task == "get" else found[:1]


def validate(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
    max_problems: int = MAX_PROBLEMS,
) -> Problems:
    """All problems of a payload, in document order; an empty list says that it is valid.

    Of more than `max_problems` (10,000) the list holds the first; its `total` is the number of all.
    Takes what `parse` takes. No payload makes it raise: what cannot be read is a problem too, and
    then the only one. Without an operation, the payload is valid if it is for some operation.
    """
    found = check_call(operation, format)
    place = find_zone(zone, fold)
    if not isinstance(max_problems, int) or max_problems < 1:
        raise ArgumentError("expected a number, at least 1, as max_problems")
    try:
        if is_zoneless(found, place) and decode(data, found, format, max_bytes) is not None:
            return Problems()
        if found is not None and place is None:
            walk = _examine_list(data, found, format, max_bytes, max_problems)
            if walk is not None:
                return walk.problems
        document = read_document(data, format, max_bytes)
    except DecodeError as error:
        return Problems(error.problems)
    except AmbiguousOperationError:
        return Problems()
    possible = _walkable(document) if found is None else (found,)
    walks = (examine(document, each, place, most=max_problems) for each in possible)
    return min(walks, key=_distance).problems


def encode(
    reply: Reply,
    format: Format,
    *,
    encoding: str | None = None,
    indent: bool = False,
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
) -> bytes:
    """A reply as the API would write it.

    XML is written in ISO-8859-1 as the API does, other characters as references; `encoding` may
    also be UTF-8, US-ASCII, windows-1252 or UTF-16. JSON is UTF-8, or US-ASCII with escapes.
    `indent` lays it out in lines. `zone` says where timestamps without a zone were taken, for
    `json-v3`, or in which zone to write moments, for the others.

    Raises `EncodeError`, with the path and the character, for what the format cannot hold.

    >>> encode(Success(), "json")
    b'{"message":"success"}'
    """
    check_choice("format", format, tuple(FORMATS))
    form = FORMATS[format]
    name = next(iter(form.encodings)) if encoding is None else encoding
    known = form.encodings.get(name.upper()) if isinstance(name, str) else None
    if known is None:
        expected = ", ".join(form.encodings.values())
        raise ArgumentError(f"expected one of the encodings {expected}, found {quote(str(name))}")
    return form.encode(reply, check_reply(reply), known, indent, find_zone(zone, fold))


def convert(
    data: Payload,
    to: Format,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "strict",
    encoding: str | None = None,
    indent: bool = False,
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """A payload in another format, or in another form of its own: `encode(parse(data), to)`.

    `zone` is needed between `json-v3` and the others where a record has a timestamp.
    """
    check_choice("to", to, tuple(FORMATS))
    reply = parse(data, operation, format=format, mode=mode, max_bytes=max_bytes)
    return encode(reply, to, encoding=encoding, indent=indent, zone=zone, fold=fold)


def check_call(operation: str | Operation | None, format: Format | None) -> Operation | None:
    """The entry of an operation, if one is named. Raises `ArgumentError` for what cannot be asked."""
    if format is not None:
        check_choice("format", format, _FORMATS_OR_NONE)
    found = None if operation is None else find_operation(operation)
    if found is not None and format == "json-v3" and not found.in_v3:
        raise ArgumentError(f"expected a call that json-v3 has, found {found.name}")
    return found


def is_zoneless(operation: Operation | None, zone: Zone | None) -> bool:
    """Whether a zone changes nothing: none is given, or the operation answers with no timestamps."""
    return zone is None or (operation is not None and operation.task != "get")


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raises `ArgumentError` for an argument that is none of its choices."""
    if value not in choices:
        expected = ", ".join(repr(choice) for choice in choices)
        raise ArgumentError(f"expected `{name}` to be one of {expected}, found {value!r:.60}")
