"""The interface through which a scan reads a list item by item in either format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from sgformats._model.node import Fault, Node

Records = Sequence[Any]
Follower = Literal["item", "open", "closed"]
"""What follows a gap: an item, or the payload's end in a list that is still open, or closed."""

UNSURE = "\udbff"
"""Replaces a character of a damaged text that differs between the possible encodings."""

_HALF = re.compile("[\ud800-\udfff]")


class NotAListError(Exception):
    """The part of the root that was read is not a list. Never leaves the package."""


class Step(NamedTuple):
    """The index of the next item or, if there are no `more`, the index after the list.

    `stray` is the index of text between the items, or -1.
    """

    at: int
    more: bool
    stray: int = -1


class Items(Protocol):
    """Reads the items of one list in one format.

    The methods take the characters and an index. They raise `Fault` if the text is not well-formed,
    with the rule `truncated` if it ends too early.
    """

    def enter(self, chars: str) -> tuple[int, Node]:
        """The index after the list's start, and the root. Raises `NotAListError`."""

    def step(self, chars: str, i: int, first: bool) -> Step:
        """Go from the end of an item, or from the `first` index of the list, to the next item."""

    def read(self, chars: str, i: int) -> tuple[Node, int]:
        """The item that begins here, and the index after it."""

    def read_damaged(self, chars: str, i: int) -> tuple[Node, int]:
        """Like `read`, near damage: reading many such items takes linear time in all."""

    def decode_group(self, chars: str, i: int, stop: int) -> tuple[Records, int] | None:
        """The records of the items that end before `stop`, and their end; None if not certain."""

    def guess_odd(self, chars: str, i: int, stop: int) -> int:
        """Guess where the first odd item before `stop` begins; `decode_group` checks the rest."""

    def finish(self, chars: str, i: int) -> int:
        """Skip what may follow the list, and return the index of the end."""

    def find(self, chars: str, i: int) -> int:
        """The index after damage at which the next item may begin, or -1."""

    def depth_after(self, chars: str, start: int, stop: int, depth: int, damage: int) -> int:
        """The number of unknown values that are open after a part of an item; `depth` before it.

        `damage` is the index of the damage in the item, or -1 if there is none before its end. Only
        values count that the damage cannot have made.
        """

    def is_item_start(self, chars: str, i: int) -> bool:
        """Whether the text here begins like an item."""

    def wrap(self, item: str) -> str:
        """A list that holds this item alone."""

    def empty_list(self) -> str:
        """An empty list with the same root."""

    def trim_layout(self, gap: str, before: Follower) -> tuple[int, int]:
        """Start and end of a gap's text without layout and without the list's own marks."""

    def could_be_item(self, node: Node) -> bool:
        """Whether a node after damage may have been an item of this list."""

    def is_item(self, node: Node) -> bool:
        """Whether an element has the name of the list's items."""


def check_bytes(chars: str, start: int, end: int) -> None:
    """Raise `Fault` for the first escaped byte, that is, one that is not a character."""
    bad = _HALF.search(chars, start, end)
    if bad is not None:
        code = ord(bad[0])
        found = f"the byte {code - 0xDC00:02X}"
        if bad[0] == UNSURE:
            found = "one whose encoding is not certain"
        elif not 0xDC80 <= code <= 0xDCFF:
            found = f"the half U+{code:04X}"
        raise Fault(bad.start(), "a character", found, "bad-encoding")
