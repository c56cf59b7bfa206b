"""Lists that try to mislead the fast readers."""

from __future__ import annotations

from sgformats.operations import OPERATIONS

LISTS = [operation for operation in OPERATIONS.values() if operation.task == "get"]
MOMENT = "2009-06-10 12:40:30"
