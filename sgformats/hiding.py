"""Hides the secrets of an exchange: the known ones of its call, and everything that looks like one.

The values of the call's `api_key`, `api_user` and the like are hidden even where an answer repeats
them without their names; of keys and passwords, parts are hidden too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import NamedTuple
from urllib.parse import quote, quote_plus

from sgformats.operations import METHODS
from sgformats.request import Request
from sgformats.secrets import hide_names, hide_value, without_secrets

_HIDDEN = "***"
# Shorter secrets would hide unrelated words.
_SHORTEST = 6
_LONGEST = 4096
# Samples of keys; each part of _SHORTEST characters contains one: _SAMPLE + _STEP - 1 == _SHORTEST.
_SAMPLE, _STEP = 4, 3
_FEW = 100
_MOST = 20
# No clipped value is longer.
_CLIPPED = 64
_WORDS = frozenset(
    (
        *("message", "errors", "success", "result", "api_user", "api_key", "created"),
        *(word for method in METHODS for word in (method.name, method.item)),
        *(field.name for method in METHODS for field in method.fields),
    )
)
_ENCODINGS = ("utf-8", "latin-1", "utf-16-le", "utf-16-be")


class _Keys(NamedTuple):
    """All parts of `_SHORTEST` characters; each contains one of the samples, which are shorter."""

    pieces: frozenset[str]
    samples: frozenset[str]


class Secrets:
    """Hides the secrets of one call; without a call, only what looks like a secret."""

    def __init__(self, request: Request | None) -> None:
        self._request = request

    @cached_property
    def _all(self) -> tuple[str, ...]:
        """Keys, passwords and user names, in all spellings."""
        return () if self._request is None else _known(_values(self._request, keep_user=False))

    @cached_property
    def _keys(self) -> _Keys:
        """Keys and passwords, cut into parts."""
        return _cut(() if self._request is None else _values(self._request, keep_user=True))

    def hide(self, text: str) -> str:
        """The text with `***` for each secret, even if clipped; lone surrogates become escapes."""
        return self.hide_known(without_secrets(text))

    def hide_known(self, text: str) -> str:
        """Like `hide`, for a text that `without_secrets` has already returned."""
        if self._request is not None:
            text = self._without_known(text)
        return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()

    def _without_known(self, text: str) -> str:
        if self._has_piece(text):
            text = "".join(self._without_pieces(text))
        is_clipped = "…" in text
        for secret in self._all:
            text = text.replace(secret, _HIDDEN)
            if is_clipped:
                for length in range(min(len(secret), _CLIPPED), 2, -1):
                    text = text.replace(secret[:length] + "…", _HIDDEN + "…")
        return text

    def _has_piece(self, text: str) -> bool:
        pieces, samples = self._keys
        if len(samples) <= _FEW and not [sample for sample in samples if sample in text]:
            return False
        return not pieces.isdisjoint([text[at : at + _SHORTEST] for at in _starts(text, _SHORTEST)])

    def _without_pieces(self, text: str) -> Iterator[str]:
        shown = start = 0
        while start <= len(text) - _SHORTEST:
            end = start
            while text[end : end + _SHORTEST] in self._keys.pieces:
                end += 1
            if end == start:
                start += 1
                continue
            end += _SHORTEST - 1
            if text[start:end].casefold() not in _WORDS:
                yield text[shown:start] + _HIDDEN
                shown = end
            start = end
        yield text[shown:]

    def mask(self, data: bytes) -> bytes:
        """The payload with `*` for each character of known secrets; positions stay the same."""
        for secret in self._all:
            stars = "".join(c if c in "\r\n" else "*" for c in secret)
            for encoding in _ENCODINGS:
                with suppress(UnicodeEncodeError):
                    data = data.replace(secret.encode(encoding), stars.encode(encoding))
        return data


def _values(request: Request, *, keep_user: bool) -> tuple[str, ...]:
    values = [
        value
        for name, value in request.parameters
        if value and hide_value(name, value, keep_user=keep_user) == _HIDDEN
    ]
    names = zip(request.parameters, hide_names(request.parameters), strict=True)
    values += [name for (name, _), shown in names if name and shown == _HIDDEN]
    userinfo, at, _ = request.base.rpartition("@")
    if at:
        user, _, password = userinfo.rpartition("//")[2].partition(":")
        values += [password] if keep_user else [user, password]
    return tuple(value[:_LONGEST] for value in values[:_MOST])


# Most calls of a capture share the same few secrets.
@lru_cache(maxsize=64)
def _known(values: tuple[str, ...]) -> tuple[str, ...]:
    """The spellings of values that are long enough and not common words, longest first."""
    found = {
        spelling
        for value in values
        if len(value) >= _SHORTEST and value.casefold() not in _WORDS
        for spelling in _spelled(value)
    }
    return tuple(sorted(found, key=lambda spelling: (-len(spelling), spelling)))


@lru_cache(maxsize=64)
def _cut(values: tuple[str, ...]) -> _Keys:
    known = _known(values)
    return _Keys(
        frozenset(text[at : at + _SHORTEST] for text in known for at in _starts(text, _SHORTEST)),
        frozenset(
            text[at : at + _SAMPLE] for text in known for at in _starts(text, _SAMPLE)[::_STEP]
        ),
    )


def _starts(text: str, size: int) -> range:
    """The indexes of the parts of a size."""
    return range(len(text) - size + 1)


def _spelled(value: str) -> Iterator[str]:
    """A text as written in URLs, JSON, JSON Pointers and XML."""
    escaped = json.dumps(value)[1:-1]
    plain = json.dumps(value, ensure_ascii=False)[1:-1]
    with suppress(UnicodeEncodeError):  # Bytes that are not text.
        yield from (quote(value), quote(value, safe=""), quote_plus(value))
    yield from (value, value.replace("~", "~0").replace("/", "~1"))
    yield from (escaped, plain, plain.replace("/", "\\/"), escaped.replace("/", "\\/"))
    in_text = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    yield from (in_text, in_text.replace('"', "&quot;").replace("'", "&#x27;"))
