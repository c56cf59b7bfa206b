"""A contender: one library doing one piece of work, the way its users would write it.

`run` is what is timed. It takes the payload, or for `encode` what `given` makes of the records
beforehand. `tell` brings a result into the form in which all must agree: records as `Row`s, the
numbers of the bad ones, or bytes.
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
    """A record as those write it who have no library for it."""

    email: str
    reason: str
    created: datetime | None = None


@dataclass(frozen=True)
class Contender:
    """`tells` says what it has to say of what is wrong, in the words of the report's table.

    The `floor` of a work is what the ratios are to; a `rival` is what people write today, which
    sgformats means to be faster than.
    """

    name: str
    work: Work
    format: Format
    run: Callable[[Any], Any]
    tell: Callable[[Any], Any]
    tells: str = ""
    given: Callable[[Sequence[Row]], Any] | None = None
    floor: bool = False
    rival: bool = False


def rows_of(records: Sequence[Any]) -> list[Row]:
    """Records of any class with the three attributes, as `Row`s."""
    return [Row(record.email, record.reason, record.created) for record in records]


def row_of(fields: Any) -> Row:
    """A dict of texts as a `Row`; raises `KeyError` and `ValueError` where it is none."""
    created = fields.get("created")
    return Row(
        fields["email"], fields["reason"], datetime.fromisoformat(created) if created else None
    )


def rows_of_dicts(dicts: Sequence[Any]) -> list[Row]:
    """Dicts of texts as `Row`s."""
    return [row_of(fields) for fields in dicts]


def text_of(created: datetime) -> str:
    """A timestamp as the wire has it."""
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
