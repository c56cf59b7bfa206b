"""`sgformats validate`: report every problem of payloads, with its location."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

import click

from sgformats.cli import options
from sgformats.cli.job import REFUSED, Job
from sgformats.cli.options import ReadingChoices
from sgformats.cli.output import Output, open_output
from sgformats.cli.rows import Row
from sgformats.cli.sources import read_payloads
from sgformats.contract.frame import Frames
from sgformats.contract.outcome import Finding
from sgformats.contract.showing import many
from sgformats.errors import DecodeError, Problem, Problems
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


_WRITERS: Mapping[str, Callable[[Output, Iterable[PayloadFinding]], None]] = {
    "text": _write_text,
    "jsonl": _write_lines,
    "json": _write_json,
}


@click.command("validate", short_help="Report every problem of payloads, with its location.")
@options.FILES
@options.to(
    *_WRITERS,
    default="text",
    help="text: problems with their source lines; jsonl: an object for each problem; json: an "
    "array with an object for each payload.",
)
@click.option(
    "--max-problems",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show at most N problems of each payload.",
)
@options.reading()
def command(
    files: tuple[str, ...], to: str, max_problems: int | None, reading: ReadingChoices
) -> int:
    """Check payloads against the contract and report every problem, with its location.

    FILE is a payload, a folder of them (*.xml, *.json and files without a suffix, at any depth), a
    pattern in quotes, or - for standard input. With --mode lax, problems that leave a payload one
    certain meaning are shown as tolerated and do not count.

    \b
    Examples:
      sgformats validate answers
      sgformats validate answers/damaged.json --operation invalidemails.get
      sgformats validate 'answers/*.xml' --mode lax --max-problems 10
      sgformats validate - --to jsonl < answers/damaged.json

    \b
    JSON:
      jsonl  source_file, rule, severity, message, path, native, line, column,
             offset, tolerable, tolerated
      json   for each payload source_file, valid and its problems

    Exit codes: 0 all are valid, 1 some are not, 2 the job could not be done.
    """
    job = Job(reading.max_bytes)

    def findings() -> Iterator[PayloadFinding]:
        for source, data in read_payloads(job, files):
            if isinstance(data, DecodeError):
                finding = PayloadFinding(
                    source.name, b"", Problems(data.problems), max_problems, reading
                )
            else:
                problems = reading.validate(data)
                finding = PayloadFinding(source.name, data, problems, max_problems, reading)
            if not finding.valid:
                job.code = max(job.code, REFUSED)
            yield finding
            if not finding.valid:
                job.hint(source)

    with open_output() as out:
        _WRITERS[to](out, findings())
    return job.code
