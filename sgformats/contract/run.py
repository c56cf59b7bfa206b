"""The engine behind `sgformats check`: captures in, an `Outcome` for every exchange out.

Nothing is dropped: what cannot be checked is an outcome that says why, and so is a capture that breaks
off. Outcomes hold no secret, and of a payload no more than clipped lines.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import BinaryIO

import msgspec

from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.opening import UNPACKING, Unpacking
from sgformats.captures.reading import find_captures, read_capture
from sgformats.captures.skipping import skip_reason
from sgformats.contract.baseline import Baseline, Matching
from sgformats.contract.check import Checked, examine_exchange
from sgformats.contract.frame import Frame, Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.select import Selection
from sgformats.errors import CaptureError, Location, MissingPackageError, Problem, Severity
from sgformats.hiding import Secrets
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.request.routes import locate, path_of
from sgformats.rules import RULES

_CLIP = 200
# Frames of one exchange: nobody looks at more, and each takes time.
_FRAMES = 500
_VERB = re.compile("[A-Z]{1,10}")
_PLAIN = re.compile("[A-Za-z0-9_./-]*")


class CheckOptions(msgspec.Struct, frozen=True):
    """How captures are checked.

    `operation` is what an answer is held against where the capture tells no call. `select`, `ignore`
    and `severity` say which rules are shown, `mode` whether what is tolerable counts. What `baseline`
    holds is known. `kind` names a kind of capture (told from each file without it), `fields` says
    where JSON lines keep what: `{"url": "req.target"}`. A line of a frame takes at most `width`
    cells. Where calls were not `recorded` but come from a client, missing credentials are problems.

    Raises `ArgumentError` for values that there are not.
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
        """What is shown and what counts."""
        return Selection(self.select, self.ignore, self.severity, self.mode)


def check_captures(
    paths: Iterable[str | os.PathLike[str] | BinaryIO],
    options: CheckOptions | None = None,
    summary: CheckSummary | None = None,
) -> Iterator[Outcome]:
    """The outcome of every exchange in some files, folders and binary streams, in their order.

    `summary` is brought up to date before each outcome is given, and complete behind the last one. A
    capture that cannot be read, or not to its end, is an outcome that is `unread`, with the rule
    `damaged-capture`; the others are read nevertheless.

    Raises `ArgumentError` for options that do not fit the captures.
    """
    run = _Checking(
        CheckOptions() if options is None else options,
        CheckSummary() if summary is None else summary,
    )
    for path in paths:
        yield from run.check_path(path)
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

    def check_path(self, path: str | os.PathLike[str] | BinaryIO) -> Iterator[Outcome]:
        """The outcomes of a stream, of a file, or of all captures in a folder."""
        if not isinstance(path, (str, os.PathLike)):
            name = getattr(path, "name", None)
            yield from self._check_file(path, name if isinstance(name, str) else "<stream>")
            return
        try:
            for file in find_captures(path):
                yield from self._check_file(file, file)
        except CaptureError as error:
            yield self._unread(error)

    def _check_file(self, source: str | BinaryIO, name: str) -> Iterator[Outcome]:
        options, summary = self._options, self._summary
        summary.files += 1
        try:
            for exchange in read_capture(
                source,
                name=name,
                kind=options.kind,
                fields=options.fields,
                max_bytes=options.max_bytes,
                unpacking=options.unpacking,
            ):
                yield self.outcome(exchange)
        except CaptureError as error:
            yield self._unread(error)
        except MissingPackageError as error:
            yield self._unread(CaptureError(name, str(error)))
        else:
            self._read.append(name)

    def finish(self) -> None:
        """Names what the baseline holds and nobody found."""
        if self._matching is not None:
            shows = self._selection.shows
            self._summary.vanished = self._matching.vanished(
                self._read,
                lambda rule: rule not in RULES or shows(rule, RULES[rule].severity),
            )

    def _unread(self, error: CaptureError) -> Outcome:
        secrets = Secrets(None)
        # What ends a job is told whatever rules are selected.
        self._summary.unread += 1
        self._summary.errors += 1
        place = Location("", "", error.line or 1, 1, error.offset or 0)
        problem = Problem("damaged-capture", "error", secrets.hide(error.reason), place)
        source = Source(error.file, None, error.line, error.offset)
        return Outcome(source, unread=True, findings=(Finding(problem),))

    def outcome(self, exchange: Exchange) -> Outcome:
        """What there is to say of an exchange, which is counted."""
        summary, secrets = self._summary, Secrets(exchange.request)
        summary.exchanges += 1
        outcome = Outcome(exchange.source, call_of(exchange, secrets), status=exchange.status)
        reason = skip_reason(exchange)
        if reason is not None:
            summary.skipped += 1
            return msgspec.structs.replace(outcome, skipped=_clipped(secrets.hide(reason)))
        summary.checked += 1
        checked = examine_exchange(
            exchange,
            operation=self._options.operation,
            max_bytes=self._options.max_bytes,
            recorded=self._options.recorded,
        )
        outcome = msgspec.structs.replace(
            outcome, operation=checked.operation, format=checked.format
        )
        findings = tuple(self._findings(exchange, checked, secrets, outcome))
        return msgspec.structs.replace(outcome, findings=findings)

    def _findings(
        self, exchange: Exchange, checked: Checked, secrets: Secrets, outcome: Outcome
    ) -> Iterator[Finding]:
        draw = _Drawing(exchange, checked, secrets, self._options)
        for problems, framed in (
            (checked.of_call, False),
            (checked.of_capture, False),
            (checked.of_answer, True),
        ):
            for problem in problems:
                if not self._selection.shows(problem.rule, problem.severity):
                    continue
                shown = _without_secrets(problem, secrets)
                frame = draw.frame(shown.location) if framed else None
                tolerated = self._selection.tolerates(problem)
                finding = Finding(shown, frame, tolerated=tolerated)
                if self._matching is not None and self._matching.take(outcome, finding):
                    finding = msgspec.structs.replace(finding, known=True)
                self._count(finding)
                yield finding

    def _count(self, finding: Finding) -> None:
        summary = self._summary
        if finding.tolerated:
            summary.tolerated += 1
        elif finding.known:
            summary.known += 1
        elif finding.problem.severity == "error":
            summary.errors += 1
        else:
            summary.warnings += 1


