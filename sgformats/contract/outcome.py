"""The results of a check: an `Outcome` for each exchange, a `CheckSummary` of all of them.

Everything in them is safe to show: they hold no secret, and only clipped lines of the payload.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame
from sgformats.errors import CaptureError, Location, Problem
from sgformats.hiding import Secrets
from sgformats.rules import problem_of


class Finding(msgspec.Struct, frozen=True):
    """A problem as a report shows it.

    The texts of `problem` hold no secret. `frame` is the line of the payload with the location
    marked; None if the problem is not in the payload. `known`: the baseline lists it. `tolerated`:
    the mode accepts it. Neither kind counts.
    """

    problem: Problem
    frame: Frame | None = None
    known: bool = False
    tolerated: bool = False

    @property
    def counts(self) -> bool:
        """Whether the finding is neither known nor tolerated."""
        return not (self.known or self.tolerated)


class Outcome(msgspec.Struct, frozen=True):
    """The result for one exchange, or for a capture that cannot be read to its end.

    `call` is the redacted call (`GET /api/bounces.get.json`), or empty. `operation` and `format`
    are those of the call, or else detected from the payload. `skipped` is the reason why nothing
    was checked. `unread`: this is not an exchange but the place where the capture could not be
    read.
    """

    source: Source
    call: str = ""
    operation: str | None = None
    format: str | None = None
    status: int | None = None
    skipped: str | None = None
    unread: bool = False
    findings: tuple[Finding, ...] = ()


class CheckSummary(msgspec.Struct):
    """The figures of a run: exchanges = checked + skipped; damaged captures are `unread`."""

    files: int = 0
    exchanges: int = 0
    checked: int = 0
    skipped: int = 0
    unread: int = 0
    errors: int = 0
    warnings: int = 0
    known: int = 0
    tolerated: int = 0
    vanished: tuple[str, ...] = ()
    """Entries of the baseline that were not found again, each as a line of text."""
    compared: tuple[str, ...] = ()
    """The two captures of a comparison."""


class Report(Protocol):
    """A report being written: call `add` for each outcome in order, then `finish` once."""

    def add(self, outcome: Outcome) -> None:
        """Add the next outcome."""

    def finish(self, summary: CheckSummary) -> None:
        """Write the end."""


def unread_outcome(error: CaptureError) -> Outcome:
    """The outcome of a capture that cannot be read to its end."""
    place = Location("", "", error.line or 1, 1, error.offset or 0)
    problem = problem_of("damaged-capture", place, message=Secrets(None).hide(error.reason))
    source = Source(error.file, None, error.line, error.offset)
    return Outcome(source, unread=True, findings=(Finding(problem),))
