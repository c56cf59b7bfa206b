"""Collect the data of the HTML report from outcomes: by rule, by file, and skipped exchanges.

Memory is bounded by what the page shows, plus a byte for each exchange.
"""

from __future__ import annotations

from collections import Counter
from typing import Literal

import msgspec

from sgformats.contract.outcome import Finding, Outcome

Kind = Literal["error", "warning", "known", "tolerated"]
KINDS: tuple[Kind, ...] = ("error", "warning", "known", "tolerated")
# The states of an exchange, the worst last; `File.states` holds indices of this list.
STATES = ("clean", "skipped", "quiet", "warning", "error", "unread")
_STATE_OF: dict[Kind, str] = {
    "error": "error",
    "warning": "warning",
    "known": "quiet",
    "tolerated": "quiet",
}
# The most reasons for skipping that are counted separately.
_REASONS = 1_000


class Shown(msgspec.Struct):
    """A problem on the page, by its number, and whether it counts."""

    number: int
    kind: Kind
    finding: Finding


class ShownExchange(msgspec.Struct):
    """An exchange on the page: its shown problems, and the number of hidden ones."""

    outcome: Outcome
    problems: list[Shown]
    hidden: int


class RuleTally(msgspec.Struct):
    """How many problems there are of each kind; `shown` of them are on the page."""

    name: str
    number: int
    counts: Counter[Kind] = msgspec.field(default_factory=Counter)
    shown: int = 0
    first: int | None = None
    """The number of the first problem on the page."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def hidden(self) -> int:
        return self.total - self.shown

    @property
    def rank(self) -> tuple[int, int, int]:
        """A key that sorts by errors, then warnings, then all problems, in descending order."""
        return (-self.counts["error"], -self.counts["warning"], -self.total)


class File(RuleTally):
    """The results of one capture: the state of each exchange, and those that the page shows."""

    states: bytearray = msgspec.field(default_factory=bytearray)
    links: dict[int, int] = msgspec.field(default_factory=dict)
    """The number of the first problem on the page, by the place of the exchange in `states`."""
    exchanges: list[ShownExchange] = msgspec.field(default_factory=list)


class Skipped(msgspec.Struct):
    """The number of exchanges skipped for one reason, and the place of the first."""

    reason: str
    first: str
    count: int = 0


class Gathered:
    """Everything that the page shows of the outcomes that were added."""

    def __init__(self, limit: int, of_each_rule: int) -> None:
        self._limit = limit
        self._of_each_rule = of_each_rule
        self._rules: dict[str, RuleTally] = {}
        self._files: dict[str, File] = {}
        self._skipped: dict[str, Skipped] = {}
        self._more_skipped = 0
        self.shown = 0

    def add(self, outcome: Outcome) -> None:
        """Count an outcome; keep it if the page shows a problem of it."""
        name = outcome.source.file
        file = self._files.setdefault(name, File(name, len(self._files) + 1))
        kinds = [_kind(finding) for finding in outcome.findings]
        place = len(file.states)
        file.states.append(STATES.index(_state(outcome, kinds)))
        file.counts.update(kinds)
        problems = [
            shown
            for kind, finding in zip(kinds, outcome.findings, strict=True)
            if (shown := self._shown(kind, finding))
        ]
        if problems:
            file.shown += len(problems)
            file.links[place] = problems[0].number
            file.exchanges.append(ShownExchange(outcome, problems, len(kinds) - len(problems)))
        if outcome.skipped is not None:
            self._skip(outcome.skipped, str(outcome.source))

    def _shown(self, kind: Kind, finding: Finding) -> Shown | None:
        name = finding.problem.rule
        rule = self._rules.setdefault(name, RuleTally(name, len(self._rules) + 1))
        rule.counts[kind] += 1
        if self.shown >= self._limit and rule.shown >= self._of_each_rule:
            return None
        self.shown += 1
        rule.shown += 1
        rule.first = rule.first or self.shown
        return Shown(self.shown, kind, finding)

    def _skip(self, reason: str, place: str) -> None:
        if reason not in self._skipped and len(self._skipped) == _REASONS:
            self._more_skipped += 1
            return
        self._skipped.setdefault(reason, Skipped(reason, place)).count += 1

    @property
    def rules(self) -> list[RuleTally]:
        """The rules that were broken, the worst first."""
        return sorted(self._rules.values(), key=lambda rule: (*rule.rank, rule.name))

    @property
    def files(self) -> list[File]:
        """The files, in order."""
        return list(self._files.values())

    @property
    def worst_files(self) -> list[File]:
        """The files, the worst first."""
        return sorted(self._files.values(), key=lambda file: (*file.rank, file.number))

    @property
    def skipped(self) -> list[Skipped]:
        """The reasons for skipping, the most frequent first."""
        return sorted(self._skipped.values(), key=lambda skipped: (-skipped.count, skipped.reason))

    def more_skipped(self, listed: int) -> int:
        """The number of exchanges skipped for reasons after the first `listed`."""
        return self._more_skipped + sum(skipped.count for skipped in self.skipped[listed:])

    @property
    def counts(self) -> Counter[Kind]:
        """The number of problems on the page, by kind."""
        return Counter(
            problem.kind
            for file in self._files.values()
            for exchange in file.exchanges
            for problem in exchange.problems
        )

    @property
    def states(self) -> list[int]:
        """The number of exchanges in each state."""
        return [
            sum(file.states.count(state) for file in self._files.values())
            for state in range(len(STATES))
        ]

    def rule_number(self, name: str) -> int:
        """The number of a rule that was broken."""
        return self._rules[name].number


def _kind(finding: Finding) -> Kind:
    if finding.tolerated:
        return "tolerated"
    return "known" if finding.known else finding.problem.severity


def _state(outcome: Outcome, kinds: list[Kind]) -> str:
    if outcome.unread:
        return "unread"
    for kind in KINDS:
        if kind in kinds:
            return _STATE_OF[kind]
    return "clean" if outcome.skipped is None else "skipped"
