"""Write the problems of payloads, as text with code frames or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sgformats.cli.output import Output
from sgformats.cli.reading import ReadingChoices
from sgformats.cli.rows import Row
from sgformats.contract.frame import Frames
from sgformats.contract.outcome import Finding
from sgformats.contract.showing import many
from sgformats.errors import Problem, Problems
from sgformats.report.text import Look, problem_lines
from sgformats.secrets import without_secrets


class PayloadFinding(NamedTuple):
    """One payload and its problems; at most `most` of them are shown."""

    source: str
    data: bytes
    problems: Problems
    most: int | None
    reading: ReadingChoices

    @property
    def shown(self) -> list[Problem]:
        """The problems to show."""
        return self.problems[: self.most]

    @property
    def tolerated(self) -> int:
        """The number of tolerated problems."""
        found = sum(map(self.reading.tolerates, self.problems))
        return (
            self.problems.total
            if found == len(self.problems) and self.problems.tolerable
            else found
        )

    @property
    def valid(self) -> bool:
        """Whether all problems are tolerated."""
        return self.tolerated == self.problems.total


def _write_text(out: Output, findings: Iterable[PayloadFinding]) -> None:
    payloads = valid = tolerated = errors = 0
    for finding in findings:
        payloads += 1
        valid += finding.valid
        tolerated += finding.tolerated
        errors += finding.problems.total - finding.tolerated
        if finding.problems:
            _write_frames(out, finding)
    if payloads:
        parts = [f"{valid} valid"]
        if errors:
            parts.append(f"{payloads - valid} not valid ({many(errors, 'problem')})")
        if tolerated:
            parts.append(f"{many(tolerated, 'problem')} tolerated")
        out.line(f"{many(payloads, 'payload')}: {', '.join(parts)}")


def _write_frames(out: Output, finding: PayloadFinding) -> None:
    frames = Frames(finding.data, finding.reading.format, out.width, out.encoding)
    look = Look(out.encoding, out.style)
    for problem in finding.shown:
        location = problem.location
        found = Finding(
            problem, frames.draw(location), tolerated=finding.reading.tolerates(problem)
        )
        where = f"{finding.source}:{location.line}:{location.column}"
        for line in problem_lines(look, where, found):
            out.line(line)
        out.line()
    hidden = finding.problems.total - len(finding.shown)
    if hidden:
        out.line(f"{out.visible(finding.source)}: {many(hidden, 'more problem')}")
        out.line()


def _write_lines(out: Output, findings: Iterable[PayloadFinding]) -> None:
    for finding in findings:
        for problem in finding.shown:
            row = {"source_file": finding.source, **_row(problem, finding)}
            out.json(row)


def _write_json(out: Output, findings: Iterable[PayloadFinding]) -> None:
    out.array(
        {
            "source_file": finding.source,
            "valid": finding.valid,
            "problems": [_row(problem, finding) for problem in finding.shown],
        }
        for finding in findings
    )


def _row(problem: Problem, finding: PayloadFinding) -> Row:
    location = problem.location
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "message": without_secrets(problem.message),
        "expected": without_secrets(problem.expected),
        "found": without_secrets(problem.found),
        "path": without_secrets(location.path),
        "native": without_secrets(location.native),
        "line": location.line,
        "column": location.column,
        "offset": location.offset,
        "tolerable": problem.tolerable,
        "tolerated": finding.reading.tolerates(problem),
    }


WRITERS: Mapping[str, Callable[[Output, Iterable[PayloadFinding]], None]] = {
    "text": _write_text,
    "jsonl": _write_lines,
    "json": _write_json,
}
