"""Lists built to mislead the fast readers, which prove a list by adding up sizes and comparing pieces.

These lists duplicate, escape, pad and shorten, so that the sums may be right though the content is
wrong. docs/design.md, promise 4: "The fast reader answers `None` or what the full reader answers."
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats import _fast as fastreaders
from sgformats._json.items import JsonItems
from sgformats._model.scalars import read_timestamp, read_timestamps
from sgformats._options import Mode
from sgformats._scan import sizes as group_sizes
from sgformats._text.payload import Format, Payload
from sgformats._xml import fast as xmlfast
from sgformats._xml.items import XmlItems
from sgformats.codec import parse, validate
from sgformats.errors import AmbiguousOperationError, SgformatsError
from sgformats.operations import OPERATIONS, Operation
from tests.core.readerkit import DECODE, LISTS, MOMENT, confirmed

TIMESTAMPS = st.sampled_from(
    [
        *[MOMENT] * 8,
        "",
        *("2009-06-10T12:40:30", "2009-06-10t12:40:30", "2009-06-10 12:40:30Z"),
        *("2009-06-10 12:40:30.5", "2009-06-10 12:40:30.500000", "2009-06-10 12:40:30+00:00"),
        *("2009-02-30 12:40:30", "2009-W24-3 12:40:30", "2009-06-10 24:00:00", "2009-06-10 12:40"),
        *(" 2009-06-10 12:40:30", "0000-06-10 12:40:30", "9999-12-31 23:59:59"),
        "١٢٣٤-06-10 12:40:30",
        f'{MOMENT}","{MOMENT}',
    ]
)
TEXTS = st.sampled_from(
    [
        *("a", "", " ", "   ", "T", "tT 1T2", "/", "//", "\\", "\\\\", '"', '""""', "é", "\u2028"),
        *("email", '"email":"a",', ":", ",", "}", "]", MOMENT, "null", "\n", "\t", "\x7f"),
        "\ufffe",
    ]
)


def json_string(text: str, way: int) -> str:
    """A string of JSON, plainly written or with more escapes than it needs."""
    if way == 0:
        return json.dumps(text, ensure_ascii=False)
    if way == 1:
        return json.dumps(text).replace("/", "\\/")
    return '"' + "".join(f"\\u{ord(character):04x}" for character in text) + '"'


@st.composite
def members(draw: st.DrawFn, operation: Operation) -> list[tuple[str, str]]:
    """The fields of a record; sometimes one is missing, unknown or there twice."""
    found = []
    for field in operation.method.fields:
        if field.required or draw(st.booleans()):
            values = TIMESTAMPS if field.scalar == "timestamp" else TEXTS
            found.append((field.name, draw(values)))
    fault = draw(st.integers(0, 11))
    if fault == 0 and found:
        found.append(draw(st.sampled_from(found)))
    elif fault == 1:
        found.append(("extra", draw(TEXTS)))
    elif fault == 2 and found:
        found.pop(0)
    return draw(st.permutations(found)) if draw(st.booleans()) else found


@st.composite
def json_lists(draw: st.DrawFn, operation: Operation) -> bytes:
    """Lists with common and odd layouts, needless escapes, wrong values and wrong ends."""
    comma, colon = draw(st.sampled_from([(",", ":")] * 4 + [(", ", ": "), (" ,", " :")]))
    way = st.sampled_from([0] * 8 + [1, 1, 2])
    items = []
    for _ in range(draw(st.integers(0, 6))):
        inside = []
        for name, value in draw(members(operation)):
            text = json_string(value, draw(way))
            if draw(st.integers(0, 30)) == 0:
                text = draw(st.sampled_from(["null", "5", "[]", "{}", "true", '"\\ud800"']))
            key = json_string(name, 2) if draw(st.integers(0, 30)) == 0 else f'"{name}"'
            inside.append(key + colon + text)
        items.append("{" + comma.join(inside) + "}")
    end = draw(st.sampled_from(["]"] * 12 + ["]]", ",]", "],[]", "]\n", "] x", ""]))
    return ("[" + comma.join(items) + end).encode()


