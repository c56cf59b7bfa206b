"""A contender: one library that does one piece of work, as its users would write it.

`run` is timed. It takes the payload, or for `encode` the records as prepared by `given`. `normalize`
converts a result to a form that can be compared: records as `Row`s, the numbers of bad ones, or
bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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


@dataclass(frozen=True)
class Contender:
    """`reports` describes its error reports, for the table of the page.

    Ratios are relative to the `floor` of a work; sgformats aims to be faster than a `rival`.
    """

    name: str
    work: Work
    format: Format
    run: Callable[[Any], Any]
    normalize: Callable[[Any], Any]
    reports: str = ""
    given: Callable[[Sequence[Row]], Any] | None = None
    floor: bool = False
    rival: bool = False


def rows_of(records: Sequence[Any]) -> list[Row]:
    """Records of any class with the three attributes, as `Row`s."""
    return [Row(record.email, record.reason, record.created) for record in records]


def row_of(fields: Any) -> Row:
    """A dict of texts as a `Row`. Raises `KeyError` and `ValueError`."""
    created = fields.get("created")
    return Row(
        fields["email"], fields["reason"], datetime.fromisoformat(created) if created else None
    )


def rows_of_dicts(dicts: Sequence[Any]) -> list[Row]:
    """Dicts of texts as `Row`s."""
    return [row_of(fields) for fields in dicts]


def text_of(created: datetime) -> str:
    """A timestamp in the form of the API."""
    return created.isoformat(" ")


def dict_of(row: Row) -> dict[str, str]:
    """A record as a dict of texts."""
    fields = {"email": row.email, "reason": row.reason}
    if row.created is not None:
        fields["created"] = text_of(row.created)
    return fields


def dicts_of(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Records as dicts of texts."""
    return [dict_of(row) for row in rows]


def same(value: Any) -> Any:
    """The value itself."""
    return value
