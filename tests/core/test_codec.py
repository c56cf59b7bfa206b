"""The public calls: wrong arguments, the inferred operation, `encode`, `compare`, `classify`."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

import sgformats
from sgformats import Bounce, Count, Failure, InvalidEmail, Listing, Success, Unsubscribe
from sgformats._model.scalars import SCALARS

LISTS = tuple(name for name in sgformats.OPERATIONS if name.endswith(".get"))
ONE = b'[{"email":"a","reason":"b"}]'
WHEN = "2009-06-10 12:40:30"

# Wrong arguments, and the message.
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"operation": "invalidemails.list"}, 'found "invalidemails.list"'),
    ({"operation": 5}, "found 5"),
    ({"format": "yaml"}, "expected `format` to be one of None, 'xml', 'json', 'json-v3', found"),
    ({"mode": "loose"}, "expected `mode` to be one of 'strict', 'lax', found \"loose\""),
    (
        {"operation": "invalidemails.count", "format": "json-v3"},
        "expected a call that json-v3 has, found invalidemails.count",
    ),
]


@pytest.mark.parametrize("options, message", MISTAKES)
def test_a_wrong_argument_raises_argument_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(sgformats.ArgumentError, match=message):
        sgformats.parse(ONE, **options)


def test_indent_must_be_a_bool() -> None:
    with pytest.raises(
        sgformats.ArgumentError, match="expected `indent` to be True or False, found 1"
    ):
        sgformats.encode(Success(), "json", indent=1)  # type: ignore[arg-type]


def test_a_method_and_an_operation_show_their_names() -> None:
    operation = sgformats.OPERATIONS["bounces.get"]
    assert (repr(operation), repr(operation.method)) == (
        "<Operation bounces.get>",
        "<Method bounces>",
    )


def test_an_unknown_encoding_is_refused_with_the_known_ones() -> None:
    for wrong, shown in (("UTF-16", '"UTF-16"'), (5, "5")):
        with pytest.raises(sgformats.ArgumentError, match=f"UTF-8, US-ASCII, found {shown}$"):
            sgformats.encode(Success(), "json", encoding=wrong)  # type: ignore[arg-type]


# Without an operation: the reply, or the operations that the caller has to choose from.
INFERRED: list[tuple[bytes, Any]] = [
    (ONE, Listing("invalidemails", (InvalidEmail("a", "b"),))),
    (b"[]", LISTS),
    (b"<bounces/>", Listing("bounces", ())),
    (b'[{"email":"a"}]', ("spamreports.get", "unsubscribes.get")),
    (b'[{"email":"a","status":"5","reason":"b"}]', ("bounces.get", "blocks.get")),
    (b'{"count":"2"}', Count(2)),
    (b'{"message":"success"}', Success()),
    (b"<result>success</result>", Success()),
    (b"<result><message>no</message></result>", Failure("no")),
    (b'{"errors":[{"field":null,"message":"no"}]}', Failure("error", ("no",))),
]


# docs/design.md, promise 9: "Where the call is unknown and the bytes fit several operations, the answer is
# ambiguous."


@pytest.mark.parametrize("data, expected", INFERRED)
def test_an_operation_is_inferred_or_ambiguous(data: bytes, expected: Any) -> None:
    assert sgformats.validate(data) == []
    if not isinstance(expected, tuple):
        assert sgformats.parse(data) == expected
        return
    with pytest.raises(sgformats.AmbiguousOperationError) as refused:
        sgformats.parse(data)
    assert refused.value.candidates == expected
    assert str(refused.value) == (
        "expected a payload of one operation, found one that may answer "
        f"{', '.join(expected)}; name the operation"
    )


def test_an_unknown_shape_is_one_problem() -> None:
    (problem,) = sgformats.validate(b'{"foo":1}')
    assert (problem.rule, problem.location.offset) == ("unknown-shape", 0)


def test_an_error_names_its_first_problem_and_counts_the_rest() -> None:
    with pytest.raises(sgformats.ValidationError) as refused:
        sgformats.parse(b'[{"email":1,"reason":2}]', "invalidemails.get")
    assert str(refused.value) == (
        "line 1, column 11 ([0].email): wrong-type: expected text, found a number (and 1 more)"
    )


# A reply; for JSON and XML the bytes, or the path and the character that cannot be written.
NO_XML_CODE = ("code", None)
WRITTEN: list[tuple[Any, Any, Any]] = [
    (Failure("x", (), 5), b'{"error":{"code":5,"message":"x"}}', NO_XML_CODE),
    (Failure("x", ("e",), 5), ("errors", None), NO_XML_CODE),
    (Failure("\ud800"), ("message", 0), ("message", 0)),
    (Failure("a", ("b\ud800",)), ("errors[0]", 1), ("errors[0]", 1)),
    (Failure("x\0"), b'{"message":"x\\u0000"}', ("message", 1)),
    (Failure("x", ("\ufffe",)), '{"message":"x","errors":["\ufffe"]}'.encode(), ("errors[0]", 0)),
    (
        Failure("success"),
        b'{"error":"success"}',
        b"<result><message>error</message><message>success</message></result>",
    ),
    (
        Failure("\r", ("<&>",)),
        b'{"message":"\\r","errors":["<&>"]}',
        b"<result><message>&#13;</message><errors><error>&lt;&amp;&gt;</error></errors></result>",
    ),
    (Count(2), b'{"count":2}', b"<result><count>2</count></result>"),
    (Listing("bounces", ()), b"[]", b"<bounces></bounces>"),
    (Listing("bounces", (Bounce("a", "b", "c\ud800"),)), ("[0].reason", 1), ("[0].reason", 1)),
]


@pytest.mark.parametrize("reply, json, xml", WRITTEN)
def test_a_reply_is_written_or_its_unwritable_value_is_named(
    reply: Any, json: Any, xml: Any
) -> None:
    declaration = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    if isinstance(xml, bytes):
        xml = declaration + xml
    for form, expected in (("json", json), ("xml", xml)):
        if isinstance(expected, bytes):
            assert sgformats.encode(reply, form) == expected  # type: ignore[arg-type]
            continue
        with pytest.raises(sgformats.EncodeError) as refused:
            sgformats.encode(reply, form)  # type: ignore[arg-type]
        assert (refused.value.path, refused.value.index) == expected


def test_a_written_timestamp_has_neither_zone_nor_fraction() -> None:
    write = SCALARS["timestamp"].write
    when = datetime(2009, 6, 10, 12, 40, 30)
    assert write(when) == WHEN
    with pytest.raises(ValueError, match="found one with a zone"):
        write(when.replace(tzinfo=timezone.utc))
    with pytest.raises(ValueError, match="found a fraction of a second"):
        write(when.replace(microsecond=1))


def test_an_encode_error_says_where_and_why() -> None:
    with pytest.raises(sgformats.EncodeError) as refused:
        sgformats.encode(Failure("a\x01"), "xml")
    assert str(refused.value) == (
        "cannot encode message, character 1: XML cannot hold the character U+0001"
    )


def test_replies_are_written_in_ascii_and_indented() -> None:
    reply = Listing("unsubscribes", (Unsubscribe("é"),))
    assert sgformats.encode(reply, "json", encoding="us-ascii") == b'[{"email":"\\u00e9"}]'
    indented = b'[\n  {\n    "email": "\\u00e9"\n  }\n]'
    assert sgformats.encode(reply, "json", encoding="US-ASCII", indent=True) == indented
    assert sgformats.encode(reply, "xml", encoding="UTF-8", indent=True).decode() == (
        '<?xml version="1.0" encoding="UTF-8"?>\n<unsubscribes>\n   <unsubscribe>\n'
        "      <email>é</email>\n   </unsubscribe>\n</unsubscribes>\n"
    )


# Two payloads; for each difference the path, the kind, both values, and both locations.
A_B = b'[{"email":"a","reason":"x"},{"email":"b","reason":"y"}]'
XML_B = b"<invalidemails><invalidemail><email>b</email><reason>y</reason></invalidemail></invalidemails>"
LATER = b'[{"email":"a","reason":"x"},{"email":"c","reason":"y","created":"2009-06-10 12:40:30"}]'
DIFFERENT: list[tuple[bytes, bytes, list[tuple[Any, ...]]]] = [
    (
        A_B,
        LATER,
        [
            ("[1].email", "changed", "b", "c", "[1].email", 37, "[1].email", 37),
            ("[1].created", "extra", None, WHEN, "[1]", 28, "[1].created", 64),
        ],
    ),
    (LATER, A_B[:28] + LATER[28:], []),
    (A_B, XML_B, [("[0]", "missing", "a · x", None, "[0]", 1, "", 0)]),
    (XML_B, A_B, [("[0]", "extra", None, "a · x", "", 0, "[0]", 1)]),
    (
        b"[]",
        b'{"error":{"code":401,"message":"no"}}',
        [("", "changed", "a list of invalidemails", "a failure", "", 0, "", 0)],
    ),
    (
        b'{"error":"yes"}',
        b'{"error":{"code":401,"message":"no"}}',
        [
            ("message", "changed", "yes", "no", "error", 9, "error.message", 31),
            ("code", "extra", None, "401", "", 0, "error.code", 17),
        ],
    ),
    (
        b'{"message":"error","errors":["a","b"]}',
        b"<result><message>error</message><errors><error>a</error></errors></result>",
        [("errors[1]", "missing", "b", None, "errors[1]", 33, "errors", 40)],
    ),
]


@pytest.mark.parametrize("a, b, expected", DIFFERENT)
def test_every_difference_has_both_locations(
    a: bytes, b: bytes, expected: list[tuple[Any, ...]]
) -> None:
    found = []
    for d in sgformats.compare(a, b, "invalidemails.get"):
        places = (d.location_a.path, d.location_a.offset, d.location_b.path, d.location_b.offset)
        found.append((d.path, d.kind, d.a, d.b, *places))
    assert found == expected


def test_the_messages_of_differences_are_exact() -> None:
    changed, extra = sgformats.compare(A_B, LATER, "invalidemails.get")
    assert str(changed) == (
        '[1].email: expected "b", found "c" '
        "(line 1, column 38 ([1].email); line 1, column 38 ([1].email))"
    )
    assert extra.message == f'unexpected "{WHEN}"'
    (missing,) = sgformats.compare(A_B, XML_B, "invalidemails.get")
    assert missing.message == 'missing "a · x"'
    (whole,) = sgformats.compare(b'{"message":"success"}', b'{"count":3}')
    assert str(whole).startswith('the reply: expected "a success", found "a count"')


# A body; its format, encoding, dialect, operations, and whether to retry.
RESULTS = tuple(name for name in sgformats.OPERATIONS if name.endswith((".delete", ".add")))
COUNTS = tuple(name for name in sgformats.OPERATIONS if name.endswith(".count"))
ALL = tuple(sgformats.OPERATIONS)
CLASSIFIED: list[tuple[bytes | str, Any, Any, str, tuple[str, ...], bool]] = [
    (b"[]", "json", "UTF-8", "list", LISTS, False),
    (b"\xff\xfe[\x00]\x00", "json", "UTF-16LE", "list", LISTS, False),
    (ONE, "json", "UTF-8", "list", ("invalidemails.get",), False),
    (b"<bounces/>", "xml", "UTF-8", "list", ("bounces.get",), False),
    (b"<bounce/>", "xml", "UTF-8", "record", ("bounces.get",), False),
    (b'{"reason":"a"}', "json", "UTF-8", "record", ("invalidemails.get",), False),
    (b'{"message":"success"}', "json", "UTF-8", "message", RESULTS, False),
    (b"<result>success</result>", "xml", "UTF-8", "text", RESULTS, False),
    (b"<result><count>2</count></result>", "xml", "UTF-8", "count", COUNTS, False),
    (b'{"error":"no"}', "json", "UTF-8", "error", ALL, False),
    (b'{"error":{"code":1,"message":""}}', "json", "UTF-8", "error with code", ALL, False),
    (b'{"message":"a","errors":[]}', "json", "UTF-8", "message and errors", ALL, False),
    (
        b"<result><message>error</message><message>a</message></result>",
        *("xml", "UTF-8", "error", ALL, False),
    ),
    (b"<result/>", "xml", "UTF-8", "unknown", (), False),
    (b"<foo/>", "xml", "UTF-8", "unknown", (), True),
    (b"{}", "json", "UTF-8", "unknown", (), False),
    (b'"x"', "json", "UTF-8", "unknown", (), True),
    (b'{"error":{}}', "json", "UTF-8", "error with code", (), False),
    (b"<html>", None, "UTF-8", "html", (), True),
    (b"Try again later.", None, "UTF-8", "plain-text", (), True),
    (b"", None, None, "empty", (), True),
    (b"\x00\x01", None, None, "binary", (), False),
    (b"[{", "json", "UTF-8", "truncated", (), True),
    (b"[}", "json", "UTF-8", "damaged", (), False),
    ("\ud800", None, None, "damaged", (), False),
    (b"[]" * 100, None, None, "unknown", (), False),
]


@pytest.mark.parametrize("data, form, encoding, dialect, operations, retry", CLASSIFIED)
def test_classify_needs_only_the_body(
    data: bytes | str, form: Any, encoding: Any, dialect: str, operations: Any, retry: bool
) -> None:
    found = sgformats.classify(data, max_bytes=100)
    assert (found.format, found.encoding, found.dialect) == (form, encoding, dialect)
    assert (found.operations, found.retry) == (operations, retry)


def test_classify_lists_its_evidence() -> None:
    assert sgformats.classify(b"\xef\xbb\xbf" + ONE).evidence == (
        "the root is of type array",
        "1 record",
        'the first record\'s fields are "email, reason"',
        "a byte-order mark",
    )
    assert sgformats.classify(b"{}").evidence == ("an empty object",)
