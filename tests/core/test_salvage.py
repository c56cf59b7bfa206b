"""`salvage` of damaged payloads: the certain records, no others, and the number of lost bytes.

docs/design.md, promise 5: "`salvage(x).records` of a damaged `x` is a subsequence of `parse` of the
undamaged one. On an undamaged payload it loses nothing."
"""

from __future__ import annotations

from typing import Final

import pytest

import sgformats
from sgformats import InvalidEmail, Listing, Salvage, encode, parse, salvage
from sgformats._json.items import JsonItems
from sgformats._xml.items import XmlItems
from sgformats.operations import OPERATIONS
from sgformats.testing.corpus import load_corpus

GET: Final = "invalidemails.get"
THREE = tuple(InvalidEmail(email, "Bad Syntax") for email in ("a@x", "b@x", "c@x"))
JSON = encode(Listing("invalidemails", THREE), "json")
XML = encode(Listing("invalidemails", THREE), "xml")
HEAD = b'<?xml version="1.0" encoding="ISO-8859-1"?>\n'


def emails(found: Salvage) -> list[str]:
    return [record.email for record in found.records]


def summary(found: Salvage) -> tuple[list[str], int | None, str | None, str | None, int]:
    return emails(found), found.broken_at, found.state, found.rule, found.unaccounted


# "Damage seen in archived copies", each kind in both formats if possible.
A, B, C = (b'{"email":"%b@x","reason":"Bad Syntax"}' % name for name in (b"a", b"b", b"c"))
X, Y, Z = (
    b"<invalidemail><email>%b@x</email><reason>Bad Syntax</reason></invalidemail>" % name
    for name in (b"a", b"b", b"c")
)
MALFORMED = "not-well-formed"
DAMAGED = [
    # `{…},{…}` without the outer brackets
    (b"%b,%b" % (A, B), ["a@x", "b@x"], 37, "before the list", MALFORMED, 0),
    (b"%b,\n%b,%b]" % (A, B, C), ["a@x", "b@x", "c@x"], 37, "before the list", MALFORMED, 0),
    # "the first `<` and/or the last `>` lost"
    (XML[1:], ["a@x", "b@x", "c@x"], 0, "before the list", MALFORMED, 43),
    (XML[:-1], ["a@x", "b@x", "c@x"], 296, "between records", "truncated", 15),
    (XML[1:-1], ["a@x", "b@x", "c@x"], 0, "before the list", MALFORMED, 58),
    # "a doubled final `>`"
    (XML + b">", ["a@x", "b@x", "c@x"], 297, "behind the list", MALFORMED, 1),
    (JSON + b"]", ["a@x", "b@x", "c@x"], 115, "behind the list", MALFORMED, 1),
    # "two bodies in one block, the second an error sample"
    (XML + b"<result>x</result>", ["a@x", "b@x", "c@x"], 297, "behind the list", MALFORMED, 18),
    (JSON + b'{"message":"x"}', ["a@x", "b@x", "c@x"], 115, "behind the list", MALFORMED, 15),
    (b"[%b]\n[%b]" % (A, B), ["a@x", "b@x"], 40, "behind the list", MALFORMED, 0),
    (
        HEAD + b"<invalidemails>" + X + b"</invalidemails>" + HEAD + b"<invalidemails>" + Y,
        ["a@x", "b@x"],
        149,
        "behind the list",
        MALFORMED,
        0,
    ),
    # "a start tag where the end tag should be"
    (XML.replace(b"</email>", b"<email>", 1), ["b@x", "c@x"], 117, "in a record", MALFORMED, 73),
    (
        XML.replace(b"</invalidemails>", b"<invalidemails>"),
        ["a@x", "b@x", "c@x"],
        296,
        "between records",
        "truncated",
        15,
    ),
    # "truncation at any byte"
    (JSON[:60], ["a@x"], 60, "in a record", "truncated", 21),
    (XML[:200], ["a@x"], 200, "in a record", "truncated", 67),
    (JSON[20:], ["b@x", "c@x"], 0, "before the list", "not-an-answer", 18),
    (XML[80:], ["b@x", "c@x"], 0, "before the list", MALFORMED, 53),
    # "control bytes (U+0002) in place of markup"
    (XML.replace(b"<email>b", b"\2email>b"), ["a@x", "c@x"], 147, "in a record", MALFORMED, 74),
    (
        XML.replace(b"</invalidemail><", b"\2/invalidemail><", 1),
        ["b@x", "c@x"],
        118,
        "in a record",
        MALFORMED,
        74,
    ),
    (JSON.replace(b'"b@', b"\2b@"), ["a@x", "c@x"], 48, "in a record", MALFORMED, 37),
    # spliced in the middle of a record
    (b"[%b,%b,%b]" % (A, B[:20], C), ["a@x", "c@x"], 62, "in a record", MALFORMED, 20),
    (
        b"<invalidemails>%b%b%b</invalidemails>" % (X, Y[:30], Z),
        ["a@x", "c@x"],
        113,
        "in a record",
        MALFORMED,
        30,
    ),
    # bytes of another encoding
    (
        b"[%b,%b]" % (A, B.replace(b"Bad", b"B\xe9d")),
        ["a@x"],
        65,
        "in a record",
        "bad-encoding",
        37,
    ),
    (
        XML.replace(b"ISO-8859-1", b"UTF-8").replace(b"Bad", b"B\xe9d", 1),
        ["b@x", "c@x"],
        95,
        "in a record",
        "bad-encoding",
        74,
    ),
    # another encoding than the declared one
    (
        XML.replace(b"ISO-8859-1", b"EBCDIC"),
        ["a@x", "b@x", "c@x"],
        30,
        "before the list",
        "bad-encoding",
        0,
    ),
]


