"""Redacts calls and damaged texts: `***` replaces everything that may be a secret.

Names and values of a parsed call are judged as in `sgformats.secrets`. In a damaged text a value
may have lost its name. So there the value of everything that looks like a parameter is hidden,
unless its name is one of the API's harmless ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sgformats.operations import METHODS
from sgformats.secrets import HIDDEN, PLAIN, hide_torn, starred, without_secrets
from sgformats.secrets.search import find_secrets
from sgformats.secrets.torn import find_torn

_KNOWN = PLAIN.union(
    parameter.name
    for method in METHODS
    for _, parameters in method.parameters
    for parameter in parameters
)
# Text without blanks, quotes and brackets that contains `&` or `=`. The lookbehind keeps the search
# linear.
_TOKEN = re.compile(r"""(?<![^\s"'<>])[^\s"'<>&=]*[&=][^\s"'<>]*""")
_SEPARATORS = " \n\"'<>"
_SEPARATOR = re.compile(r"""[\s"'<>]""")
_PATH = re.compile(r"[^?&=]*[?/]")


def hide_userinfo(base: str, *, keep_user: bool) -> str:
    """The part of a URL before its path, with `***` for user and password, or for the password."""
    before, at, host = base.rpartition("@")
    scheme, slashes, userinfo = before.rpartition("//")
    user, colon, _ = userinfo.partition(":")
    shown = f"{user}:{HIDDEN}" if keep_user and colon else HIDDEN
    if not at:  # Damage may have joined a password to the host.
        return _hide_host(base)
    return scheme + slashes + shown + at + _hide_host(host)


def _hide_host(host: str) -> str:
    """A host without secrets: hosts are written in lower case, keys are not."""
    shown = without_secrets(host)
    return shown if host.isprintable() and host == host.lower() else hide_torn(shown, "api_")


def hide_content(content: str | None) -> str | None:
    """A body without parameters: JSON without its secrets, `***` for anything else."""
    if content is None or content.lstrip().startswith(("{", "[")):
        return content and without_secrets(content)
    return HIDDEN


def shown_url(url: str) -> str:
    """A URL with `***` for every parameter that may be a secret."""
    shown = _hide_parameters(without_secrets(url), _hide_piece)
    if "@" in url or not url.isprintable():
        shown = hide_torn(shown)
    host, path, rest = shown.partition("/api/")
    return _hide_host(host) + path + rest if path else shown


def shown_text(text: str) -> str:
    """A text with `***` for everything that may be a secret."""
    return _hide_tokens(without_secrets(text), _hide_piece)


def masked(text: str, start: int = 0, stop: int | None = None) -> str:
    """Like `shown_text`, with a star for each character, so all positions stay the same.

    Only the part from `start` to `stop` may be shown: the rest may still contain secrets.
    """
    end = len(text) if stop is None else stop
    named = starred(text, (secret[:2] for secret in find_secrets(text)), keep=True)
    shown = _hide_tokens(named, _star_piece)
    return starred(shown, find_torn(shown, start=start, stop=end), keep=True)


def _hide_tokens(text: str, hide: Callable[[str], str]) -> str:
    def show(match: re.Match[str]) -> str:
        token = match[0]
        return _hide_parameters(token, hide) if "=" in token else token

    first, last = text.find("="), text.rfind("=")
    if first < 0:
        return text
    start = max(text.rfind(char, 0, first) for char in _SEPARATORS) + 1
    end = _SEPARATOR.search(text, last)
    stop = len(text) if end is None else end.start()
    return text[:start] + _TOKEN.sub(show, text[start:stop]) + text[stop:]


def _hide_parameters(url: str, hide: Callable[[str], str]) -> str:
    """A URL, or a part of one, with its unknown parameters hidden."""
    if "&" not in url and "=" not in url:
        return url
    path = _PATH.match(url)
    start = path.end() if path else 0
    pieces = url[start:].split("&")
    return url[:start] + "&".join(piece if _is_known(piece) else hide(piece) for piece in pieces)


def _is_known(piece: str) -> bool:
    """Whether a parameter has no value, or a known harmless name and a value without `=`."""
    name, mark, value = piece.partition("=")
    # Base64 may end in `=`.
    empty = bool(mark) and not value.strip("=")
    whole = bool(mark) and "=" not in value and value.strip("*") != ""
    return not piece or empty or (whole and _name(name) in _KNOWN)


def _hide_piece(piece: str) -> str:
    name, mark, _ = piece.partition("=")
    return f"{name}={HIDDEN}" if mark and _is_credential(name) else HIDDEN


def _star_piece(piece: str) -> str:
    name, mark, value = piece.partition("=")
    return f"{name}={'*' * len(value)}" if mark and _is_credential(name) else "*" * len(piece)


def _is_credential(name: str) -> bool:
    """Whether this is exactly the name of a credential, so that it may be shown."""
    return _name(name) in ("api_user", "api_key")


def _name(written: str) -> str:
    return written.removeprefix("amp;").replace(";", "")
