"""`github`: a workflow command for each problem, which GitHub shows as an annotation.

`::error file=…,line=…,col=…,title=…::…`, one on a line. In a file that is one payload, line and
column are the problem's; in a capture the line is the exchange's, and the message names the place
inside. An unknown line or column is 1. Problems that do not count are omitted.

"Workflow commands for GitHub Actions" documents the form. As in its toolkit, `%`, CR and LF in a
message, and also `:` and `,` in a property, are percent-encoded.
"""

from __future__ import annotations

from collections.abc import Callable

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import visible
from sgformats.report.fitting import fit, local, place, shown_at

_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


class GithubReport:
    """Writes a command for each problem that counts."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write

    def add(self, outcome: Outcome) -> None:
        """Write the commands of an exchange."""
        outcome = fit(outcome)
        for finding in outcome.findings:
            if finding.counts:
                self._write(f"{_command(outcome, finding)}\n".encode())

    def finish(self, summary: CheckSummary) -> None:
        """Write nothing: the figures belong to no line."""


def _command(outcome: Outcome, finding: Finding) -> str:
    line, column = shown_at(outcome, finding) or (1, 1)
    lines = filter(None, [visible(finding.problem.message), place(outcome, finding)])
    message = "\n".join(lines).translate(_MESSAGE)
    properties = {
        "file": visible(local(outcome.source.file)),
        "line": str(line),
        "col": str(column),
        "title": visible(finding.problem.rule),
    }
    attributes = ",".join(
        f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items()
    )
    return f"::{finding.problem.severity} {attributes}::{message}"
