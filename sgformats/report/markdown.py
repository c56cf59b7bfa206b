"""`markdown`: the figures, then the problems by rule, for a step summary of GitHub.

Problems that do not count are in the figures only. At most 20 problems of a rule are listed, each
text clipped at 120 characters, and at most 700,000 bytes of them, because a step summary may have
1 MiB. Problems that are not listed are counted.

Text from captures is shown as code: between backticks if possible, else in an element, with a
character reference for each sign that has a meaning in Markdown, tables or HTML.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from msgspec.structs import asdict, replace

from sgformats.contract.outcome import CheckSummary, Outcome
from sgformats.contract.showing import many, visible
from sgformats.report.fitting import fit, fit_summary, place, shown_at
from sgformats.rules import RULES

MOST_OF_A_RULE = 20
MOST_BYTES = 700_000
_CLIP = 120


@dataclass
class _Found:
    """The problems of one rule: their number, and the rows of those listed."""

    severity: str
    number: int = 0
    rows: list[str] = field(default_factory=list)


class MarkdownReport:
    """Writes one page at the end."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._found: dict[str, _Found] = {}
        self._room = MOST_BYTES

    def add(self, outcome: Outcome) -> None:
        """Count the problems of an exchange, and keep those to list."""
        for finding in outcome.findings:
            if finding.counts:
                problem = finding.problem
                found = self._found.setdefault(problem.rule, _Found(problem.severity))
                found.number += 1
                if len(found.rows) < MOST_OF_A_RULE and self._room > 0:
                    self._list(found, fit(replace(outcome, findings=(finding,))))

    def _list(self, found: _Found, outcome: Outcome) -> None:
        (finding,) = outcome.findings
        at = shown_at(outcome, finding)
        file = outcome.source.file if at is None else f"{outcome.source.file}:{at[0]}:{at[1]}"
        cells = (code(file), code(place(outcome, finding)), code(finding.problem.message))
        row = f"| {' | '.join(cells)} |"
        self._room -= len(row.encode())
        if self._room >= 0:
            found.rows.append(row)

    def finish(self, summary: CheckSummary) -> None:
        """Write the page."""
        for line in self._page(fit_summary(summary)):
            self._write(f"{line}\n".encode())

    def _page(self, summary: CheckSummary) -> Iterator[str]:
        errors, warnings = many(summary.errors, "error"), many(summary.warnings, "warning")
        yield f"## sgformats: {errors}, {warnings}"
        yield ""
        if summary.compared:
            first, second = map(code, summary.compared)
            yield f"{second} compared with {first}"
            yield ""
        figures = {**asdict(summary), "vanished": len(summary.vanished)}
        del figures["compared"]
        yield f"| {' | '.join(figures)} |"
        yield f"|{' --: |' * len(figures)}"
        yield f"| {' | '.join(map(str, figures.values()))} |"
        if self._found:
            yield from self._rules()
        if summary.vanished:
            yield from _vanished(summary.vanished)

    def _rules(self) -> Iterator[str]:
        yield ""
        yield "| rule | severity | problems |"
        yield "| --- | --- | --: |"
        for rule, found in self._found.items():
            yield f"| {code(rule)} | {found.severity} | {found.number} |"
        for rule, found in self._found.items():
            yield ""
            yield f"### {code(rule)}"
            yield ""
            if rule in RULES:
                yield RULES[rule].meaning
                yield ""
            if found.rows:
                yield "| where | inside | problem |"
                yield "| --- | --- | --- |"
                yield from found.rows
            hidden = found.number - len(found.rows)
            if hidden:
                yield ""
                yield f"{many(hidden, 'more problem')} of this rule."


def _vanished(entries: tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield f"### No longer found: {many(len(entries), 'problem')} of the baseline"
    yield ""
    yield from (f"- {code(entry)}" for entry in entries[:MOST_OF_A_RULE])
    hidden = len(entries) - MOST_OF_A_RULE
    if hidden > 0:
        yield f"- and {hidden} more"


def code(text: str) -> str:
    """Text as clipped code that is safe anywhere in Markdown, also in a table."""
    text = clipped(text)
    if not text:
        return ""
    if text.strip() == text and not set(text) & set("`|\\"):
        return f"`{text}`"
    return f"<code>{''.join(map(_reference, text))}</code>"


def clipped(text: str) -> str:
    """Visible text of at most 120 characters."""
    shown = visible(text[: _CLIP + 1])
    return shown if len(shown) <= _CLIP else f"{shown[: _CLIP - 1]}…"


def _reference(character: str) -> str:
    plain = character.isalnum() or character in "-,/." or not character.isascii()
    return character if plain else f"&#{ord(character)};"
