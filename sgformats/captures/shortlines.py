"""The fast reader for a JSON line whose values all have their usual types.

One typed decode reads the line. The result equals that of the full reader in `jsonlines`. None
means: use the full reader, because the line is not an object, lacks both a call and an answer, or
has a value of another type, a status that is not a three-digit number, or a form that is not a
string.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from sgformats.captures.bodies import from_text

_TEXTS = ("url", "verb", "content_type", "content_encoding", "body_base64")
_NO_CONTENT = 204
_ABSENT = (b"", b"null")
_text = msgspec.json.Decoder(str).decode


class LineValues(NamedTuple):
    """The values of an exchange in a line; the body is still encoded as it was sent."""

    url: str | None
    verb: str | None
    request_body: str | bytes | None
    status: int | None
    body: bytes | None
    body_base64: str | None
    content_type: str | None
    content_encoding: str | None
    time: str | None

    @property
    def is_empty(self) -> bool:
        """Whether there is neither a call nor an answer."""
        return self.url is None and self.body is None and self.body_base64 is None

    @property
    def lacks_body(self) -> bool:
        """Whether there is no answer, but may be one under another key."""
        return self.body is None and self.body_base64 is None and self.status != _NO_CONTENT


FastReader = Callable[[bytes], LineValues | None]


@lru_cache(maxsize=16)
def fast_reader(names: tuple[tuple[str, tuple[str, ...]], ...]) -> FastReader:
    """The fast reader for lines that keep their values under these names."""
    fields = {
        (key if place == 0 else f"{key}_{place}"): path
        for key, paths in names
        for place, path in enumerate(paths)
    }
    # A dot may mean a nested value; a name used for two values has no single type.
    if len({*fields.values()}) < len(fields) or any("." in path for path in fields.values()):
        return lambda line: None
    decode = msgspec.json.Decoder(_line_of(fields)).decode
    has_method = "verb_1" in fields

    def read(line: bytes) -> LineValues | None:
        try:
            found = decode(line)
            verb = found.verb_1 if has_method and found.verb is None else found.verb
            return _values(found, verb)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    return read


def _line_of(fields: Mapping[str, str]) -> Any:
    """The type of a line."""
    raw, text = (msgspec.Raw, msgspec.Raw()), (str | None, None)
    typed = [(field, *(text if field.startswith(_TEXTS) else raw)) for field in fields]
    return msgspec.defstruct("Line", typed, rename=fields, gc=False)


def _values(found: Any, verb: str | None) -> LineValues | None:
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
    return LineValues(
        found.url,
        verb,
        _bytes(form),
        None if status in _ABSENT else int(status),
        _bytes(body),
        found.body_base64,
        found.content_type,
        found.content_encoding,
        _time(time),
    )


def _bytes(raw: bytes) -> bytes | None:
    """The bytes of a string's text, or else the JSON as written."""
    if raw.startswith(b'"'):
        return from_text(_text(raw))
    return None if raw in _ABSENT else raw


def _time(raw: bytes) -> str | None:
    if raw in _ABSENT:
        return None
    return _text(raw) if raw.startswith(b'"') else raw.decode("ascii")
