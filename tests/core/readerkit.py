"""The fast readers, and the full reader to compare them with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sgformats._json import fast as jsonfast
from sgformats._json import schema as jsonschemas
from sgformats._scan.document import examine, read_document
from sgformats._scan.sizes import Sizes
from sgformats._text.payload import Format
from sgformats._text.positions import Text
from sgformats._xml import fast as xmlfast
from sgformats._xml import schema as xsd
from sgformats.errors import Problem, Problems
from sgformats.operations import OPERATIONS, Operation, OperationName
from sgformats.records import Reply, Success

LISTS = [operation for operation in OPERATIONS.values() if operation.task == "get"]
GETS = [operation.name for operation in LISTS]
MOMENT = "2009-06-10 12:40:30"

DECODE: dict[Format, Callable[[bytes, Operation], Reply | None]] = {
    "xml": xmlfast.decode,
    "json": jsonfast.decode,
    "json-v3": jsonfast.decode_v3,
}
CONFIRM: dict[Format, Callable[[Text, Operation], str | None]] = {
    "xml": xsd.confirm,
    "json": jsonschemas.confirm,
    "json-v3": jsonschemas.confirm_v3,
}
CALLS: list[tuple[OperationName, Format]] = [
    (operation.name, form)
    for operation in OPERATIONS.values()
    for form in DECODE
    if form != "json-v3" or operation.in_v3
]


def read_fully(
    data: bytes, operation: Operation, form: Format
) -> tuple[Reply | None, list[Problem]]:
    """The reply and the problems of a payload, with every item of a list read on its own."""
    if not data and form == "json-v3" and operation.task == "delete":
        return Success(), Problems()  # "HTTP 204 with an empty body": there is nothing to read.
    document = read_document(data, form)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sizes, "first", lambda *_: 0)  # No group is tried.
        reading = examine(document, operation)
    return reading.reply, reading.problems


def confirmed(reply: Reply | None, data: bytes, operation: Operation, form: Format) -> Reply | None:
    """The answer of a fast reader, after the full reader and the schema confirmed it."""
    if reply is not None:
        assert read_fully(data, operation, form) == (reply, [])
        if data:  # An empty body has nothing that a schema could read.
            assert CONFIRM[form](read_document(data, form).text, operation) is None
    return reply
