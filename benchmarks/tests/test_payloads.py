"""The payloads: reproducible, and as described."""

from __future__ import annotations

import hashlib

import pytest

import sgformats
from benchmarks.contender import OPERATION, rows_of
from benchmarks.payloads import SPELLINGS, Payload, every_bad, imperfect, invalid, valid
from benchmarks.records import Series, rows

DIGESTS: dict[Series, str] = {
    "plain": "a2fd8411d1e68a88",
    "accented": "f76858c97973bf4d",
    "awkward": "4723e3c02a388d8f",
}


def read(payload: Payload, mode: sgformats.Mode = "strict") -> object:
    reply = sgformats.parse(payload.data, OPERATION, mode=mode)
    assert isinstance(reply, sgformats.Listing)
    return rows_of(reply.records)


@pytest.mark.parametrize("series", DIGESTS)
def test_a_series_is_the_same_on_every_machine_and_day(series: Series) -> None:
    written = "\n".join(map(str, rows(series, 1000))).encode()
    assert hashlib.sha256(written).hexdigest()[:16] == DIGESTS[series]


@pytest.mark.parametrize("series", DIGESTS)
def test_a_long_list_begins_with_the_short_one(series: Series) -> None:
    assert rows(series, 500)[:3] == rows(series, 3)


@pytest.mark.parametrize("series", DIGESTS)
def test_nearly_all_records_of_a_series_differ(series: Series) -> None:
    assert len(set(rows(series, 1000))) == 1000


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("count", [1, 3, 100])
def test_a_valid_payload_means_its_records(spelling: str, count: int) -> None:
    payload = valid(spelling, count)
    assert (
        read(payload)
        == payload.rows
        == rows(SPELLINGS[spelling].series, count, dated=SPELLINGS[spelling].dated)
    )
    assert payload.bad == []


@pytest.mark.parametrize("spelling", ["json", "xml"])
def test_an_imperfect_payload_has_one_unknown_field(spelling: str) -> None:
    payload = imperfect(spelling, 101)
    (problem,) = sgformats.validate(payload.data, OPERATION)
    assert (problem.rule, problem.location.path) == ("unknown-field", "[50].status")
    assert read(payload, "lax") == payload.rows


@pytest.mark.parametrize("spelling", ["json", "xml"])
@pytest.mark.parametrize("every", [False, True])
def test_an_invalid_payload_has_a_bad_month_in_the_records_it_names(
    spelling: str, every: bool
) -> None:
    payload = (every_bad if every else invalid)(spelling, 9)
    assert payload.bad == ([0, 1, 2, 3, 4, 5, 6, 7, 8] if every else [4])
    assert [
        (problem.rule, problem.location.path)
        for problem in sgformats.validate(payload.data, OPERATION)
    ] == [("invalid-timestamp", f"[{number}].created") for number in payload.bad]


MARKS = {
    "json": b'[{"email":"j.smith',
    "json-spaced": b'[{"email": "j.smith',
    "json-slashed": b"https:\\/\\/support",
    "json-accented": "Domäne".encode(),
    "json-u": b"Dom\\u00e4ne",
    "xml": b'1.0" encoding="ISO-8859-1"?>\n<invalidemails><invalidemail><email>',
    "xml-indented": b"\n   </invalidemail>\n   <invalidemail>\n      <email>",
    "xml-awkward": b"5.1.1 &lt;user@example.com&gt;: ",
    "xml-accented": "Domäne".encode("iso-8859-1"),
    "xml-utf8": 'encoding="UTF-8"?>\n<invalidemails><invalidemail><email>á'.encode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_each_spelling_has_its_bytes(spelling: str) -> None:
    data = valid(spelling, 50).data
    assert MARKS[spelling] in data if spelling in MARKS else b"created" not in data
    assert data.isascii() == (spelling not in ("json-accented", "xml-accented", "xml-utf8"))
