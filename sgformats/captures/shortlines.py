"""The short route through a JSON line: what it tells, if every value is written as it mostly is.

One typed decode takes a line apart. What this answers is what the thorough route of `jsonlines` finds;
None leaves a line to it: one that is no object, that says too little, or holds a value of another
type, a status that is not a number of three digits, or a form that is no text.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from sgformats.captures.bodies import from_text

_TEXTS = ("url", "verb", "content_type", "content_encoding", "body_base64")
_ABSENT = (b"", b"null")
_text = msgspec.json.Decoder(str).decode


class Told(NamedTuple):
    """What a line tells of an exchange; the body is still as the wire had it."""

    url: str | None
    verb: str | None
    status: int | None
    body: bytes | None
    body_base64: str | None
    request_body: str | bytes | None
    content_type: str | None
    content_encoding: str | None
    time: str | None

    @property
    def says_nothing(self) -> bool:
        """Whether there is neither a call nor an answer."""
        return self.url is None and self.body is None and self.body_base64 is None


Route = Callable[[bytes], Told | None]


def short_route(names: Mapping[str, tuple[str, ...]]) -> Route:
    """The short route for lines that keep their values under these names."""
    return _route(tuple(names.items()))


@lru_cache(maxsize=16)
def _route(names: tuple[tuple[str, tuple[str, ...]], ...]) -> Route:
    fields = {
        (key if place == 0 else f"{key}_{place}"): path
        for key, paths in names
        for place, path in enumerate(paths)
    }
    # A dot may mean a value in a value; a name that stands for two values has no one type.
    if len({*fields.values()}) < len(fields) or any("." in path for path in fields.values()):
        return lambda line: None
    decode = msgspec.json.Decoder(_line_of(fields)).decode
    twice = "verb_1" in fields

    def route(line: bytes) -> Told | None:
        try:
            found = decode(line)
            verb = found.verb_1 if twice and found.verb is None else found.verb
            return _told(found, verb)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    return route


def _line_of(fields: Mapping[str, str]) -> Any:
    """The type of a line."""
    raw, text = (msgspec.Raw, msgspec.Raw()), (str | None, None)
    typed = [(field, *(text if field.startswith(_TEXTS) else raw)) for field in fields]
    return msgspec.defstruct("Line", typed, rename=fields, gc=False)


def _told(found: Any, verb: str | None) -> Told | None:
    status, form, time = bytes(found.status), bytes(found.request_body), bytes(found.time)
    if status not in _ABSENT and not (len(status) == 3 and status.isdigit()):
        return None
    if form not in _ABSENT and not form.startswith(b'"'):
        return None
    if time.startswith((b"{", b"[")):
        return None
    body = bytes(found.body)
    if found.url is None and body in _ABSENT and found.body_base64 is None:
        return None
    return Told(
        found.url,
        verb,
        None if status in _ABSENT else int(status),
        _bytes(body),
        found.body_base64,
        _bytes(form),
        found.content_type,
        found.content_encoding,
        _time(time),
    )


def _bytes(raw: bytes) -> bytes | None:
    """What text stands for, or else JSON itself."""
    if raw.startswith(b'"'):
        return from_text(_text(raw))
    return None if raw in _ABSENT else raw


def _time(raw: bytes) -> str | None:
    if raw in _ABSENT:
        return None
    return _text(raw) if raw.startswith(b'"') else raw.decode("ascii")
