"""The values of calls and replies in the table of exchanges, without secrets."""

from __future__ import annotations

from typing import Any

import msgspec

from sgformats.captures.exchange import Exchange
from sgformats.hiding import Secrets
from sgformats.records import Failure, Listing, Reply
from sgformats.redaction import shown_url
from sgformats.secrets import hide_value, without_secrets


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
