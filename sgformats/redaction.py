"""What of a call may be shown, whole or torn: `***` in the place of all that may be a secret.

Of a call that was read, names and values are judged as `sgformats.secrets` says. A text that damage has
torn may have the value alone; so of everything in it that looks like a parameter, the value is hidden
unless its name is one of the API's that hold no secret.
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
# What stands between blanks, quotes and brackets, and has a sign of a parameter in it; looked for at
# its beginning alone.
_TOKEN = re.compile(r"""(?<![^\s"'<>])[^\s"'<>&=]*[&=][^\s"'<>]*""")
_PATH = re.compile(r"[^?&=]*[?/]")


def hide_userinfo(base: str, *, keep_user: bool) -> str:
    """All before a path, with `***` for who asks, or with `keep_user` for the password alone."""
    before, at, host = base.rpartition("@")
    scheme, slashes, userinfo = before.rpartition("//")
    user, colon, _ = userinfo.partition(":")
    shown = f"{user}:{HIDDEN}" if keep_user and colon else HIDDEN
    if not at:  # Damage may have joined a password to the host.
        return _hide_host(base)
    return scheme + slashes + shown + at + _hide_host(host)


def _hide_host(host: str) -> str:
    """A host as it may be shown; hosts are written in small letters, keys are not."""
    shown = without_secrets(host)
    return shown if host.isprintable() and host == host.lower() else hide_torn(shown, "api_")


def hide_content(content: str | None) -> str | None:
    """A body that holds no parameters: JSON without its secrets, anything else not at all."""
    if content is None or content.lstrip().startswith(("{", "[")):
        return content and without_secrets(content)
    return HIDDEN


def shown_url(url: str) -> str:
    """A URL with `***` for every parameter that may be a secret."""
    shown = _queried(without_secrets(url), _hidden)
    if "@" in url or not url.isprintable():
        shown = hide_torn(shown)
    host, path, rest = shown.partition("/api/")
    return _hide_host(host) + path + rest if path else shown


def shown_text(text: str) -> str:
    """A text with `***` in the place of all that may be a secret."""
    return _shown(without_secrets(text), _hidden)


def masked(text: str, start: int = 0, stop: int | None = None) -> str:
    """The same with as many stars as there are characters, so that all else keeps its place.

    Of a long text only the part from `start` to `stop` may be shown: all else may hold secrets still.
    """
    end = len(text) if stop is None else stop
    named = starred(text, (secret[:2] for secret in find_secrets(text)), keep=True)
    shown = _shown(named, _starred)
    return starred(shown, find_torn(shown, start=start, stop=end), keep=True)


def _shown(text: str, hide: Callable[[str], str]) -> str:
    def show(match: re.Match[str]) -> str:
        token = match[0]
        return _queried(token, hide) if "=" in token else token

    if "=" not in text:
        return text
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
    whole = bool(mark) and "=" not in value and value.strip("*") != ""
    return not piece or empty or (whole and _name(name) in _KNOWN)


def _hidden(piece: str) -> str:
    name, mark, _ = piece.partition("=")
    return f"{name}={HIDDEN}" if mark and _is_named(name) else HIDDEN


def _starred(piece: str) -> str:
    name, mark, value = piece.partition("=")
    return f"{name}={'*' * len(value)}" if mark and _is_named(name) else "*" * len(piece)


def _is_named(name: str) -> bool:
    """Whether a name is a secret's, and no more than that."""
    return _name(name) in ("api_user", "api_key")


def _name(written: str) -> str:
    return written.removeprefix("amp;").replace(";", "")
