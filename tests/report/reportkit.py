"""Sample outcomes with their figures, and functions that write reports of them."""

from __future__ import annotations

from collections.abc import Iterable

from sgformats import validate
from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.errors import Location, Problem, Severity
from sgformats.report import REPORTS

PAYLOAD = b'[{"email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]'
CALL = "GET /api/invalidemails.get.json?api_user=***&api_key=***&days=0"
SECRET = "s3cr3t"


def problem(rule: str, message: str, path: str = "", severity: Severity = "error") -> Problem:
    """A problem at the first character."""
    return Problem(rule, severity, message, Location(path, "", 1, 1, 0))


def in_payload() -> Finding:
    """The problem of `PAYLOAD`, with its frame."""
    (found,) = validate(PAYLOAD, "invalidemails.get")
    return Finding(found, Frames(PAYLOAD).draw(found.location))


BARE = Outcome(
    Source("answers/damaged.json"),
    operation="invalidemails.get",
    format="json",
    findings=(in_payload(),),
)
CAPTURED = Outcome(
    Source("./captures/a b.har", 3, 120, 4711),
    call=CALL,
    operation="invalidemails.get",
    format="json",
    status=200,
    findings=(
        in_payload(),
        Finding(problem("invalid-parameter", 'expected a number above 0, found "0"', "days")),
        Finding(problem("secret-in-url", "unexpected api_key in a URL", "api_key", "warning")),
        Finding(in_payload().problem, in_payload().frame, known=True),
        Finding(problem("unknown-field", "unexpected field", "[0].x"), tolerated=True),
    ),
)
CLEAN = Outcome(Source("captures/a b.har", 4, 150, 5711), CALL, "invalidemails.get", "json", 200)
SKIPPED = Outcome(
    Source("captures/a b.har", 5, 170, 6711),
    call="GET /favicon.ico",
    status=404,
    skipped="expected a call of this API, found /favicon.ico",
)
UNREAD = Outcome(
    Source("captures/cut.har", None, 7, 99),
    unread=True,
    findings=(Finding(problem("damaged-capture", "expected ] or , found the end")),),
)
OUTCOMES = (BARE, CAPTURED, CLEAN, SKIPPED, UNREAD)
SUMMARY = CheckSummary(
    files=3,
    exchanges=4,
    checked=3,
    skipped=1,
    unread=1,
    errors=4,
    warnings=1,
    known=1,
    tolerated=1,
    vanished=("old.har: missing-field: GET /api/bounces.get.xml",),
)
QUIET = CheckSummary(files=1, exchanges=1, checked=1)


def written(
    name: str, outcomes: Iterable[Outcome] = OUTCOMES, summary: CheckSummary = SUMMARY
) -> str:
    """The text of a report."""
    chunks: list[bytes] = []
    report = REPORTS[name](chunks.append)
    for outcome in outcomes:
        report.add(outcome)
    report.finish(summary)
    return b"".join(chunks).decode()
