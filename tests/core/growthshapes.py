"""Hostile texts of any size: a table of parts to repeat, and of places in which to repeat them.

One row in `JSON_PARTS`, `XML_PARTS`, `FORM_PARTS` or in one of the tables of places adds shapes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import NamedTuple

NUMBER = b"{n}"
"""In a part, the number of its repetition: for names that must differ."""

_JSON_ITEM = b'{"email":"a","reason":"b"}'
_XML_ITEM = b"<invalidemail><email>a</email><reason>b</reason></invalidemail>"


class Shape(NamedTuple):
    """A text that repeats a part and then, if `more` is not empty, repeats `more` as often."""

    name: str
    head: bytes
    part: bytes
    tail: bytes
    middle: bytes = b""
    more: bytes = b""

    def text(self, times: int) -> bytes:
        """The text with its part repeated a number of times."""
        return b"".join(
            (
                self.head,
                _repeated(self.part, times),
                self.middle,
                _repeated(self.more, times),
                self.tail,
            )
        )

    def sized(self, size: int) -> bytes:
        """The text with about as many parts as fit into `size` bytes."""
        unit = len(self.part) + len(self.more) + 3 * (NUMBER in self.part + self.more)
        return self.text(max(size // unit, 1))


def _repeated(part: bytes, times: int) -> bytes:
    if NUMBER not in part:
        return part * times
    return b"".join(part.replace(NUMBER, b"%d" % number) for number in range(times))


JSON_PARTS = (
    *(b"{", b"}", b"[", b"]", b",", b":", b'"', b"'", b"\\", b'\\"', b"\\\\", b"\\u", b"\\u0041"),
    *(b"\\ud800", b"\\udc00", b"\\ud83d\\ude00", b"t", b"true", b"null", b"NaN", b"1", b"-", b"0"),
    *(b".", b"e", b"e9", b"+", b"a", b" ", b"\n", b"\r", b"\r\n", b"\t", b"\0", b"\x7f", b"//"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xff", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"/*", b"*/"),
    *(b'"a"', b'"a":', b'"a":1,', b'{"', b'{"a":', b'{"a":1}', b"[1]", b"[]", b"{}", b'{"":'),
    *(b'"email":"a",', b'"{n}":1,', b'{"email":"', b'{"email":"a",', _JSON_ITEM, _JSON_ITEM + b","),
    *(b'{"created":1}', b'{"message":"a"}', b'{"errors":[', b'{"{n}":1},', b'{"email":{', b"a\0"),
    *(b'"x":[{', b'"x":[{"email":"a","reason":"b"}],'),
)
JSON_PLACES = (
    ("alone", b"", b""),
    ("in a list", b"[", b"]"),
    ("behind a record", b"[" + _JSON_ITEM, b""),
    ("between records", b"[" + _JSON_ITEM + b",", b"," + _JSON_ITEM + b"]"),
    ("in a record", b"[{", b"}]"),
    ("in a text", b'[{"email":"', b'","reason":"b"}]'),
    ("as a value", b'[{"email":"a","reason":', b"}]"),
    ("in errors", b'{"message":"error","errors":[', b"]}"),
    ("in a message", b'{"message":"', b'"}'),
)

XML_PARTS = (
    *(b"<", b">", b"</", b"/>", b"<a>", b"</a>", b"<a/>", b"<a ", b"</a ", b"<a:b>", b"<a", b"="),
    *(b"&", b"&amp;", b"&amp", b"&#", b"&#1;", b"&#65;", b"&#x", b"&#x0", b"&#0", b";", b"&x;"),
    *(b'"', b"'", b'a="', b"a='b' ", b'a{n}="b" ', b'xmlns="a" ', b'xmlns:a{n}="b" ', b"xmlns:"),
    *(b"<!--", b"-->", b"--", b"-", b"<!-- -->", b"<![CDATA[", b"]]>", b"]", b"<![CDATA[a]]>"),
    b"!",
    *(b"<?", b"?>", b"<?x", b"<?x ", b"<?x?>", b"<?x!", b"<?xml ", b"<!DOCTYPE "),
    b"<!ENTITY a 'b'>",
    *(b"]>", b" ", b"\n", b"\r", b"\r\n", b"\0", b"a", b"1", b"\xef\xbb\xbf", b"\xff", b"\xc3"),
    b"%",
    *(b"\xc3\xa9", b"\xed\xa0\x80", b"<invalidemails>", b"</invalidemails>", b"<invalidemail>"),
    *(b"</invalidemail>", b"<invalidemail/>", b"<email>", b"</email>", b"<email>a</email>"),
    b"<a{n}>",
    *(_XML_ITEM, _XML_ITEM[:-1], _XML_ITEM[1:], b"<invalidemail a='", b"<invalidemail "),
    b"<a{n}/>",
    *(b"<result>", b"<message>", b"<error>", b"<invalidemail xmlns='a'>", b"<a xmlns:b='c'>"),
    *(b"<invalidemail><email>", b"<email/>", b"xsi:type='a' ", b"xml:lang='a' ", b"<a b='c'/>"),
)
_ROOT = b"<invalidemails>", b"</invalidemails>"
XML_PLACES = (
    ("alone", b"", b""),
    ("before the root", b"", _XML_ITEM.join(_ROOT)),
    ("in a list", *_ROOT),
    ("behind an item", _ROOT[0] + _XML_ITEM, b""),
    ("between items", _ROOT[0] + _XML_ITEM, _XML_ITEM + _ROOT[1]),
    ("in an item", b"<invalidemails><invalidemail>", b"</invalidemail></invalidemails>"),
    (
        "in a text",
        b"<invalidemails><invalidemail><email>",
        b"</email></invalidemail></invalidemails>",
    ),
    ("in a tag", b"<invalidemails ", b">" + _XML_ITEM + _ROOT[1]),
    ("in an item's tag", b"<invalidemails><invalidemail ", b"/></invalidemails>"),
    ("in an attribute", b'<invalidemails a="', b'"></invalidemails>'),
    ("in a comment", b"<invalidemails><!--", b"--></invalidemails>"),
    (
        "in CDATA",
        b"<invalidemails><invalidemail><email><![CDATA[",
        b"]]></email></invalidemail></invalidemails>",
    ),
    ("in the declaration", b'<?xml version="1.0" ', b"?><invalidemails/>"),
    ("in the encoding", b'<?xml version="1.0" encoding="', b'"?><invalidemails/>'),
    ("in a result", b"<result>", b"</result>"),
    ("in a message", b"<result><message>", b"</message></result>"),
    ("in errors", b"<result><message>error</message><errors>", b"</errors></result>"),
    ("behind the root", b"<invalidemails/>", b""),
)

# Two repeated parts, where the number of one could multiply the work for the other.
_BOUND = b'xmlns:a{n}="b" '
JSON_TWICE = (
    Shape("records, then openings", b"[", _JSON_ITEM + b",", b"", b"", b"{"),
    Shape("keys, then records", b"[{", b'"{n}":1,', b"]", b'"a":1}', b"," + _JSON_ITEM),
    Shape("spaces, then records", b"", b" ", b"", b"", _JSON_ITEM),
    Shape("a long key, then records", b'[{"', b"a", b"]", b'":1}', b"," + _JSON_ITEM),
)
XML_TWICE = (
    Shape("namespaces, then items", b"<invalidemails ", _BOUND, _ROOT[1], b">", _XML_ITEM),
    Shape("namespaces, then items, cut", b"<invalidemails ", _BOUND, b"", b">", _XML_ITEM),
    Shape("attributes, then items, cut", b"<invalidemails ", b'a{n}="b" ', b"", b">", _XML_ITEM),
    Shape(
        *("a long namespace", b'<invalidemails xmlns:a="', b"b", b"", b'">'),
        b"<invalidemail a:b='c'/>",
    ),
    Shape(
        "a long namespace, foreign", b'<invalidemails xmlns:a="', b"b", _ROOT[1], b'">', b"<a:b/>"
    ),
    Shape("a long default namespace", b'<invalidemails xmlns="', b"b", b"", b'">', _XML_ITEM),
    Shape("marks, then items", b"", b"]]>", b"", b"", _XML_ITEM),
    Shape("instructions that end once", b"<invalidemails>", _XML_ITEM + b"<?x!", b"?>"),
    Shape("comments that end once", b"<invalidemails>", _XML_ITEM + b"<!-- -- ", b"-->"),
    Shape("a long name", b"<invalidemails><", b"a", b"", b">", _XML_ITEM),
)

FORM_PARTS = (
    *("&", "=", "%", "%25", "%2", "+", ";", "&amp;", "&#038;", "&#0", "amp;", "#", "?", "/", "//"),
    ".",
    *("a", "a=b&", "a{n}=b&", "api_key=k&", "api;_key=k&", "email=a%40b&", "é", "%c3%a9", "\0"),
    " ",
    *("\\", '"', "@", ":", "user:key@", "\r\n", "\t", "GET ", " HTTP/1.1", "http://", "[", "{"),
    "--",
    *("%2525", "task=get&", "date=1&", "%5C", "\\u0061", "api", "_", "key"),
    "start_date=2010-01-01&",
)
FORM_PLACES = (
    ("as the URL", "", ""),
    ("before the path", "http://", "/api/bounces.get.json"),
    ("in the path", "/api/", ""),
    ("behind the path", "/v3/suppression/bounces/", ""),
    ("in the query", "/api/bounces.get.json?", ""),
    ("in a name", "/api/bounces.get.json?", "=k"),
    ("in a value", "/api/bounces.get.json?api_key=", ""),
    ("behind the query", "/api/bounces.get.json?a=b", "#"),
    ("before the version", "GET /api/bounces.get.json?a=", " HTTP/1.1"),
)


def shapes(
    parts: tuple[bytes, ...], places: tuple[tuple[str, bytes, bytes], ...], *, pairs: bool = False
) -> Iterator[Shape]:
    """Every part in every place; with `pairs`, every two parts in turn instead."""
    repeated = [a + b for a, b in permutations(parts, 2)] if pairs else parts
    for name, head, tail in places:
        for part in repeated:
            yield Shape(f"{part.decode('latin-1')!r} {name}", head, part, tail)
