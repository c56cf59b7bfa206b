"""Select the findings to show, and those that count, by rule, severity and mode."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import get_args

import msgspec

from sgformats._options import Mode
from sgformats.errors import ArgumentError, Problem, Severity, quote
from sgformats.rules import RULES


class Selection(msgspec.Struct, frozen=True):
    """The rules in `select` (all if empty) without those in `ignore`, from `severity` up.

    The mode `lax` tolerates tolerable problems. Raises `ArgumentError` for an unknown rule,
    severity or mode.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity = "warning"
    mode: Mode = "strict"

    def __post_init__(self) -> None:
        _check_rules("select", self.select)
        _check_rules("ignore", self.ignore)
        _check_choice("severity", self.severity, ("warning", "error"))
        _check_choice("mode", self.mode, get_args(Mode))

    def includes(self, rule: str, severity: Severity) -> bool:
        """Whether findings of a rule and a severity are shown."""
        if severity == "warning" and self.severity == "error":
            return False
        return rule not in self.ignore and (not self.select or rule in self.select)

    def tolerates(self, problem: Problem) -> bool:
        """Whether the mode tolerates a problem."""
        return self.mode == "lax" and problem.tolerable


def split_rules(text: str) -> tuple[str, ...]:
    """The names in a text that separates them with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _check_rules(name: str, rules: Iterable[object]) -> None:
    for rule in rules:
        if rule not in RULES:
            raise ArgumentError(f"expected a rule in {name}, found {_unknown(rule)}")


def _unknown(rule: object) -> str:
    if not isinstance(rule, str):
        return type(rule).__name__
    from difflib import get_close_matches

    near = get_close_matches(rule[:60], RULES, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are {', '.join(RULES)}"
    return f"{quote(rule)}; {hint}"


def _check_choice(name: str, value: object, choices: Sequence[str]) -> None:
    if value not in choices:
        found = quote(value) if isinstance(value, str) else type(value).__name__
        raise ArgumentError(f"expected {' or '.join(choices)} as {name}, found {found}")
