"""Reads the response objects of HTTP clients: requests, httpx, urllib3, urllib, and similar ones.

None of these libraries is imported. The operation follows from the request that the response holds,
otherwise from the payload.
"""

from __future__ import annotations

from datetime import tzinfo
from inspect import iscoroutine
from typing import Any

import msgspec

from sgformats._classify import classify
from sgformats._model.zones import Fold
from sgformats._options import Mode, check_options
from sgformats._retrying import is_later
from sgformats._text.payload import MAX_BYTES, Format
from sgformats.captures.build import exchange
from sgformats.captures.exchange import Exchange, Source
from sgformats.captures.skipping import is_done
from sgformats.codec import parse
from sgformats.errors import ArgumentError, DecodeError, ValidationError, describe
from sgformats.operations import Operation, OperationName, find_operation
from sgformats.records import Reply, Success
from sgformats.request import Request

_ANSWER = "<answer>"
_BODIES = ("content", "data", "body")
_SIGNS = ("status_code", "status", "headers", "url", "request")


def parse_response(
    response: Any,
    request: Any = None,
    *,
    operation: OperationName | Operation | None = None,
    mode: Mode = "strict",
    zone: str | tzinfo | None = None,
    fold: Fold | None = None,
    max_bytes: int = MAX_BYTES,
) -> Reply:
    """Parse an HTTP response into a reply, like `parse`, with the operation of its request.

    `response` is an object of any library with a status, headers and a body; it is read if it was
    not yet, unless it is asynchronous. `request` is the call if the response does not hold it: a
    `Request`, a URL, or the library's own request. The operation is `operation`, otherwise that of
    the request, otherwise it is detected as in `parse`. A 204 without a body is the `Success` of a
    delete of v3. Content encodings are decoded.

    Raises what `parse` raises; a `DecodeError` or `ValidationError` has the `status` of the
    response, and `retry` is true if the call is worth sending again. Raises `UnknownOperationError`
    for a `request` that is not a call of this API, and `ArgumentError` for an object that is not a
    response.

    >>> class Response:
    ...     status_code, headers, content = 200, {}, b'[{"email":"a@b"}]'
    ...     url = "https://api.sendgrid.com/api/unsubscribes.get.json?api_user=u&api_key=k"
    >>> parse_response(Response()).records
    (Unsubscribe(email='a@b', created=None),)
    """
    named = check_options(operation, None, mode, zone, fold, max_bytes).operation
    found = exchange_of(response, request, max_bytes=max_bytes)
    call = found.request
    if named is None and call is not None:
        named = find_operation(call.operation)
    try:
        if found.fault is not None:
            raise DecodeError((found.fault,))
        if is_done(found, named) and named is not None:
            return Success()
        v3 = call is not None and call.format == "json-v3" and found.body
        format: Format | None = "json-v3" if v3 else None
        return parse(
            found.body or b"",
            named,
            format=format,
            mode=mode,
            zone=zone,
            fold=fold,
            max_bytes=max_bytes,
        )
    except (DecodeError, ValidationError) as error:
        error.status, error.retry = found.status, _may_retry(found, max_bytes)
        raise


def may_retry(response: Any, *, max_bytes: int = MAX_BYTES) -> bool:
    """Whether the call of a response is worth sending again.

    It is after a status 408, 429 or 5xx, and after a status 2xx if the body is not from the API, is
    cut, or is a temporary failure such as "too many requests". `response` is as in
    `parse_response`. Raises `ArgumentError` for an object that is not a response.

    >>> class Response:
    ...     status_code, headers, content = 503, {}, b"<h1>Service Unavailable</h1>"
    >>> may_retry(Response())
    True
    """
    check_options(max_bytes=max_bytes)
    return _may_retry(exchange_of(response, max_bytes=max_bytes), max_bytes)


def _may_retry(found: Exchange, max_bytes: int) -> bool:
    status = found.status
    if status is not None and (status == 408 or is_later(status)):
        return True
    if status is not None and (status == 204 or not 200 <= status < 300):
        return False
    return classify(found.body or b"", max_bytes=max_bytes).retry


