"""Replies and their records: the meaning of a payload.

All are frozen, hashable and picklable, compare by value, and work in `match` statements. They do
not depend on format, order or dialect: the same answer in XML and in JSON is the same reply. Text
is kept exactly. `created` has no zone unless the payload is v3 or the call names a zone. Records
hold only text and times, so the garbage collector does not track them. `to_dict` and `to_json`
return plain data; `encode` writes what the API would.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar, overload

import msgspec


class Plain(msgspec.Struct, frozen=True, gc=False):
    """The base of records and replies, which convert to plain data."""

    def to_dict(self) -> dict[str, Any]:
        """All fields by name, with records as dictionaries and tuples as lists.

        A missing value is None, `created` a `datetime`, and a `Json` value its text.

        >>> InvalidEmail("brandon", "Bad Syntax").to_dict()
        {'email': 'brandon', 'reason': 'Bad Syntax', 'created': None}
        """
        return {name: _plain(getattr(self, name)) for name in self.__struct_fields__}

    def to_json(self) -> str:
        """`to_dict` as JSON text, with times in ISO 8601.

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
    """An invalid address, and the reason: one record of `invalidemails.get`."""

    email: str
    reason: str
    created: datetime | None = None


class Bounce(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A returned message: one record of `bounces.get`. `status` is text (`5.1.1`, `550`)."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class Block(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A message refused for a reason other than its address: one record of `blocks.get`."""

    email: str
    status: str
    reason: str
    created: datetime | None = None


class SpamReport(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A spam complaint of a recipient: one record of `spamreports.get`. `ip` is an IPv4 address."""

    email: str
    ip: str | None = None
    created: datetime | None = None


class Unsubscribe(Plain, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An address that asked for no more mail: one record of `unsubscribes.get`."""

    email: str
    created: datetime | None = None


Record: TypeAlias = InvalidEmail | Bounce | Block | SpamReport | Unsubscribe
R_co = TypeVar("R_co", covariant=True)


class Listing(Plain, Generic[R_co], frozen=True, gc=True):
    """The answer to a `get`: the method's name and its records, in the payload's order.

    Supports `len`, iteration, indexing, `in`, and slicing, which returns a `Listing`.

    >>> listing = Listing("unsubscribes", (Unsubscribe("a@b"), Unsubscribe("c@d")))
    >>> len(listing), listing[0].email, [record.email for record in listing[1:]]
    (2, 'a@b', ['c@d'])
    """

    method: str
    records: tuple[R_co, ...] = ()

    def to_dicts(self) -> list[dict[str, Any]]:
        """One dictionary for each record: rows for a `DataFrame` of pandas or Polars.

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
    """The answer to a successful `delete` or `add`; `message` is `success`, white space aside."""

    message: str = "success"


class Json(msgspec.Struct, frozen=True):
    """A JSON value that is neither text nor null, as compact JSON text."""

    text: str


class ErrorDetail(Plain, frozen=True, repr_omit_defaults=True):
    """What v3 adds to the message of an error; None if null or missing."""

    field: str | Json | None = None
    help: str | Json | None = None
    id: str | Json | None = None
    error_id: str | Json | None = None
    parameter: str | Json | None = None


NO_DETAIL = ErrorDetail()


class Failure(Plain, frozen=True, gc=True):
    """The answer to a call that failed: a value, not an exception.

    `errors` is the list that some failures have, `code` the HTTP-like number of others. Only v3 has
    `details`, one for each error (or none if no error has any), and `extra`, the same values
    outside the list.
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
