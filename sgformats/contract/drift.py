"""Compare two captures: the differences of the second from the first, as outcomes.

Calls match by operation and parameters, without keys, users and the format, so XML is compared with
JSON and a redacted capture with a raw one. Equal calls are compared in order: the first with the
first, and so on. Answers without a call match by file name and order. Captures are read one
exchange at a time; the answers of the first are kept in memory, and beyond 64 MiB in a temporary
file.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from msgspec.structs import replace

from sgformats.captures.build import CaptureOptions
from sgformats.captures.exchange import Exchange
from sgformats.captures.pieces import list_pieces, read_source
from sgformats.captures.skipping import skip_reason
from sgformats.contract.callname import call_of
from sgformats.contract.differing import START, DriftOptions, differences
from sgformats.contract.frame import Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome, unread_outcome
from sgformats.contract.pairing import ExchangeStore, call_parameters, key_of
from sgformats.contract.showing import name_of
from sgformats.errors import (
    CaptureError,
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
    """The differences of each exchange of `b` from its match in `a`, then what `b` lacks.

    Rules: `differs`, located in `b`; `extra-exchange`; `missing-exchange`, located in `a`. Calls of
    other APIs are skipped on both sides. A capture that cannot be read to its end is `unread`: its
    last exchange is skipped, and so is any exchange whose match may be in the unread part.
    `summary` is updated before each outcome is yielded; two exchanges that match count as one.

    Raises `ArgumentError` for invalid options.
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
    with ExchangeStore() as store:
        for found in _read(a, options):
            if isinstance(found, Exchange):
                store.put(key_of(found, a), found)
            else:
                whole_a = whole_a and not found.unread
                yield found
        for found in _read(b, options):
            if not isinstance(found, Exchange):
                whole_b = whole_b and not found.unread
                yield found
            elif (other := store.take(key_of(found, b))) is not None:
                yield _matched(other, found, options)
            elif whole_a:
                yield _unmatched(found, "extra-exchange", "unexpected")
            else:
                yield _skipped(found, f"its match may be in the unread part of {name_of(a)}")
        for left in store.rest():
            if whole_b:
                yield _unmatched(left, "missing-exchange", "missing", f" in {name_of(b)}")
            else:
                yield _skipped(left, f"its match may be in the unread part of {name_of(b)}")


def _read(path: str, options: DriftOptions) -> Iterator[Exchange | Outcome]:
    """The calls of this API in a capture, and an outcome for all that cannot be compared."""
    last: Exchange | None = None
    reading = CaptureOptions(options.max_bytes, options.fields or {}, options.unpacking)
    pieces = list_pieces([path], options.kind, options.fields, workers=1)
    for found in chain.from_iterable(read_source(p, options.kind, reading) for p in pieces):
        if isinstance(found, CaptureError):
            if last is not None and last.source.file == found.file:
                yield _skipped(last, "the capture is damaged in or after it")
                last = None
            yield unread_outcome(found)
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


# Outcomes, without secrets.


def _matched(a: Exchange, b: Exchange, options: DriftOptions) -> Outcome:
    secrets = Secrets(a.request), Secrets(b.request)
    body = b.body or b""
    shown = body if len(body) <= options.max_bytes else b""
    frames = Frames(shown, None, options.width, secrets=secrets)
    findings = tuple(
        Finding(
            _without_secrets(problem, secrets),
            frames.draw(problem.location) if shown and problem.rule == "differs" else None,
        )
        for problem in differences(a, b, options)
    )
    return replace(_outcome(b), findings=findings)


def _unmatched(exchange: Exchange, rule: str, verb: str, where: str = "") -> Outcome:
    secrets, request = Secrets(exchange.request), exchange.request
    what = (
        "answer" if request is None else f"call {call_of(exchange, secrets)}{_parameters(request)}"
    )
    problem = _without_secrets(problem_of(rule, START, message=f"{verb} {what}{where}"), (secrets,))
    return replace(_outcome(exchange), findings=(Finding(problem),))


def _parameters(request: Request) -> str:
    """The known parameters of a call as text; unknown ones may hold anything."""
    operation = find_operation(request.operation)
    known = {parameter.name for parameter in parameters_of(operation, request.surface)}
    pairs = "&".join("=".join(pair) for pair in call_parameters(request) if pair[0] in known)
    return f" with {quote(pairs)}" if pairs else ""


def _outcome(exchange: Exchange) -> Outcome:
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
    return replace(_outcome(exchange), skipped=hidden)


def _without_secrets(problem: Problem, secrets: tuple[Secrets, ...]) -> Problem:
    def hide(text: str) -> str:
        for known in secrets:
            text = known.hide(text)
        return text

    return change_texts(problem, hide)
