"""Recognises text that may be an answer of the API, and reports answers in unsupported forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress

from sgformats.captures.bodies import unreadable
from sgformats.captures.jsonvalues import NoObjectError, members, value
from sgformats.errors import Problem, quote
from sgformats.operations import METHODS
from sgformats.redaction import shown_text
from sgformats.request.routes import split_url

_ROOTS = "|".join(sorted({method.root for method in METHODS} | {"result"})).encode()
_ANSWER = re.compile(
    rb"""\s*(?: <(?:\?xml|%b|html|!DOCTYPE)[\s>/] | \[\s*\]
      | \[\s*\{\s*"(?:email|created|reason|status|ip)"\s*:
      | \{\s*"(?:message|errors?|count)"\s*: )"""
    % _ROOTS,
    re.VERBOSE | re.IGNORECASE,
)
# Signs of an answer in unsupported forms: Python, Ruby, PHP and Java values, compressed bytes,
# percent-escapes, base64.
_SIGNS = re.compile(
    rb"""(?: ['"]email\\?['"][ ]?(?::|=>) | :email[ ]?=> | [\[({,][ ]?email[:=]
      | \[email\][ ]?=> | \\x1[fF]\\x8[bB] | \\u001[fF]\\u?(?:00)?8[bB] | H4sI
      | %%5[bB]%%7[bB]%%22 | %%7[bB]%%22(?:message|errors?)%%22 | %%3[cC]%%3[fF]xml
      | (?<![A-Za-z0-9+/])(?:W3si(?:ZW1haWwi|Y3JlYXRlZ|cmVhc29u|c3RhdHVz|aXAi)
        | PD94bWwg | eyJtZXNzYWdlI | eyJlcnJvc)
      | (?:<|\\u003[cC]|&lt;)/?(?:%b)(?:>|\\u003[eE]|&gt;)
      | (?:\{|\{u|<)['"]?(?:message|errors?)['"][ ]?(?::|=>) )"""
    % _ROOTS,
    re.VERBOSE,
)
# A request body can look like an answer.
_REQUEST = re.compile(rb"(?i)api_(?:user|key)|params|request|sending|sent")
_SENT = re.compile(r"(?i)re?q|header|param|query|sent|post|form|cookie|arg|option|context")
_BODY = re.compile(
    r"(?i)resp|body|content|text|payload|data|result|answer|repl|output|html|xml|json"
)
_CALL = re.compile(rb"\\?/(?:api(?:v2)?|v3\\?/suppression)\\?/")


def is_answer(text: bytes) -> bool:
    """Whether a text begins like an answer of this API."""
    return _ANSWER.match(text) is not None


def could_be_answer(text: bytes) -> bool:
    """Whether a part of a log holds signs of an answer in an unsupported form."""
    head = text[:65536]
    return _SIGNS.search(head) is not None and _REQUEST.search(head) is None


def call_names(found: Mapping[str, bytes], depth: int = 3) -> Iterator[str]:
    """The names of values that are calls of this API; those of nested values have dots."""
    for name, raw in found.items():
        if _CALL.search(raw) is None:
            continue
        if raw.startswith(b"{") and depth:
            with suppress(NoObjectError):
                yield from (f"{name}.{inner}" for inner in call_names(members(raw), depth - 1))
        elif raw.startswith(b'"'):
            path = split_url((_text(raw) or b"").decode("utf-8", "replace")).path
            if _CALL.match(path.encode("utf-8", "replace")):
                yield name


def find_body(found: Mapping[str, bytes], known: frozenset[str]) -> bytes | Problem | None:
    """Find the answer among the other values of a JSON line by content; None if there is none.

    Returns a problem if several values could be the answer, or if its form is unsupported.
    """
    others = {
        name: raw for name, raw in found.items() if name not in known and not _SENT.search(name)
    }
    for name, raw in tuple(others.items()):
        if raw.startswith(b"{") and not is_answer(raw):
            try:
                inner = members(raw)
            except NoObjectError:
                continue
            nested = {f"{name}.{key}": v for key, v in inner.items() if not _SENT.search(key)}
            others.update(nested)
    read = {name: text for name, raw in others.items() if (text := _text(raw)) is not None}
    answers = {name: text for name, text in read.items() if is_answer(text)}
    if len(set(answers.values())) == 1:
        return next(iter(answers.values()))
    if answers:
        return _unrecognized(answers, "several values that can be the answer")
    unsupported = {
        name: text
        for name, text in read.items()
        if text.strip() and (could_be_answer(text) or (_BODY.search(name) and len(text) > 1))
    }
    return _unrecognized(unsupported, "a possible one") if unsupported else None


def unrecognized(text: bytes, advice: str) -> Problem:
    """The problem of a possible answer in an unsupported form."""
    shown = shown_text(text[:4096].decode("utf-8", "replace")).strip()
    expected, found = "an answer in XML or JSON", quote(shown)
    return unreadable(expected, found, rule="unrecognized-body", advice=advice)


def _unrecognized(values: Mapping[str, bytes], what: str) -> Problem:
    found = f"{what} under the keys {quote(', '.join(values))}"
    advice = "--field body=KEY names the one to read"
    return unreadable("an answer as `body`", found, rule="unrecognized-body", advice=advice)


def _text(raw: bytes) -> bytes | None:
    if not raw.startswith(b'"'):
        return raw if raw.startswith((b"[", b"{")) else None
    try:
        return str(value(raw)).encode("utf-8", "surrogatepass")
    except NoObjectError:
        return None
