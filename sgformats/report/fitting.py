"""Prepare outcomes for reports: hide secrets, and make all text writable.

An `Outcome` should already be safe, but file names and the messages of other readers may hold
anything, so reports do not rely on it.
"""

from __future__ import annotations

import os
from typing import Literal

from msgspec.structs import astuple, replace

from sgformats.contract.frame import Frame
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import name_of, visible
from sgformats.errors import change_texts
from sgformats.rules import RULES
from sgformats.secrets import without_secrets

About = Literal["payload", "call", "capture"]


def fit(outcome: Outcome) -> Outcome:
    """The outcome without secrets and lone surrogates."""
    return replace(
        outcome,
        source=replace(outcome.source, file=without_secrets(name_of(outcome.source.file))),
        call=fit_text(outcome.call),
        operation=outcome.operation and fit_text(outcome.operation),
        format=outcome.format and fit_text(outcome.format),
        skipped=None if outcome.skipped is None else fit_text(outcome.skipped),
        findings=tuple(map(_fit_finding, outcome.findings)),
    )


def fit_text(text: str) -> str:
    """A text without secrets, and with lone surrogates escaped."""
    return without_secrets(text.encode("utf-8", "backslashreplace").decode())


def fit_summary(summary: CheckSummary) -> CheckSummary:
    """`fit` for the figures of a run, which name captures and entries of the baseline."""
    return replace(
        summary,
        vanished=tuple(map(fit_text, summary.vanished)),
        compared=tuple(map(fit_text, summary.compared)),
    )


def about(outcome: Outcome, finding: Finding) -> About:
    """The text that the line and column of a finding refer to."""
    if finding.frame is not None:
        return "payload"
    rule = RULES.get(finding.problem.rule)
    stage = "capture" if outcome.unread else "contract" if rule is None else rule.stage
    if stage == "capture":
        return "capture"
    return "call" if stage in ("request", "exchange", "drift") else "payload"


def shown_at(outcome: Outcome, finding: Finding) -> tuple[int, int] | None:
    """The line and column of a finding in its file; None if unknown.

    In a capture they are those of the exchange, with column 1.
    """
    source, location = outcome.source, finding.problem.location
    if source.line is not None:
        return source.line, 1
    if source.entry is None and about(outcome, finding) == "payload":
        return location.line, location.column
    return None


def local(file: str) -> str:
    """A file's path for services: with `/` between folders, without a leading `./`."""
    path = file.replace(os.sep, "/")
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return path or file


def place(outcome: Outcome, finding: Finding) -> str:
    """The place of a finding inside a file, in words; empty if that is the whole file.

    For example `entry 3, [0].email, line 1, column 3 of the answer to GET /api/bounces.get.json`.
    """
    location, call = finding.problem.location, visible(outcome.call)
    parts = [] if outcome.source.entry is None else [f"entry {outcome.source.entry}"]
    match about(outcome, finding):
        case "capture":
            parts.append(call)
        case "call" if call:
            parameter = f"{visible(location.path)} of " if location.path else ""
            parts.append(f"{parameter}the call {call}".rstrip())
        case "payload":
            answer = f"the answer to {call}" if call else "the payload"
            parts.append(visible(location.path))
            parts.append(f"line {location.line}, column {location.column} of {answer}")
    return ", ".join(filter(None, parts))


def _fit_finding(finding: Finding) -> Finding:
    problem = change_texts(finding.problem, fit_text)
    return replace(
        finding,
        problem=replace(problem, rule=fit_text(problem.rule)),
        frame=finding.frame and Frame(*map(_fit_line, astuple(finding.frame))),
    )


def _fit_line(text: str) -> str:
    return visible(without_secrets(text))
