"""How much of a list to read at once: more while all items are certain, less near odd ones."""

from __future__ import annotations

from collections.abc import Callable

_USUAL = 1 << 14  # Characters of a group at the start;
_LARGEST = 1 << 18  # at most;
_SMALLEST = 512  # at least: smaller groups are slower than single items.
_STEP = 4  # Items of the last length that fit into a group.

Guess = Callable[[int], int]
"""Where the first odd item before an index may begin."""


class Sizes:
    """The sizes of the groups in one scan.

    If a group is not certain, the format guesses which item is odd, as long as its guesses are right;
    after a wrong guess, halving finds the item. `doubt`: something in the list is odd.
    """

    def __init__(self, doubt: bool) -> None:
        self._size = _USUAL
        self._doubt = doubt
        self._suspect = 0  # An item before this index is odd.
        self._guessing = True  # All guesses so far were right.
        self._guessed = False  # The next item was guessed to be odd.
        self._odd = 0  # How many of the last items were odd.

    def first(self, i: int, left: int, guess: Guess) -> int:
        """How many characters from `i` on to try as a group; 0 for the next item alone."""
        self._guessed = False
        if self._odd > 1:
            return 0  # After two odd items, the next is probably odd.
        if self._suspect > i:
            return _half(self._suspect - i)
        size = max(min(self._size, left), _SMALLEST)
        return self._guess(i, size, guess) if self._doubt and self._guessing else size

    def fewer(self, i: int, size: int, guess: Guess) -> int:
        """How many characters to try after a group of that size was not certain."""
        if self._guessing and not self._doubt:
            self._doubt = True
            return self._guess(i, size, guess)
        self._suspect = i + size
        return _half(size)

    def after_group(self, i: int) -> None:
        """Records that everything before `i` was certain."""
        self._odd = 0
        if self._suspect <= i:
            self._size = min(self._size * 2, _LARGEST)
            self._doubt = self._doubt and self._size < _LARGEST

    def after_item(self, certain: bool, length: int) -> None:
        """Records an item that was read alone."""
        self._odd = 0 if certain else self._odd + 1
        if not certain:
            self._suspect = 0
        elif self._guessed:
            self._guessing = False
        self._size = min(max(_USUAL, _STEP * length), _LARGEST)

    def drop(self, gone: int) -> None:
        """Records that the first characters were dropped."""
        self._suspect = max(self._suspect - gone, 0)

    def _guess(self, i: int, size: int, guess: Guess) -> int:
        end = guess(i + size)
        self._guessed = end == i
        return end - i


def _half(size: int) -> int:
    return size // 2 if size >= 2 * _SMALLEST else 0
