"""The options that public calls share: one name each, checked in one place."""

from __future__ import annotations

from typing import Literal

from sgformats._formats import FORMATS
from sgformats._model.zones import Zone
from sgformats._text.payload import Format
from sgformats.errors import ArgumentError
from sgformats.operations import Operation, find_operation

Mode = Literal["strict", "lax"]

MODES = ("strict", "lax")
_FORMATS_OR_NONE = (None, *FORMATS)


def check_call(operation: str | Operation | None, format: Format | None) -> Operation | None:
    """The entry of an operation, if one is named. Raises `ArgumentError` for what cannot be asked."""
    if format is not None:
        check_choice("format", format, _FORMATS_OR_NONE)
    found = None if operation is None else find_operation(operation)
    if found is not None and format == "json-v3" and not found.in_v3:
        raise ArgumentError(f"expected a call that json-v3 has, found {found.name}")
    return found


def is_zoneless(operation: Operation | None, zone: Zone | None) -> bool:
    """Whether a zone changes nothing: none is given, or the operation answers with no timestamps."""
    return zone is None or (operation is not None and operation.task != "get")


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raises `ArgumentError` for an argument that is none of its choices."""
    if value not in choices:
        expected = ", ".join(repr(choice) for choice in choices)
        raise ArgumentError(f"expected `{name}` to be one of {expected}, found {value!r:.60}")
