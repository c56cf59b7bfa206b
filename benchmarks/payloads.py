"""Records as payloads, in the spellings of the API, and in two invalid ones.

They are written by hand and by the standard library, so that no contender reads its own output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape

from benchmarks.contender import Format, Row, dicts_of
from benchmarks.records import Series, rows

Texts = Sequence[Mapping[str, str]]


class Spelling(NamedTuple):
    """A way to write a list: `write` takes each record's fields as text."""

    format: Format
    series: Series
    title: str
    write: Callable[[Texts], bytes]
    dated: bool = True


class Payload(NamedTuple):
    """A body, its records, and the numbers of the bad ones."""

    data: bytes
    rows: list[Row]
    bad: list[int]


def compact_json(records: Texts) -> str:
    """JSON as the API writes it: compact, in ASCII, with `\\/`."""
    return json.dumps(records, separators=(",", ":")).replace("/", "\\/")


def xml_list(
    records: Texts,
    name: str = "invalidemails",
    item: str = "invalidemail",
    *,
    before_item: str = "",
    before_field: str = "",
) -> str:
    """A list in XML without its declaration, with some layout before each item and field."""
    parts = [f"<{name}>"]
    for record in records:
        parts.append(f"{before_item}<{item}>")
        parts += [f"{before_field}<{key}>{escape(text)}</{key}>" for key, text in record.items()]
        parts.append(f"{before_item}</{item}>")
    parts.append(f"{before_item[:1]}</{name}>")
    return "".join(parts)


def latin_xml(document: str) -> bytes:
    """An XML document in ISO-8859-1, as the API writes it."""
    declaration = '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
    return (declaration + document).encode("iso-8859-1", "xmlcharrefreplace")


def _json(records: Texts) -> bytes:
    return json.dumps(records, separators=(",", ":"), ensure_ascii=False).encode()


def _slashed(records: Texts) -> bytes:
    return compact_json(records).encode()


def _spaced(records: Texts) -> bytes:
    return json.dumps(records).encode()


def _xml(records: Texts) -> bytes:
    return latin_xml(xml_list(records))


def _indented(records: Texts) -> bytes:
    return latin_xml(xml_list(records, before_item="\n   ", before_field="\n      "))


def _utf8(records: Texts) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{xml_list(records)}'.encode()


SPELLINGS: Mapping[str, Spelling] = {
    "json": Spelling("json", "plain", "JSON, compact", _json),
    "json-spaced": Spelling("json", "plain", "JSON with spaces after `:` and `,`", _spaced),
    "json-slashed": Spelling("json", "awkward", 'JSON with `\\/` and `\\"`', _slashed),
    "json-accented": Spelling("json", "accented", "JSON in UTF-8, not ASCII", _json),
    "json-u": Spelling("json", "accented", "JSON with `\\u00e9` for é", _slashed),
    "json-undated": Spelling("json", "plain", "JSON without `created`", _json, dated=False),
    "xml": Spelling("xml", "plain", "XML in one line", _xml),
    "xml-indented": Spelling("xml", "plain", "XML, indented", _indented),
    "xml-awkward": Spelling("xml", "awkward", "XML with `&lt;` and `&amp;`", _xml),
    "xml-accented": Spelling("xml", "accented", "XML in ISO-8859-1, not ASCII", _xml),
    "xml-utf8": Spelling("xml", "accented", "XML in UTF-8, not ASCII", _utf8),
    "xml-undated": Spelling("xml", "plain", "XML without `created`", _xml, dated=False),
}


def valid(spelling: str, count: int) -> Payload:
    """A valid payload."""
    return _payload(spelling, count)


def imperfect(spelling: str, count: int) -> Payload:
    """A payload with an unknown field in the middle record: early pages show a `status`."""
    return _payload(spelling, count, unknown=[count // 2])


def invalid(spelling: str, count: int) -> Payload:
    """A payload with a month 13 in the middle record."""
    return _payload(spelling, count, bad=[count // 2])


def every_bad(spelling: str, count: int) -> Payload:
    """A payload with a month 13 in every record."""
    return _payload(spelling, count, bad=range(count))


def _payload(
    spelling: str, count: int, *, unknown: Sequence[int] = (), bad: Sequence[int] = ()
) -> Payload:
    way = SPELLINGS[spelling]
    records = rows(way.series, count, dated=way.dated)
    dicts = dicts_of(records)
    for number in unknown:
        dicts[number] = {"status": "5.1.1", **dicts[number]}
    for number in bad:
        created = dicts[number]["created"]
        dicts[number]["created"] = f"{created[:5]}13{created[7:]}"
    return Payload(way.write(dicts), records, [*bad])
