"""The scan of a list gives the same results through a window as on the whole payload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sgformats import InvalidEmail, Listing, Problem, _formats, encode
from sgformats._json import items as jsonitems
from sgformats._scan import scan as scanning
from sgformats._scan.found import Broken, Found, Group, Lost, Single
from sgformats._scan.scan import scan
from sgformats._text import window
from sgformats._text.damaged import decode_damaged
from sgformats._text.payload import Format
from sgformats._text.positions import Text
from sgformats._text.window import Decoding, Window
from sgformats.operations import find_operation

GET = find_operation("invalidemails.get")
SOME = Listing("invalidemails", tuple(InvalidEmail(f"u{n}@é", "R" * (n % 70)) for n in range(60)))


def whole(data: bytes) -> Window:
    return Window(decode_damaged(data, "UTF-8", 0)[0])


def in_pieces(data: bytes, size: int) -> Window:
    chunks = (data[at : at + size] for at in range(0, len(data), size))
    return Window(Text("", "UTF-8"), Decoding(chunks, "UTF-8", "surrogateescape"))


def results(found: Iterator[Found]) -> tuple[list[tuple[int, Any]], list[Problem], int]:
    """The records with their numbers, the problems, and the number of lost bytes."""
    records: list[tuple[int, Any]] = []
    problems: list[Problem] = []
    lost = 0
    for each in found:
        if isinstance(each, Group):
            records += enumerate(each.records, each.first)
        elif isinstance(each, Single):
            problems += each.problems
            if each.number is not None:
                records.append((each.number, each.record))
        elif isinstance(each, Broken):
            problems.append(each.problem)
        else:
            assert isinstance(each, Lost)
            lost += each.size
    return records, problems, lost


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "_LEAST", 40)


@example("xml", 33, [(113, b'"')], True)
@settings(suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(["json", "xml"]),
    st.integers(1, 200),
    st.lists(st.tuples(st.integers(0, 5000), st.sampled_from([b"\2", b"\xff", b"<", b'"', b"}"]))),
    st.booleans(),
)
@pytest.mark.usefixtures("small")
def test_a_window_gives_the_same_results_as_the_whole(
    format: Format, size: int, holes: list[tuple[int, bytes]], indent: bool
) -> None:
    data = bytearray(encode(SOME, format, encoding="UTF-8", indent=indent))
    for at, hole in holes:
        data[1 + at % (len(data) - 1) : 2 + at % (len(data) - 1)] = hole
    records, problems, lost = results(scan(whole(bytes(data)), GET, format))
    assert results(scan(in_pieces(bytes(data), size), GET, format))[:2] == (records, problems)
    # In pieces, the layout between two items may count as lost.
    assert results(scan(in_pieces(bytes(data), size), GET, format))[2] >= lost


@pytest.mark.usefixtures("small")
def test_lines_that_end_with_crlf_are_counted() -> None:
    data = encode(SOME, "json", indent=True).replace(b"\n", b"\r\n") + b"x"
    (problem,) = results(scan(in_pieces(data, 7), GET, "json"))[1]
    assert (problem.location.line, problem.location.column) == (data.count(b"\n") + 1, 2)


def test_white_space_before_a_list_is_skipped() -> None:
    data = b" " * 100_000 + b"[]"
    assert results(scan(in_pieces(data, 1000), GET, "json")) == ([], [], 0)


def test_a_refusal_by_the_schema_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    form = _formats.FORMATS["json"]._replace(confirm=lambda text, operation: "no")
    monkeypatch.setattr(scanning, "FORMATS", {"json": form})
    monkeypatch.setattr(jsonitems.JsonItems, "decode_group", lambda *_: None)
    data = b'[{"email":"a","reason":"b"}]'
    assert [(each.rule, each.message) for each in results(scan(whole(data), GET, "json"))[1]] == [
        ("unknown-shape", "expected a payload that the schema accepts, found no")
    ]


def test_depth_is_counted_from_the_root() -> None:
    deep = b"<invalidemails>" + b"<invalidemail>" * 300
    assert [each.rule for each in results(scan(whole(deep), GET, "xml"))[1]] == ["too-large"]
