"""Successes and failures, told apart by their message and errors."""

from __future__ import annotations

from sgformats._text.payload import WHITE
from sgformats.operations import Operation
from sgformats.records import Failure, Success

SUCCESS_TASKS = ("delete", "add")
"""The tasks that are answered with a success."""


def read_outcome(
    message: str, errors: tuple[str, ...], operation: Operation
) -> Success | Failure | None:
    """The reply with this message and these errors; None for a success of another task."""
    if errors or message.strip(WHITE) != "success":
        return Failure(message, errors)
    return Success(message) if operation.task in SUCCESS_TASKS else None
