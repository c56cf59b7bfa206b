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


class Json(msgspec.Struct, frozen=True):
    """A JSON value that is neither text nor null, as compact JSON text."""

    text: str


class ErrorDetail(msgspec.Struct, frozen=True, repr_omit_defaults=True):
    """What the API's successor says beside the message of an error. None is null, or not there."""

    field: str | Json | None = None
    help: str | Json | None = None
    id: str | Json | None = None
    error_id: str | Json | None = None
    parameter: str | Json | None = None


NO_DETAIL = ErrorDetail()


class Failure(msgspec.Struct, frozen=True):
    """The answer of a call that was not done: a value, never an exception.

    `errors` holds the list that some failures carry, `code` the HTTP-like number of others. Only the
    successor has `details`, one for each of the errors (or none, if no error has any), and `extra`,
    what it says beside the list.
    """

    message: str
    errors: tuple[str, ...] = ()
    code: int | None = None
    details: tuple[ErrorDetail, ...] = ()
    extra: ErrorDetail = NO_DETAIL

    def __repr__(self) -> str:
        more = f", details={self.details!r}" if self.details else ""
        more += f", extra={self.extra!r}" if self.extra != NO_DETAIL else ""
        return (
            f"Failure(message={self.message!r}, errors={self.errors!r}, code={self.code!r}{more})"
        )


class Count(msgspec.Struct, frozen=True):
    """The answer to a `count`."""

    count: int


Reply: TypeAlias = Listing[Record] | Success | Failure | Count
