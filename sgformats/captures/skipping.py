"""Exchanges to skip: those that are not calls of this API, and calls without an answer."""

from __future__ import annotations

from sgformats.captures.bystanders import NO_CAPTURE, is_no_capture
from sgformats.captures.exchange import Exchange
from sgformats.errors import ArgumentError
from sgformats.operations import Operation
from sgformats.request import Request


def skip_reason(exchange: Exchange) -> str | None:
    """Why an exchange is skipped (not a call of this API, or no answer); else None."""
    if is_no_capture(exchange):
        return NO_CAPTURE
    if exchange.request is None and exchange.url is not None:
        try:
            Request.parse(exchange.url, None, exchange.verb)
        except ArgumentError as error:
            return str(error)
        # The URL is valid, so the problem is the content.
        return "expected a form as the body, found other content"
    if exchange.fault is not None or exchange.body:
        return None
    status = exchange.status
    if status is not None and (status == 304 or 100 <= status < 200):
        return f"an HTTP status of {status} carries no answer"
    if status == 0 or (exchange.body is None and status != 204):
        return "the capture holds no answer"
    return None


def is_done(exchange: Exchange, operation: Operation | None) -> bool:
    """Whether this is a successful delete of v3: "an empty body (v3 `204`)"."""
    if exchange.body or exchange.status != 204:
        return False
    if exchange.request is not None and exchange.request.surface != "v3":
        return False
    return operation is None or (operation.in_v3 and operation.task == "delete")
