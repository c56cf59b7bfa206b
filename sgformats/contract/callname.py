"""The name of a call in reports: its verb and its path, without parameters."""

from __future__ import annotations

import re

from sgformats.captures.exchange import Exchange
from sgformats.hiding import Secrets
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.request.routes import path_of, split_url

_VERB = re.compile("[A-Z]{1,10}")
_CLIP = 200
_PLAIN = re.compile("[A-Za-z0-9_./-]*")


def call_of(exchange: Exchange, secrets: Secrets | None = None) -> str:
    """The verb and path of a call: `GET /api/bounces.get.json`."""
    request = exchange.request
    secrets = secrets or Secrets(request)
    if request is None:
        return _other_call(exchange, secrets)
    path = request.path
    if not path or not _PLAIN.fullmatch(path):
        path = path_of(find_operation(request.operation), request.surface, request.format)
    return secrets.hide(f"{request.verb or _default_verb(request)} {clipped(path)}")


def _default_verb(request: Request) -> str:
    return "DELETE" if request.surface == "v3" and request.operation.endswith(".delete") else "GET"


def _other_call(exchange: Exchange, secrets: Secrets) -> str:
    """A call of another API, if its path is plain: anything else may hold secrets."""
    if exchange.url is None:
        return ""
    target = split_url(exchange.url)
    verb = exchange.verb or target.verb or "GET"
    if not _PLAIN.fullmatch(target.path) or not _VERB.fullmatch(verb):
        return ""
    return secrets.hide(f"{verb} {clipped(target.path)}")


def clipped(text: str) -> str:
    """The text, cut at 200 characters."""
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"
