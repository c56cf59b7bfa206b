"""Explains why a path is not a call of the API, and suggests the nearest call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgformats.errors import nearest, quote, suggest
from sgformats.operations import METHODS, OPERATIONS

METHOD_NAMES = tuple(method.name for method in METHODS)
_V3_NAMES = tuple(method.v3 for method in METHODS if method.v3 is not None)
_LONGEST = 128
_SLASHES = re.compile("/{2,}")
_SUFFIXES = (".json", ".xml")
_OWNERS = ("user", "customer")


def refusal(path: str | None) -> str:
    """The message for a path that is not a call; None for a URL that must not be shown."""
    shown = "another URL"
    if path is not None:
        shown = f"the path {quote(path)}{_fault(path) if len(path) <= _LONGEST else ''}"
    return f"expected a call of this API such as /api/invalidemails.get.json, found {shown}"


def _fault(path: str) -> str:
    clean = _SLASHES.sub("/", path).rstrip("/")
    slashes = ["a doubled slash"] if "//" in path else []
    if clean and path.endswith("/"):
        slashes.append("a slash at its end")
    faults = [f"with {' and '.join(slashes)}"] if slashes else []
    segments = clean.split("/")
    fixed = clean
    if segments[:3] == ["", "v3", "suppression"] and len(segments) > 3:
        name = segments[3]
        if name not in _V3_NAMES:
            faults.append(f"whose list {quote(name)} is unknown")
            segments[3] = nearest(name, _V3_NAMES) or name
        if len(segments) == 5 and segments[4] == "classifications":
            return ", which is no list of addresses"
        fixed = "/".join(segments)
    elif segments[1:2] in (["api"], ["apiv2"]) and len(segments) == 3:
        found, fixed = _legacy(segments[1], segments[2])
        faults += found
    meant = fixed if fixed in _CALLS else None
    if not faults or (slashes and meant is None):
        return ""
    return f", {', '.join(faults)}{suggest(meant)}"


def _legacy(prefix: str, last: str) -> tuple[list[str], str]:
    """The faults of the last segment of a path, and the path without them."""
    faults = []
    stem, suffix = last, ""
    for known in _SUFFIXES:
        if last.lower().endswith(known):
            stem, suffix = last[: -len(known)], last[-len(known) :]
    if not suffix:
        faults.append("which lacks .json or .xml")
    elif suffix not in _SUFFIXES:
        faults.append(f"whose suffix {suffix} is not in lower case")
    words = stem.split(".")
    at = 1 if words[0] in _OWNERS else 0
    if len(words) == 2 and words[at] not in METHOD_NAMES and words[0] not in _DOORS:
        faults.append(f"whose method {quote(words[at])} is unknown")
        words[at] = nearest(words[at].lower(), METHOD_NAMES) or words[at]
    elif (
        len(words) == 2
        and not at
        and words[0] in METHOD_NAMES
        and ".".join(words) not in OPERATIONS
    ):
        faults.append(f"whose task {quote(words[1])} is unknown to {words[0]}")
        tasks = [task for task in OPERATIONS if task.startswith(f"{words[0]}.")]
        near = nearest(".".join(words), tasks)
        words = near.split(".") if near else words
    return faults, f"/{prefix}/{'.'.join(words)}{suffix.lower() or '.json'}"


_DOORS = ("distributor", "reseller")


def _calls() -> Iterator[str]:
    for suffix in _SUFFIXES:
        for name in OPERATIONS:
            yield f"/api/{name}{suffix}"
        for method in METHOD_NAMES:
            for owner in ("api/user", "apiv2/user", "apiv2/customer"):
                yield f"/{owner}.{method}{suffix}"
        for door in ("api/distributor", "apiv2/reseller"):
            yield f"/{door}.manage{suffix}"
            yield f"/{door}.manageSubuser{suffix}"
        yield f"/apiv2/reseller.subuserManage{suffix}"
    for name in _V3_NAMES:
        yield f"/v3/suppression/{name}"


_CALLS = frozenset(_calls())
