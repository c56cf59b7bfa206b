"""Splits URLs, and reads surface, method, task and format from their paths.

`split_url` returns the parts of a URL, whatever its host; `find_route` reads a path, `path_of`
writes one. Reseller and subuser calls have their task (and reseller calls their method) in their
parameters, so a route may lack it. `UnknownOperationError` for other paths never shows more than
the path.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, NamedTuple

from sgformats import operations
from sgformats.errors import UnknownOperationError, quote
from sgformats.operations import Operation, Surface, Task
from sgformats.request.forms import decode
from sgformats.request.refusals import refusal

Format = Literal["xml", "json", "json-v3"]

FORMATS: Mapping[str, Format] = {"xml": "xml", "json": "json"}
LEGACY_VERBS = ("GET", "POST")
V3_TASKS: Mapping[str, Task] = {"GET": "get", "DELETE": "delete"}

# The first word of the last segment of a legacy path, and the next one; None: a method's name.
_DOORS: Mapping[tuple[str, str], tuple[Surface, tuple[str, ...] | None]] = {
    ("api", "distributor"): ("reseller-v1", ("manage", "manageSubuser")),
    ("apiv2", "reseller"): ("reseller-v2", ("manage", "manageSubuser", "subuserManage")),
    ("apiv2", "customer"): ("subuser", None),
    ("api", "user"): ("subuser", None),
    ("apiv2", "user"): ("subuser", None),
}
_PATHS: Mapping[Surface, str] = {
    "reseller-v1": "/api/distributor.manage.{format}",
    "reseller-v2": "/apiv2/reseller.manage.{format}",
    "subuser": "/apiv2/customer.{method}.{format}",
    "web": "/api/{method}.{task}.{format}",
    "v3": "/v3/suppression/{v3}",
}
# `GET /v3/suppression/bounces/classifications` counts bounces by kind.
_V3_NO_ADDRESS = ("classifications",)

_SHORT = 128
_VERB = re.compile("([A-Z]{3,7}) +")
_VERSION = re.compile(" HTTP/[0-9.]{1,5}")
# The last branch is a host without a scheme.
_BASE = re.compile(r"(?:(?i:https?:)?//[^/?#\\\s]*|(?!(?:apiv2|api|v3)/)[^/?#\\\s]+(?=/))?")
_PATH = re.compile("[^?#]*")
# Only such paths are shown: other URLs may contain a secret anywhere.
_PLAIN = re.compile("/[A-Za-z0-9_./-]*")
# `&#038;` is how some converted pages print `&`.
_FRAGMENT = re.compile("(?<!&)#|#(?!0*38;)")


class Target(NamedTuple):
    """The parts of a URL; `base` is everything before the path, `end` the end of the query."""

    verb: str | None
    base: str
    path: str
    path_end: int
    end: int


class Route(NamedTuple):
    """What a path means; `email` is the address that ends a v3 path, `path` the rest of it."""

    surface: Surface
    method: str | None
    task: str | None
    format: Format
    path: str
    email: str | None = None


def split_url(text: str) -> Target:
    """The parts of a URL or of the first line of an HTTP request."""
    start, stop = strip_span(text)
    verb = _VERB.match(text, start, stop)
    if verb is not None:
        start = verb.end()
        version = text.rfind(" HTTP/", start, stop)
        if version >= 0 and _VERSION.fullmatch(text, version, stop) is not None:
            stop = start + len(text[start:version].rstrip())
    base_end = _end(_BASE, text, start, stop)
    path_end = _end(_PATH, text, base_end, stop)
    fragment = _FRAGMENT.search(text, path_end, stop) if "#" in text else None
    return Target(
        verb=None if verb is None else verb[1],
        base=text[start:base_end],
        path=text[base_end:path_end],
        path_end=path_end,
        end=stop if fragment is None else fragment.start(),
    )


def strip_span(text: str) -> tuple[int, int]:
    """Start and end of a text without the white space around it."""
    start = len(text) - len(text.lstrip())
    return start, max(start, len(text.rstrip()))


def _end(pattern: re.Pattern[str], text: str, start: int, stop: int) -> int:
    found = pattern.match(text, start, stop)
    return start if found is None else found.end()


def find_route(path: str, verb: str) -> Route:
    """The route of a path; in v3, the verb is the task."""
    return (_find_cached if len(path) <= _SHORT else _find)(path, verb)


def _find(path: str, verb: str) -> Route:
    # A path may be relative.
    segments = path.removeprefix("/").split("/", 4)
    route = _find_v3(segments, verb) if segments[0] == "v3" else _find_legacy(segments)
    if route is None:
        raise UnknownOperationError(refusal(path if _PLAIN.fullmatch(path) else None))
    verbs = _v3_verbs(route.method) if route.surface == "v3" else LEGACY_VERBS
    if verb not in verbs:
        raise UnknownOperationError(f"expected {' or '.join(verbs)}, found {quote(verb)}")
    return route


# A log repeats the same few paths.
_find_cached = lru_cache(maxsize=256)(_find)


def _find_v3(segments: list[str], verb: str) -> Route | None:
    if not 3 <= len(segments) <= 4 or decode(segments[1]) != "suppression":
        return None
    name = decode(segments[2])
    email = decode(segments[3]) if len(segments) == 4 else None
    if email in _V3_NO_ADDRESS:
        return None
    for operation in operations.OPERATIONS.values():
        method = operation.method
        if method.v3 == name and email != "":
            path = f"/v3/suppression/{name}"
            return Route("v3", method.name, V3_TASKS.get(verb), "json-v3", path, email)
    return None


def _v3_verbs(method: str | None) -> tuple[str, ...]:
    known = {
        op.task for op in operations.OPERATIONS.values() if op.method.name == method and op.in_v3
    }
    return tuple(verb for verb, task in V3_TASKS.items() if task in known)


def _find_legacy(segments: list[str]) -> Route | None:
    parts = decode(segments[-1]).split(".", 3)
    if len(segments) != 2 or len(parts) != 3 or parts[2] not in FORMATS:
        return None
    prefix, (first, second, extension) = segments[0], parts
    path, written = f"/{prefix}/{'.'.join(parts)}", FORMATS[extension]
    if (prefix, first) in _DOORS:
        surface, doors = _DOORS[prefix, first]
        if doors is None and any(
            operation.method.name == second for operation in operations.OPERATIONS.values()
        ):
            return Route(surface, second, None, written, path)
        if doors is not None and second in doors:
            return Route(surface, None, None, written, path)
    if prefix == "api" and f"{first}.{second}" in operations.OPERATIONS:
        return Route("web", first, second, written, path)
    return None


def path_of(operation: Operation, surface: Surface, written: str) -> str:
    """The path of an operation on a surface, without an address."""
    return _PATHS[surface].format(
        method=operation.method.name,
        task=operation.task,
        format=written,
        v3=operation.method.v3,
    )
