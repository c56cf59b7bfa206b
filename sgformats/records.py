"""What a payload means: records, and the replies that hold them.

All are frozen, hashable and picklable, compare by value, and match in `match` statements. How a
payload was written (format, order, dialect) is no part of them: the same answer in XML and in JSON
is the same reply. Text is kept to the character; a `created` has no zone, because the wire's has none.
Records hold text and times alone, so they need no garbage collector, and JSON is decoded into them.
`to_dict` and `to_json` give any of them as plain data; `encode` writes what the API would.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar, overload

import msgspec


class Plain(msgspec.Struct, frozen=True, gc=False):
    """What can be given as plain data."""

    def to_dict(self) -> dict[str, Any]:
        """All fields by their names; parts are dictionaries and lists, a missing value is None.

        `created` stays a `datetime`; a `Json` becomes its text.

        >>> InvalidEmail("brandon", "Bad Syntax").to_dict()
        {'email': 'brandon', 'reason': 'Bad Syntax', 'created': None}
        """
        return {name: _plain(getattr(self, name)) for name in self.__struct_fields__}

    def to_json(self) -> str:
        """`to_dict` as JSON text; times as ISO 8601 has them.

        >>> Count(2).to_json()
        '{"count":2}'
        """
        import json  # Few programs need it.

        return json.dumps(
            self.to_dict(), default=datetime.isoformat, ensure_ascii=False, separators=(",", ":")
        )


def _plain(value: object) -> object:
    if isinstance(value, Plain):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.text if isinstance(value, Json) else value


class InvalidEmail(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An address that the API refused to deliver to, and why: one item of `invalidemails.get`."""

    email: str
    reason: str
    created: datetime | None = None


class Bounce(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A message that was returned: one item of `bounces.get`. `status` is text (`5.1.1`, `550`)."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class Block(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A message that was refused for other reasons than its address: one item of `blocks.get`."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class SpamReport(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A recipient's complaint: one item of `spamreports.get`. `ip` is an IPv4 address as text."""

    email: str
    ip: str | None = None
    created: datetime | None = None


class Unsubscribe(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An address that asked for no more mail: one item of `unsubscribes.get`."""

    email: str
    created: datetime | None = None


Record: TypeAlias = InvalidEmail | Bounce | Block | SpamReport | Unsubscribe
R_co = TypeVar("R_co", covariant=True)


class Listing(Plain, Generic[R_co], frozen=True, gc=True):
    """The answer to a `get`: the method's name and its records, in the payload's order.

    It has a length, and its records are had by iteration, index, slice (a `Listing`) and `in`.

    >>> listing = Listing("unsubscribes", (Unsubscribe("a@b"), Unsubscribe("c@d")))
    >>> len(listing), listing[0].email, [record.email for record in listing[1:]]
    (2, 'a@b', ['c@d'])
    """

    method: str
    records: tuple[R_co, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary for each record: rows, as `DataFrame` of pandas and of Polars takes them.

        >>> Listing("unsubscribes", (Unsubscribe("a@b"),)).to_dicts()
        [{'email': 'a@b', 'created': None}]
        """
        rows: list[dict[str, Any]] = self.to_dict()["records"]
        return rows

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[R_co]:
        return iter(self.records)

    def __contains__(self, record: object) -> bool:
        return record in self.records

    @overload
    def __getitem__(self, index: int) -> R_co: ...
    @overload
    def __getitem__(self, index: slice) -> Listing[R_co]: ...
    def __getitem__(self, index: int | slice) -> R_co | Listing[R_co]:
        if isinstance(index, slice):
            return Listing(self.method, self.records[index])
        return self.records[index]


class Success(Plain, frozen=True):
    """The answer of a `delete` or `add` that was done. White space aside, `message` is `success`."""

    message: str = "success"


class Json(msgspec.Struct, frozen=True):
    """A JSON value that is neither text nor null, as compact JSON text."""

    text: str


class ErrorDetail(Plain, frozen=True, repr_omit_defaults=True):
    """What the API's successor says beside the message of an error. None is null, or not there."""

    field: str | Json | None = None
    help: str | Json | None = None
    id: str | Json | None = None
    error_id: str | Json | None = None
    parameter: str | Json | None = None


NO_DETAIL = ErrorDetail()


class Failure(Plain, frozen=True, gc=True):
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


class Count(Plain, frozen=True):
    """The answer to a `count`."""

    count: int


Reply: TypeAlias = Listing[Record] | Success | Failure | Count
