"""Finds user information in URLs and on command lines, also where damage has changed it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgformats.secrets.names import FoundKind, looks_like_a_key

_USERINFO = re.compile(r"""/\\?/([^/?#\s"'<>]+)@""")
# With characters that a URL cannot contain.
_BROKEN_USERINFO = re.compile(r"""//([\w.%-]{1,128}:[^/\s"@]{1,256})@(?=[\w.-]{1,128}[/:])""")
_ESCAPED_USERINFO = re.compile(
    r"(?:%(?:25)*2f){2}((?:[^\s&\"'<>%/]|%(?!(?:25)*(?:2f|40)))+)%(?:25)*40", re.IGNORECASE
)
_AT_HOST = re.compile(r"@[\w.-]{1,128}/(?=\w)")
_USER_LIMIT = re.compile(r"""[\s:@/"'<>?]""")
_LONGEST_USER = 128
_LOST_HOST = re.compile(r"""//[^/:@\s"'<>]{0,128}:([^/@\s"'<>]{6,256})""")
_CURL_USER = re.compile(
    r"""(?<![^\s"'\[,])--?(?:u|user|proxy-user)(?:["',\s]{1,8}|=)?["']?([^\s:"'=]{1,128}):([^\s"']+)"""
)


def find_users(text: str, low: str, *, prose: bool) -> Iterator[tuple[int, int, FoundKind, int]]:
    """The spans, each with its kind and the index of what comes before it; `low` is `text` folded.

    `prose`: the text is a message for people, in which only whole URLs count.
    """
    if "@" in low and "/" in low:
        for match in _USERINFO.finditer(text):
            yield *match.span(1), "userinfo", match.start()
    if "%" in low and "2f" in low and "40" in low:
        for match in _ESCAPED_USERINFO.finditer(text):
            yield *match.span(1), "userinfo", match.start()
    if prose:
        return
    if "@" in low and "/" in low:
        for match in _BROKEN_USERINFO.finditer(text):
            yield *match.span(1), "userinfo", match.start()
        for match in _AT_HOST.finditer(text):
            at = match.start()
            user = _USER_LIMIT.split(text[max(0, at - _LONGEST_USER - 1) : at])[-1]
            if 6 <= len(user) <= _LONGEST_USER and looks_like_a_key(user):
                yield at - len(user), at, "secret", at - len(user)
    if "//" in low:
        for match in _LOST_HOST.finditer(text):
            if looks_like_a_key(match[1]):
                yield *match.span(1), "secret", match.start()
    if "-u" in low:
        for match in _CURL_USER.finditer(text):
            yield *match.span(1), "user", match.start()
            yield *match.span(2), "secret", match.start()
