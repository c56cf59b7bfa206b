"""Calls of the API as typed values: `Request.parse` reads a URL and a form, `encode` writes them.

It reads all surfaces, from `/api/distributor.manage.xml?…&api;_key=…` to `/v3/suppression`. The
operation follows from the path, the parameters and, in v3, the verb, never from the host. Anything
else raises `UnknownOperationError`; wrong parameters are `Problem`s. Two requests are equal if they
ask for the same; host, verb, and the order of parameters do not matter. `repr`, `str` and messages
are redacted; `parameters` and `encode` hold the real values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import itemgetter
from typing import Any, NamedTuple, get_args

import msgspec

from sgformats import operations
from sgformats.errors import ArgumentError, Problem, UnknownOperationError, nearest, quote, suggest
from sgformats.operations import OperationName, Surface, find_operation
from sgformats.redaction import hide_content, hide_userinfo
from sgformats.request.forms import (
    Pair,
    Place,
    Point,
    Source,
    encode,
    find_half,
    read_pairs,
    ruler,
    write_pairs,
)
from sgformats.request.multipart import read_parts
from sgformats.request.parameters import check
from sgformats.request.refusals import METHOD_NAMES
from sgformats.request.routes import (
    FORMATS,
    LEGACY_VERBS,
    V3_TASKS,
    Format,
    Route,
    Target,
    find_route,
    path_of,
    split_url,
    strip_span,
)
from sgformats.secrets import hide_names, hide_value, without_secrets

_SURFACES = get_args(Surface)
_V3_VERBS = {task: verb for verb, task in V3_TASKS.items()}
# JSON, XML, or the boundary line of a multipart body.
_NO_FORM = re.compile(r"[{\[<\"]|--[^=&\r\n]*[\r\n]")

_START = Point(1, 0)


class Encoded(NamedTuple):
    """A call as URL, body and verb: `Request.parse(*encoded)` reads it back."""

    url: str
    body: str | None
    verb: str


class Request(msgspec.Struct, frozen=True, gc=False):
    """A call of the API: operation, format, surface and parameters.

    `parameters` are decoded names and values, in order. `base` is the part of the URL before the
    path (empty for a relative URL), `path` the decoded path without an address, `content` the body
    of a v3 call. `places` and `end` are the positions of the parameters and of their end. The
    attributes from `base` on are optional; of these, only `content` matters for equality.

    >>> Request("bounces.get", "json", "web", (("api_user", "u"), ("api_key", "k"))).encode().url
    '/api/bounces.get.json?api_user=u&api_key=k'

    Raises `ArgumentError` for invalid values.
    """

    operation: OperationName
    format: Format
    surface: Surface
    parameters: tuple[tuple[str, str], ...] = ()
    base: str = ""
    path: str = ""
    verb: str = ""
    content: str | None = None
    places: tuple[Place, ...] = ()
    end: Place | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.operation, str):
            raise ArgumentError("expected the name of an operation as str")
        operation = find_operation(self.operation)
        if self.surface not in _SURFACES:
            raise ArgumentError(f"expected a surface such as {', '.join(_SURFACES)}")
        v3 = self.surface == "v3"
        if v3 and not operation.in_v3:
            raise ArgumentError(f"expected an operation of surface v3, found {operation.name}")
        formats = ("json-v3",) if v3 else tuple(FORMATS)
        if self.format not in formats:
            raise ArgumentError(f"expected {' or '.join(formats)} as format of {self.surface}")
        verbs = (_V3_VERBS[operation.task],) if v3 else LEGACY_VERBS
        if self.verb not in ("", *verbs):
            raise ArgumentError(f"expected {' or '.join(verbs)} as verb of {operation.name}")
        if not (isinstance(self.parameters, tuple) and _are_pairs(self.parameters)):
            raise ArgumentError("expected parameters as a tuple of pairs of str")
        base, path, content = self.base, self.path, self.content or ""
        if not (isinstance(base, str) and isinstance(path, str) and isinstance(content, str)):
            raise ArgumentError("expected str as base, path and content")
        if self.content is not None and not v3:
            raise ArgumentError("expected parameters, found other content, which only v3 takes")

    @classmethod
    def parse(cls, url: str, body: str | bytes | None = None, verb: str | None = None) -> Request:
        """Parse a URL and a form body into a request.

        `url` may be absolute, lack the scheme or the host, or be the first line of an HTTP request
        (`GET /api/… HTTP/1.1`). `verb` is only needed for `DELETE` in v3. The body may also be
        `multipart/form-data`. Other bodies are refused, except in v3, which keeps them unchanged.

        >>> Request.parse("/api/bounces.get.json?api_user=u&api;_key=k").parameters
        (('api_user', 'u'), ('api_key', 'k'))

        Raises `UnknownOperationError` if it is not a call of this API, `ArgumentError` for
        arguments of other types.
        """
        given = None if verb is None else _checked_text(verb, "verb").upper()
        return _read(_checked_text(url, "url"), _checked_body(body), given)

    def problems(self) -> list[Problem]:
        """The problems of the parameters, in order, and then the missing parameters.

        Rules: `missing-parameter`, `invalid-parameter`, `empty-parameter`, `unknown-parameter`.
        Locations refer to the text that was parsed, otherwise to the result of `encode`.

        >>> [str(p) for p in Request.parse("/v3/suppression/bounces?limit=501").problems()]
        ['line 1, column 31 (limit): invalid-parameter: expected a whole number from 0 to 500 as \
limit, found "501"']
        """
        placed = self
        if self.end is None or len(self.places) != len(self.parameters):
            placed = _read(*self.encode(), self.operation)
        assert placed.end is not None
        pairs = zip(placed.parameters, placed.places, strict=True)
        given = [Pair(*pair, place) for pair, place in pairs]
        return check(find_operation(self.operation), self.surface, given, placed.end)

    def encode(self) -> Encoded:
        """Encode the call as URL, form and verb: `Request.parse(*request.encode()) == request`.

        Parameters stay in the path, query or form from which they were parsed; otherwise they are
        written into the form for a `POST`, into the query for other verbs. Raises `EncodeError` for
        a value with half of a surrogate pair.
        """
        operation = find_operation(self.operation)
        placed: dict[Source, list[tuple[str, str]]] = {"path": [], "query": [], "form": []}
        for source, pair in zip(self._sources(), self.parameters, strict=True):
            placed[source].append(pair)
        url = self.base + (self.path or path_of(operation, self.surface, self.format))
        url += "".join("/" + encode(value, name) for name, value in placed["path"])
        if placed["query"]:
            url += "?" + write_pairs(placed["query"])
        body = write_pairs(placed["form"]) if placed["form"] else self.content
        default = _V3_VERBS[operation.task] if self.surface == "v3" else "GET"
        return Encoded(url, body, self.verb or default)

    def with_parameters(self, parameters: Iterable[tuple[str, str]]) -> Request:
        """The same call with other parameters, in the path, query or form as before.

        `parameters` are names and values. Host, path and content do not change. In v3, an `email`
        from the path stays in the path. The operation follows anew from the parameters `task` and,
        for resellers, `method`.

        >>> request = Request.parse("/v3/suppression/bounces/a@b?limit=5")
        >>> request.with_parameters([("email", "c/d@e")]).encode().url
        '/v3/suppression/bounces/c%2Fd@e'

        Raises what `parse` and `encode` raise.
        """
        pairs = tuple((*pair,) for pair in parameters)
        if not _are_pairs(pairs):
            raise ArgumentError("expected parameters as pairs of str")
        before: dict[str, list[Source]] = {}
        for source, (name, _) in zip(self._sources(), self.parameters, strict=True):
            before.setdefault(name, []).append(source)
        places: list[Place] = []
        for name, value in pairs:
            known = before.get(name, [])
            source = known.pop(0) if known else self._source_of(name, value, places)
            places.append(Place(source, _START, _START))
        changed = msgspec.structs.replace(self, parameters=pairs, places=tuple(places), end=None)
        return Request.parse(*changed.encode())

    def _source_of(self, name: str, value: str, places: list[Place]) -> Source:
        """The source for a parameter that the call did not have before."""
        if self.surface == "v3":
            in_path = name == "email" and value and all(p.source != "path" for p in places)
            return "path" if in_path else "query"
        return "form" if self.verb == "POST" else "query"

    def redacted(self, *, keep_user: bool = False) -> Request:
        """The same request with `***` for keys, passwords and, unless `keep_user`, `api_user`.

        >>> Request.parse("/api/bounces.get.json?api_user=u&api_key=k").redacted().encode().url
        '/api/bounces.get.json?api_user=***&api_key=***'
        """
        return msgspec.structs.replace(
            self,
            parameters=tuple(
                (shown, hide_value(name, value, keep_user=keep_user))
                for shown, (name, value) in zip(
                    hide_names(self.parameters), self.parameters, strict=True
                )
            ),
            base=hide_userinfo(self.base, keep_user=keep_user),
            path=without_secrets(self.path),
            content=hide_content(self.content),
        )

    def __repr__(self) -> str:
        return f"Request({', '.join(f'{name}={value!r}' for name, value in self.__rich_repr__())})"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        shown = self.redacted()
        names = ("operation", "format", "surface", "parameters", "base", "path", "verb")
        return [(name, getattr(shown, name)) for name in names]

    def __eq__(self, other: object) -> bool:
        return self._meaning() == other._meaning() if isinstance(other, Request) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._meaning())

    def _meaning(self) -> tuple[object, ...]:
        pairs = zip(self.parameters, self._sources(), strict=True)
        asked = [(name, source != "path", value) for (name, value), source in pairs]
        # The order of parameters with the same name may matter, so values are not sorted.
        asked.sort(key=itemgetter(0, 1))
        return (self.operation, self.format, self.surface, tuple(asked), self.content)

    def _sources(self) -> list[Source]:
        if len(self.places) == len(self.parameters):
            return [place.source for place in self.places]
        default: Source = "form" if self.verb == "POST" else "query"
        sources = [default] * len(self.parameters)
        if self.surface == "v3":
            names = [name if value else "" for name, value in self.parameters]
            if "email" in names:
                sources[names.index("email")] = "path"
        return sources


def _read(
    url: str, body: str | None, verb: str | None, operation: OperationName | None = None
) -> Request:
    """The request; its operation follows from the route and the parameters if not given."""
    target = split_url(url)
    verb = verb or target.verb or ("GET" if body is None else "POST")
    route = find_route(target.path, verb)
    pairs, end = _read_url(url, target, route)
    if body is not None and route.surface != "v3":
        end = _read_body(body, pairs)
        body = None
    return Request(
        operation=operation or _name_operation(route, pairs),
        format=route.format,
        surface=route.surface,
        parameters=tuple([pair[:2] for pair in pairs]),
        base=target.base,
        path=route.path,
        verb=verb,
        content=body,
        places=tuple([pair.place for pair in pairs]),
        end=end,
    )


def _read_url(url: str, target: Target, route: Route) -> tuple[list[Pair], Place]:
    point = ruler(url)
    pairs = []
    if route.email is not None:
        where = point(target.path_end - len(target.path.rpartition("/")[2]))
        pairs.append(Pair("email", route.email, Place("path", where, where)))
    pairs.extend(read_pairs(url, target.path_end + 1, target.end, "query", point))
    return pairs, Place("query", point(target.end), point(target.end))


def _read_body(body: str, pairs: list[Pair]) -> Place:
    """Adds the parameters of a form, and returns the place of its end."""
    start, stop = strip_span(body)
    point = ruler(body)
    parts = read_parts(body, point)
    if not parts and _NO_FORM.match(body, start) is not None:
        raise UnknownOperationError("expected a form as the body, found other content")
    pairs.extend(parts or read_pairs(body, start, stop, "form", point))
    return Place("form", point(stop), point(stop))


def _name_operation(route: Route, pairs: list[Pair]) -> OperationName:
    method = route.method or _only(pairs, "method")
    task = route.task or _only(pairs, "task")
    name = f"{method}.{task}"
    if name not in operations.OPERATIONS:
        near = nearest(name, tuple(operations.OPERATIONS)) if method not in METHOD_NAMES else None
        raise UnknownOperationError(
            f"expected the operation of a call, found {quote(name)}{suggest(near)}"
        )
    return operations.OPERATIONS[name].name


def _only(pairs: list[Pair], name: str) -> str:
    values = {pair.value for pair in pairs if pair.name == name}
    if len(values) != 1:
        found = "several" if values else "none"
        raise UnknownOperationError(f"expected one {name} among the parameters, found {found}")
    return values.pop()


def _checked_text(text: object, name: str) -> str:
    if not isinstance(text, str):
        raise ArgumentError(f"expected str as {name}, found {type(text).__name__}")
    if find_half(text) is not None:
        raise UnknownOperationError(f"expected text as {name}, found half a surrogate pair")
    return text


def _checked_body(body: object) -> str | None:
    """The text of a body; None if it is empty or white space."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "surrogateescape")
    text = "" if body is None else _checked_text(body, "body")
    return text if text and not text.isspace() else None


def _are_pairs(pairs: tuple[object, ...]) -> bool:
    for pair in pairs:
        if not (isinstance(pair, tuple) and len(pair) == 2):
            return False
        if not (isinstance(pair[0], str) and isinstance(pair[1], str)):
            return False
    return True
