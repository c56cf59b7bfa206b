"""Lists that try to mislead the fast readers, and the reading to hold those readers against."""

from __future__ import annotations

import pytest

from sgformats._reading.answers import is_list
from sgformats._scan.document import examine, read_document
from sgformats._scan.lists import read_list
from sgformats._scan.sizes import Sizes
from sgformats._text.payload import Format
from sgformats.errors import Problem, Problems
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import Reply, Success

LISTS = [operation for operation in OPERATIONS.values() if operation.task == "get"]
MOMENT = "2009-06-10 12:40:30"


def read_fully(
    data: bytes, operation: Operation, form: Format
) -> tuple[Reply | None, list[Problem]]:
    """What a payload means and what is wrong with it, every item of a list read on its own."""
    if not data and form == "json-v3" and operation.task == "delete":
        return Success(), Problems()  # "HTTP 204 with an empty body": there is nothing to read.
    document = read_document(data, form)
    if is_list(document.root, operation):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Sizes, "first", lambda *_: 0)  # No group is tried.
            return read_list(document.text, operation, form)
    reading = examine(document, operation)
    return reading.reply, reading.problems
