"""The options that public functions share, and the one place where they are checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypedDict, TypeGuard, get_args

import msgspec

from sgformats._text.payload import MAX_BYTES, Format
from sgformats.errors import ArgumentError, describe
from sgformats.operations import OPERATIONS, Operation, find_operation

if TYPE_CHECKING:
    from datetime import tzinfo

    from sgformats._model.zones import Fold, Zone

Mode = Literal["strict", "lax"]

FORMAT_NAMES = get_args(Format)
MODES = get_args(Mode)


class ReadOptions(TypedDict, total=False):
    """The options of every function that reads a payload, for type checkers."""

    format: Format | None
    mode: Mode
    zone: str | tzinfo | None
    fold: Fold | None
    max_bytes: int


class CheckedOptions(msgspec.Struct, frozen=True, gc=False):
    """The options of one call; the zone is None if no answer to the operation has timestamps."""

    operation: Operation | None
    format: Format | None
    mode: Mode
    zone: Zone | None
    max_bytes: int


def check_options(
    operation: str | Operation | None = None,
    format: Format | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> CheckedOptions:
    """The options; raises `ArgumentError` for an invalid value or combination of values."""
    found = None if operation is None else find_operation(operation)
    if format is not None:
        check_choice("format", format, (None, *FORMAT_NAMES))
        if found is not None and format == "json-v3" and not found.in_v3:
            raise ArgumentError(f"expected a call that json-v3 has, found {found.name}")
    if mode != "strict":
        check_choice("mode", mode, MODES)
    if max_bytes is not MAX_BYTES:
        check_max_bytes(max_bytes)
    place = None
    if zone is not None or fold is not None:
        from sgformats._model.zones import find_zone  # Most calls have no zone.

        place = find_zone(zone, fold)
        if found is not None and found.task != "get":
            place = None
    return CheckedOptions(found, format, mode, place, max_bytes)


USUAL = {
    name: CheckedOptions(operation, None, "strict", None, MAX_BYTES)
    for name, operation in OPERATIONS.items()
}
"""The options of calls that name an operation and nothing else."""


def check_choice(name: str, value: object, choices: tuple[object, ...]) -> None:
    """Raise `ArgumentError` for a value that is not one of the choices."""
    if not (value is None or isinstance(value, str)) or value not in choices:
        expected = ", ".join(repr(choice) for choice in choices)
        raise ArgumentError(f"expected `{name}` to be one of {expected}, found {describe(value)}")


def check_max_bytes(value: object) -> None:
    """Raise `ArgumentError` for a value that is not a size in bytes."""
    if not is_whole(value) or value < 1:
        found = describe(value)
        raise ArgumentError(f"expected a number of bytes, at least 1, as max_bytes, found {found}")


def check_flag(name: str, value: object) -> None:
    """Raise `ArgumentError` for a value that is neither True nor False."""
    if not isinstance(value, bool):
        raise ArgumentError(f"expected `{name}` to be True or False, found {describe(value)}")


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number and not a `bool`."""
    return isinstance(value, int) and not isinstance(value, bool)
