"""The cells of the tables that quote a call, a reply or damaged text, without secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from sgformats.captures.exchange import Exchange
from sgformats.hiding import Secrets
from sgformats.records import Failure, Listing, Reply
from sgformats.redaction import masked, shown_url
from sgformats.secrets import hide_value, without_secrets

_MARGIN, _BEHIND = 4096, 1024
"""Characters before what is kept, in which the name of a secret may stand, and behind it."""


def user_shown(exchange: Exchange) -> str | None:
    """The customer whose list was asked for, who may be the one who asks, and is hidden then."""
    request = exchange.request
    if request is None:
        return None
    found = next((value for name, value in request.parameters if name == "user"), None)
    if not found:
        return found
    if "=" in found:  # Damage has put another parameter into its place.
        return "***"
    others = (name for name, value in request.parameters if value == found and name != "user")
    hidden = (hide_value(name, found, keep_user=False) for name in others)
    return next((shown for shown in hidden if shown != found), without_secrets(found))


def url_shown(exchange: Exchange, secrets: Secrets) -> str | None:
    """The URL without its secrets."""
    return exchange.url and secrets.hide_known(shown_url(exchange.url))


def failure_shown(failure: Failure, secrets: Secrets) -> str:
    """A failure as JSON, without any secret in its texts."""

    def hidden(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: hidden(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [hidden(inner) for inner in value]
        return secrets.hide(value) if isinstance(value, str) else value

    return msgspec.json.encode(hidden(failure.to_dict())).decode()


def name_of(reply: Reply | None) -> str:
    return "list" if isinstance(reply, Listing) else type(reply).__name__.lower()


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
