"""Composes values from the events of PyYAML's parser without executing tags.

A scalar becomes its text, None, or (for `!!binary` and Ruby's `!binary`) a `Binary`, never a
number, date or object. The colon of a Ruby symbol is removed from keys. An alias refers to the
shared value, which is not copied. The total size that aliases stand for is bounded, so walking a
value is bounded too. Nesting is also bounded.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, NoReturn

import msgspec

from sgformats.errors import quote

# The time of libyaml is quadratic in the depth.
MAX_LEVELS = 256
TOO_DEEP = f"expected at most {MAX_LEVELS} levels"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BINARY = ("tag:yaml.org,2002:binary", "!binary")
_MERGED = 64


class Binary(str):
    """A scalar that is base64."""

    __slots__ = ()


class Composed(NamedTuple):
    """A value, and its fault if any: what was expected and what was found."""

    value: object
    fault: tuple[str, str] | None = None


class YamlNode(NamedTuple):
    """A value and its size, including the values of its aliases."""

    value: object
    weight: int = 1


class Composer:
    """Composes the values of a file from `next_event`; `fail` raises the error for a character.

    A value longer than `limit` characters is not kept. The latest anchored values are kept for
    aliases, up to `limit` characters together; aliases may stand for an eighth of `limit`.
    """

    def __init__(
        self,
        yaml: Any,
        next_event: Callable[[], Any],
        fail: Callable[[str, int], NoReturn],
        limit: int,
    ) -> None:
        self.last_scalar: Any = None
        """The event of the scalar that came last."""
        self._yaml = yaml
        self._next = next_event
        self._fail = fail
        self._limit = limit
        self._anchors: dict[str, YamlNode] = {}
        self._anchored = 0
        self._shared = 0

    def forget(self) -> None:
        """Begin another document: forget all anchors."""
        self._anchors.clear()
        self._anchored = 0

    def compose(self, event: Any) -> Composed:
        """Compose the value that begins with this event; consumes its events."""
        start, too_long = event.start_mark.index, False
        fault: tuple[str, str] | None = None
        stack: list[_OpenNode] = []
        yaml = self._yaml
        while True:
            if isinstance(event, yaml.ScalarEvent):
                self.last_scalar = event
                node, anchor = YamlNode(_scalar(event), 1 + len(event.value)), event.anchor
            elif isinstance(event, yaml.CollectionStartEvent):
                if len(stack) == MAX_LEVELS:
                    self._fail(TOO_DEEP, event.start_mark.index)
                is_list = isinstance(event, yaml.SequenceStartEvent)
                stack.append(_OpenNode(is_list, event.anchor))
                event = self._next()
                continue
            elif isinstance(event, yaml.AliasEvent):
                found, anchor = self._alias(event.anchor), None
                node = found or YamlNode(None)
                if found is None:
                    name = quote(event.anchor)
                    fault = f"a value with the anchor {name}", "none, or too many aliases"
            else:
                opened = stack.pop()
                node, anchor = opened.closed(), opened.anchor
            if not too_long and event.end_mark.index - start > self._limit:
                too_long = True
                for opened in stack:
                    opened.parts.clear()
            if anchor is not None and not too_long:
                self._remember(anchor, node)
            if not stack:
                break
            if not too_long:
                stack[-1].add(node)
            event = self._next()
        if too_long:
            return Composed(None, (f"an entry of at most {self._limit} characters", "more"))
        return Composed(node.value, fault)

    def _remember(self, anchor: str, node: YamlNode) -> None:
        before = self._anchors.pop(anchor, None)
        self._anchors[anchor] = node
        self._anchored += node.weight - (0 if before is None else before.weight)
        while self._anchored > self._limit:
            self._anchored -= self._anchors.pop(next(iter(self._anchors))).weight

    def _alias(self, anchor: str) -> YamlNode | None:
        found = self._anchors.get(anchor)
        if found is None or self._shared + found.weight > self._limit // 8:
            return None
        self._shared += found.weight
        return found


class _OpenNode(msgspec.Struct):
    """A mapping or a sequence that is not complete yet, with its keys and values in order."""

    is_list: bool
    anchor: str | None
    parts: list[object] = []
    weight: int = 1

    def add(self, node: YamlNode) -> None:
        self.parts.append(node.value)
        self.weight += node.weight

    def closed(self) -> YamlNode:
        """The complete value; `<<` merges another mapping if that is not too large."""
        if self.is_list:
            return YamlNode(self.parts, self.weight)
        keys = (key.lstrip(":") if isinstance(key, str) else None for key in self.parts[::2])
        value: dict[object, object] = dict(zip(keys, self.parts[1::2], strict=True))
        merged = value.get("<<")
        if isinstance(merged, dict) and len(merged) <= _MERGED:
            return YamlNode({**merged, **value}, self.weight + len(merged))
        return YamlNode(value, self.weight)


def _scalar(event: Any) -> str | None:
    if event.tag in _BINARY:
        return Binary(event.value)
    is_plain = event.tag is None and event.implicit[0]
    return None if is_plain and event.value in _NULLS else str(event.value)
