"""Converts values in captures to the expected types, because recorders differ in theirs.

Text comes without lone surrogates. The text of bodies is not converted here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

_STATUS = re.compile(r"\s*([0-9]{1,3})(?:\.0)?(?:\s|\Z)")
_HALF = re.compile("[\ud800-\udfff]")


Members = Mapping[object, object]


def mapping(value: object) -> Members:
    """The members of an object; empty for any other value."""
    return value if isinstance(value, dict) else {}


def flat(members: Members) -> Iterator[tuple[object, object]]:
    """The names and values of an object; several of a name that has a list."""
    for name, value in members.items():
        yield from ((name, one) for one in (value if isinstance(value, list) else [value]))


def text(value: object) -> str | None:
    """A string that is not empty; else None."""
    return _HALF.sub("\ufffd", value) if isinstance(value, str) and value else None


def status(value: object) -> int | None:
    """An HTTP status: `200`, `"200"`, `"200 OK"`."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    found = _STATUS.match(str(value)[:80])
    return None if found is None else int(found[1])


def header(headers: object, name: str) -> str | None:
    """The value of a header; the last one of several.

    Headers may be an object of strings or of lists of strings, a list of pairs or of objects with
    `name` and `value`, or a flat list of alternating names and values.
    """
    found = None
    for key, value in _headers(headers):
        if isinstance(key, str) and key.lower().lstrip(":") == name.lower():
            found = text(value[-1] if isinstance(value, list) and value else value) or found
    return found


def _headers(headers: object) -> Iterable[tuple[object, object]]:
    if isinstance(headers, dict):
        return headers.items()
    if not isinstance(headers, list):
        return ()
    if headers and all(isinstance(item, str) for item in headers):
        return zip(headers[::2], headers[1::2], strict=False)
    named = [(item.get("name"), item.get("value")) for item in headers if isinstance(item, dict)]
    return named + [
        (item[0], item[1]) for item in headers if isinstance(item, (list, tuple)) and item[1:]
    ]
