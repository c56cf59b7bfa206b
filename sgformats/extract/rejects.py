"""What is kept of that which could not be read: its text, clipped, and without any secret."""

from __future__ import annotations

import re

from sgformats.captures.exchange import Exchange
from sgformats.errors import SECRET
from sgformats.extract.huge import Huge
from sgformats.hiding import Secrets
from sgformats.operations import METHODS

_URL = re.compile(r"""(?:https?:|\\?/api|\\?/v3)[^\s"'<>?]*\?[^\s"'<>]*""")
_SECRETS = ("api_user", "api_key")
_KNOWN = {"user", "task", "method", "start_time", "end_time"}.union(
    parameter.name
    for method in METHODS
    for _, parameters in method.parameters
    for parameter in parameters
)
_MARGIN = 4096
"""Characters around what is kept in which the name of a secret may stand whose value is inside."""


def clipped(
    exchange: Exchange, offset: int, most: int, body: Huge | None = None
) -> tuple[str, int]:
    """The text of an exchange around a byte of it, and how many bytes it has.

    At most `most` characters are kept, from shortly before that byte on, or from the beginning where
    that is near; `…` stands where there were more. `body` is one that the exchange does not hold.
    """
    data = (exchange.body if exchange.raw is None else exchange.raw) or b""
    size = len(data) if body is None else body.size
    start = 0 if offset < most * 3 // 4 else max(0, min(offset - most // 4, size - most))
    first, last = max(0, start - _MARGIN), start + 4 * most + _MARGIN
    window = data[first:last] if body is None else body.part(first, last)
    # A character has four bytes at most.
    before = len(window[: start - first].decode("utf-8", "replace"))
    text = _masked(window.decode("utf-8", "replace"))
    cut = len(text) > before + most or first + len(window) < size
    shown = text[before : before + most] + ("…" if cut else "")
    return ("…" if start else "") + Secrets(exchange.request).hide(shown), size


def shown_url(url: str) -> str:
    """A URL with `***` for every parameter but those of the API that are no secrets.

    Damage may have taken the name of a secret and left its value.
    """
    before, mark, query = url.partition("?")
    if not mark and "&" in url:
        before, mark, query = url.rpartition("/")  # What began the query is lost.
    pieces = (piece if _is_known(piece) else _named_stars(piece) for piece in query.split("&"))
    return before + mark + "&".join(pieces) if mark else url


def _masked(text: str) -> str:
    """The text with as many stars as characters for what looks like a secret, or may be one."""
    return _URL.sub(_query_stars, SECRET.sub(_stars, text))


def _query_stars(match: re.Match[str]) -> str:
    before, mark, query = match[0].partition("?")
    pieces = (
        piece if _is_known(piece) or set(piece) <= {"*"} else _equal_stars(piece)
        for piece in query.split("&")
    )
    return before + mark + "&".join(pieces)


def _equal_stars(piece: str) -> str:
    shown = _named_stars(piece)
    kept = shown.rstrip("*")
    return kept + "*" * (len(piece) - len(kept))


def _named_stars(piece: str) -> str:
    name, mark, _ = piece.partition("=")
    return f"{name}=***" if mark and _name(name) in _SECRETS else "***"


def _is_known(piece: str) -> bool:
    name, mark, value = piece.partition("=")
    return not piece or (bool(mark) and "=" not in value and _name(name) in _KNOWN)


def _name(written: str) -> str:
    return written.removeprefix("amp;").replace(";", "")


def _stars(match: re.Match[str]) -> str:
    *kept, behind = (group or "" for group in match.groups())
    before = "".join(kept)
    return before + "*" * (len(match[0]) - len(before) - len(behind)) + behind
