"""Check exchanges against the contract, with baselines of known problems.

`check` returns the problems of one exchange, `check_captures` yields an `Outcome` for each exchange
in files and folders. `sgformats.contract.baseline` stores known problems, `sgformats.report` writes
reports.
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
