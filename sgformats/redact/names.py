"""Finds the names of the values in a JSON or YAML document from their context.

Recorders write headers and parameters as members (`"Cookie": "…"`), as lists under a name
(`Cookie: [...]`), as objects (`{"name": …, "value": …}`) and as pairs (`["Cookie", "…"]`). A `Container`
is an object or an array; once it is read completely, `ScalarPlace.name` gives the name of a value.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

import msgspec

from sgformats import secrets
from sgformats.secrets import SecretKind

Kind = SecretKind | Literal["address", "ip", "prose"]

_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("email", "user"), "address"),
    "ip": "ip",
    # Prose in the API's answers, where `name=value` has no meaning.
    **dict.fromkeys(("reason", "message", "error", "errors", "status", "created"), "prose"),
}


@lru_cache(maxsize=4096)
def kind_of(name: str) -> Kind | None:
    """The kind of a value, by the name of its header, parameter or field."""
    return secrets.kind_of(name) or _KINDS.get(secrets.plain_name(name))


_NAME = re.compile(r"[\w.;%\[\]-]{1,60}\Z")
_PAIR_NAMES = ("name", "key", "Name", "Key")
_PAIR_VALUES = ("value", "Value", "values", "Values")
_CLOSE = 3  # How many levels around a value may name it.
# Attributes of a cookie other than its value.
_ABOUT_COOKIES = ("name", "path", "domain", "expires", "samesite", "comment", "httponly", "secure")
_BODIES = frozenset(
    ("body", "text", "string", "base64_string", "request_body", "body_base64", "response_body")
)
_LENGTHS = frozenset(("contentlength", "bodysize", "size"))


class Container(msgspec.Struct, eq=False):
    """An object or an array. `key` is its name; `members` are its scalars by key."""

    array: bool
    parent: Container | None = None
    key: str = ""
    hidden: bool = False
    cookies: bool = False
    members: dict[str, str] = {}
    items: list[str] = []

    @classmethod
    def inside(cls, parent: Container | None, array: bool, key: str) -> Container:
        """Open a container inside another; it is secret if its name or the outer one is."""
        if parent is None:
            return cls(array, None, key)
        if parent.array and not key:
            key = parent.key
        kind = kind_of(key) if key else None
        hidden = parent.hidden or (kind == "secret" and key not in _PAIR_NAMES)
        cookies = parent.cookies or key.lower() == "cookies"
        if key in _PAIR_VALUES and not parent.array:
            parent.members[key] = ""
        return cls(array, parent, key, hidden, cookies)

    @property
    def pair_name(self) -> str:
        """The name that this object gives to its value; empty if it gives none."""
        return next(filter(None, map(self.members.get, _PAIR_NAMES)), "")

    @property
    def outer_name(self) -> str:
        """The secret name whose value this container, or one close around it, is; else empty."""
        inner, outer = self, self.parent
        for _ in range(_CLOSE):
            if outer is None:
                break
            if inner.key in _PAIR_VALUES and kind_of(outer.pair_name) is not None:
                return outer.pair_name
            inner, outer = outer, outer.parent
        return ""

    def add(self, key: str, value: str) -> None:
        """Remember a member that may name its siblings."""
        if self.array:
            if len(self.items) < 3:
                self.items.append(value[:80])
        elif key in _PAIR_NAMES or key in _PAIR_VALUES:
            self.members[key] = value[:80]


class ScalarPlace(msgspec.Struct, eq=False):
    """A scalar: its container, its key or index there, and its place in the text."""

    frame: Container | None
    key: str
    number: int
    start: int
    stop: int
    is_key: bool = False

    @property
    def name(self) -> str:
        """The name of the value; empty if unknown."""
        frame = self.frame
        if frame is None:
            return self.key
        if frame.outer_name:
            return frame.outer_name
        if frame.array:
            first = frame.items[0] if len(frame.items) == 2 else ""
            if not _NAME.match(first) or kind_of(first) is None:
                return frame.key
            return first if self.number else ""
        if self.key in _PAIR_VALUES:
            return frame.pair_name or self.key
        if self.key in _PAIR_NAMES and any(name in frame.members for name in _PAIR_VALUES):
            return ""
        return self.key

    @property
    def hidden(self) -> bool:
        """Whether a container around it is secret as a whole, regardless of its own name."""
        if self.frame is None:
            return False
        if self.frame.hidden:
            return True
        return self.frame.cookies and self.key.lower() not in _ABOUT_COOKIES

    @property
    def is_body(self) -> bool:
        """Whether it is a body, whose length is recorded elsewhere."""
        return (self.key or (self.frame.key if self.frame else "")) in _BODIES

    @property
    def is_length(self) -> bool:
        """Whether it is the length of a body."""
        return "".join(filter(str.isalnum, self.name)).casefold() in _LENGTHS
