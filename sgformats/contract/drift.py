"""Compare two captures: the differences of the second from the first, as outcomes.

Calls match by operation and parameters, without keys, users and the format, so XML is compared with
JSON and a redacted capture with a raw one. Equal calls are compared in order: the first with the
first, and so on. Answers without a call match by file name and order. Captures are read one exchange
at a time; the answers of the first are kept in memory, and beyond 64 MiB in a temporary file.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.reading import find_captures, read_capture
from sgformats.captures.skipping import skip_reason
from sgformats.contract.callname import call_of
from sgformats.contract.differing import START, DriftOptions, differences
from sgformats.contract.frame import Frame, Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.pairing import Shelf, asked_of, key_of
from sgformats.contract.showing import name_of
from sgformats.errors import (
    CaptureError,
    Location,
    MissingPackageError,
    Problem,
    change_texts,
    quote,
)
from sgformats.hiding import Secrets
from sgformats.operations import find_operation
from sgformats.request import Request
from sgformats.request.parameters import parameters_of
from sgformats.rules import problem_of

__all__ = ["DriftOptions", "compare_captures"]


def compare_captures(
    a: str, b: str, options: DriftOptions | None = None, summary: CheckSummary | None = None
) -> Iterator[Outcome]:
    """What each exchange of `b` says otherwise than its match in `a`, then what `b` lacks.

    Rules: `differs`, at its place in `b`; `extra-exchange`; `missing-exchange`, where it stands in
    `a`. Calls of other APIs are skipped on both sides. A capture that cannot be read to its end is
    `unread`; what may stand in it beyond is not missed, and its last exchange not believed.
    `summary` is brought up to date before each outcome is given: of two that match it counts one.

    Raises `ArgumentError` for options that cannot be.
    """
    options = DriftOptions() if options is None else options
    summary = CheckSummary() if summary is None else summary
    summary.compared = (a, b)
    files: set[str] = set()
    for outcome in _compare(a, b, options):
        files.add(outcome.source.file)
        summary.files = len(files)
        if outcome.unread:
            summary.unread += 1
        else:
            summary.exchanges += 1
            summary.skipped += outcome.skipped is not None
            summary.checked += outcome.skipped is None
        summary.errors += len(outcome.findings)
        yield outcome


def _compare(a: str, b: str, options: DriftOptions) -> Iterator[Outcome]:
    whole_a = whole_b = True
    with Shelf() as shelf:
        for found in _read(a, options):
            if isinstance(found, Exchange):
                shelf.put(key_of(found, a), found)
            else:
                whole_a = whole_a and not found.unread
                yield found
        for found in _read(b, options):
            if not isinstance(found, Exchange):
                whole_b = whole_b and not found.unread
                yield found
            elif (other := shelf.take(key_of(found, b))) is not None:
                yield _matched(other, found, options)
            elif whole_a:
                yield _alone(found, "extra-exchange", "unexpected")
            else:
                yield _skipped(found, f"{name_of(a)} may hold its match where it cannot be read")
        for left in shelf.rest():
            if whole_b:
                yield _alone(left, "missing-exchange", "missing", f" in {name_of(b)}")
            else:
                yield _skipped(left, f"{name_of(b)} may hold its match where it cannot be read")


def _read(path: str, options: DriftOptions) -> Iterator[Exchange | Outcome]:
    """The calls of this API in a capture, and an outcome for all that can be held against nothing."""
    last: Exchange | None = None
    for found in _everything(path, options):
        if isinstance(found, CaptureError):
            if last is not None and last.source.file == found.file:
                yield _skipped(last, "the capture breaks off in it or behind it")
                last = None
            yield _unread(found)
            continue
        if last is not None:
            yield last
            last = None
        if found.request is None and found.url:
            yield _skipped(found, skip_reason(found) or "no call of this API")
        else:
            last = found
    if last is not None:
        yield last


def _everything(path: str, options: DriftOptions) -> Iterator[Exchange | CaptureError]:
    try:
        for file in find_captures(path):
            try:
                yield from read_capture(
                    file,
                    kind=options.kind,
                    fields=options.fields,
                    max_bytes=options.max_bytes,
                    unpacking=options.unpacking,
                )
            except CaptureError as error:
                yield error
            except MissingPackageError as error:
                yield CaptureError(file, str(error))
    except CaptureError as error:
        yield error


# Outcomes: nothing in them is secret.


def _matched(a: Exchange, b: Exchange, options: DriftOptions) -> Outcome:
    secrets = Secrets(a.request), Secrets(b.request)
    draw = _DriftDrawing(b, secrets, options)
    findings = tuple(
        Finding(_hidden(problem, secrets), draw.frame(problem))
        for problem in differences(a, b, options)
    )
    return replace(_bare(b), findings=findings)


def _alone(exchange: Exchange, rule: str, verb: str, where: str = "") -> Outcome:
    secrets, request = Secrets(exchange.request), exchange.request
    what = "answer" if request is None else f"call {call_of(exchange, secrets)}{_asked(request)}"
    problem = _hidden(problem_of(rule, START, message=f"{verb} {what}{where}"), (secrets,))
    return replace(_bare(exchange), findings=(Finding(problem),))


def _asked(request: Request) -> str:
    """What a call asks for by the parameters that it may have; others may hold anything."""
    operation = find_operation(request.operation)
    known = {parameter.name for parameter in parameters_of(operation, request.surface)}
    pairs = "&".join("=".join(pair) for pair in asked_of(request) if pair[0] in known)
    return f" with {quote(pairs)}" if pairs else ""


def _bare(exchange: Exchange) -> Outcome:
    request = exchange.request
    return Outcome(
        exchange.source,
        call_of(exchange, Secrets(request)),
        None if request is None else request.operation,
        None if request is None else request.format,
        exchange.status,
    )


def _skipped(exchange: Exchange, reason: str) -> Outcome:
    hidden = Secrets(exchange.request).hide(reason)
    return replace(_bare(exchange), skipped=hidden)


def _unread(error: CaptureError) -> Outcome:
    place = Location("", "", error.line or 1, 1, error.offset or 0)
    problem = problem_of("damaged-capture", place, message=Secrets(None).hide(error.reason))
    source = Source(error.file, None, error.line, error.offset)
    return Outcome(source, unread=True, findings=(Finding(problem),))


def _hidden(problem: Problem, secrets: tuple[Secrets, ...]) -> Problem:
    def hide(text: str) -> str:
        for known in secrets:
            text = known.hide(text)
        return text

    return change_texts(problem, hide)


class _DriftDrawing:
    """Draws frames of an answer, which is read for that only if there are any."""

    def __init__(
        self, exchange: Exchange, secrets: tuple[Secrets, ...], options: DriftOptions
    ) -> None:
        self._body = exchange.body or b""
        self._secrets = secrets
        self._options = options
        self._frames: Frames | None = None

    def frame(self, problem: Problem) -> Frame | None:
        if problem.rule != "differs" or not 0 < len(self._body) <= self._options.max_bytes:
            return None
        if self._frames is None:
            body = self._body
            for known in self._secrets:
                body = known.mask(body)
            self._frames = Frames(body, None, self._options.width)
        return self._frames.draw(problem.location)
