"""Finds cookie values in a header, or in any text that contains one."""

from __future__ import annotations

import re
from collections.abc import Iterator

# `Authorization: Basic dTpw`, `"Cookie": "sid=1; lang=de"`, in any notation.
_SEPARATOR = r"""(?:\\*["'])?\s{0,8}(?:=>?|:)\s{0,80}(?:-\s{1,8})?\[?(?:\\*["'])?"""
HEADER = re.compile(rf"""\b((?:set-?|http_)?cookie2?){_SEPARATOR}""", re.IGNORECASE)
_COOKIE = re.compile(r"[^;\r\n]+")
_LOOSE_COOKIE = re.compile(
    r"""\s{0,8}([^=;\s"'<>\\]{1,256})(?:=(\\?"[^"\r\n]{0,4096}"|[^;\s"'<>\\]{0,4096}))?"""
)
_REST = re.compile(r'[^;\r\n"\\]{0,64}')
_ATTRIBUTES = frozenset(
    (
        *("expires", "max-age", "domain", "path", "secure", "httponly", "samesite"),
        *("priority", "partitioned", "version", "comment", "port", "discard"),
    )
)
_FOLDED = re.compile(r",\s*[^=;,\s]+=")


def cookie_values(text: str) -> Iterator[tuple[int, int]]:
    """Where the cookie values in a header begin and end."""
    for cookie in _COOKIE.finditer(text):
        name, equals, value = cookie[0].partition("=")
        start, stop = cookie.end() - len(value), cookie.end()
        if not equals:
            start = cookie.start()
            if name.strip().lower() in _ATTRIBUTES:
                continue
        elif name.strip().lower() in _ATTRIBUTES:
            folded = _FOLDED.search(text, start, stop)
            if folded is None:
                continue
            start = folded.end()
        yield start, stop


def loose_cookie_values(text: str, at: int) -> Iterator[tuple[int, int]]:
    """Like `cookie_values`, for a header at index `at` of a text, with other text after it."""
    first = True
    while (cookie := _LOOSE_COOKIE.match(text, at)) is not None:
        if not first and HEADER.match(text, cookie.start(1)) is not None:
            return
        at = cookie.end()
        if cookie[1].lower() in _ATTRIBUTES:
            rest = _REST.match(text, at)
            at = rest.end() if rest else at
        elif cookie[2] is not None:
            yield cookie.span(2)
        elif first:
            yield cookie.span(1)
        first = False
        if text[at : at + 1] != ";":
            return
        at += 1
