"""`junit`: one testcase for each exchange, in the XML that CI services read.

The name of a testcase is the call and the entry, its class is the file. Each error that counts is a
`failure` with the frame in its text. Problems that do not fail the check (warnings, known and
tolerated ones) are in `system-out`. An exchange that was not checked is `skipped` with the reason,
a capture that could not be read to its end is an `error`.

The figures of the suite count testcases, so one with two failures counts once. They come first but
are known last, so the testcases wait in a file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import visible
from sgformats.errors import MissingPackageError
from sgformats.report.fitting import fit, fit_summary
from sgformats.report.spool import Spool
from sgformats.report.text import PLAIN, finding_lines, summary_lines

try:
    from junitparser.junitparser import (
        Attr,
        Element,
        Error,
        Failure,
        IntAttr,
        Skipped,
        SystemOut,
        TestCase,
        TestSuite,
    )
except ImportError:
    raise MissingPackageError("the report junit", "junitparser", "reports") from None

Fault = Error | Failure

_DECLARATION = re.compile(rb"^<\?xml[^>]*>\s*")


class _Case(TestCase):
    """A testcase with its file and line, as other tools write it."""

    file = Attr("file")
    line = IntAttr("line")


class JunitReport:
    """Writes one test suite at the end."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._cases = Spool()
        self._figures: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        """Store the testcase of an exchange."""
        outcome = fit(outcome)
        file, line = visible(outcome.source.file), outcome.source.line
        case = _Case(_name(outcome), file, 0)
        case.file = file
        if line is not None:
            case.line = line
        failing = [finding for finding in outcome.findings if _fails(finding)]
        if outcome.skipped is not None:
            self._figures["skipped"] += 1
            case.result = [Skipped(visible(outcome.skipped))]
        elif failing:
            kind: type[Fault] = Error if outcome.unread else Failure
            self._figures["errors" if outcome.unread else "failures"] += 1
            case.result = [_result(kind, outcome, finding) for finding in failing]
        passing = [_text(outcome, found) for found in outcome.findings if not _fails(found)]
        if passing:
            case.system_out = "\n\n".join(passing)
        self._figures["tests"] += 1
        self._cases.add(_element(case) + b"\n")

    def finish(self, summary: CheckSummary) -> None:
        """Write the suite."""
        suite = TestSuite("sgformats")
        suite.time = 0
        for name in ("tests", "failures", "errors", "skipped"):
            setattr(suite, name, self._figures[name])
        head = _element(suite).removesuffix(b"/>").rstrip()
        self._write(b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites>\n" + head + b">\n")
        self._cases.write_to(self._write)
        text = "\n".join(map(visible, summary_lines(fit_summary(summary))))
        self._write(_element(SystemOut(text)) + b"\n</testsuite>\n</testsuites>\n")


def _fails(finding: Finding) -> bool:
    return finding.counts and finding.problem.severity == "error"


def _name(outcome: Outcome) -> str:
    what = outcome.call or outcome.operation or ("capture" if outcome.unread else "payload")
    entry = outcome.source.entry
    return visible(what) if entry is None else f"{visible(what)} [{entry}]"


def _result(kind: type[Fault], outcome: Outcome, finding: Finding) -> Fault:
    result = kind(visible(finding.problem.message), visible(finding.problem.rule))
    result.text = _text(outcome, finding)
    return result


def _text(outcome: Outcome, finding: Finding) -> str:
    """A problem as the report `text` writes it."""
    return "\n".join(finding_lines(PLAIN, outcome, finding))


def _element(element: Element) -> bytes:
    written: bytes = element.tostring()  # type: ignore[no-untyped-call]
    return _DECLARATION.sub(b"", written)
