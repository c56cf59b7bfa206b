"""What may be shown of a text, and of the name and the value of a parameter."""

from __future__ import annotations

import re

from sgformats.secrets.names import HIDDEN, PLAIN, kind_of, looks_like_a_key
from sgformats.secrets.search import find_secrets

_PLAIN_NAME = re.compile(r"[A-Za-z_.-]*[0-9]{0,2}")


def without_secrets(text: str, *, prose: bool = False) -> str:
    """The text with `***` in the place of each secret."""
    found = find_secrets(text, prose=prose)
    if not found:
        return text
    parts: list[str] = []
    at = 0
    for secret in found:
        parts += (text[at : secret.start], HIDDEN)
        at = secret.stop
    return "".join((*parts, text[at:]))


def hide_value(name: str, value: str, *, keep_user: bool) -> str:
    """The value of a parameter as it may be shown."""
    kind = kind_of(name)
    if value and kind is not None and not (kind == "user" and keep_user):
        return HIDDEN
    odd = "=" in value if name in PLAIN else kind is None and "@" not in value
    shown = without_secrets(value)
    return HIDDEN if odd and looks_like_a_key(shown) else shown


def hide_name(name: str) -> str:
    """The name of a parameter as it may be shown: damage may have put a value into it."""
    shown = without_secrets(name)
    odd = shown == name and not _PLAIN_NAME.fullmatch(name) and looks_like_a_key(name)
    return HIDDEN if odd else shown
