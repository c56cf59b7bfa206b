"""A fast check for calls of the API in their usual form, which need no search for secrets."""

from __future__ import annotations

import re

from sgformats.secrets.names import PLAIN, STEMS, SecretKind

_CALL = re.compile(
    r"(?:https?://[a-z0-9.-]{1,100}(?::[0-9]{1,5})?)?/api/[a-z]{1,40}\.[a-z]{1,40}\.(?:json|xml)"
    r"\?((?:[a-z_]{1,20}=(?:[A-Za-z0-9_.@+:-]|%40|%20|%3A){0,80}(?:&(?=.)|\Z)){1,20})"
)
_NAMES: dict[str, SecretKind] = {"api_user": "user", "api_key": "secret"}


def secrets_of_call(text: str) -> list[tuple[int, int, SecretKind, int]] | None:
    """The secrets of a call, each with the index of its name; None means: search the text."""
    match = _CALL.fullmatch(text)
    if match is None:
        return None
    found: list[tuple[int, int, SecretKind, int]] = []
    at = match.start(1)
    for piece in match[1].split("&"):
        name, _, value = piece.partition("=")
        kind = _NAMES.get(name)
        end = at + len(piece)
        if kind is not None:
            if not value or any(kind == other for _, _, other, _ in found):
                return None
            found.append((at + len(name) + 1, end, kind, at))
        elif name not in PLAIN or (not value.isdigit() and _has_stem(value)):
            return None
        at = end + 1
    return found


def _has_stem(value: str) -> bool:
    low = value.lower()
    return any(stem in low for stem in STEMS)
