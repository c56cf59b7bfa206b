"""The text that a reject keeps: clipped, and without secrets."""

from __future__ import annotations

from sgformats.captures.exchange import Exchange
from sgformats.hiding import Secrets
from sgformats.redaction import masked

_MARGIN, _BEHIND = 4096, 1024
"""Characters before what is kept, in which the name of a secret may stand, and behind it."""


def clipped(exchange: Exchange, secrets: Secrets, offset: int, most: int) -> tuple[str, int]:
    """The text of an exchange around a byte of it, and how many bytes it has.

    At most `most` characters are kept, from shortly before that byte on, or from the beginning where
    that is near; `…` stands where there were more.
    """
    data = (exchange.body if exchange.raw is None else exchange.raw) or b""
    size = len(data)
    start = 0 if offset < most * 3 // 4 else max(0, min(offset - most // 4, size - most))
    first, last = max(0, start - _MARGIN), start + 4 * (most + _BEHIND)
    window = data[first:last]
    # A character has at most four bytes.
    before = len(window[: start - first].decode("utf-8", "replace"))
    text = window.decode("utf-8", "replace")
    cut = len(text) > before + most or first + len(window) < size
    end = min(len(text), before + most)
    shown = masked(text[: end + _BEHIND], before, end)[before:end] + ("…" if cut else "")
    return ("…" if start else "") + secrets.hide_known(shown), size
