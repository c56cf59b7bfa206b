"""Payloads made to hang, crash or fool a reader.

Each is a function of a number: how often the repeated part occurs, if there is one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

_COUNT = -1


def _item(text: bytes) -> bytes:
    item = b"<invalidemail><email>" + text + b"</email><reason>r</reason></invalidemail>"
    return b"<invalidemails>" + item + b"</invalidemails>"


_BOMB = b"".join(
    (
        b'<?xml version="1.0"?><!DOCTYPE invalidemails [<!ENTITY a0 "ha">',
        *(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)),
        b"]>",
        _item(b"&a9;"),
    )
)
_XML = [
    *rb"""
    < </ <! <? <a <a/ <a/> <a></b> <a/><b/> <a/>x x<a/> <1/> <result></result>>
    <a:b/> <a:b:c/> <:a/> <xmlns:a/> <a>&b;</a> <a>&#0;</a> <result>&#1;</result> <a>]]></a>
""".split(),
    b"<a b=c/>",
    b"<a b='<'/>",
    b"<a b='1' b='2'/>",
    b"<a xmlns:x='u' xmlns:y='u' x:b='' y:b=''/>",
    b"<a xmlns:xml='x'/>",
    b"<a xmlns:xmlns='x'/>",
    b"<a:b xmlns:a=''/>",
    b"<a><!-- -- --></a>",
    b"<a><?xml x?></a>",
    b"<!-- <html> --><a/>",
    b"<?xml version='2.0'?><a/>",
    b" <?xml version='1.0'?><a/>",
    b"<?xml encoding='UTF-8'?><a/>",
    b"<?xml version='1.0' encoding='UTF-16'?><a/>",
    b"<?xml version='1.0' encoding='EBCDIC'?><a/>",
    b"<\xc0\xbc/>",
    b"<result>\x01</result>",
    b"<!DOCTYPE x SYSTEM 'http://x.invalid/x.dtd'>" + _item(b"x"),
    b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + _item(b"&e;"),
    _BOMB,
]
_JSON = [
    *rb"""
    { [ " - [, {} [{}] [[]] [,] [1,] [1]] [1][2] [1|2] [-] [+1] [01] [1.] [.1] [1e] [0x1] [1e9999]
    null [null] [NaN] [Infinity] {"a":1,} {"a"1} {"a"} {a:1} {'a':1} [/**/] [#]
    ["\ud800"] ["\udc00\ud800"] ["\ud800\u0041"] ["\u12"] ["\a"] ["] ["\"]
""".split(),
    b'["\x00"]',
    b'["\t"]',
    b'["\xff"]',
    b'["\xed\xa0\x80"]',
    b"[\xe2\x80\xa8]",
    b"\xef\xbb\xbf\xef\xbb\xbf[]",
    b"\xff\xfe[\x00]\x00",
    b"\x00[\x00]",
    b"[\x00\x00\x00",
]
_OTHER = [
    b"",
    b" \r\n",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb",
    b"<html><body><h1>502 Bad Gateway</h1><hr></body></html>",
    b"<!DOCTYPE HTML PUBLIC '-//IETF//DTD HTML 2.0//EN'>\n<html><p>not closed",
    b"The service is not available. Please try again later.",
]
# Parts and their counts: these take a naive reader long, or overflow its stack.
_LARGE: tuple[tuple[tuple[bytes, int], ...], ...] = (
    ((b"[", _COUNT),),
    ((b"[", 256), (b"]", 256)),
    ((b"[", 257), (b"]", 257)),
    ((b'{"a":', _COUNT), (b"1", 1), (b"}", _COUNT)),
    ((b'{"message":"', 1), (b"\\\\", _COUNT), (b'"}', 1)),
    ((b'{"message":"', 1), (b"\\ud83d\\ude00", _COUNT), (b'\\ud83d"}', 1)),
    ((b'{"count":', 1), (b"1", _COUNT), (b"}", 1)),
    ((b'{"error":{"message":"","code":1e', 1), (b"9", _COUNT), (b"}}", 1)),
    ((b'{"errors":[{"message":"","field":', 1), (b"1", _COUNT), (b"}]}", 1)),
    ((b'{"errors":[{"message":"","field":', 1), (b"[", 240), (b"]", 240), (b"}]}", 1)),
    ((b"[", 1), (b'{"email":"","reason":"","x":1},', _COUNT), (b"{}]", 1)),
    ((b"1", _COUNT), (b" ", _COUNT), (b"x", 1)),
    ((b" ", _COUNT), (b"x", 1)),
    ((b"<a>", _COUNT), (b"</a>", _COUNT)),
    ((b"<result>", 257), (b"</result>", 257)),
    ((b"<a ", 1), (b"b='1' ", _COUNT)),
    ((b"<!---->", _COUNT), (b"<result>x</result>", 1)),
    ((b"<?a?>", _COUNT), (b"<result/>", 1)),
    ((b"<invalidemails>", 1), (b"<invalidemail/>", _COUNT), (b"</invalidemails>", 1)),
    ((b"<result><message>", 1), (b"&#65;<![CDATA[]]>", _COUNT), (b"</message></result>", 1)),
    ((b"<result><message>", 1), (b"&", _COUNT), (b"</message></result>", 1)),
    ((b"<result>", 1), (b"]", _COUNT), (b"</result>", 1)),
)


def _whole(data: bytes, count: int) -> bytes:
    return data


def _repeated(parts: tuple[tuple[bytes, int], ...], count: int) -> bytes:
    return b"".join(part * (count if times == _COUNT else times) for part, times in parts)


HOSTILE: tuple[Callable[[int], bytes], ...] = (
    *(partial(_whole, data) for data in (*_XML, *_JSON, *_OTHER)),
    *(partial(_repeated, parts) for parts in _LARGE),
)
