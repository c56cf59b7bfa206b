"""`text`: every problem with its source line, then a summary, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import many, visible
from sgformats.report.fitting import fit, fit_summary, place, shown_at
from sgformats.secrets import without_secrets

_ONCE = frozenset(("secret-in-url",))


class Style(Protocol):
    """A function that makes text colored or bold."""

    def __call__(self, text: str, color: str | None = None, *, bold: bool = False) -> str:
        """The styled text."""


def _plain(text: str, color: str | None = None, *, bold: bool = False) -> str:
    return text


class Look(NamedTuple):
    """The encoding of the text, and the function that styles it."""

    encoding: str = "utf-8"
    style: Style = _plain


PLAIN = Look()


class TextReport:
    """Writes lines of text: problems as they are found, the summary at the end."""

    def __init__(self, write: Callable[[bytes], object], look: Look = PLAIN) -> None:
        self._write = write
        self._look = look
        self._rules: Counter[str] = Counter()
        self._written: set[tuple[str, str]] = set()

    def add(self, outcome: Outcome) -> None:
        """Write the problems of an exchange; known ones are only counted.

        A problem that every call of a file has is written once.
        """
        outcome = fit(outcome)
        for finding in outcome.findings:
            if finding.known:
                continue
            rule = finding.problem.rule
            self._rules[rule] += 1
            key = rule, outcome.source.file
            if key not in self._written:
                self._lines(finding_lines(self._look, outcome, finding))
                self._lines([""])
            if rule in _ONCE:
                self._written.add(key)

    def finish(self, summary: CheckSummary) -> None:
        """Write the count of each rule, and the figures."""
        wide = max((len(str(count)) for count in self._rules.values()), default=0)
        for rule, count in sorted(self._rules.items(), key=lambda item: (-item[1], item[0])):
            self._lines([self._visible(f"{count:>{wide}} {rule}")])
        self._lines(map(self._visible, summary_lines(fit_summary(summary))))

    def _visible(self, text: str) -> str:
        return visible(text, self._look.encoding)

    def _lines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self._write(f"{line}\n".encode(self._look.encoding, "backslashreplace"))


def finding_lines(look: Look, outcome: Outcome, finding: Finding) -> Iterator[str]:
    """The lines of a finding; in a capture, with its place inside the exchange."""
    source, at = outcome.source, shown_at(outcome, finding)
    if source.entry is None and source.line is None and at:
        return problem_lines(look, f"{source}:{at[0]}:{at[1]}", finding)
    return problem_lines(look, str(source), finding, place(outcome, finding))


def problem_lines(look: Look, where: str, finding: Finding, inside: str = "") -> Iterator[str]:
    """The lines of a problem: its place and message, its place inside, and the frame."""
    problem, frame = finding.problem, finding.frame
    quiet = finding.tolerated or problem.severity == "warning"
    color = "yellow" if quiet else "red"
    message = visible(without_secrets(problem.message), look.encoding)
    rule = look.style(visible(problem.rule, look.encoding), color)
    warned = " (warning)" if problem.severity == "warning" else ""
    note = " (known)" if finding.known else " (tolerated)" if finding.tolerated else warned
    yield f"{look.style(visible(where, look.encoding), bold=True)}: {rule}: {message}{note}"
    if inside:
        yield f"  {visible(inside, look.encoding)}"
    if frame is not None:
        yield frame.line
        yield f"{frame.before}{look.style('^', color)}{frame.after}"


def summary_lines(summary: CheckSummary) -> Iterator[str]:
    """The figures of a run in words; exchanges are those checked and those skipped."""
    yield (
        f"{many(summary.exchanges, 'exchange')} in {many(summary.files, 'file')}: "
        f"{summary.checked} checked, {summary.skipped} skipped"
    )
    parts = [many(summary.errors, "error"), many(summary.warnings, "warning")]
    if summary.known:
        parts.append(f"{summary.known} known")
    if summary.tolerated:
        parts.append(f"{summary.tolerated} tolerated")
    yield ", ".join(parts)
    if summary.unread:
        yield f"{many(summary.unread, 'capture')} could not be read to the end"
    if summary.vanished:
        yield f"{many(len(summary.vanished), 'problem')} of the baseline no longer found:"
        yield from (f"- {line}" for line in summary.vanished)
