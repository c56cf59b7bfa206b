"""What may be shown of a text, and of the name and the value of a parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sgformats.secrets.names import HIDDEN, PLAIN, kind_of, looks_like_a_key

_SHORT = 128
_RUN = re.compile(r"[0-9A-Za-z]{6,}")
_CREDENTIALS = ("api_user", "api_key")
_PLAIN_NAME = re.compile(r"[A-Za-z_.-]*[0-9]{0,2}")


def without_secrets(text: str, *, prose: bool = False) -> str:
    """The text with `***` in the place of each secret."""
    if len(text) > _SHORT:
        return _searched(text, prose)
    return _remembered(text, prose)


def _searched(text: str, prose: bool) -> str:
    from sgformats.secrets.search import find_secrets  # Costs more than the rest of this package.

    found = find_secrets(text, prose=prose)
    return starred(text, (secret[:2] for secret in found)) if found else text


# Rules, verbs and content types are the same for most exchanges.
_remembered = lru_cache(maxsize=1024)(_searched)


def hide_torn(text: str, before: str = "") -> str:
    """A text without its named secrets, also without the keys that have lost their names.

    `before` is what stood before the text.
    """
    from sgformats.secrets.torn import find_torn

    return starred(text, find_torn(text, before))


def starred(text: str, spans: Iterable[tuple[int, int]], *, keep: bool = False) -> str:
    """The text with `***` in some places of it, or with `keep` with a star for each character there."""
    parts: list[str] = []
    at = 0
    for start, stop in spans:
        parts += (text[at:start], "*" * (stop - start) if keep else HIDDEN)
        at = stop
    return "".join((*parts, text[at:])) if parts else text


def hide_value(name: str, value: str, *, keep_user: bool) -> str:
    """The value of a parameter as it may be shown."""
    kind = kind_of(name)
    if value and kind is not None and not (kind == "user" and keep_user):
        return HIDDEN
    odd = "=" in value if name in PLAIN else kind is None and "@" not in value
    shown = without_secrets(value)
    return HIDDEN if odd and looks_like_a_key(shown) else shown


def hide_names(parameters: Iterable[tuple[str, str]]) -> list[str]:
    """The names of parameters as they may be shown, in their order.

    Damage may put `&` into a secret value: a name without a value behind it is a part of it.
    """
    from sgformats.secrets.torn import is_likely

    shown: list[str] = []
    parted = False
    for name, value in parameters:
        if name in PLAIN:
            parted = False
            shown.append(name)
            continue
        kind = kind_of(name)
        piece = parted and not value
        torn = piece or ((parted or not value) and any(map(is_likely, _RUN.findall(name))))
        shown.append(HIDDEN if name and kind is None and torn else hide_name(name))
        parted = kind in ("secret", "authorization") or piece
    return shown


def hide_name(name: str) -> str:
    """The name of a parameter as it may be shown: damage may have put a value into it."""
    if name in _CREDENTIALS:
        return name
    shown = without_secrets(name)
    odd = shown == name and not _PLAIN_NAME.fullmatch(name) and looks_like_a_key(name)
    return HIDDEN if odd else shown