class _Drawing:
    """Draws the first frames of an answer, which is read for that only if there are any."""

    def __init__(
        self, exchange: Exchange, checked: Checked, secrets: Secrets, options: CheckOptions
    ) -> None:
        self._body = exchange.body or b""
        self._format = checked.format
        self._secrets = secrets
        self._possible = 0 < len(self._body) <= options.max_bytes
        self._width = options.width
        self._left = _FRAMES
        self._frames: Frames | None = None

    def frame(self, location: Location) -> Frame | None:
        if not self._possible or not self._left:
            return None
        self._left -= 1
        if self._frames is None:
            self._frames = Frames(self._secrets.mask(self._body), self._format, self._width)
        return self._frames.draw(location)


def call_of(exchange: Exchange, secrets: Secrets | None = None) -> str:
    """The call in a few words, `GET /api/bounces.get.json`: neither host nor parameters."""
    request = exchange.request
    secrets = secrets or Secrets(request)
    if request is None:
        return _other_call(exchange, secrets)
    path = request.path
    if not path or not _PLAIN.fullmatch(path):
        path = path_of(find_operation(request.operation), request.surface, request.format)
    return secrets.hide(f"{request.verb or _default_verb(request)} {_clipped(path)}")


def _default_verb(request: Request) -> str:
    return "DELETE" if request.surface == "v3" and request.operation.endswith(".delete") else "GET"


def _other_call(exchange: Exchange, secrets: Secrets) -> str:
    """What is no call of this API may hold a secret anywhere: only a plain path is shown."""
    if exchange.url is None:
        return ""
    target = locate(exchange.url)
    verb = exchange.verb or target.verb or "GET"
    if not _PLAIN.fullmatch(target.path) or not _VERB.fullmatch(verb):
        return ""
    return secrets.hide(f"{verb} {_clipped(target.path)}")


def _without_secrets(problem: Problem, secrets: Secrets) -> Problem:
    place = problem.location
    location = msgspec.structs.replace(
        place,
        path=_clipped(secrets.hide(place.path)),
        native=_clipped(secrets.hide(place.native)),
    )
    message = secrets.hide(problem.message)
    return msgspec.structs.replace(problem, message=message, location=location)


def _clipped(text: str) -> str:
    return text if len(text) <= _CLIP else text[: _CLIP - 1] + "…"
