"""`json`: one object with the figures and every problem, described by `report.schema.json`.

    {"summary": {"files": 1, …},
    "problems": [
    {"rule": "missing-field", …},
    …
    ]}

The figures come first but are known last, so the problems wait in a file.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import json_text
from sgformats.report.fitting import about, fit, fit_summary
from sgformats.report.spool import Spool


def report_schema() -> str:
    """The JSON Schema 2020-12 of the report, as text."""
    return Path(__file__).with_name("report.schema.json").read_text("utf-8")


class JsonReport:
    """Writes one JSON object at the end, with a line for each problem."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._problems = Spool()

    def add(self, outcome: Outcome) -> None:
        """Store the problems of an exchange."""
        outcome = fit(outcome)
        for finding in outcome.findings:
            before = "\n" if self._problems.empty else ",\n"
            self._problems.add(f"{before}{json_text(_row(outcome, finding))}".encode())

    def finish(self, summary: CheckSummary) -> None:
        """Write everything."""
        figures = json_text(asdict(fit_summary(summary)))
        self._write(f'{{"summary":{figures},\n"problems":['.encode())
        end = b"]}\n" if self._problems.empty else b"\n]}\n"
        self._problems.write_to(self._write)
        self._write(end)


def _row(outcome: Outcome, finding: Finding) -> dict[str, Any]:
    problem = finding.problem
    return {
        "rule": problem.rule,
        "severity": problem.severity,
        "message": problem.message,
        "expected": problem.expected,
        "found": problem.found,
        "source": asdict(outcome.source),
        "location": asdict(problem.location),
        "about": about(outcome, finding),
        "call": outcome.call or None,
        "operation": outcome.operation,
        "format": outcome.format,
        "status": outcome.status,
        "tolerable": problem.tolerable,
        "tolerated": finding.tolerated,
        "known": finding.known,
    }
