"""`junit`: one testcase for each exchange, in the XML that CI services read.

The name of a testcase is the call and the entry, its class is the file. Each error that counts is a
`failure` with the frame in its text. Problems that do not fail the check (warnings, known and
tolerated ones) are in `system-out`. An exchange that was not checked is `skipped` with the reason,
a capture that could not be read to its end is an `error`.

The figures of the suite count testcases, so one with two failures counts once. They come first but
are known last, so the testcases wait in a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from xml.etree import ElementTree

from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import visible
from sgformats.report.fitting import fit, fit_summary
from sgformats.report.spool import Spool
from sgformats.report.text import PLAIN, finding_lines, summary_lines


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
        attributes = {"name": _name(outcome), "classname": file, "time": "0.0", "file": file}
        if line is not None:
            attributes["line"] = str(line)
        case = ElementTree.Element("testcase", attributes)
        failing = [finding for finding in outcome.findings if _fails(finding)]
        if outcome.skipped is not None:
            self._figures["skipped"] += 1
            ElementTree.SubElement(case, "skipped", message=visible(outcome.skipped))
        elif failing:
            self._figures["errors" if outcome.unread else "failures"] += 1
        for finding in failing:
            fault = ElementTree.SubElement(case, "error" if outcome.unread else "failure")
            fault.set("message", visible(finding.problem.message))
            fault.set("type", visible(finding.problem.rule))
            fault.text = _text(outcome, finding)
        passing = [_text(outcome, found) for found in outcome.findings if not _fails(found)]
        if passing:
            ElementTree.SubElement(case, "system-out").text = "\n\n".join(passing)
        self._figures["tests"] += 1
        self._cases.add(_written(case))

    def finish(self, summary: CheckSummary) -> None:
        """Write the suite."""
        figures = {
            name: str(self._figures[name]) for name in ("tests", "failures", "errors", "skipped")
        }
        suite = ElementTree.Element("testsuite", {"name": "sgformats", "time": "0", **figures})
        head = _written(suite).removesuffix(b" />\n")
        self._write(b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites>\n" + head + b">\n")
        self._cases.write_to(self._write)
        out = ElementTree.Element("system-out")
        out.text = "\n".join(map(visible, summary_lines(fit_summary(summary))))
        self._write(_written(out) + b"</testsuite>\n</testsuites>\n")


def _fails(finding: Finding) -> bool:
    return finding.counts and finding.problem.severity == "error"


def _name(outcome: Outcome) -> str:
    what = outcome.call or outcome.operation or ("capture" if outcome.unread else "payload")
    entry = outcome.source.entry
    return visible(what) if entry is None else f"{visible(what)} [{entry}]"


def _text(outcome: Outcome, finding: Finding) -> str:
    """A problem as the report `text` writes it."""
    return "\n".join(finding_lines(PLAIN, outcome, finding))


def _written(element: ElementTree.Element) -> bytes:
    return ElementTree.tostring(element, encoding="unicode").encode() + b"\n"
