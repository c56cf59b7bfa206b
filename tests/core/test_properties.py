"""The promises of docs/design.md, tested on valid, mutated and hostile payloads.

Each group of tests quotes the sentence that it proves. `peers` reads with plain lxml and jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import sgformats
from sgformats._text.payload import Format
from sgformats.errors import SgformatsError
from sgformats.operations import OPERATIONS, OperationName
from sgformats.records import Failure, Listing, Reply
from sgformats.testing.hostile import HOSTILE
from sgformats.testing.strategies import Written, hostile, mutated, payloads, replies
from tests.core import peers
from tests.core.readerkit import CALLS

Given = tuple[OperationName, Format, bytes]
Valid = tuple[OperationName, Format, Written]


def valid() -> st.SearchStrategy[Valid]:
    """A call's name, a format, and a payload in it with its reply."""
    return st.sampled_from(CALLS).flatmap(
        lambda call: st.tuples(st.just(call[0]), st.just(call[1]), payloads(*call))
    )


def anything() -> st.SearchStrategy[Given]:
    """A call's name, a format, and valid, mutated or hostile bytes."""
    return st.sampled_from(CALLS).flatmap(
        lambda call: st.tuples(
            st.just(call[0]),
            st.just(call[1]),
            st.one_of(mutated(payloads(*call)), payloads(*call).map(lambda w: w[1]), hostile()),
        )
    )


def parsed(data: bytes | str, *call: Any, **options: Any) -> Reply | tuple[sgformats.Problem, ...]:
    """The reply, or the problems of the error; any other exception fails the test."""
    try:
        reply: Reply = sgformats.parse(data, *call, **options)
        return reply
    except (sgformats.DecodeError, sgformats.ValidationError) as error:
        return error.problems


# docs/design.md, promise 1: "Any bytes give a reply or a documented error. Nothing else escapes, and
# nothing hangs."


@given(anything())
def test_any_bytes_give_a_reply_or_problems_in_both_modes(given: Given) -> None:
    name, form, data = given
    problems = sgformats.validate(data, name, format=form)
    strict = parsed(data, name, format=form)
    lax = parsed(data, name, format=form, mode="lax")
    if not problems:
        assert strict == lax and not isinstance(strict, tuple)
        return
    assert strict == tuple(problems)
    if all(problem.tolerable for problem in problems):
        assert not isinstance(lax, tuple)
    else:
        assert lax == tuple(problems)


@given(anything())
def test_classify_names_an_operation_of_every_parsed_payload(given: Given) -> None:
    _, _, data = given
    found = sgformats.classify(data)
    try:
        reply = sgformats.parse(data)
    except SgformatsError as error:
        if isinstance(error, sgformats.AmbiguousOperationError):
            assert len(error.candidates) > 1
        return
    assert found.format is not None
    accepting = {op for op in OPERATIONS if parsed(data, op) == reply}
    assert accepting & set(found.operations)


