"""Records as payloads, in the spellings of the API, and in two invalid ones.

They are written by hand and by the standard library, so that no contender reads its own output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.contender import Format, Row, dict_of
from benchmarks.records import Series, rows


class Spelling(NamedTuple):
    """A way to write a list: `write` takes each record's fields as text."""

    format: Format
    series: Series
    title: str
    write: Callable[[Sequence[Mapping[str, str]]], bytes]
    dated: bool = True


class Payload(NamedTuple):
    """A body, its records, and the numbers of the bad ones."""

    data: bytes
    rows: list[Row]
    bad: list[int]


def _compact(records: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()


def _slashed(records: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps(records, separators=(",", ":")).replace("/", "\\/").encode()


def _spaced(records: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps(records).encode()


def _document(records: Sequence[Mapping[str, str]], item: str = "", field: str = "") -> str:
    """A list in XML without its declaration; `item` and `field` are the layout before each."""
    parts = ["<invalidemails>"]
    for record in records:
        parts.append(f"{item}<invalidemail>")
        parts += [f"{field}<{name}>{escape(text)}</{name}>" for name, text in record.items()]
        parts.append(f"{item}</invalidemail>")
    parts.append(f"{item[:1]}</invalidemails>")
    return "".join(parts)


def _latin(document: str) -> bytes:
    declaration = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    return (declaration + document).encode("iso-8859-1", "xmlcharrefreplace")


def _xml(records: Sequence[Mapping[str, str]]) -> bytes:
    return _latin(_document(records))


def _utf8(records: Sequence[Mapping[str, str]]) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_document(records)}'.encode()


def _indented(records: Sequence[Mapping[str, str]]) -> bytes:
    return _latin(_document(records, "\n   ", "\n      "))


SPELLINGS: Mapping[str, Spelling] = {
    "json": Spelling("json", "plain", "JSON, compact", _compact),
    "json-spaced": Spelling("json", "plain", "JSON with spaces after `:` and `,`", _spaced),
    "json-slashed": Spelling("json", "awkward", 'JSON with `\\/` and `\\"`', _slashed),
    "json-accented": Spelling("json", "accented", "JSON in UTF-8, not ASCII", _compact),
    "json-u": Spelling("json", "accented", "JSON with `\\u00e9` for é", _slashed),
    "json-undated": Spelling("json", "plain", "JSON without `created`", _compact, dated=False),
    "xml": Spelling("xml", "plain", "XML in one line", _xml),
    "xml-indented": Spelling("xml", "plain", "XML, indented", _indented),
    "xml-awkward": Spelling("xml", "awkward", "XML with `&lt;` and `&amp;`", _xml),
    "xml-accented": Spelling("xml", "accented", "XML in ISO-8859-1, not ASCII", _xml),
    "xml-utf8": Spelling("xml", "accented", "XML in UTF-8, not ASCII", _utf8),
    "xml-undated": Spelling("xml", "plain", "XML without `created`", _xml, dated=False),
}


def valid(spelling: str, count: int) -> Payload:
    """A valid payload."""
    way = SPELLINGS[spelling]
    records = rows(way.series, count, dated=way.dated)
    return Payload(way.write([dict_of(row) for row in records]), records, [])


def imperfect(spelling: str, count: int) -> Payload:
    """A payload with an unknown field in the middle record: early pages show a `status`."""
    way = SPELLINGS[spelling]
    records = rows(way.series, count, dated=way.dated)
    dicts = [dict_of(row) for row in records]
    dicts[count // 2] = {"status": "5.1.1", **dicts[count // 2]}
    return Payload(way.write(dicts), records, [])


def invalid(spelling: str, count: int, every: bool = False) -> Payload:
    """A payload with a month 13 in the middle record, or in every one."""
    way = SPELLINGS[spelling]
    records = rows(way.series, count, dated=True)
    bad = list(range(count)) if every else [count // 2]
    dicts = [dict_of(row) for row in records]
    for number in bad:
        created = dicts[number]["created"]
        dicts[number]["created"] = f"{created[:5]}13{created[7:]}"
    return Payload(way.write(dicts), records, bad)
