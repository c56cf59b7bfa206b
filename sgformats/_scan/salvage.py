"""What is certain in a damaged payload: whole records, where it broke, and what is not accounted for.

A record is certain if all of it stands there: from its first bracket or tag to its last, read as the
contract has it. What was cut, spliced or overwritten costs the records that it touches and no others.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast, overload

from sgformats._formats import decode, detect_format
from sgformats._model.zones import Fold
from sgformats._options import Mode, check_options, is_zoneless
from sgformats._scan.salvaged import Salvage
from sgformats._text.payload import MAX_BYTES, Format, Payload
from sgformats.operations import Operation, OperationName
from sgformats.records import (
    Block,
    Bounce,
    InvalidEmail,
    Listing,
    Reply,
    SpamReport,
    Unsubscribe,
)

if TYPE_CHECKING:
    # Type checkers bring this module; it is not needed to run.
    from typing_extensions import Unpack

    from sgformats._options import ReadOptions

R = TypeVar("R")


@overload
def salvage(
    data: Payload, operation: Literal["invalidemails.get"], **options: Unpack[ReadOptions]
) -> Salvage[InvalidEmail]: ...
@overload
def salvage(
    data: Payload, operation: Literal["bounces.get"], **options: Unpack[ReadOptions]
) -> Salvage[Bounce]: ...
@overload
def salvage(
    data: Payload, operation: Literal["blocks.get"], **options: Unpack[ReadOptions]
) -> Salvage[Block]: ...
@overload
def salvage(
    data: Payload, operation: Literal["spamreports.get"], **options: Unpack[ReadOptions]
) -> Salvage[SpamReport]: ...
@overload
def salvage(
    data: Payload, operation: Literal["unsubscribes.get"], **options: Unpack[ReadOptions]
) -> Salvage[Unsubscribe]: ...
@overload
def salvage(  # type: ignore[overload-overlap]
    data: Payload, operation: Operation[Listing[R]], **options: Unpack[ReadOptions]
) -> Salvage[R]: ...
@overload
def salvage(
    data: Payload,
    operation: OperationName | Operation | None = None,
    **options: Unpack[ReadOptions],
) -> Salvage: ...
def salvage(
    data: Payload,
    operation: OperationName | Operation[Any] | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "lax",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Salvage[Any]:
    """Every record of a payload that is certain, however damaged it is, and what was lost.

    Takes what `parse` takes, but `mode` is "lax" where it is not given; in strict mode a record that
    breaks the contract is not taken, even where it has one certain meaning. Damage never makes it
    raise: it is a problem in the result.

    Raises `AmbiguousOperationError` where no operation is given and the records of several would
    differ: name the operation. With one, no payload makes it raise.

    >>> salvage(b'[{"email":"a","reason":"x"},{"email":"b","rea', "invalidemails.get").records
    (InvalidEmail(email='a', reason='x', created=None),)
    """
    found, place = check_options(operation, format, mode, zone, fold, max_bytes)
    if is_zoneless(found, place):
        reply = decode(data, found, format, max_bytes)
        if reply is not None:
            return _whole(reply, found, format, data)
    # What damaged payloads need takes a while to import, and whole ones do without it.
    from sgformats._scan.harvest import harvest

    return harvest(data, found, format, mode, place, max_bytes)


def _whole(
    reply: Reply, operation: Operation | None, format: Format | None, data: Payload
) -> Salvage:
    """A payload that lost nothing."""
    if not isinstance(reply, Listing):
        name = None if operation is None else operation.name
        return Salvage(name, format or detect_format(data), reply=reply)
    return Salvage(
        cast("OperationName", f"{reply.method}.get"),
        format or detect_format(data),
        reply.records,
        tuple(range(len(reply.records))),
        reply,
    )
