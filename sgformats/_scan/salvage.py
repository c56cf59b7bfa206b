"""`salvage`: the certain records of a damaged payload, the places of the damage, and what is lost.

A record is certain if it is complete, from its first bracket or tag to its last, and can be read by
the contract. A cut or an overwritten part costs only the records that it touches.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeVar, overload

from sgformats._fast import decode, detect_format
from sgformats._model.zones import Fold
from sgformats._options import Mode, check_options
from sgformats._scan.salvaged import Salvage, salvaged
from sgformats._text.payload import MAX_BYTES, Format, Payload
from sgformats.operations import Operation, OperationName
from sgformats.records import (
    Block,
    Bounce,
    InvalidEmail,
    Listing,
    SpamReport,
    Unsubscribe,
)

if TYPE_CHECKING:
    # Only type checkers need this module; they include it.
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
    """Every certain record of a payload, however damaged it is, and what was lost.

    Takes the arguments of `parse`, but `mode` is "lax" by default. In strict mode, a record that
    breaks the contract is left out even if its meaning is certain. Damage raises no error; it is a
    problem in the result.

    Raises `AmbiguousOperationError` if no operation is given and the records would differ between
    several. With an operation, no payload raises an error.

    >>> salvage(b'[{"email":"a","reason":"x"},{"email":"b","rea', "invalidemails.get").records
    (InvalidEmail(email='a', reason='x', created=None),)
    """
    options = check_options(operation, format, mode, zone, fold, max_bytes)
    if options.zone is None:
        reply = decode(data, options.operation, format, max_bytes)
        if reply is not None:
            return salvaged(reply, options.operation, format or detect_format(data))
    # Undamaged payloads do not need this module, which is slow to import.
    from sgformats._scan.harvest import harvest

    return harvest(data, options)
