"""The engine behind `sgformats check`: captures in, an `Outcome` for every exchange out.

Nothing is dropped: an exchange that cannot be checked is an outcome with the reason, and so is a
truncated capture. Outcomes hold no secret, and only clipped lines of a payload.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import closing
from functools import partial
from typing import BinaryIO, NamedTuple

import msgspec

from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.captures.pieces import (
    Piece,
    PieceSource,
    list_pieces,
    read_in_parallel,
    read_source,
    source_name,
)
from sgformats.captures.skipping import skip_reason
from sgformats.contract.baseline import Baseline, Matching
from sgformats.contract.callname import call_of, clipped
from sgformats.contract.check import Checked, examine_exchange
from sgformats.contract.frame import Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome, unread_outcome
from sgformats.contract.select import Selection
from sgformats.errors import CaptureError, Problem, Severity, change_texts
from sgformats.hiding import Secrets
from sgformats.operations import find_operation
from sgformats.rules import RULES

# The most frames of one exchange: each takes time.
_FRAMES = 500
_COUNTS = ("exchanges", "checked", "skipped", "unread", "errors", "warnings", "tolerated")


class CheckOptions(msgspec.Struct, frozen=True):
    """How captures are checked.

    `operation` is the operation of answers whose call is unknown. `select`, `ignore` and `severity`
    choose the rules to report, `mode` decides whether tolerable problems count. The problems in
    `baseline` are known. `kind` names a kind of capture (default: detected for each file), `fields`
    the keys of JSON lines: `{"url": "req.target"}`. `width` limits a line of a frame, in cells.
    Unless calls were `recorded`, missing credentials are problems.

    Raises `ArgumentError` for invalid values.
    """

    operation: str | None = None
    mode: Mode = "strict"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: Severity = "warning"
    baseline: Baseline | None = None
    kind: str | None = None
    fields: Mapping[str, str] | None = None
    max_bytes: int = MAX_BYTES
    unpacking: Unpacking = UNPACKING
    width: int = 100
    recorded: bool = True

    def __post_init__(self) -> None:
        self.selection()
        if self.operation is not None:
            find_operation(self.operation)

    def selection(self) -> Selection:
        """Which problems to report, and which count."""
        return Selection(self.select, self.ignore, self.severity, self.mode)


def check_captures(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    options: CheckOptions | None = None,
    summary: CheckSummary | None = None,
    *,
    workers: int = 1,
    tell: Callable[[int], object] = lambda read: None,
) -> Iterator[Outcome]:
    """The outcome of every exchange in files, folders and binary streams, in order.

    `summary` is updated before each outcome is yielded, and is complete after the last one. A
    capture that cannot be read to its end gives an outcome that is `unread`, with the rule
    `damaged-capture`; the others are still read. Several `workers` processes share the files, and
    long files of JSON lines; `tell` is called with the number of bytes of each part they have read.

    Raises `ArgumentError` for options that do not fit the captures.
    """
    options = CheckOptions() if options is None else options
    run = _Checking(options, CheckSummary() if summary is None else summary)
    found: Generator[Outcome | _CheckedPiece] = read_in_parallel(
        list_pieces(paths, options.kind, options.fields, workers),
        partial(_check_piece, msgspec.structs.replace(options, baseline=None)),
        run.check_source,
        workers,
        lambda piece: tell(piece.bytes),
    )
    with closing(found):
        for part in found:
            if isinstance(part, Outcome):
                yield part
            else:
                yield from run.merge(part)
    run.finish()


def check_exchange(exchange: Exchange, options: CheckOptions | None = None) -> Outcome:
    """The outcome of one exchange."""
    return _Checking(CheckOptions() if options is None else options, CheckSummary()).outcome(
        exchange
    )


class _Checking:
    def __init__(self, options: CheckOptions, summary: CheckSummary) -> None:
        self._options = options
        self._summary = summary
        self._selection = options.selection()
        self._matching = None if options.baseline is None else Matching(options.baseline)
        self._read: list[str] = []
        self._entries = 0  # Exchanges of the last file in the pieces so far.

    def check_source(self, source: PieceSource) -> Iterator[Outcome]:
        """The outcomes of a file, a part of one, or a stream."""
        options = self._options
        reading = CaptureOptions(options.max_bytes, options.fields or {}, options.unpacking)
        whole = not isinstance(source, CaptureError)
        self._summary.files += whole
        for found in read_source(source, options.kind, reading):
            if isinstance(found, CaptureError):
                whole = False
                # Report this whatever rules are selected.
                self._summary.unread += 1
                self._summary.errors += 1
                yield unread_outcome(found)
            else:
                yield self.outcome(found)
        if whole:
            self._read.append(source_name(source))

    def merge(self, part: _CheckedPiece) -> Iterator[Outcome]:
        """Add the counts of another process; its outcomes as those of this run."""
        first = part.piece.start == 0
        base = 0 if first else self._entries
        self._entries = base + part.summary.exchanges
        for name in _COUNTS:
            setattr(self._summary, name, getattr(self._summary, name) + getattr(part.summary, name))
        self._summary.files += first
        if first and not part.summary.unread:
            self._read.append(part.piece.path)
        for outcome in part.outcomes:
            yield self._merged(outcome, base)

    def _merged(self, outcome: Outcome, base: int) -> Outcome:
        """An outcome of a process, with its number in the file, and known findings marked."""
        source = outcome.source
        if base and source.entry is not None:
            place = msgspec.structs.replace(source, entry=source.entry + base)
            outcome = msgspec.structs.replace(outcome, source=place)
        if self._matching is None or outcome.unread:
            return outcome
        findings = []
        for finding in outcome.findings:
            if self._matching.take(outcome, finding):
                self._count(finding, -1)
                finding = msgspec.structs.replace(finding, known=True)
                self._count(finding)
            findings.append(finding)
        return msgspec.structs.replace(outcome, findings=tuple(findings))

    def finish(self) -> None:
        """List the entries of the baseline that were not found."""
        if self._matching is not None:
            includes = self._selection.includes
            self._summary.vanished = self._matching.vanished(
                self._read,
                lambda rule: rule not in RULES or includes(rule, RULES[rule].severity),
            )

    def outcome(self, exchange: Exchange) -> Outcome:
        """Check and count an exchange."""
        summary, secrets = self._summary, Secrets(exchange.request)
        summary.exchanges += 1
        outcome = Outcome(exchange.source, call_of(exchange, secrets), status=exchange.status)
        reason = skip_reason(exchange)
        if reason is not None:
            summary.skipped += 1
            return msgspec.structs.replace(outcome, skipped=clipped(secrets.hide(reason)))
        summary.checked += 1
        checked = examine_exchange(
            exchange,
            operation=self._options.operation,
            max_bytes=self._options.max_bytes,
            recorded=self._options.recorded,
            includes=lambda rule: self._selection.includes(rule, RULES[rule].severity),
        )
        outcome = msgspec.structs.replace(
            outcome, operation=checked.operation, format=checked.format
        )
        findings = tuple(self._findings(exchange, checked, secrets, outcome))
        return msgspec.structs.replace(outcome, findings=findings)

    def _findings(
        self, exchange: Exchange, checked: Checked, secrets: Secrets, outcome: Outcome
    ) -> Iterator[Finding]:
        body = exchange.body or b""
        body = body if len(body) <= self._options.max_bytes else b""
        frames = Frames(body, checked.format, self._options.width, secrets=(secrets,))
        left = _FRAMES if body else 0
        for problems, framed in (
            (checked.of_call, False),
            (checked.of_capture, False),
            (checked.of_answer, True),
        ):
            for problem in problems:
                if not self._selection.includes(problem.rule, problem.severity):
                    continue
                shown = _without_secrets(problem, secrets)
                frame = frames.draw(shown.location) if framed and left else None
                left -= frame is not None
                tolerated = self._selection.tolerates(problem)
                finding = Finding(shown, frame, tolerated=tolerated)
                if self._matching is not None and self._matching.take(outcome, finding):
                    finding = msgspec.structs.replace(finding, known=True)
                self._count(finding)
                yield finding

    def _count(self, finding: Finding, number: int = 1) -> None:
        summary = self._summary
        if finding.tolerated:
            summary.tolerated += number
        elif finding.known:
            summary.known += number
        elif finding.problem.severity == "error":
            summary.errors += number
        else:
            summary.warnings += number


class _CheckedPiece(NamedTuple):
    """The outcomes and counts of one piece from a worker process."""

    piece: Piece
    outcomes: tuple[Outcome, ...]
    summary: CheckSummary


def _check_piece(options: CheckOptions, piece: Piece) -> _CheckedPiece:
    summary = CheckSummary()
    outcomes = tuple(_Checking(options, summary).check_source(piece))
    return _CheckedPiece(piece, outcomes, summary)


def _without_secrets(problem: Problem, secrets: Secrets) -> Problem:
    problem = change_texts(problem, secrets.hide)
    place = problem.location
    location = msgspec.structs.replace(
        place, path=clipped(place.path), native=clipped(place.native)
    )
    return msgspec.structs.replace(problem, location=location)
