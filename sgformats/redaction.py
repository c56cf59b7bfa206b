"""What of a call may be shown: `***` for keys, passwords and, unless kept, for who asks.

A parameter is known by its name, however that is spelled or escaped; in the text around it, what
looks like a secret goes as `errors.without_secrets` says. What has nothing to hide stays as it is.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from sgformats.errors import without_secrets

_HIDDEN = "***"
_ESCAPED_PERCENT = re.compile("%(?:25)+")
_SECRETS = frozenset({"password", "passwd", "pass", "secret", "token", "key", "authorization"})


def hide_value(name: str, value: str, *, keep_user: bool) -> str:
    """The value of a parameter as it may be shown."""
    unescaped = unquote(_ESCAPED_PERCENT.sub("%", name))
    plain = "".join(filter(str.isalnum, unescaped)).casefold()
    secret = "apikey" in plain or plain in _SECRETS or ("apiuser" in plain and not keep_user)
    return _HIDDEN if value and secret else without_secrets(value)


def hide_userinfo(base: str, *, keep_user: bool) -> str:
    """All before a path, with `***` for who asks, or with `keep_user` for the password alone."""
    before, at, host = base.rpartition("@")
    scheme, slashes, userinfo = before.rpartition("//")
    user, colon, _ = userinfo.partition(":")
    shown = (f"{user}:{_HIDDEN}" if keep_user and colon else _HIDDEN) if at else ""
    return scheme + slashes + shown + at + without_secrets(host)


def hide_content(content: str | None) -> str | None:
    """A body that holds no parameters: JSON without its secrets, anything else not at all."""
    if content is None or content.lstrip().startswith(("{", "[")):
        return content and without_secrets(content)
    return _HIDDEN
