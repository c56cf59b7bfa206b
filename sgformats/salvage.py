"""What is certain in a damaged payload: whole records, where it broke, and what is not accounted for."""

from __future__ import annotations

from datetime import tzinfo

import msgspec

from sgformats.codec import Mode, parse, validate
from sgformats.errors import Problem, SgformatsError
from sgformats.operations import Operation
from sgformats.payload import MAX_BYTES, Format, Payload
from sgformats.records import Listing, Record, Reply
from sgformats.zones import Fold


class Salvage(msgspec.Struct, frozen=True):
    """What could be saved of a payload.

    `records` are those that are certain, in order, and `indexes` the number of each among the items
    that the payload holds or held (from 0). `reply` is what the payload means as a whole, where
    nothing is lost; None otherwise. `problems` are all that was found, in document order: a record
    that is whole but wrong, and every place where the payload breaks. `broken_at` is the byte at which
    it first does, `state` what was being read there, `rule` which rule it breaks: all None where the
    payload is well-formed. `unaccounted` is the number of bytes that belong to no whole item and to no
    markup between them.
    """

    operation: str | None
    format: Format | None
    records: tuple[Record, ...] = ()
    indexes: tuple[int, ...] = ()
    reply: Reply | None = None
    problems: tuple[Problem, ...] = ()
    broken_at: int | None = None
    state: str | None = None
    rule: str | None = None
    unaccounted: int = 0


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
    """Every record of a payload that is certain, however damaged it is."""
    name = operation if isinstance(operation, str) or operation is None else operation.name
    try:
        reply = parse(
            data, operation, format=format, mode=mode, zone=zone, fold=fold, max_bytes=max_bytes
        )
    except SgformatsError:
        problems = tuple(validate(data, operation, format=format, max_bytes=max_bytes))
        return Salvage(name, format, problems=problems, broken_at=0, unaccounted=len(data))
    records = reply.records if isinstance(reply, Listing) else ()
    return Salvage(name, format, records, tuple(range(len(records))), reply)
