"""The report as one self-contained HTML page, which makes no request.

`HtmlReport` counts every outcome and keeps the problems that the page shows: the first `LIMIT`, and
always the first `OF_EACH_RULE` of each rule. The content security policy allows only the page's own
style and script, by their hashes. All values in the template are made visible and escaped
(`visibly`, autoescape).
"""

from __future__ import annotations

from collections.abc import Callable

from sgformats.contract.outcome import CheckSummary, Outcome
from sgformats.report.fitting import fit, fit_summary
from sgformats.report.gathered import Gathered
from sgformats.report.page import page_template, rendered

LIMIT = 5_000
"""The number of problems that the page shows; later ones are only counted."""
OF_EACH_RULE = 100
"""The number of problems of each rule that are shown even beyond `LIMIT`."""


class HtmlReport:
    """Writes the page through `write`, all of it when the report is finished."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._template = page_template()
        self._found = Gathered(LIMIT, OF_EACH_RULE)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome, and keep what the page shows of it."""
        self._found.add(fit(outcome))

    def finish(self, summary: CheckSummary) -> None:
        """Write the page."""
        for text in rendered(self._template, self._found, fit_summary(summary)):
            self._write(text.encode())
