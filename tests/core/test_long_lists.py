"""Long lists: an unusual item does not affect the others, and problems have exact locations."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import msgspec
import pytest

from sgformats._json import fast as jsonfast
from sgformats._model.scalars import read_timestamp
from sgformats._scan.found import Group, Single
from sgformats._scan.scan import scan
from sgformats._text.encodings import open_payload
from sgformats._text.payload import Format
from sgformats._text.window import Window
from sgformats._xml import fast as xmlfast
from sgformats.codec import encode, parse, validate
from sgformats.operations import OPERATIONS, Operation
from sgformats.records import InvalidEmail, Listing, Unsubscribe
from tests.core.readerkit import LISTS, MOMENT


def long_list(count: int = 300) -> Listing[InvalidEmail]:
    moment = read_timestamp(MOMENT)
    return Listing(
        "invalidemails",
        tuple(InvalidEmail(f"user{n}@é.example", f"<{n}> & \\/", moment) for n in range(count)),
    )


@pytest.mark.parametrize(
    "form, old, new, at, problem",
    [
        ("json", '"email":"user7@', '"x":"","email":"user7@', '"x"', ("unknown-field", "[7].x")),
        ("json", f'"{MOMENT}"', '"2009-13-10"', '"2009-13', ("invalid-timestamp", "[0].created")),
        ("xml", "<email>user7@", "<x/><email>user7@", "<x/>", ("unknown-field", "[7].x")),
        ("xml", MOMENT, "2009-13-10", "2009-13-10", ("invalid-timestamp", "[0].created")),
    ],
)
def test_a_problem_in_a_long_list_has_an_exact_location(
    form: Format, old: str, new: str, at: str, problem: tuple[str, str]
) -> None:
    text = encode(long_list(), form, encoding="UTF-8").decode().replace(old, new, 1)
    before = text[: text.index(at)]
    assert len(before) < len(before.encode()) or problem[1] == "[0].created"
    found = validate(text.encode(), "invalidemails.get")
    assert [(each.rule, each.location.path) for each in found] == [problem]
    assert found[0].location.line == before.count("\n") + 1
    assert found[0].location.column == len(before) - before.rfind("\n")
    assert found[0].location.offset == len(before.encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig"])
def test_a_long_list_is_read_in_wide_encodings(encoding: str) -> None:
    text = "<bounces>" + "<bounce><email>é</email><status/></bounce>" * 100 + "</bounces>"
    found = validate(text.encode(encoding), "bounces.get")
    assert [problem.location.path for problem in found] == [f"[{n}].reason" for n in range(100)]


def test_many_threads_read_at_once() -> None:
    reply = long_list()
    jobs = []
    for form in ("json", "xml"):
        data = encode(reply, form, encoding="UTF-8")
        jobs += [(data, []), (data.replace(b"2009-06", b"2009-13", 1), ["invalid-timestamp"])]

    def read(job: tuple[bytes, list[str]]) -> bool:
        data, rules = job
        if not rules:
            return parse(data, "invalidemails.get") == reply == parse(data)
        return [problem.rule for problem in validate(data, "invalidemails.get")] == rules

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(read, jobs * 40)) == [True] * 160


def long_json(odd: str) -> bytes:
    """A long list with the given eighth item."""
    items = encode(long_list(), "json").decode()[1:-1].split("},{")
    items[7] = odd
    return ("[" + "},{".join(items) + "]").encode()


def long_xml(odd: str) -> bytes:
    """The same in XML."""
    items = encode(long_list(), "xml").decode("latin-1").split("<invalidemail>")
    items[8] = odd + "</invalidemail>"
    return "<invalidemail>".join(items).encode("latin-1")


UNUSUAL = InvalidEmail("a", "b")


@pytest.mark.parametrize(
    "data",
    [
        long_json('"\\u0065mail":"a","reason":"b"'),
        long_xml("<email><![CDATA[a]]></email><reason>b</reason>"),
        long_xml("<!--c--><email>a</email><reason>b</reason>"),
    ],
)
def test_an_unusual_valid_item_does_not_affect_the_others(data: bytes) -> None:
    assert validate(data, "invalidemails.get") == []
    reply = parse(data, "invalidemails.get")
    records = long_list().records
    assert reply == Listing("invalidemails", (*records[:7], UNUSUAL, *records[8:]))


DEEP = 200


@pytest.mark.parametrize(
    "data, rule",
    [
        (long_json('"email":' + "[" * DEEP + "]" * DEEP + ',"reason":"b"'), "wrong-type"),
        (long_json('"email":"a","reason":"\\ud800"'), "bad-encoding"),
        (long_json('"email":"a","reason":"b"},'), "not-well-formed"),
        (long_xml("<email>" + "<a>" * DEEP + "</a>" * DEEP + "</email>"), "missing-field"),
        (long_xml("<email>a</emial>"), "not-well-formed"),
        (long_xml("<email>a</email><reason>b</reason></invalidemail><x>"), "not-well-formed"),
        (long_xml("<email>a</email></reason>b</reason>"), "not-well-formed"),
        (long_xml("<email>\x01</email><reason>b</reason>"), "not-well-formed"),
    ],
)
def test_a_break_in_a_long_list_is_reported(data: bytes, rule: str) -> None:
    assert validate(data, "invalidemails.get")[0].rule == rule


class Untyped(msgspec.Struct, frozen=True):
    email: object
    reason: object
    created: object = None


def test_a_record_class_needs_no_types() -> None:
    method = msgspec.structs.replace(OPERATIONS["invalidemails.get"].method, record=Untyped)
    operation = Operation(method, "get")
    reply: object = jsonfast.decode(b'[{"email":"a","reason":"b"}]', operation)
    assert reply == Listing("invalidemails", (Untyped("a", "b"),))
    assert jsonfast.decode(b'[{"email":"a","reason":"b","x":"c"}]', operation) is None


class Lenient(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    email: str = "nobody"
    reason: str = ""
    created: datetime | None = None


def test_defaults_of_a_record_class_do_not_replace_required_fields() -> None:
    method = msgspec.structs.replace(OPERATIONS["invalidemails.get"].method, record=Lenient)
    operation = Operation(method, "get")
    reply: object = jsonfast.decode(b'[{"email":"a","reason":"b"}]', operation)
    assert reply == Listing("invalidemails", (Lenient("a", "b"),))
    assert jsonfast.decode(b'[{"reason":"b"}]', operation) is None


def test_readers_of_lists_are_kept_for_a_bounded_number_of_methods() -> None:
    usual = OPERATIONS["unsubscribes.get"].method
    for number in range(100):
        method = msgspec.structs.replace(usual, name=f"list{number}")
        reply: object = jsonfast.decode(b'[{"email":"a"}]', Operation(method, "get"))
        assert reply == Listing(f"list{number}", (Unsubscribe("a"),))
    assert len(jsonfast.LISTS) <= 64


def test_all_types_of_input_are_read_alike() -> None:
    data = b'[{"email":"a","reason":"b"}]'
    for held in (bytearray(data), memoryview(data), data.decode()):
        assert parse(held, "invalidemails.get") == Listing("invalidemails", (UNUSUAL,))
    assert [problem.rule for problem in validate("é" * 10, max_bytes=12)] == ["too-large"]
    assert validate(b"[]", format="json-v3") == []
    assert [problem.rule for problem in validate("<a/>", "bounces.get", format="json")] == [
        "not-well-formed"
    ]
    wide = encode(Listing("invalidemails", (UNUSUAL,)), "xml", encoding="UTF-16")
    assert parse(wide, "invalidemails.get") == Listing("invalidemails", (UNUSUAL,))
    assert xmlfast.decode(b"<result><message>&x;</message></result>", LISTS[0]) is None


def test_a_problem_in_a_long_v3_list_has_an_exact_location() -> None:
    item = '{"created":1244637630,"email":"é","reason":"b"}'
    items = [item] * 100
    items[7] = item.replace('"é"', '"é","x":""')
    data = f"[{', '.join(items)}]".encode()
    (problem,) = validate(data, "invalidemails.get", format="json-v3")
    column = 2 + 7 * (len(item) + 2) + items[7].index('"x"')
    assert (problem.rule, problem.location.path) == ("unknown-field", "[7].x")
    assert (problem.location.column, data[problem.location.offset :][:3]) == (column, b'"x"')
    lax = parse(data, "invalidemails.get", format="json-v3", mode="lax")
    assert lax == parse(f"[{', '.join([item] * 100)}]", "invalidemails.get")


@pytest.mark.parametrize("form", ["json", "xml"])
def test_one_invalid_item_leaves_the_others_to_the_fast_reader(form: Format) -> None:
    data = long_json('"x":"","email":"a","reason":"b"')
    if form == "xml":
        data = long_xml("<x/><email>a</email><reason>b</reason>")
    found = list(scan(Window(open_payload(data)[1]), OPERATIONS["invalidemails.get"], form))
    numbers = [each.number for each in found if isinstance(each, Single)]
    assert numbers == [7]
    assert sum(len(each.records) for each in found if isinstance(each, Group)) == 299
    assert len(found) == 4
