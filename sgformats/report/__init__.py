"""Write the results of a check as a report: one table of all formats.

A factory takes `write`, a function of bytes, and returns a `Report`: `add` each `Outcome` in order,
then `finish` with the `CheckSummary`. Reports never contain secrets or control characters. Data
that must wait for the end is bounded, or kept in a temporary file. Reports are UTF-8, unless a
`TextReport` gets another `Look`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sgformats.contract.outcome import Report
from sgformats.report.github import GithubReport
from sgformats.report.jsonreport import JsonReport
from sgformats.report.junit import JunitReport
from sgformats.report.markdown import MarkdownReport
from sgformats.report.sarif import SarifReport
from sgformats.report.text import TextReport

Write = Callable[[bytes], object]


def _html(write: Write) -> Report:
    from sgformats.report.html import HtmlReport

    return HtmlReport(write)


REPORTS: Mapping[str, Callable[[Write], Report]] = {
    "text": TextReport,
    "json": JsonReport,
    "junit": JunitReport,
    "sarif": SarifReport,
    "github": GithubReport,
    "markdown": MarkdownReport,
    "html": _html,
}