@pytest.mark.parametrize("times", [2_000, pytest.param(50_000, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_payloads_are_never_read_as_records(number: int, times: int) -> None:
    data = HOSTILE[number](times)
    for name in ("invalidemails.get", "invalidemails.count"):
        reply = parsed(data, name)
        assert isinstance(reply, (tuple, Failure)) or reply == Listing("invalidemails", ())
        assert isinstance(reply, tuple) == bool(sgformats.validate(data, name))


# docs/design.md, promise 2: "`parse(encode(r, f)) == r` for every reply `r` and every format `f` that can
# hold it."


@given(st.data(), st.sampled_from(CALLS), st.booleans())
def test_every_reply_that_a_format_can_hold_is_read_back(
    data: st.DataObject, call: tuple[OperationName, Format], indent: bool
) -> None:
    name, form = call
    reply = data.draw(replies(name, format=form))
    xml = ("ISO-8859-1", "UTF-8", "US-ASCII", "windows-1252", "UTF-16")
    encoding = data.draw(
        st.sampled_from((None, *(xml if form == "xml" else ("UTF-8", "US-ASCII"))))
    )
    written = sgformats.encode(reply, form, encoding=encoding, indent=indent)
    assert sgformats.parse(written, name, format=form) == reply
    assert sgformats.validate(written, name, format=form) == []


# docs/design.md, promise 2: "Where a format cannot hold a reply, `EncodeError` says which value and why."


@given(valid())
def test_json_to_xml_to_json_keeps_every_text_or_says_which_character(given: Valid) -> None:
    name, form, (reply, data) = given
    assume(form == "json")
    if (fault := next(unwritable_in_xml(reply), None)) is not None:
        with pytest.raises(sgformats.EncodeError) as refused:
            sgformats.convert(data, "xml", name)
        assert (refused.value.path, refused.value.index) == fault
        return
    xml = sgformats.convert(data, "xml", name)
    assert sgformats.parse(xml, name) == reply
    assert sgformats.compare(data, xml, name) == []
    assert sgformats.convert(xml, "json", name) == sgformats.convert(data, "json", name)


@given(valid())
def test_xml_to_json_to_xml_keeps_every_text(given: Valid) -> None:
    name, form, (reply, data) = given
    assume(form == "xml")
    json = sgformats.convert(data, "json", name)
    assert sgformats.parse(json, name) == reply
    assert sgformats.convert(json, "xml", name) == sgformats.convert(data, "xml", name)


def unwritable_in_xml(reply: Any) -> Iterator[tuple[str, int | None]]:
    """Path and index of each character that XML cannot hold; then the code, which it has no form for."""
    values: list[tuple[str, Any]] = []
    if isinstance(reply, Listing):
        fields = OPERATIONS[f"{reply.method}.get"].method.fields
        for number, record in enumerate(reply.records):
            values += [(f"[{number}].{f.name}", getattr(record, f.name)) for f in fields]
    elif isinstance(reply, Failure):
        values = [("message", reply.message)]
        values += [(f"errors[{number}]", text) for number, text in enumerate(reply.errors)]
    for path, value in values:
        for index, character in enumerate(value if isinstance(value, str) else ""):
            if character in "\ufffe\uffff" or (character < " " and character not in "\t\n\r"):
                yield path, index
    if isinstance(reply, Failure) and reply.code is not None:
        yield "code", None


# docs/design.md, promise 3: "`parse(convert(x, f)) == parse(x)`: a conversion keeps the meaning."


@given(valid())
def test_a_payload_and_its_conversion_mean_the_reply_that_was_written(given: Valid) -> None:
    name, form, (reply, data) = given
    assert sgformats.parse(data, name, format=form) == reply
    again = sgformats.convert(data, form, name, format=form)
    assert sgformats.parse(again, name, format=form) == reply


@given(valid(), valid())
def test_payloads_compare_equal_exactly_if_their_replies_do(one: Valid, other: Valid) -> None:
    name, form, (reply, data) = one
    _, other_form, (_, other_data) = other
    other_reply = parsed(other_data, name)
    assume("json-v3" not in (form, other_form) and not isinstance(other_reply, tuple))
    differences = sgformats.compare(data, other_data, name)
    assert (differences == []) == (reply == other_reply)
    mirrored = sgformats.compare(other_data, data, name)
    assert {(d.path, d.b, d.a) for d in mirrored} == {(d.path, d.a, d.b) for d in differences}


# docs/design.md, promise 4: "Strict `parse` accepts a payload exactly if the shipped XSD or JSON Schema,
# plus the few rules that no schema can express, accepts it."


@given(anything())
@example(("invalidemails.get", "xml", b"<invalidemails xmlns:x='urn:x'/>"))
@example(("invalidemails.delete", "xml", b"<result><message>success</message> x</result>"))
@example(("bounces.count", "xml", b"<result>\xc2\xa0<count>2</count></result>"))
@example(("bounces.count", "json", b'{"count":2.0}'))
@example(("bounces.count", "json", b'{"count":"\\u0662"}'))
@example(("bounces.delete", "json-v3", b""))
@example(("bounces.get", "json-v3", b""))
def test_strict_mode_accepts_what_the_schema_files_accept(given: Given) -> None:
    name, form, data = given
    if form == "xml":
        accepted = peers.xml_accepts(data, name)
    else:
        accepted = peers.json_accepts(data, name, v3=form == "json-v3")
    assert (sgformats.validate(data, name, format=form) == []) == accepted


@given(anything())
@example(("bounces.delete", "json-v3", b""))
def test_json_is_well_formed_exactly_if_the_standard_library_reads_it(given: Given) -> None:
    name, form, data = given
    assume(form != "xml" and len(data) < 10_000)
    try:
        peers.plain_json(data)
        readable = True
    except ValueError as error:
        # An empty body is no JSON, but in v3 it answers a successful delete.
        done = form == "json-v3" and name.endswith(".delete") and not data
        readable = isinstance(error, peers.DuplicateKeyError) or done
    rules = {problem.rule for problem in sgformats.validate(data, name, format=form)}
    assume("too-large" not in rules)  # The standard library knows no limit of that kind.
    stages = {sgformats.RULES[rule].stage for rule in rules}
    assert ("decode" not in stages) == (readable and not data.lstrip().startswith(b"<"))


# docs/design.md: "Its line, column and byte offset all point at the first character of the offending
# value, of what should not be there, or of the place where something is missing."


@given(anything())
def test_offset_line_and_column_agree_and_are_in_document_order(given: Given) -> None:
    name, form, data = given
    problems = sgformats.validate(data, name, format=form)
    places = [problem.location for problem in problems]
    assert [place.offset for place in places] == sorted(place.offset for place in places)
    for place in places[:50]:
        assert 0 <= place.offset <= len(data)
        line, column = peers.line_and_column(data, place.offset, xml=form == "xml")
        assert (place.line, place.column) == (line, column)


FIRST = {
    ("missing-field", "xml"): "<",
    ("missing-field", "json"): "{",
    ("unknown-field", "xml"): "<",
    ("unknown-field", "json"): '"',
    ("duplicate-field", "xml"): "<",
    ("duplicate-field", "json"): '"',
    ("forbidden-doctype", "xml"): "<",
}


@given(anything())
def test_a_location_points_at_the_character_that_its_rule_is_about(given: Given) -> None:
    name, form, data = given
    for problem in sgformats.validate(data, name, format=form)[:50]:
        expected = FIRST.get((problem.rule, form.removesuffix("-v3")))
        rest = data[problem.location.offset :].decode(
            peers.codec_of(data, form == "xml")[0], "replace"
        )
        if expected is not None:
            assert rest[0] == expected
        elif problem.rule == "truncated":
            assert rest == ""
        elif problem.rule in ("unexpected-text", "unknown-attribute", "wrong-type"):
            assert rest[0] not in peers.WHITE or form == "xml"


@given(anything())
def test_native_paths_exist_in_the_document(given: Given) -> None:
    name, form, data = given
    for problem in sgformats.validate(data, name, format=form)[:20]:
        if sgformats.RULES[problem.rule].stage == "decode":
            assert problem.location.path == problem.location.native == ""
        elif form == "xml":
            root = peers.plain_xml(data)
            assert root is None or root.xpath(problem.location.native)
        else:
            assert peers.pointed_at(data, problem.location.native)


# A cut payload is never read as something else.
# Only comments and instructions, without a declaration.
NO_ELEMENT = re.compile(
    r"\ufeff?\s*(?!<\?xml\s)(?:(?:<!--(?:(?!-->).)*-->|<\?(?:(?!\?>).)*\?>)\s*)+\ufffd?", re.DOTALL
)


@given(valid(), st.data())
def test_a_cut_payload_is_truncated_at_its_end(given: Valid, data: st.DataObject) -> None:
    name, form, (reply, whole) = given
    cut = whole[: data.draw(st.integers(0, max(len(whole) - 1, 0)))]
    found = parsed(cut, name, format=form)
    if not isinstance(found, tuple):
        # An empty body is a successful delete.
        assert found == (reply if cut or not whole else sgformats.Success())
        return
    (problem,) = found
    chars = cut.decode(peers.codec_of(whole, form == "xml")[0], "replace")
    if NO_ELEMENT.fullmatch(chars):  # May as well be a page.
        assert problem.rule == "not-an-answer"
    elif chars.strip("\x00\ufeff\ufffd \t\r\n") not in ("", "<", "{", "["):
        assert (problem.rule, problem.location.offset) == ("truncated", len(cut))


# A `str` with an encoding declaration is text, not an error.


@given(valid())
def test_a_str_means_what_its_bytes_mean(given: Valid) -> None:
    name, form, (reply, data) = given
    codec, mark = peers.codec_of(data, form == "xml")
    chars = data[mark:].decode(codec)
    assert sgformats.parse(chars, name, format=form) == reply
    assert sgformats.parse(bytearray(data), name, format=form) == reply
