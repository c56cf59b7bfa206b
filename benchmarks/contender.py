"""A contender: one library that does one piece of work, as its users would write it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

Work = Literal["parse", "lax", "validate", "encode", "convert"]
Format = Literal["xml", "json"]

OPERATION: Final = "invalidemails.get"
OURS = "sgformats"
FORMATS: tuple[Format, ...] = ("json", "xml")


class Row(NamedTuple):
    """A record without a library's class."""

    email: str
    reason: str
    created: datetime | None = None


def same(value: Any) -> Any:
    """The value itself."""
    return value


@dataclass(frozen=True)
class Contender:
    """`run` is timed. It takes the payload, or for `encode` the records as prepared by `given`.

    `normalize` converts a result to a form that can be compared: records as `Row`s, the numbers of
    bad ones, or bytes. `reports` describes the error reports, for the table of the page.
    """

    name: str
    work: Work
    format: Format
    run: Callable[[Any], Any]
    normalize: Callable[[Any], Any] = same
    reports: str = ""
    given: Callable[[Sequence[Row]], Any] = list


def rows_of(records: Iterable[Any]) -> list[Row]:
    """Records of any class with the three attributes, as `Row`s."""
    return [Row(record.email, record.reason, record.created) for record in records]


def row_of(fields: Any) -> Row:
    """A dict of texts as a `Row`. Raises `KeyError` and `ValueError`."""
    created = fields.get("created")
    return Row(
        fields["email"], fields["reason"], datetime.fromisoformat(created) if created else None
    )


def rows_of_dicts(dicts: Iterable[Any]) -> list[Row]:
    """Dicts of texts as `Row`s."""
    return [row_of(fields) for fields in dicts]


def text_of(created: datetime) -> str:
    """A timestamp in the form of the API."""
    return created.isoformat(" ")


def dicts_of(rows: Iterable[Row]) -> list[dict[str, str]]:
    """Records as dicts of texts."""
    found = []
    for email, reason, created in rows:
        fields = {"email": email, "reason": reason}
        if created is not None:
            fields["created"] = text_of(created)
        found.append(fields)
    return found
