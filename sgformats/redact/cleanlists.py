"""Recognises lists of records with nothing to hide, without checking each value.

Most answers in a log are such lists. What the fast readers accept has only fields with known names, which
hold words, addresses or dates, so one search of all values together gives the same result as a search of
each value.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import chain

import msgspec

from sgformats._fast import decode
from sgformats.operations import OPERATIONS
from sgformats.records import Listing
from sgformats.secrets.search import find_secrets

_SHORTEST = 100


def is_clean_list(text: str, prefixes: Iterable[str]) -> bool:
    """Whether a text is a valid list of records, in XML or JSON, with nothing to hide.

    `prefixes` are the first characters of known secrets; the text must contain none of them.
    """
    joined = _join_values(text) if len(text) > _SHORTEST else None
    if joined is None or any(prefix in joined for prefix in prefixes):
        return False
    # Text with a call needs the full search.
    return "/api/" not in joined and not find_secrets(joined, prose=True)


def _join_values(text: str) -> str | None:
    """All texts of a list, joined; None if it is not certainly valid."""
    for operation in OPERATIONS.values():
        reply = decode(text, operation, None, sys.maxsize) if operation.task == "get" else None
        if isinstance(reply, Listing):
            values = chain.from_iterable(map(msgspec.structs.astuple, reply.records))
            return "\n".join(value for value in values if isinstance(value, str))
    return None
