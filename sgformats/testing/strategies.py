"""Hypothesis strategies: replies, every way to write one, and damaged or hostile payloads.

`records`, `replies` and `payloads` are valid, `mutated` and `hostile` mostly are not. All read
`OPERATIONS` when they are called, so they also draw operations that you add.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, TypeAlias

from sgformats._model.scalars import LARGEST_NUMBER
from sgformats._model.shapes import operations_in
from sgformats._text.payload import WHITE, Format
from sgformats.errors import ArgumentError
from sgformats.operations import Field, Method, Operation, find_operation
from sgformats.records import (
    NO_DETAIL,
    Count,
    ErrorDetail,
    Failure,
    Json,
    Listing,
    Reply,
    Success,
)
from sgformats.testing.hostile import HOSTILE
from sgformats.testing.mutations import mutate
from sgformats.testing.spelling import spell, tree_of

try:
    from hypothesis import strategies as st
    from hypothesis.strategies import SearchStrategy
except ImportError:
    raise ImportError('the strategies need Hypothesis: pip install "sgformats[testing]"') from None

Written: TypeAlias = tuple[Reply, bytes]

# Examples from the API pages, and texts that are easily misread.
_SAMPLES = (
    "isaac@hotmail.comm",
    "brandon",
    "Mail domain mentioned in email address is unknown",
    "550 5.1.1 <a@b.example>... User unknown [http:\\/\\/x.example/?a=1&b=2]",
    "",
    " two  spaces ",
    "\t\r\n",
    "Zoë Straße – 日本 😀",
    "]]>",
    "&amp;&#13;",
    "error",
    "success",
    '\\u0065"{}[],:/',
)
_TROUBLE = "<>&\"'\\/]-; \t\r\n\x7f\x85\xa0\u2028\ufffd\U0010ffff\u00e9x"
_NOT_IN_XML = (
    *tuple(chr(code) for code in range(32) if chr(code) not in "\t\n\r"),
    "\ufffe",
    "\uffff",
)


def texts(*, xml: bool = True) -> SearchStrategy[str]:
    """Text that both formats can hold; without `xml`, also what only JSON can."""
    excluded = _NOT_IN_XML if xml else ()
    every = st.characters(exclude_categories=["Cs"], exclude_characters=excluded)
    return st.one_of(
        st.sampled_from(_SAMPLES),
        st.text(st.sampled_from(_TROUBLE), max_size=12),
        st.text(every, max_size=20),
    )


def records(of: str | Operation | Method, *, format: Format | None = None) -> SearchStrategy[Any]:
    """Records of an operation's method that a format can hold (default: both XML and JSON)."""
    method = of if isinstance(of, Method) else find_operation(of).method
    fields = {field.name: _values(field, format) for field in method.fields}
    return st.builds(method.record, **fields)


def _values(field: Field, format: Format | None) -> SearchStrategy[Any]:
    scalars: Mapping[str, SearchStrategy[Any]] = {
        "text": texts(xml=format in (None, "xml")),
        "timestamp": _moments() if format == "json-v3" else _timestamps(),
        "number": st.integers(0, LARGEST_NUMBER),
    }
    values = scalars[field.scalar]
    needed = field.required or (format == "json-v3" and field.scalar == "timestamp")
    return values if needed else st.none() | values


def _timestamps() -> SearchStrategy[datetime]:
    return st.datetimes().map(lambda moment: moment.replace(microsecond=0))


def _moments() -> SearchStrategy[datetime]:
    return st.datetimes(datetime(1970, 1, 1), timezones=st.just(timezone.utc)).map(
        lambda moment: moment.replace(microsecond=0)
    )


def replies(
    operation: str | Operation | None = None, *, format: Format | None = None
) -> SearchStrategy[Reply]:
    """Replies to an operation (default: any) that a format (default: XML and JSON) can hold."""
    if operation is None:
        return st.sampled_from(operations_in(format)).flatmap(lambda op: replies(op, format=format))
    found = find_operation(operation)
    text = texts(xml=format in (None, "xml"))
    if format == "json-v3":
        if not found.in_v3:
            raise ArgumentError(f"expected a call that json-v3 has, found {found.name}")
        kinds: list[SearchStrategy[Reply]] = [
            st.builds(
                _v3_failure,
                st.lists(st.tuples(text, _details()), min_size=1, max_size=3),
                _details(),
            )
        ]
    else:
        kinds = [
            st.builds(Failure, text),
            st.builds(Failure, text, st.lists(text, max_size=3).map(tuple)),
        ]
    if format == "json":
        kinds.append(st.builds(Failure, text, st.just(()), st.integers(0, LARGEST_NUMBER)))
    if found.task == "get":
        items = st.lists(records(found, format=format), max_size=3).map(tuple)
        kinds += [st.builds(Listing, st.just(found.method.name), items)] * 2
    elif found.task == "count":
        kinds.append(st.builds(Count, st.integers(0, LARGEST_NUMBER)))
    elif format != "json-v3":
        white = st.text(WHITE, max_size=3)
        kinds.append(st.builds(lambda a, b: Success(f"{a}success{b}"), white, white))
    return st.one_of(kinds)


def _details() -> SearchStrategy[ErrorDetail]:
    json = st.sampled_from(("7", "-0.50", "true", "[]", '{"a":["\u00e9",{}]}')).map(Json)
    value = st.none() | texts(xml=False) | json
    names = ErrorDetail.__struct_fields__
    return st.just(NO_DETAIL) | st.builds(ErrorDetail, **dict.fromkeys(names, value))


def _v3_failure(errors: list[tuple[str, ErrorDetail]], extra: ErrorDetail) -> Failure:
    texts, details = zip(*errors, strict=True)
    kept = details if any(detail != NO_DETAIL for detail in details) else ()
    return Failure("error", texts, None, kept, extra)


@st.composite
def payloads(
    draw: st.DrawFn, operation: str | Operation | None = None, format: Format | None = None
) -> Written:
    """Valid payloads, each with its reply, written in any valid way.

    They vary in the form of results, order of fields, layout, escapes, encoding and byte-order
    mark; in XML also in references, CDATA, comments and instructions. Default: any operation and
    format.
    """
    form: Format = draw(st.sampled_from(("xml", "json"))) if format is None else format
    reply = draw(replies(operation, format=form))
    chance = draw(st.randoms(use_true_random=False))
    return reply, spell(tree_of(reply, form, chance), form, chance)


@st.composite
def mutated(draw: st.DrawFn, written: SearchStrategy[Written]) -> bytes:
    """Payloads with changed fields and elements, changed bytes, or both.

    Most are no longer valid.
    """
    _, data = draw(written)
    return mutate(data, draw(st.randoms(use_true_random=False)))


def hostile(*, many: int = 1_000) -> SearchStrategy[bytes]:
    """Payloads made to hang, crash or fool a reader, and random bytes.

    `many` is the number of repetitions in large payloads.
    """
    made = st.sampled_from(HOSTILE).map(lambda make: make(many))
    pieces = st.lists(made.map(lambda data: data[:200]), max_size=3)
    return st.one_of(made, st.binary(max_size=64), pieces.map(b"".join))
