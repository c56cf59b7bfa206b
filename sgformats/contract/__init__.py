"""Rules between a call and its answer, and baselines of known problems.

`check` gives the problems of one exchange, `check_captures` an `Outcome` for every one in files and
folders; `sgformats.contract.baseline` keeps what is known, `sgformats.report` shows what was found.
"""

from sgformats.captures.skipping import skip_reason
from sgformats.contract.check import check
from sgformats.contract.outcome import CheckSummary, Finding, Outcome, Report
from sgformats.contract.run import CheckOptions, check_captures

__all__ = [
    "CheckOptions",
    "CheckSummary",
    "Finding",
    "Outcome",
    "Report",
    "check",
    "check_captures",
    "skip_reason",
]
