"""docs/design.md, promise 9: "Where the call is unknown and the bytes fit several"

Every list with every choice of its optional fields, in both JSON formats, with and without an
unknown field; undamaged, and with each damage after which `salvage` continues.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest

import sgformats
from sgformats import AmbiguousOperationError
from sgformats._text.payload import Format
from sgformats.operations import METHODS, OPERATIONS, Method

TEXTS = {
    "email": "lea@garden.example",
    "status": "5.1.1",
    "reason": "no such user",
    "ip": "10.0.0.7",
}
TIMES: dict[Format, str | int] = {"json": "2012-03-04 05:06:07", "json-v3": 1330837567}
UNKNOWN: tuple[Any, ...] = (None, "c", ["c"], {"c": "d"}, [{"c": 1}, {"email": "x@y.example"}])
DAMAGE = {
    "whole": lambda body: body,
    "cut in a record": lambda body: body[:-9],
    "cut between records": lambda body: body[:-1],
    "without brackets": lambda body: body[1:-1],
    "after other text": lambda body: 'Warning: {"level":"low"}\n' + body,
    "before a second body": lambda body: body + '{"message":"error"}',
}


def lists() -> Iterator[tuple[Method, Format, frozenset[str]]]:
    """Each method, format, and choice of fields that its records may have."""
    for method, format in itertools.product(METHODS, TIMES):
        required = set(method.required(v3=format == "json-v3"))
        optional = [name for name in method.names if name not in required]
        for size in range(len(optional) + 1):
            for chosen in itertools.combinations(optional, size):
                yield method, format, frozenset(required.union(chosen))


def fitting(names: frozenset[str], format: Format) -> tuple[str, ...]:
    """The lists that may have records of exactly these fields."""
    return tuple(
        f"{method.name}.get"
        for method in METHODS
        if set(method.required(v3=format == "json-v3")) <= names <= set(method.names)
    )


def body_of(names: frozenset[str], format: Format, unknown: Any) -> str:
    values: dict[str, Any] = {"created": TIMES[format], **TEXTS}
    record = {name: values[name] for name in values if name in names}
    if unknown is not None:
        record["category"] = unknown
    return json.dumps([record] * 3)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize(("method", "format", "names"), list(lists()))
def test_salvage_never_guesses_between_lists_that_look_alike(
    method: Method, format: Format, names: frozenset[str], damage: str
) -> None:
    expected = fitting(names, format)
    assert f"{method.name}.get" in expected
    for unknown in UNKNOWN:
        body = DAMAGE[damage](body_of(names, format, unknown)).encode()
        named = [sgformats.salvage(body, OPERATIONS[name]) for name in expected]
        assert all(len(each.records) >= 2 for each in named)
        if len(expected) == 1:
            assert sgformats.salvage(body) == named[0]
        else:
            with pytest.raises(AmbiguousOperationError) as salvaged:
                sgformats.salvage(body)
            assert salvaged.value.candidates == expected


@pytest.mark.parametrize(("method", "format", "names"), list(lists()))
def test_parse_and_classify_never_guess_between_lists_that_look_alike(
    method: Method, format: Format, names: frozenset[str]
) -> None:
    expected = fitting(names, format)
    for unknown in UNKNOWN:
        body = body_of(names, format, unknown).encode()
        found = sgformats.classify(body)
        assert (found.format, found.operations) == (format, expected)
        mode: Any = "strict" if unknown is None else "lax"
        if len(expected) == 1:
            reply = sgformats.parse(body, OPERATIONS[expected[0]], mode=mode)
            assert sgformats.parse(body, mode=mode) == reply
        else:
            with pytest.raises(AmbiguousOperationError) as caught:
                sgformats.parse(body, mode=mode)
            assert caught.value.candidates == expected


@pytest.mark.parametrize(
    "body", ["[", "[{", '[{"email":"a', '[{"level":1}', "<answer", '[{"x":[1]},']
)
def test_a_damaged_body_without_a_record_has_no_operation(body: str) -> None:
    assert sgformats.salvage(body.encode()).operation is None


def test_a_list_cut_in_its_first_record_has_a_format() -> None:
    assert sgformats.salvage(b'[{"created":1330837567,"ema', "unsubscribes.get").format == "json-v3"
