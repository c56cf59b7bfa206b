"""`EncodeError` names the first value, in document order, that the format cannot hold."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats import Block, EncodeError, Failure, Listing, encode
from sgformats._text.payload import Format
from sgformats.operations import METHODS, Field, Method

MOMENT = datetime(2009, 6, 10, 12, 40, 30, tzinfo=timezone.utc)
FORMATS: tuple[Format, ...] = ("xml", "json", "json-v3")
METHODS_OF: dict[Format, list[Method]] = {
    "xml": list(METHODS),
    "json": list(METHODS),
    "json-v3": [method for method in METHODS if method.v3],
}


def unwritable(field: Field, format: Format) -> list[Any]:
    """Values of a field that a format cannot hold."""
    if field.scalar == "timestamp":
        return ["now", MOMENT.replace(microsecond=1)] + [MOMENT.replace(year=1969)] * (
            format == "json-v3"
        )
    return [5, "a\ud800", b"a"] + ["\x1f", "a\ufffe"] * (format == "xml")


def first_unwritable(reply: Any, format: Format) -> str:
    with pytest.raises(EncodeError) as refused:
        encode(reply, format, zone="UTC")
    return refused.value.path


@given(st.data())
def test_the_first_value_in_document_order_is_named(data: st.DataObject) -> None:
    format = data.draw(st.sampled_from(FORMATS))
    method = data.draw(st.sampled_from(METHODS_OF[format]))
    sound = {f.name: MOMENT if f.scalar == "timestamp" else "a" for f in method.fields}
    written = encode(Listing(method.name, (method.record(**sound),)), format, zone="UTC")
    # The order in which the format writes the fields.
    order = [name for name in re.findall(r"\w+", written.decode()) if name in sound]
    order = list(dict.fromkeys(order))
    assert sorted(order) == sorted(sound)
    records = [sound.copy() for _ in range(data.draw(st.integers(1, 4)))]
    place = st.tuples(st.integers(0, len(records) - 1), st.sampled_from(method.fields))
    places = data.draw(st.lists(place, min_size=1, max_size=5))
    for number, field in places:
        records[number][field.name] = data.draw(st.sampled_from(unwritable(field, format)))
    made: list[Any] = [method.record(**record) for record in records]
    number, at = min((number, order.index(field.name)) for number, field in places)
    path = f"[{number}].{order[at]}"
    other = data.draw(st.integers(0, len(records)))
    if data.draw(st.booleans()):
        made.insert(other, "no record")
        path = path if number < other else f"[{other}]"
    assert first_unwritable(Listing(method.name, tuple(made)), format) == path


def test_a_later_field_of_an_earlier_record_comes_first() -> None:
    records = (Block("a", "b", "\x1f"), Block("a", "\x1f", "b"))
    assert first_unwritable(Listing("blocks", records), "xml") == "[0].reason"
    assert first_unwritable(Listing("blocks", (*records, None)), "xml") == "[0].reason"


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("reply", "path"),
    [
        (Failure("\ud800", ("a", 5)), "message"),  # type: ignore[arg-type]
        (Failure("error", ("a", "\ud800", 5)), "errors[1]"),  # type: ignore[arg-type]
        (Failure("\ud800", (), -1), "code"),
    ],
)
def test_the_first_value_of_a_failure_is_named(reply: Failure, path: str, format: Format) -> None:
    assert first_unwritable(reply, format) == path
