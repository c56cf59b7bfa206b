"""What reading a list item by item needs of a format: the words that both formats share."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from sgformats._model.node import Fault, Node

Records = Sequence[Any]
Follower = Literal["item", "open", "closed"]
"""What follows a gap: an item, or the payload's end, where the list is open or closed before."""

UNSURE = "\udbff"
"""Stands in a damaged text for a character that would be another in another encoding."""

_HALF = re.compile("[\ud800-\udfff]")


class NotAListError(Exception):
    """The root is no list, as far as it was read. Never leaves the package."""


class Step(NamedTuple):
    """Where the next item begins, or what follows the list where there is `more` no more.

    `stray` is where text stands between the items; -1 for nowhere.
    """

    at: int
    more: bool
    stray: int = -1


class Items(Protocol):
    """How the items of one list stand in one format.

    All take the characters and an index, and raise `Fault` where the text is not well-formed; its
    rule is `truncated` where it ends too early.
    """

    def enter(self, chars: str) -> tuple[int, Node]:
        """The inside of the list, and its root; raises `NotAListError` for another root."""

    def step(self, chars: str, i: int, first: bool) -> Step:
        """From behind an item, or from the list's beginning, to the next one."""

    def read(self, chars: str, i: int) -> tuple[Node, int]:
        """The item that begins here, and what follows it."""

    def read_alone(self, chars: str, i: int) -> tuple[Node, int]:
        """The same near damage: in time that all such items together share."""

    def quick(self, chars: str, i: int, stop: int) -> tuple[Records, int] | None:
        """The records of all items that surely end before `stop`, if all surely are valid."""

    def guess(self, chars: str, i: int, stop: int) -> int:
        """Where the first odd item before `stop` may begin; a guess, which `quick` proves."""

    def finish(self, chars: str, i: int) -> int:
        """Passes what may stand behind the list, up to the end."""

    def find(self, chars: str, i: int) -> int:
        """Where the next item may begin, behind damage; -1 for nowhere."""

    def begins(self, chars: str, i: int) -> bool:
        """Whether what stands here begins as an item."""

    def wrap(self, item: str) -> str:
        """A list of one item."""

    def without_items(self) -> str:
        """The list as it begins, and nothing in it."""

    def junk(self, gap: str, before: Follower) -> tuple[int, int]:
        """Where in a gap that begins and ends which is more than layout and the list's own marks."""

    def shows(self, node: Node) -> bool:
        """Whether what stands behind damage can have been an item of this list."""

    def is_item(self, node: Node) -> bool:
        """Whether an element is one of the list's own."""


def check_bytes(chars: str, start: int, end: int) -> None:
    """Raises `Fault` where bytes that are no characters stand in a text, each as an escape."""
    bad = _HALF.search(chars, start, end)
    if bad is not None:
        code = ord(bad[0])
        found = f"the byte {code - 0xDC00:02X}"
        if bad[0] == UNSURE:
            found = "one whose encoding is not certain"
        elif not 0xDC80 <= code <= 0xDCFF:
            found = f"the half U+{code:04X}"
        raise Fault(bad.start(), "a character", found, "bad-encoding")
