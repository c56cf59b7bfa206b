"""Bytes to replies and back: the module that combines the readers and writers.

`parse` tries the fast reader first, which replies only if it is certain, and uses the full reader
only for unusual payloads. Strict mode accepts exactly what the shipped schemas accept, minus what
breaks those `RULES` that no schema can express.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from sgformats._fast import decode
from sgformats._options import FORMAT_NAMES, USUAL, Mode, check_choice, check_options, is_whole
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
    from datetime import tzinfo

    # Type checkers include this module; it is not needed at run time.
    from typing_extensions import Unpack

    from sgformats._model.zones import Fold
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
@overload  # For an `Operation` of unknown type, R is any reply.
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
    """Parse a payload into a reply.

    `data` is a body as bytes or `str`. `operation` is a name such as `"invalidemails.get"`,
    `format` is `"xml"`, `"json"` or `"json-v3"`; both are detected if omitted. `mode="lax"` also
    accepts payloads that break the contract but still have one certain meaning. A body of more than
    `max_bytes` bytes (default 64 MiB) is refused unread.

    The API's timestamps have no zone. With `zone` (a name or a `tzinfo`), they are read as times of
    that zone and become moments in UTC, as in `json-v3`. A time that the zone's clock showed twice
    or never is a problem, unless `fold` chooses one of the two (0: the earlier, 1: the later).

    Raises `DecodeError` if the payload cannot be read, `ValidationError` if it is not an answer of
    the operation, `AmbiguousOperationError` if the operation is omitted and the replies of several
    would differ.

    >>> parse(b'[{"email":"brandon","reason":"Bad Syntax"}]', "invalidemails.get").records
    (InvalidEmail(email='brandon', reason='Bad Syntax', created=None),)
    """
    options = None
    if format is None is zone and fold is None and mode == "strict" and max_bytes is MAX_BYTES:
        options = USUAL.get(operation) if isinstance(operation, str) else None
    if options is None:
        options = check_options(operation, format, mode, zone, fold, max_bytes)
    if options.zone is None:
        reply = decode(data, options.operation, format, max_bytes)
        if reply is not None:
            return reply
    import sgformats._scan.document as document  # Many programs never need it.

    return document.read_fully(data, options)


def reply_or_raise(reply: R | Failure) -> R:
    """The reply itself; raises `FailureError`, which holds the failure, if it is a `Failure`.

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
    """All problems of a payload, in document order; empty if it is valid.

    The list holds at most `max_problems` (default 10,000); its `total` counts all. The other
    options are those of `parse`. A payload that cannot be read has exactly one problem. Without an
    operation, a payload is valid if it is for some operation. Raises `ArgumentError` for wrong
    arguments, and nothing else, whatever the payload.

    >>> [problem.rule for problem in validate(b'{"count":-1}', "bounces.count")]
    ['invalid-number']
    """
    options = check_options(operation, format, "strict", zone, fold, max_bytes)
    if not is_whole(max_problems) or max_problems < 1:
        shown = describe(max_problems)
        raise ArgumentError(f"expected a number, at least 1, as max_problems, found {shown}")
    import sgformats._scan.document as document

    return document.find_problems(data, options, max_problems)


def encode(
    reply: Reply,
    format: Format,
    *,
    encoding: str | None = None,
    indent: bool = False,
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
) -> bytes:
    """Encode a reply as the API would write it.

    XML is written in ISO-8859-1, as by the API, with references for other characters; `encoding`
    may also be UTF-8, US-ASCII, windows-1252 or UTF-16. JSON is UTF-8, or US-ASCII with escapes.
    `indent` writes one value per line. `zone` is the zone of timestamps without one (for `json-v3`)
    or the zone to write moments in (for the others); `fold` is as in `parse`.

    Raises `EncodeError`, with the path and the character, for the first value that the format
    cannot hold, and `ArgumentError` for wrong arguments.

    >>> encode(Success(), "json")
    b'{"message":"success"}'
    """
    import sgformats._formats as formats

    return formats.encode_reply(reply, format, encoding, indent, zone, fold)


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
    """Convert a payload to another format or layout: `encode(parse(data), to)`.

    The options are those of `parse` and `encode`. Timestamps need `zone` between `json-v3` and the
    other formats. Raises what `parse` and `encode` raise.

    >>> convert(b"<bounces/>", "json")
    b'[]'
    """
    check_choice("to", to, FORMAT_NAMES)
    reply = parse(data, operation, format=format, mode=mode, max_bytes=max_bytes)
    return encode(reply, to, encoding=encoding, indent=indent, zone=zone, fold=fold)
