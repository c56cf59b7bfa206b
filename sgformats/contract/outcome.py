"""The results of a check: an `Outcome` for each exchange, a `CheckSummary` of all of them.

Everything in them is safe to show: they hold no secret, and only clipped lines of the payload.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame
from sgformats.errors import Problem


class Finding(msgspec.Struct, frozen=True):
    """A problem as a report shows it.

    `message` and the texts of `problem.location` hold no secret. `frame` is the line of the payload
    with the place under it; None where the problem is not one of a place in the payload (the
    request's, the capture's). `known` tells that the baseline holds it, `tolerated` that the mode
    takes it: neither counts.
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
    """What was found in one exchange, or in a capture that ends where it should not.

    `call` is the redacted call (`GET /api/bounces.get.json`) or empty, `operation` and `format`
    what it asked for or what was told from the payload. `skipped` says why nothing was checked.
    `unread` tells that this is no exchange but the end of a capture that could not be read on.
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
    """The figures of a run: exchanges = checked + skipped; captures that broke are `unread`."""

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
    """Entries of the baseline that nothing matched any more, each as a line of text."""
    compared: tuple[str, ...] = ()
    """The two captures, where one is held against the other."""


class Report(Protocol):
    """A report while it is written: `add` for each outcome in order, then `finish` once."""

    def add(self, outcome: Outcome) -> None:
        """Adds the next outcome."""

    def finish(self, summary: CheckSummary) -> None:
        """Writes the end."""
