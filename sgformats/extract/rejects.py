"""What is kept of that which could not be read: its text, clipped, and without any secret."""

from __future__ import annotations

import re

from sgformats.captures.exchange import Exchange
from sgformats.errors import SECRET
from sgformats.hiding import Secrets

_MARGIN = 4096
"""Characters around what is kept in which the name of a secret may stand whose value is inside."""


def clipped(exchange: Exchange, offset: int, most: int) -> tuple[str, int]:
    """The text of an exchange around a byte of it, and how many bytes it has.

    At most `most` characters are kept, from shortly before that byte on, or from the beginning where
    that is near; `…` stands where there were more.
    """
    data = exchange.body if exchange.raw is None else exchange.raw
    if not data:
        return "", 0
    start = 0 if offset < most * 3 // 4 else max(0, min(offset - most // 4, len(data) - most))
    first = max(0, start - _MARGIN)
    # A character has four bytes at most.
    window = data[first : start + 4 * most + _MARGIN]
    before = len(data[first:start].decode("utf-8", "replace"))
    text = _masked(window.decode("utf-8", "replace"))
    shown = text[before : before + most]
    cut = len(text) > before + most or first + len(window) < len(data)
    shown = Secrets(exchange.request).hide(shown + ("…" if cut else ""))
    return ("…" if start else "") + shown, len(data)


def _masked(text: str) -> str:
    """The text with as many stars as characters for what looks like a secret."""
    return SECRET.sub(_stars, text)


def _stars(match: re.Match[str]) -> str:
    *kept, behind = (group or "" for group in match.groups())
    before = "".join(kept)
    return before + "*" * (len(match[0]) - len(before) - len(behind)) + behind