def exchange_of(
    response: Any,
    request: Any = None,
    *,
    url: str | None = None,
    verb: str | None = None,
    request_body: str | bytes | None = None,
    status: int | None = None,
    max_bytes: int = MAX_BYTES,
) -> Exchange:
    """The exchange of a response, or of a payload as bytes or `str`.

    The keyword arguments override what the response holds. Raises `ArgumentError` for an object
    that is not a response, and for a response that must be read first.
    """
    given = None if request is None else _called(request)
    if isinstance(response, Exchange):
        return response if given is None else msgspec.structs.replace(response, request=given)
    content_type = encoding = None
    if isinstance(response, (bytes, bytearray, memoryview, str)):
        body = _bytes(response)
    else:
        call = _get(response, "request")
        if isinstance(call, dict):
            call = None  # That of Django's test client.
        url = url or _url(call) or _url(response)
        verb = verb or _verb(call)
        if request_body is None:
            request_body = _sent(call)
        if status is None:
            status = _status(response)
        content_type = _text(_header(response, "content-type"))
        encoding = _text(_header(response, "content-encoding"))
        body = _body(response)
    found = exchange(
        Source(_ANSWER),
        url,
        verb,
        request_body,
        status,
        body,
        content_type=content_type,
        content_encoding=encoding,
        max_bytes=max_bytes,
    )
    return found if given is None else msgspec.structs.replace(found, request=given)


def _called(request: Any) -> Request:
    """The call of a request object, or of a URL. Raises `ArgumentError` for other objects."""
    if isinstance(request, Request):
        return request
    if isinstance(request, str):
        return Request.parse(request)
    url = _url(request)
    if url is None:
        raise ArgumentError(
            f"expected a Request, a URL, or a request with `url`, found {describe(request)}"
        )
    return Request.parse(url, _sent(request), _verb(request))


def _get(thing: Any, *names: str) -> Any:
    """The first attribute with a value; httpx raises for those that it does not have yet."""
    for name in names:
        try:
            found = getattr(thing, name, None)
        except Exception:  # The library may raise anything.
            continue
        if found is not None:
            return found
    return None


def _text(value: Any) -> str | None:
    """A value as text; httpx has a class for URLs, for example."""
    return None if value is None or callable(value) else str(value)


def _url(thing: Any) -> str | None:
    return _text(_get(thing, "url", "full_url"))


def _verb(call: Any) -> str | None:
    verb = _get(call, "method")
    if verb is None and callable(ask := _get(call, "get_method")):
        verb = ask()  # urllib's
    return _text(verb)


def _sent(call: Any) -> str | bytes | None:
    """The body of a request, if the client kept it."""
    for name in _BODIES:
        found = _get(call, name)
        if isinstance(found, (bytes, str)):
            return found or None
    return None


def _status(response: Any) -> int | None:
    found = _get(response, "status_code", "status", "code")
    return int(found) if isinstance(found, int) else None


def _header(response: Any, name: str) -> Any:
    """A header; its name is matched without regard to case."""
    headers = _get(response, "headers")
    try:
        return next((value for key, value in dict(headers).items() if key.lower() == name), None)
    except (TypeError, ValueError, AttributeError):
        return None


def _bytes(data: bytes | bytearray | memoryview | str) -> bytes:
    return data.encode("utf-8", "surrogatepass") if isinstance(data, str) else bytes(data)


def _body(response: Any) -> bytes:
    for name in _BODIES:
        found = _get(response, name)
        if isinstance(found, (bytes, bytearray, memoryview, str)):
            return _bytes(found)
    kind = type(response).__name__
    read = _get(response, "read")
    if not callable(read) or all(_get(response, sign) is None for sign in _SIGNS):
        hint = ": pass the result of its read() to parse" if callable(read) else ""
        raise ArgumentError(
            f"expected a response with a status, headers and `content`, found {kind}{hint}"
        )
    try:
        found = read()
    except Exception as error:  # The library's own errors: a closed or broken connection.
        raise ArgumentError(f"expected a response that can be read: {error}") from error
    if iscoroutine(found):
        found.close()
    if not isinstance(found, (bytes, str)):
        raise ArgumentError(f"expected a response that was read, found {kind}: await its read()")
    return _bytes(found)