@pytest.mark.parametrize(("data", "names", "at", "state", "rule", "lost"), DAMAGED)
def test_certain_records_are_kept_and_every_byte_is_accounted_for(
    data: bytes, names: list[str], at: int, state: str, rule: str, lost: int
) -> None:
    found = salvage(data, GET)
    assert summary(found) == (names, at, state, rule, lost)
    assert (found.reply, found.operation) == (None, GET)
    assert set(found.records) <= set(THREE)


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b'"message":"success"', MALFORMED),
        (b"Service Unavailable", "not-an-answer"),
        (b"<html><body>[%b]</body>" % A, "not-an-answer"),
        (b"", "not-an-answer"),
        (b'{"message":"err', "truncated"),
        (b"\0\1\2", "not-an-answer"),
        (b"<bounces><bounce><email>a</email>", "truncated"),
    ],
)
def test_without_a_list_every_byte_is_unaccounted(data: bytes, rule: str) -> None:
    found = salvage(data, GET)
    assert (found.records, found.rule, found.unaccounted) == ((), rule, len(data))


def test_an_invalid_record_does_not_affect_the_others() -> None:
    wrong = B.replace(b"}", b',"created":"2009-02-30 00:00:00"}')
    found = salvage(b"[%b,%b,%b]" % (A, wrong, C), GET)
    assert summary(found) == (["a@x", "c@x"], None, None, None, 0)
    assert found.indexes == (0, 2)
    (problem,) = found.problems
    assert (problem.rule, problem.location.path) == ("invalid-timestamp", "[1].created")
    assert found.reply is None


def test_strict_mode_drops_records_that_only_lax_mode_accepts() -> None:
    data = b"[%b,%b]" % (A, B.replace(b"}", b',"more":1}'))
    assert emails(salvage(data, GET)) == ["a@x", "b@x"]
    assert salvage(data, GET).reply == parse(data, GET, mode="lax")
    strict = salvage(data, GET, mode="strict")
    assert (emails(strict), strict.reply) == (["a@x"], None)
    assert [problem.rule for problem in strict.problems] == ["unknown-field"]


@pytest.mark.parametrize("record", [A, X])
def test_a_single_record_is_a_list_of_one_in_lax_mode(record: bytes) -> None:
    for found in (salvage(record, GET), salvage(record)):
        assert (found.operation, emails(found), found.indexes) == (GET, ["a@x"], (0,))
        assert found.reply == parse(record, GET, mode="lax")
    assert salvage(record, GET, mode="strict").records == ()


