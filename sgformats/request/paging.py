"""The call for the next page of a list."""

from __future__ import annotations

from sgformats.operations import find_operation
from sgformats.records import Listing, Reply
from sgformats.request.parameters import parameters_of
from sgformats.request.request import Request


def next_page(request: Request, reply: Reply) -> Request | None:
    """The call for the next page after a reply; None after the last page.

    A page is the last if it has fewer records than the call's `limit`. Also None if the call has no
    `limit`, or the reply is not a `Listing`.

    >>> request = Request.parse("/v3/suppression/bounces?limit=2&start_time=1")
    >>> next_page(request, Listing("bounces", ("first", "second"))).encode().url
    '/v3/suppression/bounces?limit=2&start_time=1&offset=2'
    """
    operation = find_operation(request.operation)
    known = {parameter.name for parameter in parameters_of(operation, request.surface)}
    limit = _number(request, "limit")
    if not isinstance(reply, Listing) or not {"limit", "offset"} <= known or not limit:
        return None
    if len(reply.records) < limit:
        return None
    offset = str((_number(request, "offset") or 0) + limit)
    pairs = [(name, offset if name == "offset" else value) for name, value in request.parameters]
    if "offset" not in dict(pairs):
        pairs.append(("offset", offset))
    return request.with_parameters(pairs)


def _number(request: Request, name: str) -> int | None:
    """The value of a parameter if it is a whole number."""
    value = dict(request.parameters).get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 15 else None
