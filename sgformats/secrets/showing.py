"""Hides secrets in texts, and in the names and values of parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sgformats.secrets.names import HIDDEN, PLAIN, RUN, kind_of, looks_like_a_key

_SHORT = 128
_CREDENTIALS = ("api_user", "api_key")
_ADDRESS = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,128}@(?:[a-z0-9.-]{1,128}|[A-Z0-9.-]{1,128})(?!\w)")
_PLAIN_NAME = re.compile(r"[A-Za-z_.-]*[0-9]{0,2}")


def without_secrets(text: str, *, prose: bool = False) -> str:
    """The text with `***` for each secret."""
    return (_hide if len(text) > _SHORT else _hide_cached)(text, prose)


def _hide(text: str, prose: bool) -> str:
    from sgformats.secrets.search import find_secrets  # Slow to load.

    found = find_secrets(text, prose=prose)
    return starred(text, (secret[:2] for secret in found)) if found else text


# Most exchanges have the same rules, verbs and content types.
_hide_cached = lru_cache(maxsize=1024)(_hide)


def hide_torn(text: str, before: str = "") -> str:
    """A text whose named secrets are hidden, also without keys that have lost their names.

    `before` is the text that came before it.
    """
    from sgformats.secrets.torn import find_torn

    return starred(text, find_torn(text, before))


def starred(text: str, spans: Iterable[tuple[int, int]], *, keep: bool = False) -> str:
    """The text with `***` for each span, or, with `keep`, one star for each of its characters."""
    parts: list[str] = []
    at = 0
    for start, stop in spans:
        parts += (text[at:start], "*" * (stop - start) if keep else HIDDEN)
        at = stop
    return "".join((*parts, text[at:])) if parts else text


def hide_value(name: str, value: str, *, keep_user: bool) -> str:
    """The value of a parameter with its secrets hidden."""
    kind = kind_of(name)
    if value and kind is not None and not (kind == "user" and keep_user):
        return HIDDEN
    shown = without_secrets(value)
    if name in PLAIN:
        return HIDDEN if "=" in value and looks_like_a_key(shown) else shown
    odd = kind is None and looks_like_a_key(_ADDRESS.sub("", shown) if "@" in shown else shown)
    return HIDDEN if odd else shown


def hide_names(parameters: Iterable[tuple[str, str]]) -> list[str]:
    """The names of parameters with secrets hidden, in order.

    Damage may put `&` into a secret value: then a name without a value is a part of that value.
    """
    from sgformats.secrets.torn import is_likely

    shown: list[str] = []
    in_secret = False
    for name, value in parameters:
        if name in PLAIN:
            in_secret = False
            shown.append(name)
            continue
        kind = kind_of(name)
        is_part = in_secret and not value
        torn = is_part or ((in_secret or not value) and any(map(is_likely, RUN.findall(name))))
        shown.append(HIDDEN if name and kind is None and torn else hide_name(name))
        in_secret = is_part or (kind is not None and (kind != "user" or "=" in value))
    return shown


def hide_name(name: str) -> str:
    """The name of a parameter with secrets hidden: damage may have put a value into it."""
    if name in _CREDENTIALS:
        return name
    shown = without_secrets(name)
    odd = shown == name and not _PLAIN_NAME.fullmatch(name) and looks_like_a_key(name)
    return HIDDEN if odd else shown
