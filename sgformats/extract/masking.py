"""What may be shown of text that damage has torn: of a query, only what is known to be no secret.

`errors.without_secrets` finds a secret by its name. A line that lost its beginning, or a URL with a hole
in it, may have the value alone; so of everything that looks like a parameter, the value is hidden unless
it is one of the API's that is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sgformats.errors import SECRET, without_secrets
from sgformats.operations import METHODS

_HIDDEN = "***"
_SECRETS = ("api_user", "api_key")
_KNOWN = {"user", "task", "method", "start_time", "end_time"}.union(
    parameter.name
    for method in METHODS
    for _, parameters in method.parameters
    for parameter in parameters
)
# What stands between blanks, quotes and brackets, and has a sign of a parameter in it; looked for at
# its beginning alone.
_TOKEN = re.compile(r"""(?<![^\s"'<>])[^\s"'<>&=]*[&=][^\s"'<>]*""")
_PATH = re.compile(r"[^?&=]*[?/]")


def shown_url(url: str) -> str:
    """A URL with `***` for every parameter that may be a secret."""
    return _queried(without_secrets(url), _hidden)


def shown_text(text: str) -> str:
    """A text with `***` in the place of all that may be a secret."""
    return _shown(without_secrets(text), _hidden)


def masked(text: str) -> str:
    """The same with as many stars as there are characters, so that all else keeps its place."""
    return _shown(SECRET.sub(_stars, text), _starred)


def _shown(text: str, hide: Callable[[str], str]) -> str:
    def show(match: re.Match[str]) -> str:
        token = match[0]
        return _queried(token, hide) if "=" in token else token

    return _TOKEN.sub(show, text)


def _queried(url: str, hide: Callable[[str], str]) -> str:
    """A URL, or what is left of one, with its parameters as they may be shown."""
    if "&" not in url and "=" not in url:
        return url
    path = _PATH.match(url)
    start = path.end() if path else 0
    pieces = url[start:].split("&")
    return url[:start] + "&".join(piece if _is_known(piece) else hide(piece) for piece in pieces)


def _is_known(piece: str) -> bool:
    """Whether a parameter is no secret: it has no value, or a name that says so, and no other in it."""
    name, mark, value = piece.partition("=")
    # What ends in marks alone is base64.
    empty = bool(mark) and not value.strip("=")
    return not piece or empty or (bool(mark) and "=" not in value and _name(name) in _KNOWN)


def _hidden(piece: str) -> str:
    name, mark, _ = piece.partition("=")
    return f"{name}={_HIDDEN}" if mark and _name(name) in _SECRETS else _HIDDEN


def _starred(piece: str) -> str:
    name, mark, value = piece.partition("=")
    if mark and _name(name) in _SECRETS:
        return f"{name}={'*' * len(value)}"
    return "*" * len(piece)


def _name(written: str) -> str:
    return written.removeprefix("amp;").replace(";", "")


def _stars(match: re.Match[str]) -> str:
    *kept, behind = (group or "" for group in match.groups())
    before = "".join(kept)
    return before + "*" * (len(match[0]) - len(before) - len(behind)) + behind
