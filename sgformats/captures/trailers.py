"""Removes Monolog's trailer from messages: context and extra data, arrays or objects.

They are not an answer: `[] []` is the default of Laravel and Symfony. A context with an answer
stays.
"""

from __future__ import annotations

import re

from sgformats.captures.jsonvalues import NoObjectError, members

_EMPTY = re.compile(rb"(?<=\S) {1,2}\[\] (?:\[\]|\{[^{}]{0,4096}\})[ \t]*(?=[\r\n]*\Z)")
_HEADER = re.compile(
    rb"\[[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][^\]\r\n]{5,32}\] [\w.-]{1,64}\.[A-Z]{4,9}: "
)
_ANSWER = re.compile(
    rb'"(?:response|body|result|answer|reply|content|output|data)[A-Za-z_]{0,16}"\s*:'
)
_RECORD = re.compile(rb'"(?:email|errors?|message|count)"\s*:')
_CALLS = (b"/api", b"/v3/suppression/")
_TRIES = 8


def without_trailer(text: bytes) -> bytes:
    """Remove context and extra data from a Monolog message; any other line stays as it is."""
    tail = text[-4:].rstrip()[-1:]
    if tail not in (b"]", b"}"):
        return text
    if _HEADER.match(text) is None:
        found = _EMPTY.search(text, max(0, len(text) - 8192))
        return text if found is None else text[: found.start()] + b"\n"
    rest = text.rstrip()
    extra = _last_value(rest)
    if extra is None:
        return text
    before = rest[:extra].rstrip()
    context = _last_value(before)
    if context is None or _HEADER.match(text).end() >= context:  # type: ignore[union-attr]
        # One of the two is missing, as in Laravel: a single value may be the message.
        message = rest[:extra]
        if rest[extra:] == b"[]":
            return text
        if _may_be_answer(rest[extra:], message) or _HEADER.fullmatch(message):
            return text
        return message.rstrip() + b"\n"
    if _may_be_answer(before[context:], before[:context]):
        return before + b"\n"
    return before[:context].rstrip() + b"\n"


def _may_be_answer(value: bytes, message: bytes) -> bool:
    """Whether a context may hold the answer, by its keys or because no call precedes it."""
    if _ANSWER.search(value):
        return True
    called = any(sign in message for sign in _CALLS)
    return not called and _RECORD.search(value) is not None


def _last_value(text: bytes) -> int | None:
    """The index of the array or object, preceded by a space, at the end of a text."""
    if text.endswith(b" []"):
        return len(text) - 2
    if not text.endswith(b"}"):
        return None
    at = len(text)
    for _ in range(_TRIES):
        at = text.rfind(b" {", 0, at)
        if at < 0:
            return None
        try:
            members(text[at + 1 :])
        except NoObjectError:
            continue
        return at + 1
    return None
