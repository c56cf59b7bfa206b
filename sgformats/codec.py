"""Bytes to replies and back: the one module that composes the others.

`parse` tries a format's short route, which answers only when it is certain, and pays for the
thorough one only when something is out of the ordinary. What strict reading accepts is what the
shipped schemas accept, plus the rules of `RULES` that no schema can say.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from sgformats._formats import FORMATS
from sgformats._model.writing import check_reply
from sgformats._model.zones import Fold, find_zone
from sgformats._options import Mode, check_choice, check_flag, check_options, is_whole
from sgformats._scan.document import find_problems, read_payload
from sgformats._text.payload import MAX_BYTES, Format, Payload
from sgformats.errors import MAX_PROBLEMS, ArgumentError, FailureError, Problems, describe
from sgformats.operations import ChangeName, CountName, Operation, OperationName
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

if TYPE_CHECKING:
    # Type checkers bring this module; it is not needed to run.
    from typing_extensions import Unpack

    from sgformats._options import ReadOptions

R = TypeVar("R", bound=Listing[Any] | Success | Failure | Count)


@overload
def parse(
    data: Payload, operation: Literal["invalidemails.get"], **options: Unpack[ReadOptions]
) -> Listing[InvalidEmail] | Failure: ...
@overload
def parse(
    data: Payload, operation: Literal["bounces.get"], **options: Unpack[ReadOptions]
) -> Listing[Bounce] | Failure: ...
@overload
def parse(
    data: Payload, operation: Literal["blocks.get"], **options: Unpack[ReadOptions]
) -> Listing[Block] | Failure: ...
@overload
def parse(
    data: Payload, operation: Literal["spamreports.get"], **options: Unpack[ReadOptions]
) -> Listing[SpamReport] | Failure: ...
@overload
def parse(
    data: Payload, operation: Literal["unsubscribes.get"], **options: Unpack[ReadOptions]
) -> Listing[Unsubscribe] | Failure: ...
@overload
def parse(
    data: Payload, operation: CountName, **options: Unpack[ReadOptions]
) -> Count | Failure: ...
@overload
def parse(
    data: Payload, operation: ChangeName, **options: Unpack[ReadOptions]
) -> Success | Failure: ...
@overload  # The reply of an operation that is not known to have one is any.
def parse(
    data: Payload, operation: Operation[R], **options: Unpack[ReadOptions]
) -> R | Failure: ...
@overload
def parse(
    data: Payload,
    operation: OperationName | Operation | None = None,
    **options: Unpack[ReadOptions],
) -> Reply: ...
def parse(
    data: Payload,
    operation: OperationName | Operation[Any] | None = None,
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
    found, place = check_options(operation, format, mode, zone, fold, max_bytes)
    return read_payload(data, found, format, mode, place, max_bytes)


def reply_or_raise(reply: R | Failure) -> R:
    """The reply of a call that was done. Raises `FailureError`, which carries the failure of others.

    >>> reply_or_raise(parse(b'{"count":2}', "bounces.count")).count
    2
    """
    if isinstance(reply, Failure):
        raise FailureError(reply)
    return reply


def validate(
    data: Payload,
    operation: OperationName | Operation | None = None,
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
    found, place = check_options(operation, format, "strict", zone, fold, max_bytes)
    if not is_whole(max_problems) or max_problems < 1:
        shown = describe(max_problems)
        raise ArgumentError(f"expected a number, at least 1, as max_problems, found {shown}")
    return find_problems(data, found, format, place, max_bytes, max_problems)


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
        raise ArgumentError(f"expected one of the encodings {expected}, found {describe(name)}")
    check_flag("indent", indent)
    return form.encode(reply, check_reply(reply), known, indent, find_zone(zone, fold))


def convert(
    data: Payload,
    to: Format,
    operation: OperationName | Operation | None = None,
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
