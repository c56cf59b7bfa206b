"""What a payload means: records, and the replies that hold them.

All are frozen, hashable and picklable, compare by value, and match in `match` statements. How a
payload was written (format, order, dialect) is no part of them: the same answer in XML and in JSON
is the same reply. Text is kept to the character; a `created` has no zone, because the wire's has none.
Records hold text and times alone, so they need no garbage collector, and JSON is decoded into them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeAlias, TypeVar

import msgspec


class InvalidEmail(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """An address that the API refused to deliver to, and why: one item of `invalidemails.get`."""

    email: str
    reason: str
    created: datetime | None = None


class Bounce(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A message that was returned: one item of `bounces.get`. `status` is text (`5.1.1`, `550`)."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A message that was refused for other reasons than its address: one item of `blocks.get`."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class SpamReport(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """A recipient's complaint: one item of `spamreports.get`. `ip` is an IPv4 address as text."""

    email: str
    ip: str | None = None
    created: datetime | None = None


class Unsubscribe(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False
):
    """An address that asked for no more mail: one item of `unsubscribes.get`."""

    email: str
    created: datetime | None = None


Record: TypeAlias = InvalidEmail | Bounce | Block | SpamReport | Unsubscribe
R_co = TypeVar("R_co", covariant=True)


class Listing(msgspec.Struct, Generic[R_co], frozen=True):
    """The answer to a `get`: the method's name and its records, in the payload's order."""

    method: str
    records: tuple[R_co, ...] = ()


class Success(msgspec.Struct, frozen=True):
    """The answer of a `delete` or `add` that was done. White space aside, `message` is `success`."""

    message: str = "success"


class Failure(msgspec.Struct, frozen=True):
    """The answer of a call that was not done: a value, never an exception.

    `errors` holds the list that some failures carry, `code` the HTTP-like number of others.
    """

    message: str
    errors: tuple[str, ...] = ()
    code: int | None = None


class Count(msgspec.Struct, frozen=True):
    """The answer to a `count`."""

    count: int


Reply: TypeAlias = Listing[Record] | Success | Failure | Count