def test_a_result_is_whole_or_nothing() -> None:
    whole = b'{"message":"success"}'
    assert salvage(whole, "invalidemails.delete").reply == sgformats.Success()
    cut = salvage(whole[:-1], "invalidemails.delete")
    assert summary(cut) == ([], 20, "in a result", "truncated", 20)
    listed = salvage(JSON, "invalidemails.delete")
    assert (listed.reply, [each.rule for each in listed.problems]) == (None, ["wrong-operation"])
    assert salvage(b'{"message":"no"}', GET).reply == sgformats.Failure("no")
    assert salvage(b"<invalidemails/>", "bounces.get").problems[0].rule == "wrong-operation"
    assert salvage(b"<x><y></x>", "bounces.delete").rule == MALFORMED
    assert salvage(b'{"message":"\xff"}', "bounces.delete").rule == "bad-encoding"
    assert salvage(b"\xff[", "bounces.delete").rule == "not-an-answer"


def test_a_list_is_found_after_other_text() -> None:
    assert emails(salvage(b"HTTP/1.1 200 OK\n\n" + XML[44:200], GET)) == ["a@x"]
    assert emails(salvage(b"HTTP/1.1 200 OK\n\n" + JSON[:60], GET)) == ["a@x"]


def test_a_list_is_found_after_an_empty_root() -> None:
    item = b"<invalidemail><email>a<!-- --></email><reason>b</reason></invalidemail>"
    found = salvage(b"<invalidemails/>" + item, "invalidemails.get")
    assert found.records == (InvalidEmail("a", "b"),)


def test_no_record_is_taken_from_a_comment_or_a_cdata_section() -> None:
    inside = b"<invalidemails><invalidemail><email>a</email><reason><![CDATA[%b" % X
    assert emails(salvage(inside, GET)) == []
    assert emails(salvage(inside + b"]]></reason>" + Y, GET)) == ["b@x"]
    assert emails(salvage(inside[40:] + b"]]></reason>" + Y, GET)) == ["b@x"]
    assert emails(salvage(b"x --" + X + b"--> " + Y, GET)) == ["b@x"]
    assert emails(salvage(b"<invalidemails>&%b<!-- %b -->%b" % (X, Y, Z), GET)) == ["a@x", "c@x"]
    in_text = b"<invalidemails>%b&%b" % (X, Y.replace(b"Bad", b"-->"))
    assert emails(salvage(in_text, GET)) == ["a@x", "b@x"]
    commented = b"<invalidemails>&<!-- %b --><!-- %b" % (X, Y)
    assert emails(salvage(commented, GET)) == []
    assert emails(salvage(commented + b"-->" + Z, GET)) == ["c@x"]


def test_no_record_is_taken_from_an_entity() -> None:
    plain = b'<!DOCTYPE invalidemails SYSTEM "x.dtd"><invalidemails>%b</invalidemails>' % X
    found = salvage(plain, GET)
    assert (emails(found), found.rule, found.unaccounted) == (["a@x"], "forbidden-doctype", 39)
    entity = b"<!DOCTYPE x [<!ENTITY x '%b'>]><invalidemails/>" % X
    found = salvage(entity, GET)
    assert (emails(found), found.unaccounted) == ([], len(entity))


