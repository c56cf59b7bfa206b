"""How much of a list to read at once: more while nothing is odd, less where something is."""

from __future__ import annotations

from collections.abc import Callable

_USUAL = 1 << 14  # Characters of a group, where nothing is known of its items;
_LARGEST = 1 << 18  # at most, where nothing is odd;
_SMALLEST = 512  # and of one so small that its items are sooner read one by one.
_STEP = 4  # A group has room for as many items.

Guess = Callable[[int], int]
"""Where the first odd item before an index may begin."""


class Sizes:
    """The sizes of one scan's groups.

    Where a group is not certain, the format guesses which item is odd, as long as its guesses are
    right; else halving finds it. `doubt` tells that something in the list is odd.
    """

    def __init__(self, doubt: bool) -> None:
        self._size = _USUAL
        self._doubt = doubt
        self._suspect = 0  # Something before this index is odd.
        self._guessing = True  # All guesses so far were right.
        self._guessed = False  # The next item is odd, by a guess.
        self._odd = 0  # How many of the last items were odd.

    def first(self, i: int, left: int, guess: Guess) -> int:
        """How many characters from `i` on to try as a group; 0 for the next item alone."""
        self._guessed = False
        if self._odd > 1:
            return 0  # Where two are odd, the next is likely to be.
        if self._suspect > i:
            return _half(self._suspect - i)
        size = max(min(self._size, left), _SMALLEST)
        return self._guess(i, size, guess) if self._doubt and self._guessing else size

    def fewer(self, i: int, size: int, guess: Guess) -> int:
        """How many to try after a group of that size was not certain."""
        if self._guessing and not self._doubt:
            self._doubt = True
            return self._guess(i, size, guess)
        self._suspect = i + size
        return _half(size)

    def after_group(self, i: int) -> None:
        """Takes note that all before `i` was certain."""
        self._odd = 0
        if self._suspect <= i:
            self._size = min(self._size * 2, _LARGEST)
            self._doubt = self._doubt and self._size < _LARGEST

    def after_item(self, certain: bool, length: int) -> None:
        """Takes note of an item that was read alone."""
        self._odd = 0 if certain else self._odd + 1
        if not certain:
            self._suspect = 0
        elif self._guessed:
            self._guessing = False
        self._size = min(max(_USUAL, _STEP * length), _LARGEST)

    def drop(self, gone: int) -> None:
        """Takes note that the first characters went."""
        self._suspect = max(self._suspect - gone, 0)

    def _guess(self, i: int, size: int, guess: Guess) -> int:
        end = guess(i + size)
        self._guessed = end == i
        return end - i


def _half(size: int) -> int:
    return size // 2 if size >= 2 * _SMALLEST else 0
