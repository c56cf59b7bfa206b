"""Payloads that cannot be read: the rule and the location of the first wrong character.

Lines and columns count characters from 1, offsets count bytes from 0. A byte-order mark counts in
bytes only.
"""

from __future__ import annotations

import pytest

import sgformats
from sgformats._text.declared import declared_encoding
from sgformats.errors import Location

XML = (
    (b"<?xml version='1.0'?>\n ", "truncated", 2, 2, 23),
    (b"<?xml", "truncated", 1, 6, 5),
    (b"<?xml ver", "truncated", 1, 10, 9),
    (b"<?xml encoding='UTF-8'?><a/>", "not-well-formed", 1, 7, 6),
    (b"<?xml version='1.0'encoding='UTF-8'?><a/>", "not-well-formed", 1, 20, 19),
    (b"<?xml version '1.0'?><a/>", "not-well-formed", 1, 15, 14),
    (b"<?xml version='2.0'?><a/>", "not-well-formed", 1, 15, 14),
    (b"<?xml version='1.0", "truncated", 1, 19, 18),
    (b"<?xml version='1.0' enc", "truncated", 1, 24, 23),
    (b"<?xml version='1.0' x?><a/>", "not-well-formed", 1, 21, 20),
    (b"<?xml version='1.0'?", "truncated", 1, 21, 20),
    (b"<?xml version='1.0' standalone='maybe'?><a/>", "not-well-formed", 1, 32, 31),
    (b"<a/><!-", "truncated", 1, 8, 7),
    (b"<a/><b/>", "not-well-formed", 1, 5, 4),
    (b"<a/>x", "not-well-formed", 1, 5, 4),
    (b"<a/><!DOCTYPE a>", "forbidden-doctype", 1, 5, 4),
    (b"<!DOCT", "truncated", 1, 7, 6),
    (b"<!-- x", "truncated", 1, 7, 6),
    (b"<!-- x --", "truncated", 1, 10, 9),
    (b"<!-- -- --><a/>", "not-well-formed", 1, 6, 5),
    (b"<!ELEMENT a><a/>", "not-well-formed", 1, 2, 1),
    (b"<?1?><a/>", "not-well-formed", 1, 3, 2),
    (b"<?a", "truncated", 1, 4, 3),
    (b"<?a!?><a/>", "not-well-formed", 1, 4, 3),
    (b"<?a:b?><a/>", "not-well-formed", 1, 3, 2),
    (b"<a><?xml x?></a>", "not-well-formed", 1, 4, 3),
    (b"<a><?XML x?></a>", "not-well-formed", 1, 4, 3),
    (b"<1/>", "not-well-formed", 1, 2, 1),
    (b"<a", "truncated", 1, 3, 2),
    (b"<a b", "truncated", 1, 5, 4),
    (b"<a b=1/>", "not-well-formed", 1, 6, 5),
    (b"<a b='1", "truncated", 1, 8, 7),
    (b"<a b='1'c='2'/>", "not-well-formed", 1, 9, 8),
    (b"<a b='<'/>", "not-well-formed", 1, 7, 6),
    (b"<a b='1' b='2'/>", "not-well-formed", 1, 10, 9),
    (b"<a /x>", "not-well-formed", 1, 5, 4),
    (b"<a/", "truncated", 1, 4, 3),
    (b"<a <b/>", "not-well-formed", 1, 4, 3),
    (b"<a b='&x;'/>", "not-well-formed", 1, 7, 6),
    (b"<a>x", "truncated", 1, 5, 4),
    (b"<a></b>", "not-well-formed", 1, 4, 3),
    (b"<a></a x>", "not-well-formed", 1, 8, 7),
    (b"<a></a", "truncated", 1, 7, 6),
    (b"<a><![CDA", "truncated", 1, 10, 9),
    (b"<a><![CDATA[x", "truncated", 1, 14, 13),
    (b"<a><![CDATA[x]]></a>]]>", "not-well-formed", 1, 21, 20),
    (b"<a>]]></a>", "not-well-formed", 1, 4, 3),
    (b"<a>&x;</a>", "not-well-formed", 1, 4, 3),
    (b"<a>&am", "truncated", 1, 7, 6),
    (b"<a>&#xZ;</a>", "not-well-formed", 1, 4, 3),
    (b"<a>&#0;</a>", "not-well-formed", 1, 4, 3),
    (b"<a>&#99999999;</a>", "not-well-formed", 1, 4, 3),
    (b"<a>&</a>", "not-well-formed", 1, 4, 3),
    (b"<a>\x01</a>", "not-well-formed", 1, 4, 3),
    (b"<a>\x01", "not-well-formed", 1, 4, 3),
    (b"<a>\xef\xbf\xbe</a>", "not-well-formed", 1, 4, 3),
    (b"<x:a/>", "not-well-formed", 1, 2, 1),
    (b"<a x:b='1'/>", "not-well-formed", 1, 4, 3),
    (b"<a xmlns:x='u' xmlns:y='u' x:b='' y:b=''/>", "not-well-formed", 1, 35, 34),
    (b"<a xmlns:xml='x'/>", "not-well-formed", 1, 4, 3),
    (b"<:a/>", "not-well-formed", 1, 2, 1),
    (b"<a xmlns:x=''/>", "not-well-formed", 1, 4, 3),
    (b"<a><b<a><b<a><b", "not-well-formed", 1, 6, 5),
    (b"x</a>", "not-well-formed", 1, 1, 0),
    (b"<a>\r\n\r\x02</a>", "not-well-formed", 3, 1, 6),
    (b"<\xc3\xa4>\xe6\x97\xa5\xf0\x9f\x98\x80</\xc3\xa4 >&", "not-well-formed", 1, 11, 17),
    (b"<a xmlns:xmlns='x'/>", "not-well-formed", 1, 4, 3),
    (b"<a xmlns='http://www.w3.org/XML/1998/namespace'/>", "not-well-formed", 1, 4, 3),
    (b"<a xmlns:='u'/>", "not-well-formed", 1, 4, 3),
    (b"<a:b:c xmlns:a='u'/>", "not-well-formed", 1, 2, 1),
    (b"<a b:=''/>", "not-well-formed", 1, 4, 3),
    (b"<a><c xmlns:b='v'/><b:d/></a>", "not-well-formed", 1, 21, 20),
    (b"<a><c xmlns:b='v'></c><b:d/></a>", "not-well-formed", 1, 24, 23),
    (b"<a xmlns:1='u'/>", "not-well-formed", 1, 4, 3),
    (b"<?xml version='1.0' encoding='x y'?><a/>", "not-well-formed", 1, 30, 29),
    (b"<?xml version='1.0' encoding='koi8'?><a/>", "bad-encoding", 1, 31, 30),
    (b"<?xml version='1.0' encoding='UTF-16'?><a/>", "bad-encoding", 1, 31, 30),
    (b"\xef\xbb\xbf<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "bad-encoding", 1, 31, 33),
    (b"<?xml version='1.0' encoding='US-ASCII'?><a>\r\n\xe9</a>", "bad-encoding", 2, 1, 46),
    (b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>", "bad-encoding", 1, 49, 48),
    (b"<a>>", "truncated", 1, 5, 4),
    (b"<a>" * 257, "too-large", 1, 769, 768),
    (b"<!-- <html> --><a>", "truncated", 1, 19, 18),
    (b"<!DOCTYPE a>", "forbidden-doctype", 1, 1, 0),
    (b"<?xml version='1.0'?>\n<!DOCTYPE HTML>", "not-an-answer", 1, 1, 0),
)
JSON = (
    (b"[", "truncated", 1, 2, 1),
    (b"[1", "truncated", 1, 3, 2),
    (b"[1,", "truncated", 1, 4, 3),
    (b"[1,]", "not-well-formed", 1, 4, 3),
    (b"[,]", "not-well-formed", 1, 2, 1),
    (b"[1 2]", "not-well-formed", 1, 4, 3),
    (b"[1]]", "not-well-formed", 1, 4, 3),
    (b"[1}", "not-well-formed", 1, 3, 2),
    (b"{", "truncated", 1, 2, 1),
    (b'{"a"', "truncated", 1, 5, 4),
    (b'{"a":', "truncated", 1, 6, 5),
    (b'{"a":1', "truncated", 1, 7, 6),
    (b'{"a":1,', "truncated", 1, 8, 7),
    (b'{"a":1,}', "not-well-formed", 1, 8, 7),
    (b'{"a" 1}', "not-well-formed", 1, 6, 5),
    (b"{a:1}", "not-well-formed", 1, 2, 1),
    (b'{"a":"b" "c"}', "not-well-formed", 1, 10, 9),
    (b'{"a":1]', "not-well-formed", 1, 7, 6),
    (b"[tru", "truncated", 1, 5, 4),
    (b"[trux]", "not-well-formed", 1, 2, 1),
    (b"[true", "truncated", 1, 6, 5),
    (b"[nul]", "not-well-formed", 1, 2, 1),
    (b"[-", "truncated", 1, 3, 2),
    (b"[-]", "not-well-formed", 1, 2, 1),
    (b"[01]", "not-well-formed", 1, 3, 2),
    (b"[1.]", "not-well-formed", 1, 3, 2),
    (b"[1.", "truncated", 1, 4, 3),
    (b"[1e", "truncated", 1, 4, 3),
    (b"[1e+", "truncated", 1, 5, 4),
    (b"[1e+]", "not-well-formed", 1, 3, 2),
    (b"[+1]", "not-well-formed", 1, 2, 1),
    (b"[.5]", "not-well-formed", 1, 2, 1),
    (b"[NaN]", "not-well-formed", 1, 2, 1),
    (b'["a', "truncated", 1, 4, 3),
    (b'["\\', "truncated", 1, 4, 3),
    (b'["\\u12', "truncated", 1, 7, 6),
    (b'["\\u12"]', "not-well-formed", 1, 3, 2),
    (b'["\\x"]', "not-well-formed", 1, 3, 2),
    (b'["\t"]', "not-well-formed", 1, 3, 2),
    (b'["\x00"]', "not-well-formed", 1, 3, 2),
    (b'["\\ud800"]', "bad-encoding", 1, 3, 2),
    (b'["\\ud800x"]', "bad-encoding", 1, 3, 2),
    (b'["\\ud800\\n"]', "bad-encoding", 1, 3, 2),
    (b'["\\udc00"]', "bad-encoding", 1, 3, 2),
    (b'["\\ud83d\\ude00\\ud800\\ud800"]', "bad-encoding", 1, 15, 14),
    (b'["a\\ud83d\\ude00\\udbff"]', "bad-encoding", 1, 16, 15),
    (b'"a', "truncated", 1, 3, 2),
    (b'"a"x', "not-well-formed", 1, 4, 3),
    (b"1 2", "not-an-answer", 1, 1, 0),
    (b"tru", "not-an-answer", 1, 1, 0),
    (b"\xef\xbb\xbf\xef\xbb\xbf[]", "not-an-answer", 1, 1, 3),
    (b"[\r\n\r\n}", "not-well-formed", 3, 1, 5),
    (b'["\xff"]', "bad-encoding", 1, 3, 2),
    (b'["\xe2\x82', "truncated", 1, 3, 4),
    (b"\xff\xfe[\x00,\x00", "not-well-formed", 1, 2, 4),
    (b"\xff\xfe[\x00\x00\xd8", "truncated", 1, 2, 6),
    (b"\xff\xfe[", "truncated", 1, 1, 3),
    (b" \x00\x00\x00{\x00", "truncated", 1, 2, 6),
    (b"\xff\xfe\xfd\xff", "not-an-answer", 1, 1, 2),
    (b"[\x00\x00\x00,\x00\x00\x00", "not-well-formed", 1, 2, 4),
    (b'["\xe6\x97\xa5\xf0\x9f\x98\x80",}', "not-well-formed", 1, 7, 11),
    (b'{"\\ud800":1}', "bad-encoding", 1, 3, 2),
    (b"[]\x00", "not-well-formed", 1, 3, 2),
    (b"[" * 257, "too-large", 1, 257, 256),
    (b"", "not-an-answer", 1, 1, 0),
    (b" \r\n", "not-an-answer", 1, 1, 0),
    (b"\x00", "not-an-answer", 1, 1, 0),
    (b"\xff", "not-an-answer", 1, 1, 0),
    (b"Try again later.", "not-an-answer", 1, 1, 0),
    (b"<html><p>", "not-an-answer", 1, 1, 0),
    (b'{"a":{"b":[1,{"c":"d"}]}', "truncated", 1, 25, 24),
    (b'[{"a":"b","c":1,"d":"e"}', "truncated", 1, 25, 24),
)


@pytest.mark.parametrize("data, rule, line, column, offset", [*XML, *JSON])
def test_an_unreadable_payload_has_one_problem_at_its_first_wrong_character(
    data: bytes, rule: str, line: int, column: int, offset: int
) -> None:
    (problem,) = sgformats.validate(data, "invalidemails.get")
    assert (problem.rule, problem.location) == (rule, Location("", "", line, column, offset))
    with pytest.raises(sgformats.DecodeError) as refused:
        sgformats.parse(data, "invalidemails.get", mode="lax")
    assert refused.value.problems == (problem,)


def test_utf_16_contradicts_a_declaration_of_utf_8() -> None:
    data = "\ufeff<?xml version='1.0' encoding='UTF-8'?><a/>".encode("utf-16-le")
    (problem,) = sgformats.validate(data, "invalidemails.get")
    assert (problem.rule, problem.location) == ("bad-encoding", Location("", "", 1, 31, 62))


def test_an_unpaired_surrogate_is_a_bad_encoding() -> None:
    (problem,) = sgformats.validate("<a>\n日\ud800</a>", "invalidemails.get")
    assert (problem.rule, problem.location) == ("bad-encoding", Location("", "", 2, 2, 7))


def test_a_payload_above_the_limit_is_not_read() -> None:
    (problem,) = sgformats.validate(b"{" * 11, max_bytes=10)
    assert (problem.rule, problem.location) == ("too-large", Location("", "", 1, 1, 0))
    assert sgformats.parse(b"[]", "bounces.get", max_bytes=2) == sgformats.Listing("bounces", ())


def test_a_payload_must_be_bytes_or_str() -> None:
    with pytest.raises(sgformats.ArgumentError, match="expected a payload as bytes or str"):
        sgformats.parse(5, "invalidemails.get")  # type: ignore[call-overload]


def test_plain_text_is_quoted_without_escapes() -> None:
    (problem,) = sgformats.validate("Zeitüberschreitung".encode())
    assert problem.message.endswith('found plain text "Zeitüberschreitung"')


@pytest.mark.parametrize(
    "data, encoding",
    [
        (b"<a/>", "UTF-8"),
        (b"<\x00a\x00", None),
        (b"a", None),
        (b"<?xml version='1.0'?><a/>", "UTF-8"),
        (b"<?xml version='1.0' encoding='latin1'?><a/>", "ISO-8859-1"),
        (b"<?xml version='1.0' encoding='EBCDIC'?><a/>", None),
        (b"<?xml encoding='UTF-8'?><a/>", None),
    ],
)
def test_declared_encoding_is_none_unless_it_is_certain(data: bytes, encoding: str | None) -> None:
    assert declared_encoding(data) == encoding


def test_an_invalid_byte_in_a_result_is_shown_as_a_byte() -> None:
    data = b'<?xml version="1.0" encoding="ISO-8859-N"?>\n<result><message>\xb8</message></result>'
    _, problem = sgformats.salvage(data).problems
    assert (problem.rule, problem.found) == ("bad-encoding", "the byte B8")
