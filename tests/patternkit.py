"""Finds regular expressions that take more than linear time on some text, from their automaton.

A pattern becomes an automaton over single characters. A backtracking matcher takes quadratic time or
more if it can read one text in two ways: by two loops in sequence, by a loop inside a loop, or, in a
search, by a loop that starts again at every index and then fails. The products of the automaton with
itself show this, so no text is tried.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

if sys.version_info >= (3, 11):
    from re import _compiler as compiler  # type: ignore[attr-defined]
    from re import _constants as ops  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_compile as compiler
    import sre_constants as ops
    import sre_parse as parser

MANY = 64
"""A repeat of at least this many counts as a loop."""
# A sample of all characters: every value of a byte, and some of each kind beyond.
_SAMPLE = [*map(chr, range(256)), "\u0660", "\u2028", "\ufffd", "\udc80"]
_ALL = (1 << len(_SAMPLE)) - 1
_FEW = 2


class Edge(NamedTuple):
    """A step to another state that reads one of `chars`, which has a bit for each character.

    Without characters it reads nothing. No character of `not_after` may precede it. With `at_start`
    it is possible only at the beginning of the text, with `at_end` only at the end. A `checked` step
    depends on the text around it.
    """

    to: int
    chars: int = 0
    not_after: int = 0
    at_start: bool = False
    at_end: bool = False
    checked: bool = False


class Automaton:
    """The states of a pattern. It begins in state 0."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        self._binary = isinstance(pattern.pattern, bytes)
        self._known = _ALL >> 4 if self._binary else _ALL
        self._steps: list[list[Edge]] = [[]]
        tree = parser.parse(pattern.pattern, pattern.flags)
        self._end = self._sequence(tree, 0, tree.state.flags)
        states = range(len(self._steps))
        self.edges = [list(self._reached(state)) for state in states]
        self._kinds = self._split()
        self._certain = [
            [e for here in self._closed(s, checked=False) for e in self._steps[here] if e.chars]
            for s in states
        ]
        failing = {state for state in states if not self._sure(state)}
        # From all others the pattern matches, so the matcher never goes back before them.
        self.edges = [
            [e for e in self.edges[s] if e.to in failing] if s in failing else [] for s in states
        ]
        self._ahead = [self._reachable(state) for state in states]
        self.loops = [state for state in failing if state in self._ahead[state]]

    # Building.

    def _new(self) -> int:
        self._steps.append([])
        return len(self._steps) - 1

    def _to_new(self, here: int, **how: Any) -> int:
        there = self._new()
        self._steps[here].append(Edge(there, **how))
        return there

    def _sequence(self, items: Iterable[Any], here: int, flags: int) -> int:
        for op, value in items:
            here = self._item(op, value, here, flags)
        return here

    def _item(self, op: Any, value: Any, here: int, flags: int) -> int:
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            return self._repeat(value, here, flags)
        if op is ops.SUBPATTERN:
            _, added, removed, inner = value
            return self._sequence(inner, here, (flags | added) & ~removed)
        if op is ops.BRANCH:
            end = self._new()
            for branch in value[1]:
                last = self._sequence(branch, self._to_new(here), flags)
                self._steps[last].append(Edge(end))
            return end
        if op is ops.AT:
            whole = () if flags & re.MULTILINE else (ops.AT_BEGINNING,)
            first, last = value in (ops.AT_BEGINNING_STRING, *whole), value is ops.AT_END_STRING
            return self._to_new(here, at_start=first, at_end=last, checked=True)
        if op in (ops.ASSERT, ops.ASSERT_NOT):
            direction, inner = value
            if direction > 0:  # The lookahead reads too, and then ends.
                self._sequence(inner, self._to_new(here, checked=True), flags)
                return self._to_new(here, checked=True)
            return self._to_new(here, not_after=self._not_after(op, inner, flags), checked=True)
        if op is ops.GROUPREF:  # Treated as any text.
            here = self._to_new(here)
            self._steps[here].append(Edge(here, self._known))
            return here
        return self._to_new(here, chars=self._chars(op, value, flags))

    def _not_after(self, op: Any, inner: Any, flags: int) -> int:
        """The characters that must not precede; none if the assertion is not about one character."""
        if len(inner) != 1 or inner[0][0] in (ops.AT, ops.BRANCH, ops.SUBPATTERN):
            return 0
        item, what = inner[0]
        chars = self._chars(item, what, flags)
        return chars if op is ops.ASSERT_NOT else self._known & ~chars

    def _repeat(self, value: Any, here: int, flags: int) -> int:
        least, most, inner = value
        for _ in range(min(least, _FEW)):
            here = self._sequence(inner, here, flags)
        end = self._new()
        if most is ops.MAXREPEAT or most >= MANY:
            here = self._to_new(here)
            last = self._sequence(inner, here, flags)
            self._steps[last].append(Edge(here))
        else:
            for _ in range(min(most - least, _FEW)):
                self._steps[here].append(Edge(end))
                here = self._sequence(inner, here, flags)
        self._steps[here].append(Edge(end))
        return end

    def _chars(self, op: Any, value: Any, flags: int) -> int:
        """The characters of the sample that one item matches."""
        one = parser.SubPattern(parser.State())
        one.state.flags = flags & ~(re.VERBOSE | re.DEBUG)
        one.append((op, value))
        code = compiler._code(one, one.state.flags)
        empty: Any = b"" if self._binary else ""
        matches = compiler._sre.compile(empty, one.state.flags, code, 0, {}, (None,)).fullmatch
        found = 0
        for number, char in enumerate(_SAMPLE):
            if self._known >> number & 1 and matches(
                char.encode("latin-1") if self._binary else char
            ):
                found |= 1 << number
        return found or 1 << len(_SAMPLE)

    def _closed(self, state: int, checked: bool, at_end: bool = False) -> dict[int, Edge]:
        """The states that are reached without reading, and the conditions."""
        found, todo = {state: Edge(state)}, [state]
        while todo:
            here = todo.pop()
            for edge in self._steps[here]:
                open_ = checked or not edge.checked or (at_end and edge.at_end)
                if not edge.chars and open_ and edge.to not in found:
                    known = found[here]
                    not_after, first = (
                        known.not_after | edge.not_after,
                        known.at_start or edge.at_start,
                    )
                    found[edge.to] = Edge(edge.to, 0, not_after, first)
                    todo.append(edge.to)
        return found

    def _reached(self, state: int) -> Iterator[Edge]:
        for here, how in self._closed(state, checked=True).items():
            for edge in self._steps[here]:
                if edge.chars:
                    yield Edge(edge.to, edge.chars, how.not_after, how.at_start)

    def _reachable(self, state: int) -> set[int]:
        found: set[int] = set()
        todo = [state]
        while todo:
            for edge in self.edges[todo.pop()]:
                if edge.to not in found:
                    found.add(edge.to)
                    todo.append(edge.to)
        return found

    def _sure(self, state: int) -> bool:
        """Whether the pattern matches any text from this state on, so that it never fails."""
        start = frozenset({state})
        found, todo = {start}, [start]
        while todo:
            here = todo.pop()
            if any(self._end in self._closed(one, checked=False) for one in here):
                continue
            if not any(self._end in self._closed(one, False, at_end=True) for one in here):
                return False
            edges = [e for s in here for e in self._certain[s]]
            for chars in self._kinds:
                there = frozenset(edge.to for edge in edges if edge.chars & chars)
                if not there:
                    return False
                if there not in found:
                    found.add(there)
                    todo.append(there)
        return True

    def _split(self) -> list[int]:
        """One character of each kind that the pattern distinguishes."""
        masks = {edge.chars for edges in self.edges for edge in edges}
        kinds: dict[tuple[bool, ...], int] = {}
        for number in range(len(_SAMPLE)):
            if self._known >> number & 1:
                kinds.setdefault(tuple(bool(m >> number & 1) for m in masks), 1 << number)
        return list(kinds.values())

    # Queries.

    def starts_again(self) -> bool:
        """Whether a loop reads a text in which the pattern can begin again at every index."""
        return any(self._begins_inside(loop) for loop in self.loops)

    def _begins_inside(self, loop: int) -> bool:
        for first in self.edges[0]:
            if first.at_start:
                continue
            found: set[tuple[int, int, bool]] = set()
            todo = [(0, loop, True)]
            while todo:
                one, other, fresh = todo.pop()
                for a in [first] if fresh else self.edges[one]:
                    for b in self.edges[other]:
                        both, there = a.chars & b.chars, (a.to, b.to, False)
                        # The last character precedes the next beginning.
                        if there[:2] == (loop, loop) and both & ~first.not_after:
                            return True
                        if both and there not in found and loop in self._ahead[b.to]:
                            found.add(there)
                            todo.append(there)
        return False

    def reads_twice(self) -> bool:
        """Whether one text can be read by two loops in sequence, or by one loop in two ways."""
        return self._turns_idly() or any(
            other in self._ahead[one] and self._both_read(one, other)
            for one in self.loops
            for other in self.loops
        )

    def _turns_idly(self) -> bool:
        """Whether a loop can repeat without reading, as in `(a*)*`."""
        states = range(len(self._steps))
        idle = {s: {e.to for e in self._steps[s] if not e.chars} for s in states}
        return any(
            state in self._closed(there, checked=True) for state in states for there in idle[state]
        )

    def _both_read(self, one: int, other: int) -> bool:
        goal = (one, other, other, True)
        found: set[tuple[int, int, int, bool]] = set()
        todo = [(one, one, other, one != other)]
        while todo:
            first, second, third, apart = todo.pop()
            for a in self.edges[first]:
                if one not in self._ahead[a.to]:
                    continue
                for b in self.edges[second]:
                    both = a.chars & b.chars
                    if not both or not (b.to == other or other in self._ahead[b.to]):
                        continue
                    for c in self.edges[third]:
                        parted = apart or a.to != b.to
                        there = (a.to, b.to, c.to, parted)
                        if both & c.chars and other in self._ahead[c.to] and there not in found:
                            if there == goal:
                                return True
                            found.add(there)
                            todo.append(there)
        return False
