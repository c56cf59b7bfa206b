"""Check an exchange against the contract: its call, its answer, and whether they match.

`check` returns problems like `validate`, and never raises on any exchange. The format of an answer
is detected from its bytes; its operation is that of the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sgformats._classify import classify, classify_document
from sgformats._scan.document import Document
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.captures.exchange import Exchange
from sgformats.captures.skipping import is_done, skip_reason
from sgformats.codec import validate
from sgformats.contract.answer import Answer
from sgformats.contract.checkedcall import CheckedCall
from sgformats.contract.exchange_rules import EXCHANGE_RULES, Facts
from sgformats.errors import Problem
from sgformats.operations import Operation, find_operation


class Checked(NamedTuple):
    """The problems of a call, its capture and its answer, and how the answer was read."""

    operation: str | None
    format: Format | None
    of_call: list[Problem]
    of_capture: list[Problem]
    of_answer: list[Problem]

    @property
    def problems(self) -> list[Problem]:
        """All problems."""
        return [*self.of_call, *self.of_capture, *self.of_answer]


def check(
    exchange: Exchange, *, operation: str | Operation | None = None, max_bytes: int = MAX_BYTES
) -> list[Problem]:
    """All problems of an exchange: its call's, its capture's, then its answer's in document order.

    `operation` is the operation of an answer whose call is unknown. A problem of the call is
    located in the URL or form, as in `Request.problems`; a mismatch between call and answer is
    located in the payload. An exchange with a `skip_reason` has no problems. Missing credentials
    are not reported, because recorders remove them.

    Raises `ArgumentError` for an unknown operation.

    >>> from sgformats.captures import Exchange, Source
    >>> from sgformats.request import Request
    >>> call = Request.parse("/api/bounces.get.xml?api_user=***&api_key=***")
    >>> [problem.rule for problem in check(Exchange(call, 200, None, b"[]", Source("a.har")))]
    ['wrong-format']
    """
    return examine_exchange(exchange, operation=operation, max_bytes=max_bytes).problems


def examine_exchange(
    exchange: Exchange,
    *,
    operation: str | Operation | None = None,
    max_bytes: int = MAX_BYTES,
    document: Document | None = None,
    recorded: bool = True,
    includes: Callable[[str], bool] = lambda rule: True,
    located: bool = True,
) -> Checked:
    """The problems that `check` returns, in groups.

    `document` is the body's tree, if already read. Unless the call was `recorded`, missing
    credentials are problems too. Only the included rules for exchanges are checked, because
    locating the problems of many records takes long. Unless `located`, these problems have no
    location, and their texts may differ.
    """
    given = None if operation is None else find_operation(operation)
    if skip_reason(exchange) is not None:
        return Checked(None, None, [], [], [])
    request = exchange.request
    call = None if request is None else CheckedCall(request, recorded)
    wanted = given if call is None else call.operation
    form = None if request is None else request.format
    answer = None
    if exchange.fault is None and not is_done(exchange, wanted):
        answer, wanted = _read(exchange.body or b"", wanted, form, max_bytes, document, located)
    facts = Facts(exchange, call, answer)
    found = {name: list(rule(facts)) for name, rule in EXCHANGE_RULES.items() if includes(name)}
    of_call = [] if call is None else call.problems + found.pop("secret-in-url", [])
    of_answer = [] if answer is None else answer.problems
    of_answer = of_answer + [problem for problems in found.values() for problem in problems]
    return Checked(
        operation=None if wanted is None else wanted.name,
        format=form if answer is None else answer.format,
        of_call=of_call,
        of_capture=[] if exchange.fault is None else [exchange.fault],
        of_answer=sorted(of_answer, key=lambda problem: problem.location.offset),
    )


def _read(
    body: bytes,
    operation: Operation | None,
    form: Format | None,
    max_bytes: int,
    document: Document | None,
    located: bool,
) -> tuple[Answer, Operation | None]:
    """Read the answer as an operation's; if that is unknown, as the one that fits best.

    The second value is the operation, if only one is possible.
    """
    if operation is not None:
        return Answer(body, operation, form, max_bytes, document, located), operation
    seen = classify_document(document) if document else classify(body, max_bytes=max_bytes)
    names = seen.operations
    nearest = None
    for name in names:
        answer = Answer(body, find_operation(name), None, max_bytes, document, located)
        if nearest is None or _rank(answer) < _rank(nearest):
            nearest = answer
        if not answer.problems:
            break
    if nearest is None:
        nearest = Answer(body, find_operation("invalidemails.get"), None, max_bytes)
    nearest.problems = validate(body, None, max_bytes=max_bytes)
    return nearest, find_operation(names[0]) if len(names) == 1 else None


def _rank(answer: Answer) -> tuple[bool, bool]:
    return bool(answer.problems), answer.reply is None
