"""What is certain in a damaged payload: whole records, where it broke, and what is not accounted for.

A record is certain if all of it stands there: from its first bracket or tag to its last, read as the
contract has it. What was cut, spliced or overwritten costs the records that it touches and no others.
"""

from __future__ import annotations

from datetime import tzinfo

from sgformats._formats import decode, shown_format
from sgformats._model.zones import Fold, find_zone
from sgformats._options import MODES, Mode, check_call, check_choice, is_zoneless
from sgformats._scan.salvaged import Salvage
from sgformats._text.payload import MAX_BYTES, Format, Payload
from sgformats.operations import Operation
from sgformats.records import Listing, Reply


def salvage(
    data: Payload,
    operation: str | Operation | None = None,
    *,
    format: Format | None = None,
    mode: Mode = "lax",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Salvage:
    """Every record of a payload that is certain, however damaged it is, and what was lost.

    Takes what `parse` takes, and never raises on any payload. In `strict` mode a record that breaks
    the contract is not taken, even where it has one certain meaning.

    Raises `AmbiguousOperationError` where no operation is given and the records of several would
    differ.

    >>> salvage(b'[{"email":"a","reason":"x"},{"email":"b","rea', "invalidemails.get").records
    (InvalidEmail(email='a', reason='x', created=None),)
    """
    found = check_call(operation, format)
    check_choice("mode", mode, MODES)
    place = find_zone(zone, fold)
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
        return Salvage(name, format or shown_format(data), reply=reply)
    return Salvage(
        f"{reply.method}.get",
        format or shown_format(data),
        reply.records,
        tuple(range(len(reply.records))),
        reply,
    )