SPECIAL = ["&amp;", "&#65;", "&#x41;", "&#0;", "&#13;", "&#55296;", "&#9999999;", "&bogus;", "&amp"]
SPECIAL += [
    *("&;", "&#;", "]]>", "]]&gt;", "]]", ">", "\r", "\r\n", "\x00", "\x01", "\x0b", "\0email>"),
]
SPECIAL += [
    "<b/>",
    "<!--c-->",
    "<![CDATA[a]]>",
    "<![CDATA[",
    "]]>",
    "&#x41;",
    "<?p?>",
    "\x85",
    "\ufffe",
    "😀",
    "'",
    "é",
]


@st.composite
def xml_lists(draw: st.DrawFn, operation: Operation) -> bytes:
    """Lists with layout, escapes, sections and attributes, allowed and forbidden."""
    method = operation.method
    space = st.sampled_from([""] * 4 + ["\n   ", " ", "\r\n"])
    inside_tag = st.sampled_from([""] * 40 + [" ", "\n", " a='1'", ' xmlns="u"', "/"])
    items = []
    for _ in range(draw(st.integers(0, 5))):
        fields = ""
        for name, value in draw(members(operation)):
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            if draw(st.integers(0, 12)) == 0:
                text = draw(st.sampled_from(SPECIAL)) + text
            end = f"</{name}{draw(inside_tag)}>"
            start = f"<{name}{draw(inside_tag)}>"
            written = f"<{name}/>" if not text and draw(st.booleans()) else start + text + end
            fields += draw(space) + written
        after = draw(st.sampled_from([""] * 40 + ["x", "<x/>", "&amp;", "<!--c-->"]))
        opening = f"<{method.item}{draw(inside_tag)}>"
        items.append(f"{opening}{fields}{draw(space)}</{method.item}>{after}{draw(space)}")
    encoding = draw(st.sampled_from(["utf-8"] * 4 + ["latin-1", "cp1252", "utf-16"]))
    head = draw(
        st.sampled_from(
            [
                *("", "", "\n", "\ufeff", '<?xml version="1.0"?>'),
                "<?xml version='1.0' encoding='utf-8'?>",
                *('<?xml version="1.0" encoding="ISO-8859-1"?>\n', '<?xml version="1.1"?>'),
                '<?xml version="1.0" encoding="windows-1252"?>',
                '<?xml version="1.0" encoding="US-ASCII"?>',
                *('<?xml version="1.0" encoding="UTF-16"?>', "<?xml version='1.0\"?>"),
                "<!DOCTYPE a>",
            ]
        )
    )
    end = draw(
        st.sampled_from(
            [f"</{method.root}>"] * 12 + ["", f"</{method.root}>>", f"</{method.root}>x"]
        )
    )
    return f"{head}<{method.root}>{draw(space)}{''.join(items)}{end}".encode(encoding, "ignore")


@st.composite
def calls(draw: st.DrawFn) -> tuple[bytes, Operation, Format]:
    """A payload, its operation, and its format."""
    operation = draw(st.sampled_from(LISTS))
    form: Format = draw(st.sampled_from(["json", "xml"]))
    data = draw(json_lists(operation) if form == "json" else xml_lists(operation))
    return data, operation, form


@contextmanager
def sizes(small: bool) -> Iterator[None]:
    """Use the algorithms for small payloads, or those for large ones, whatever the size."""
    limit = 1 << 40 if small else 0
    with (
        patch.object(xmlfast, "_FEW", limit),
        patch.object(group_sizes, "_USUAL", 64 if small else 1 << 14),
        patch.object(group_sizes, "_SMALLEST", 1 if small else 512),
    ):
        yield


@given(calls(), st.booleans())
def test_the_full_reader_and_the_schema_confirm_a_fast_reader(
    call: tuple[bytes, Operation, Format], small: bool
) -> None:
    data, operation, form = call
    with sizes(small):
        reply = DECODE[form](data, operation)
    confirmed(reply, data, operation, form)


@contextmanager
def without_fast_readers() -> Iterator[None]:
    with (
        patch.object(JsonItems, "decode_group", return_value=None),
        patch.object(XmlItems, "decode_group", return_value=None),
        patch.object(fastreaders, "as_input", return_value=None),
    ):
        yield


def outcome(data: Payload, operation: Operation | None, mode: Mode) -> object:
    try:
        return parse(data, operation, mode=mode)
    except AmbiguousOperationError as error:
        return error.candidates
    except SgformatsError as error:
        return type(error), error.problems


