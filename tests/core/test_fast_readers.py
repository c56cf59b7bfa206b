"""The fast reader of each format against the full reader and the schema files.

docs/design.md, promise 4: "The fast reader answers `None` or what the full reader answers."
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats._text.payload import Format
from sgformats.operations import OPERATIONS, OperationName
from sgformats.records import Count, ErrorDetail, Failure, InvalidEmail, Listing, Reply, Success
from sgformats.testing.strategies import hostile, mutated, payloads
from tests.core.readerkit import CALLS, DECODE, confirmed


def read_fast(data: bytes, name: OperationName, form: Format) -> Reply | None:
    """The confirmed answer of the fast reader."""
    operation = OPERATIONS[name]
    return confirmed(DECODE[form](data, operation), data, operation, form)


@given(st.data(), st.sampled_from(CALLS))
def test_a_fast_reader_answers_none_or_what_the_full_reader_answers(
    data: st.DataObject, call: tuple[OperationName, Format]
) -> None:
    written = payloads(*call)
    either = st.one_of(written.map(lambda pair: pair[1]), mutated(written), hostile())
    read_fast(data.draw(either), *call)


A = b'"email":"a"'
B = b'"reason":"b"'
C = b'"created":"2009-06-10 12:40:30"'
ONE = Listing("invalidemails", (InvalidEmail("a", "b"),))

# Known traps, and payloads built to mislead a reader that counts.
TRAPS: list[tuple[Format, bytes]] = [
    ("json", b'[{"\\u0065mail":"x",' + A + b"," + B + b"}]"),
    ("json", b"[{" + A + b"," + A + b"," + B + b"}]"),
    ("json", b"[{" + A + b"," + B + b"},{" + A + b"," + B + b"," + B + b"}]"),
    ("json", b"[{" + A + b"," + B + b',"created":null}]'),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b" ", b"T") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b" ", b"T") + b" }]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"30", b"30Z") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"30", b"60") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"06", b"13") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"2009", b"0000") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"12:", b"24:") + b"}]"),
    ("json", b"[{" + A + b"," + B + b"," + C.replace(b"2009", "٢٠٠٩".encode()) + b"}]"),
    ("json", b"[{" + A + b"," + B + b"}],[]"),
    ("json", b"[{" + A + b"," + B + b"}]]"),
    ("json", b'["a"]'),
    ("json", b'{"message":"a","errors":["b"],"errors":["b"]}'),
    ("json", b'{"message":"a","errors":["b",1]}'),
    ("json", b'{"message":"a","errors":{"b":"c"}}'),
    ("json", b'{"message":"a","error":"b"}'),
    ("json", b'{"message":"a","count":1}'),
    ("json", b'{"errors":["b"]}'),
    ("json", b'{"errors":[]}'),
    ("json", b'{"message":"success","errors":[]}'),
    ("json", b'{"error":{"code":1}}'),
    ("json", b'{"error":{"message":"a"}}'),
    ("json", b'{"error":{"code":-1,"message":"a"}}'),
    ("json", b'{"error":{"code":-0,"message":"a"}}'),
    ("json", b'{"error":{"code":1e3,"message":"a"}}'),
    ("json", b'{"error":{"code":1.0,"message":"a"}}'),
    ("json", b'{"error":{"code":true,"message":"a"}}'),
    ("json", b'{"error":{"code":"1","message":"a"}}'),
    ("json", b'{"error":{"code":1000000000000000,"message":"a"}}'),
    ("json", b'{"error":{"code":1,"code":2,"message":"a"}}'),
    ("json", b'{"error":{"code":1,"message":"a"},"error":"b"}'),
    ("json", b'{"error":{"code":1,"message":"a","x":1}}'),
    ("json", b'{"error":null}'),
    ("json", b'{"count":1}'),
    ("json", b"{}"),
    ("json", b'{"error":' * 300),
    ("json-v3", b'{"errors":[]}'),
    ("json-v3", b'{"errors":[{"field":"a"}]}'),
    ("json-v3", b'{"errors":[{"field":"a","message":"b","message":"b"}]}'),
    ("json-v3", b'{"errors":[{"message":"b","help":1}]}'),
    ("json-v3", b'{"errors":["a"]}'),
    ("json-v3", b'{"message":"a"}'),
    ("json", b'{"message":"a","message":"b"}'),
    ("json", b'{"message":"a","\\u006dessage":"b"}'),
    ("json", b'{"message":"success"}'),
    ("json", b'{"message":"\\ud800"}'),
    ("json", b'{"message":"\xff"}'),
    ("json", b'{"message":NaN}'),
    ("json-v3", b'[{"created":1,' + A + b"," + B + b',"created":2}]'),
    ("json-v3", b'[{"created":1.0,' + A + b"," + B + b"}]" + b"]"),
    ("json-v3", b'[{"created":-1,' + A + b"," + B + b"}]"),
    ("json-v3", b'[{"created":253402300800,' + A + b"," + B + b"}]"),
    ("json-v3", b'[{"created":"1",' + A + b"," + B + b"}]"),
    ("xml", b"<result></result>"),
    ("xml", b"<result><message>success</message></result>"),
    ("xml", b"<result><message>a</message></result>>"),
    ("xml", b"<result><message>a</message>b</result>"),
    ("xml", b"<result>b<message>a</message></result>"),
    ("xml", b"<result a='b'><message>a</message></result>"),
    ("xml", b"<![CDATA[]]><result>a</result>"),
    ("xml", b"<?xml version='1.0'?><![CDATA[]]><result>a</result>"),
    ("xml", b"<result>a</result><![CDATA[]]>"),
    ("xml", b"<result>a&#x4<![CDATA[]]>1;</result>"),
    ("xml", b"<result>a&<![CDATA[amp;]]></result>"),
    ("xml", b"<res<![CDATA[]]>ult>a</result>"),
    ("xml", b"<result>a<![CDATA[]]b]></result>"),
    ("xml", b"<result>a]]><![CDATA[]]></result>"),
    ("xml", b"<result>a<![CDATA[\x00]]></result>"),
    ("xml", b"<result><message b='<![CDATA[]]>'>a</message></result>"),
    ("xml", b"<result>a&#xD800;</result>"),
    ("xml", b"<result>a&#X41;</result>"),
    ("xml", b"<result>a&#x110000;</result>"),
    ("xml", b"<result><message a='b'>a</message></result>"),
    ("xml", b"<result><message>a<b/></message></result>"),
    ("xml", b"<result><count>1</count></result>"),
    ("xml", b"<result>success</result>"),
    ("xml", b"<result> </result>"),
    ("xml", b"<result>a<message>a</message></result>"),
    ("xml", b"<result><message>a</message><message>b</message></result>"),
    ("xml", b"<result><message>error</message><message>b</message><errors/></result>"),
    ("xml", b"<result><errors><error>a</error></errors></result>"),
    ("xml", b"<result><errors>a</errors><message>b</message></result>"),
    ("xml", b"<result><errors><error>a</error>b</errors><message>b</message></result>"),
    ("xml", b"<result><errors><error>a</errors><message>b</message></result>"),
    ("xml", b"<result><message>b</message><errors><error>a</result>"),
    ("xml", b"<result><message>b</message><errors><error>a</error></result>"),
    ("xml", b"<result><error>a</error><message>b</message></result>"),
    ("xml", b"<result><message>a&b;</message></result>"),
    ("xml", b"<result>a&b;</result>"),
    ("xml", b"<result></message></result>"),
    ("xml", b"</result>"),
    ("xml", b"<result>"),
    ("xml", b"<bounces/>"),
    ("xml", b"<invalidemails>x</invalidemails>"),
    ("xml", b"<invalidemails><x/></invalidemails>"),
    ("xml", b"<invalidemails><invalidemail><email>a</email><reason>b</reason></invalidemails>"),
    ("xml", b"<invalidemails><invalidemail><email>a</email><reason>b</reason>"),
    ("xml", b"<?xml version='1.0' encoding='UTF-16'?><invalidemails/>"),
    (
        "xml",
        b"<?xml version='1.0' encoding='windows-1252'?><result><message>\x81</message></result>",
    ),
]
E1 = b"<email>a</email>"
R1 = b"<reason>b</reason>"
TRAPS += [
    ("xml", b"<invalidemails>" + inside + b"</invalidemails>")
    for inside in (
        b"<invalidemail>" + E1 + b"</invalidemail>",
        b"<invalidemail>" + E1 + E1 + R1 + b"</invalidemail>",
        b"<invalidemail>"
        + E1
        + E1
        + b"</invalidemail><invalidemail>"
        + R1
        + R1
        + b"</invalidemail>",
        b"<invalidemail>" + E1 + R1 + b"<status>1</status></invalidemail>",
        b"<invalidemail>" + E1 + R1 + b"x</invalidemail>",
        b"<invalidemail x='1'>" + E1 + R1 + b"</invalidemail>",
        b"<invalidemail><email x='1'>a</email>" + R1 + b"</invalidemail>",
        b"<invalidemail><email>a<b/>c</email>" + R1 + b"</invalidemail>",
        b"<invalidemail>" + E1 + R1 + b"<created>2009-02-29 12:40:30</created></invalidemail>",
        b"<invalidemail>" + E1 + R1 + b"<created> </created></invalidemail>",
    )
]


@pytest.mark.parametrize("form, data", TRAPS)
def test_a_fast_reader_does_not_answer_invalid_payloads(form: Format, data: bytes) -> None:
    assert read_fast(data, "invalidemails.get", form) is None


ANSWERED: list[tuple[Format, OperationName, bytes, Reply]] = [
    ("json", "invalidemails.get", b"[]", Listing("invalidemails", ())),
    ("json", "invalidemails.get", b"[{" + A + b"," + B + b"}]", ONE),
    ("json", "invalidemails.get", b"[ {" + B + b", " + A + b"} ]", ONE),
    ("json", "invalidemails.get", b"[{" + A + b"," + B + b',"created":""}]', ONE),
    ("json", "invalidemails.get", b'{"message":"no"}', Failure("no")),
    ("json", "invalidemails.delete", b'{"message":"success"}', Success()),
    ("json", "invalidemails.delete", b'{"message":"success","errors":[]}', Success()),
    ("json", "bounces.get", b'{"error":"no"}', Failure("no")),
    ("json", "bounces.get", b'{"error":{"code":401,"message":"no"}}', Failure("no", (), 401)),
    (
        "json",
        "bounces.get",
        b'{"error": {"message": "a \\"b\\" \\/", "code": 0}}\n',
        Failure('a "b" /', (), 0),
    ),
    (
        "json",
        "bounces.get",
        b'{"message":"error","errors":["a","b"]}',
        Failure("error", ("a", "b")),
    ),
    ("json", "bounces.get", b'{"errors": ["a"], "message": "no"}', Failure("no", ("a",))),
    ("json", "bounces.count", b'{"count":2}', Count(2)),
    ("json", "bounces.count", b'{"count": 2 }', Count(2)),
    ("json-v3", "bounces.get", b'{"errors":[{"message":"a"}]}', Failure("error", ("a",))),
    (
        "json-v3",
        "bounces.get",
        b'{"errors":[{"field":null,"message":"a"},{"field":"f","message":"b"}]}',
        Failure("error", ("a", "b"), None, (ErrorDetail(), ErrorDetail("f"))),
    ),
    ("xml", "invalidemails.get", b"<invalidemails/>", Listing("invalidemails", ())),
    (
        "xml",
        "invalidemails.get",
        b"<invalidemails> <invalidemail>" + R1 + E1 + b"</invalidemail></invalidemails>\n",
        ONE,
    ),
    ("xml", "bounces.get", b"<result> <message>no</message></result>", Failure("no")),
    ("xml", "bounces.delete", b"<result><message>success</message></result>", Success()),
    ("xml", "bounces.delete", b"<result> success\n</result>", Success()),
    ("xml", "bounces.get", b"<result>a &amp; b</result>", Failure("a & b")),
    ("xml", "bounces.get", b"<result>a&#xe9;&#x1F600;</result>", Failure("a\xe9\U0001f600")),
    (
        "xml",
        "bounces.get",
        b"<result>a<![CDATA[<&amp;>]]>]]<![CDATA[]>]]></result>",
        Failure("a<&amp;>]]]>"),
    ),
    (
        "xml",
        "bounces.delete",
        b"<result><message><![CDATA[success]]></message></result>",
        Success(),
    ),
    (
        "xml",
        "bounces.get",
        b"<result> <errors> <error>a&lt;</error> <error/></errors>".replace(b"<error/>", b"")
        + b"<message>no</message> </result>",
        Failure("no", ("a<",)),
    ),
    (
        "xml",
        "bounces.get",
        b"<result><message>error</message><errors><error>a</error><error></error></errors></result>",
        Failure("error", ("a", "")),
    ),
    (
        "xml",
        "bounces.get",
        b"<result><message>error</message><message>no</message></result>",
        Failure("no"),
    ),
    ("xml", "bounces.count", b"<result><count>2</count></result>", Count(2)),
]


@pytest.mark.parametrize("form, name, data, reply", ANSWERED)
def test_a_fast_reader_answers_what_the_api_writes(
    form: Format, name: OperationName, data: bytes, reply: Reply
) -> None:
    assert read_fast(data, name, form) == reply


# What the API and common XML writers put into a record; a list of any length is read fast.
RECORDS: list[tuple[Format, str]] = [
    ("json", '{"email":"a","reason":"b","created":""}'),
    ("json", '{"email":"a","reason":"b\\/\\u00e9","created":"2009-06-10 12:40:30"}'),
    ("json", '{\n "created": "2009-06-10 12:40:30", "email": "a", "reason": "b" }'),
    ("json-v3", '{"created":1244637630,"email":"a","reason":"b"}'),
    *(
        ("xml", f"<invalidemail><email>a</email>{rest}</invalidemail>")
        for rest in (
            "<reason>b</reason><created></created>",
            "<reason/>\n  <created/>",
            "<reason>b &amp; c &lt;d&gt;</reason>",
            "<reason>&#233;&#xE9;</reason>",
            "<reason><![CDATA[b <c> &amp;]]></reason><created>2009-06-10 12:40:30</created>",
        )
    ),
]


@pytest.mark.parametrize("count", [1, 30, 3000])
@pytest.mark.parametrize("form, record", RECORDS)
def test_long_lists_of_usual_records_are_read_fast(form: Format, record: str, count: int) -> None:
    first, between, last = ("<invalidemails>", "", "</invalidemails>") if form == "xml" else "[,]"
    data = (first + between.join([record] * count) + last).encode()
    reply = read_fast(data, "invalidemails.get", form)
    assert isinstance(reply, Listing)
    assert len(reply) == count


@pytest.mark.parametrize("form", DECODE)
def test_a_fast_reader_does_not_answer_a_str(form: Format) -> None:
    decode: Any = DECODE[form]
    assert decode('{"message":"no"}', OPERATIONS["bounces.get"]) is None


def test_two_text_nodes_do_not_hide_an_empty_element() -> None:
    long = b"a&#65;" * 2_000_000
    first = b"<invalidemail><email>" + long + b"</email>" + R1 + b"</invalidemail>"
    second = b"<invalidemail><email/>" + R1 + b"</invalidemail>"
    data = b"<invalidemails>" + first + second + b"</invalidemails>"
    reply = DECODE["xml"](data, OPERATIONS["invalidemails.get"])
    assert isinstance(reply, Listing)
    assert [record.email == "" for record in reply.records] == [False, True]
    assert reply.records[0].email == "aA" * 2_000_000


@pytest.mark.parametrize("count", [1, 8, 9, 30])
@pytest.mark.parametrize("odd", ["2009-06-10 12:40:30.5", "2009-06-10 12:40:30+00:00"])
def test_only_whole_seconds_without_a_zone_are_read_fast(count: int, odd: str) -> None:
    usual = b"{" + A + b"," + B + b"," + C + b"}"
    data = b"[" + b",".join([usual] * count) + b"]"
    found = read_fast(data, "invalidemails.get", "json")
    assert isinstance(found, Listing)
    assert len(found) == count
    at = data.rindex(b"2009")
    wrong = data[:at] + odd.encode() + data[at + 19 :]
    assert read_fast(wrong, "invalidemails.get", "json") is None
