"""What a check found, in the forms that people and programs read: one table of them.

A factory takes `write`, which is handed bytes, and gives a `Report`: `add` each `Outcome` in order,
then `finish` with the `Summary`. Whatever is in an outcome, a report holds no secret and no control
character of it; what must wait for the end waits in a temporary file or is bounded. All of it is
UTF-8, unless a `TextReport` is told to look otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sgformats.contract.outcome import Report
from sgformats.report.github import GithubReport
from sgformats.report.jsonreport import JsonReport
from sgformats.report.markdown import MarkdownReport
from sgformats.report.sarif import SarifReport
from sgformats.report.text import TextReport

Write = Callable[[bytes], object]


def _html(write: Write) -> Report:
    from sgformats.report.html import HtmlReport

    return HtmlReport(write)


def _junit(write: Write) -> Report:
    from sgformats.report.junit import JunitReport

    return JunitReport(write)


REPORTS: Mapping[str, Callable[[Write], Report]] = {
    "text": TextReport,
    "json": JsonReport,
    "junit": _junit,
    "sarif": SarifReport,
    "github": GithubReport,
    "markdown": MarkdownReport,
    "html": _html,
}