def test_without_a_declaration_only_ascii_records_are_certain() -> None:
    # These bytes mean something else in UTF-8, and nothing shows that they are not UTF-8.
    data = XML.replace(b"b@x", "b\xc3\xa9".encode("latin-1"))
    assert emails(salvage(data, GET)) == ["a@x", "b\xc3\xa9", "c@x"]
    assert emails(salvage(data[30:], GET)) == ["a@x", "c@x"]
    assert emails(salvage(data.replace(b"encoding", b"enc\2ding"), GET)) == ["a@x", "c@x"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_wide_encodings_are_salvaged(encoding: str) -> None:
    data = JSON.decode().encode(encoding)
    assert emails(salvage(data, GET)) == ["a@x", "b@x", "c@x"]
    assert emails(salvage(data[:-1], GET)) == ["a@x", "b@x", "c@x"]
    half = data.replace("b@".encode(encoding), "\ud800@".encode(encoding, "surrogatepass"))
    found = salvage(half, GET)
    assert (emails(found), found.rule) == (["a@x", "c@x"], "bad-encoding")
    if encoding == "utf-32-le":
        assert emails(salvage(data.replace(b"b\0\0\0@", b"b\0\7\1@"), GET)) == []


def test_a_str_is_salvaged() -> None:
    assert emails(salvage(JSON.decode()[:60], GET)) == ["a@x"]
    assert emails(salvage(XML.decode()[1:], GET)) == ["a@x", "b@x", "c@x"]
    half = salvage(JSON.decode().replace("b@x", "b\ud800"), GET)
    assert (emails(half), half.rule) == (["a@x", "c@x"], "bad-encoding")


def test_the_operation_is_inferred_from_the_remaining_records() -> None:
    assert salvage(JSON[:60]).operation == GET
    assert salvage(XML[:200]).operation == GET
    assert salvage(b'[{"ip":"1.2.3.4","email":"a"},{"em').operation == "spamreports.get"
    assert salvage(b"<bounces><bou").operation == "bounces.get"
    assert salvage(b'{"message":"suc').records == ()
    assert salvage(b'{"message":"success"}').reply == sgformats.Success()
    assert salvage(b"<html>").operation is None
    assert salvage(JSON[1:50]).records == THREE[:1]
    both = b'[{"email":"a","status":"5","reason":"x"},'
    with pytest.raises(sgformats.AmbiguousOperationError):
        salvage(both)
    assert emails(salvage(both, "blocks.get")) == ["a"]


def test_v3_lists_are_detected_by_their_first_record() -> None:
    data = b'[{"created":1250337600,"email":"a@x","reason":"r"},{"created":12503'
    found = salvage(data, GET)
    assert (found.format, emails(found), found.broken_at) == ("json-v3", ["a@x"], 67)
    assert salvage(data, GET, format="json").records == ()
    assert salvage(data, "unsubscribes.get", mode="strict").records == ()


def test_a_zone_converts_timestamps_and_drops_records_with_ambiguous_ones() -> None:
    times = ("2009-06-10 12:00:00", "2009-11-01 01:30:00", "2009-06-11 12:00:00", "")
    items = b",".join(A.replace(b"}", b',"created":"%b"}' % time.encode()) for time in times)
    found = salvage(b"[%b,%b" % (items, A[:9]), GET, zone="America/Los_Angeles")
    assert found.indexes == (0, 2, 3)
    assert [str(getattr(each, "created", None)) for each in found.records] == [
        "2009-06-10 19:00:00+00:00",
        "2009-06-11 19:00:00+00:00",
        "None",
    ]
    assert [each.rule for each in found.problems] == ["ambiguous-time", "truncated"]


def test_large_payloads_and_wrong_arguments_are_refused() -> None:
    found = salvage(JSON, GET, max_bytes=10)
    assert (found.records, found.rule, found.unaccounted) == ((), "too-large", len(JSON))
    with pytest.raises(sgformats.ArgumentError):
        salvage(5, GET)  # type: ignore[call-overload]
    with pytest.raises(sgformats.ArgumentError):
        salvage(JSON, GET, mode="loose")  # type: ignore[call-overload]


def test_holes_in_a_long_list_cost_only_the_records_that_they_touch() -> None:
    many = tuple(InvalidEmail(f"u{number}@x", "R" * (number % 900)) for number in range(3000))
    formats: tuple[sgformats.Format, ...] = ("json", "xml")
    for format in formats:
        data = bytearray(encode(Listing("invalidemails", many), format))
        holes = [data.index(b"u%d@x" % number) for number in (0, 7, 8, 1500, 2999)]
        for hole in holes:
            data[hole] = 2
        found = salvage(bytes(data), GET)
        assert found.indexes == tuple(n for n in range(3000) if n not in (0, 7, 8, 1500, 2999))
        assert found.records == tuple(many[number] for number in found.indexes)
        assert len(found.problems) == 4  # Two adjacent holes are one problem.


def test_every_payload_of_the_corpus_is_salvaged() -> None:
    whole = 0
    for case in load_corpus():
        if case.zone is not None or len(case.payload) > 100_000:
            continue
        found = salvage(case.payload, case.operation, format=case.given_format)
        assert found.reply == case.lax, case.name
        if isinstance(case.lax, Listing):
            assert (found.records, found.unaccounted) == (case.lax.records, 0), case.name
            whole += 1
        decoded = [each.rule for each in case.problems if each.rule in DECODE]
        assert bool(decoded) == (found.broken_at is not None), case.name
    assert whole > 50


DECODE = {name for name, rule in sgformats.RULES.items() if rule.stage == "decode"}


def test_if_two_operations_give_equal_records_none_is_named() -> None:
    found = salvage(b'[{"email":"a","x":1},', mode="strict")
    assert (found.records, found.operation) == ((), None)


D = b'{"email":"d@x","reason":"Bad Syntax"}'
HOLDS = b'{"email":"a@x","reason":"b","x":[%b,%b]' % (B, C)
DEEP = b'{"email":"a@x","reason":"b","x":%b,"y":[%b]}' % (b"[" * 300 + b"]" * 300, B)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        # Cut in the record that holds others.
        (b"[%b" % HOLDS, []),
        (b"[%b}" % HOLDS, ["a@x"]),
        (b"[%b" % HOLDS[:-1], []),
        (b"[%b" % HOLDS[:-30], []),
        # The record is broken after them, before them, and by its depth.
        (b"[%b,5},%b]" % (HOLDS, D), ["d@x"]),
        (b"[%b,%b]" % (HOLDS.replace(b'"b"', b'"b') + b"}", D), ["d@x"]),
        (b"[%b,%b]" % (DEEP, D), ["d@x"]),
        (b"[%b,%b" % (DEEP, D), ["d@x"]),
        # Records after a broken record with a list in it.
        (b'[{"email":"a@x","x":["c"],5},%b,%b]' % (B, C), ["b@x", "c@x"]),
        (b'[{"email":"a@x","x":["c"},%b,%b]' % (B, C), ["b@x", "c@x"]),
        (b'[{"email":"a@x","reason":"b,"x":["c"]},%b,%b]' % (B, C), ["b@x", "c@x"]),
        (b'[{"email":"a@x","reason":"x":["},%b,%b]' % (B, C), ["b@x", "c@x"]),
        # A lost end of a list makes a long record of all that follow; only near ones may be in it.
        (b'[{"email":"a@x","x":["c",%b]' % b",".join([B] * 500), ["b@x"] * 500),
        (b"<invalidemails>%b<x>%b</x>" % (X[:-15], Y), []),
        (b"<invalidemails>%b<w/><x>%b</x></invalidemail>%b<" % (X[:-15], Y, Z), ["a@x", "c@x"]),
        (b"<invalidemails>%b<x>%b</x></y>%b</invalidemails>" % (X[:-15], Y, Z), ["c@x"]),
        (b"<invalidemails>%b<x>%b" % (X[:-15], Y), []),
        (b"<invalidemails>%b<x>%b</x>%b<" % (X[:-15], Y, Z), ["c@x"]),
        # A lost part may leave the start of one tag and the end of another.
        (b"<invalidemails>%b<realidemail>%b%b</invalidemails>" % (X[:40], Y, Z), ["b@x", "c@x"]),
        (b"<invalidemails>%b%b</invalidemails>" % (X[:-15], Y), ["b@x"]),
    ],
)
def test_no_record_is_taken_from_an_unknown_field(data: bytes, names: list[str]) -> None:
    assert emails(salvage(data, GET)) == names


def test_a_long_item_near_damage_is_read_whole() -> None:
    item = "<bounce><email>%s</email><status/><reason>" + "x" * 5_000 + "</reason></bounce>"
    cut = "<bounces><bounce><email>a</email>" + item % "b"
    spliced = "<bounces></x>" + item % "a" + "</y>" + item % "b"
    assert emails(salvage(cut, "bounces.get")) == ["b"]
    assert emails(salvage(spliced, "bounces.get")) == ["a", "b"]


def test_without_items_keeps_the_tags_of_a_list() -> None:
    operation = OPERATIONS["bounces.get"]
    for items, empty in (
        (JsonItems(operation, v3=False), "[]"),
        (XmlItems(operation), '<bounces a="b"></bounces>'),
    ):
        items.enter(empty)
        assert items.empty_list() == empty