def readings(data: Payload, operation: Operation | None) -> list[object]:
    return [
        validate(data, operation),
        outcome(data, operation, "strict"),
        outcome(data, operation, "lax"),
    ]


@given(calls(), st.booleans(), st.booleans())
def test_a_list_reads_the_same_without_fast_readers(
    call: tuple[bytes, Operation, Format], small: bool, given: bool
) -> None:
    data, operation, _ = call
    meant = operation if given else None
    with without_fast_readers():
        whole = readings(data, meant)
    with sizes(small):
        assert readings(data, meant) == whole


@given(calls(), st.booleans())
def test_a_str_reads_the_same_without_fast_readers(
    call: tuple[bytes, Operation, Format], given: bool
) -> None:
    data, operation, _ = call
    text = data.decode("utf-8", "surrogateescape")
    meant = operation if given else None
    with without_fast_readers():
        whole = readings(text, meant)
    assert readings(text, meant) == whole


@given(st.lists(st.one_of(st.none(), TIMESTAMPS)))
def test_timestamps_read_together_equal_those_read_one_by_one(texts: list[str | None]) -> None:
    expected: list[Any] | None
    try:
        expected = [read_timestamp(text or "") for text in texts]
    except ValueError:
        expected = None
    assert read_timestamps(texts) == expected


# Each has the sums of a valid payload: what one fault adds, another removes.
A, B, C = '"email":"a"', '"reason":"b"', f'"created":"{MOMENT}"'
MATCHING: list[tuple[Format, str]] = [
    # Escaped backslashes, as many as a second field needs bytes.
    ("json", "[{" + A + ',"reason":"' + "\\\\" * 12 + '","reason":"b"}]'),
    ("json", "[{" + A + ',"reason":"b","reason":"' + "\\\\" * 14 + '"}]'),
    # Escaped quotes in place of the quotes of a second field.
    ("json", "[ {" + A + ',"reason":"' + "\\u0022" * 4 + '","reason":"b"}]'),
    ("json", "[ {" + A + ',"reason":"b","reason":"' + "\\u0022" * 4 + '"}]'),
    # A fraction is read as six digits, so three fractions could hide a field of fifteen bytes.
    ("json", "[" + ",".join(["{" + A + "," + B + f',"created":"{MOMENT}.5"' + "}"] * 3) + "]"),
    ("json", '[{"email":"x","email":"aaaa",' + B + f',"created":"{MOMENT}.5"' + "}]"),
    # A timestamp twice in one record, and not in the other.
    ("json", "[{" + A + "," + B + f",{C},{C}" + "},{" + A + "," + B + "}]"),
    ("json", "[{" + A + f",{C}," + B + f",{C}" + "},{" + A + "," + B + f",{C}" + "}]"),
    # The last field of a record looks right, but another replaces a value of another form.
    ("json", '[{"created":"2009-06-10T12:40:30",' + A + "," + B + f",{C}" + "}]"),
    # A text that looks like the timestamp which a record lacks.
    ("json", "[{" + A + f',"reason":{json.dumps(C + "}")},"created":"2009-06-10T12:40:30"' + "}]"),
    # A null for each quote that is escaped.
    ("json", '[{"email":"\\"",' + B + ',"created":null}]'),
    # A T in place of a space, and a space in place of a T.
    ("json", '[{"email":"T",' + B + ',"created":"2009-06-10T12:40:30"}]'),
    ("json", '[{"email":"a b",' + B + f',"created":"{MOMENT}Z"' + "}]"),
    # A record has twice what another lacks.
    ("xml", "<email>a</email><email>a</email></invalidemail><invalidemail><reason/><reason/>"),
    ("xml", "<email>a</email></email><reason>b"),
    ("xml", "<email>a</reason><reason>b</email>"),
    ("xml", "<reason>email>a</reason><reason>b</reason>"),
]


@pytest.mark.parametrize("small", [True, False])
@pytest.mark.parametrize("form, text", MATCHING)
def test_matching_sums_prove_nothing(form: Format, text: str, small: bool) -> None:
    if form == "xml":
        text = f"<invalidemails><invalidemail>{text}</invalidemail></invalidemails>"
    operation = OPERATIONS["invalidemails.get"]
    with sizes(small):
        assert DECODE[form](text.encode(), operation) is None
    assert validate(text, operation) != []
