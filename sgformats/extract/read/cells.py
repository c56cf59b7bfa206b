"""The cells that quote a call, a reply or damaged text, without secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from sgformats.captures.exchange import Exchange
from sgformats.hiding import Secrets
from sgformats.records import Failure, Listing, Reply
from sgformats.redaction import masked, shown_url
from sgformats.secrets import hide_value, without_secrets

# Also read when masking: characters before a clipped text, where the name of a secret may be, and
# characters after it.
_BEFORE, _AFTER = 4096, 1024


def user_cell(exchange: Exchange) -> str | None:
    """The customer that owns the list; hidden if it is also the caller."""
    request = exchange.request
    if request is None:
        return None
    user = next((value for name, value in request.parameters if name == "user"), None)
    if not user:
        return user
    if "=" in user:  # Damage has put another parameter here.
        return "***"
    others = (name for name, value in request.parameters if value == user and name != "user")
    hidden = (hide_value(name, user, keep_user=False) for name in others)
    return next((text for text in hidden if text != user), without_secrets(user))


def url_cell(exchange: Exchange, secrets: Secrets) -> str | None:
    """The URL of the call."""
    return exchange.url and secrets.hide_known(shown_url(exchange.url))


def failure_cell(failure: Failure, secrets: Secrets) -> str:
    """A failure as JSON."""

    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: hide(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [hide(inner) for inner in value]
        return secrets.hide(value) if isinstance(value, str) else value

    return msgspec.json.encode(hide(failure.to_dict())).decode()


def raw_cell(exchange: Exchange, secrets: Secrets, offset: int, most: int) -> tuple[str, int]:
    """The text of an exchange around a byte offset, and the size of the whole text in bytes.

    At most `most` characters are kept, from shortly before the offset, or from the beginning if
    that is near. `…` replaces what is cut off at either end.
    """
    data = (exchange.body if exchange.raw is None else exchange.raw) or b""
    size = len(data)
    start = 0 if offset < most * 3 // 4 else max(0, min(offset - most // 4, size - most))
    first, last = max(0, start - _BEFORE), start + 4 * (most + _AFTER)
    window = data[first:last]
    # A character has at most four bytes.
    before = len(window[: start - first].decode("utf-8", "replace"))
    text = window.decode("utf-8", "replace")
    is_cut = len(text) > before + most or first + len(window) < size
    end = min(len(text), before + most)
    kept = masked(text[: end + _AFTER], before, end)[before:end] + ("…" if is_cut else "")
    return ("…" if start else "") + secrets.hide_known(kept), size


def reply_kind(reply: Reply | None) -> str:
    return "list" if isinstance(reply, Listing) else type(reply).__name__.lower()
