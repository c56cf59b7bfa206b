"""The census: counts by file and in total, in figures that add up."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sgformats.census.counting as census_module
from sgformats.captures.exchange import Exchange, Source
from sgformats.census import Census, Figures, Span, Tally, census_html, take_census
from sgformats.census.observing import QUESTIONS, normal, observe, plain
from sgformats.errors import ArgumentError
from sgformats.request import Request
from sgformats.testing.strategies import hostile, mutated, payloads
from tests.report.htmlkit import HOSTILE

URL = "https://sendgrid.com/api/invalidemails.get.json?api_user=reseller&api_key=hunter22"
XML = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<bounces>\n <bounce><status>5.1.1</status>'
    "<created>2009-06-10 12:40:30</created><reason>550 &lt;a@b.example&gt; unknown</reason>"
    "<email>a@b.example</email></bounce>\n</bounces>"
)
V3 = '[{"created":1262304000,"email":"x@y.example","reason":"no"}]'


def lines(*rows: dict[str, Any]) -> io.BytesIO:
    """JSON lines as a stream."""
    return io.BytesIO("".join(json.dumps(row) + "\n" for row in rows).encode())


def of(body: str, url: str = URL, **row: Any) -> Figures:
    """The figures of one exchange."""
    return take_census([lines({"url": url, "status": 200, "body": body, **row})]).total


def values(figures: Figures, question: str) -> dict[str, int]:
    """The values of a question with their counts."""
    assert figures.tallies[question].others == 0
    return dict(figures.tallies[question].counts)


def test_a_list_in_json_gives_all_observations() -> None:
    figures = of(
        '[{"email": "a@b.example", "reason": "550 <a@b.example> unknown", "created": ""},'
        ' {"reason": "see http:\\/\\/x.example", "email": "brandon", "created": "2009-06-10 12:40:30"}]',
        content_type="text/HTML; charset=utf-8",
    )
    assert (figures.exchanges, figures.read, figures.skipped, figures.records) == (1, 1, 0, 2)
    assert {question: values(figures, question) for question in QUESTIONS} == {
        "operations": {"invalidemails.get": 1},
        "surfaces": {"web": 1},
        "formats": {"json": 1},
        "dialects": {"list": 1},
        "layouts": {"spaced JSON": 1, r"slashes as \/": 1},
        "encodings": {"UTF-8": 1},
        "http_statuses": {"200": 1},
        "content_types": {"text/html": 1},
        "fields": {"created": 2, "email": 2, "reason": 2},
        "orders": {"email, reason, created": 1, "reason, email, created": 1},
        "statuses": {},
        "reasons": {"550 <…@…> unknown": 1, "see http://x.example": 1},
        "messages": {},
        "problems": {"secret-in-url": 1, "unexpected-created": 1},
        "skip_reasons": {},
    }
    assert figures.created == Span(
        1, datetime(2009, 6, 10, 12, 40, 30), datetime(2009, 6, 10, 12, 40, 30)
    )
    assert (figures.undated, figures.created_utc) == (1, Span())


def test_a_list_in_xml_gives_all_observations() -> None:
    figures = of(XML, URL.replace("invalidemails.get.json", "bounces.get.xml"))
    assert values(figures, "formats") == {"xml": 1}
    assert values(figures, "encodings") == {"ISO-8859-1 (declared)": 1}
    assert values(figures, "layouts") == {"indented XML": 1}
    assert values(figures, "orders") == {"status, created, reason, email": 1}
    assert values(figures, "statuses") == {"5.1.1": 1}
    assert values(figures, "reasons") == {"550 <…@…> unknown": 1}


def test_timestamps_of_v3_are_counted_separately() -> None:
    figures = of(V3, "https://api.sendgrid.com/v3/suppression/invalid_emails")
    moment = datetime(2010, 1, 1, tzinfo=timezone.utc)
    assert (figures.created, figures.created_utc) == (Span(), Span(1, moment, moment))
    assert values(figures, "formats") == {"json-v3": 1}
    assert values(figures, "surfaces") == {"v3": 1}


@pytest.mark.parametrize(
    ("body", "dialect", "messages"),
    [
        ('{"message":"success"}', "message", {"success": 1}),
        ('{"message":"error","errors":["a","b"]}', "message and errors", {"a": 1, "b": 1, "error": 1}),
        ('{"error":{"code":401,"message":"no"}}', "error with code", {"no": 1}),
        ('{"errors":[{"field":null,"message":"m"}]}', "message and errors", {"m": 1}),
        ("<result> success </result>", "text", {"success": 1}),
        ("<result><message>error</message><errors><error>a</error></errors></result>",
         "message and errors", {"a": 1, "error": 1}),
        ('{"count":"2"}', "count", {}),
    ],
)  # fmt: skip
def test_a_result_gives_its_messages(body: str, dialect: str, messages: dict[str, int]) -> None:
    figures = of(body, URL.replace(".get.", ".delete."))
    assert values(figures, "dialects") == {dialect: 1}
    assert values(figures, "messages") == messages
    assert figures.records == 0


@pytest.mark.parametrize(
    ("body", "layouts"),
    [
        ('[{"email":"a/b"}]', {"compact JSON", "slashes as /"}),
        ('[{"email": "ab"}]', {"spaced JSON"}),
        ('[\n {"email":"ab"}]', {"indented JSON"}),
        ("[]", set()),
        ("<invalidemails/>", {"compact XML"}),
    ],
)
def test_the_layout_is_detected_from_the_first_member(body: str, layouts: set[str]) -> None:
    assert set(values(of(body), "layouts")) == layouts


def test_a_body_that_is_not_an_answer_is_counted_by_dialect() -> None:
    figures = of("<html><body>502 Bad Gateway</body></html>", status=502)
    assert values(figures, "dialects") == {"html": 1}
    assert values(figures, "formats") == {"none": 1}
    assert values(figures, "operations") == {"invalidemails.get": 1}
    assert values(figures, "problems") == {"not-an-answer": 1, "secret-in-url": 1}


def test_a_skipped_exchange_is_counted_by_its_reason() -> None:
    census = take_census([lines({"url": "https://h.example/x", "status": 200, "body": "x"})])
    assert (census.total.exchanges, census.total.read, census.total.skipped) == (1, 0, 1)
    (reason,) = values(census.total, "skip_reasons")
    assert reason.startswith("expected a call of this API such as /api/invalidemails.get.json")


def test_a_bare_payload_is_detected_from_its_content(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('[{"email":"a","created":""}]')
    total = take_census([path]).total
    assert values(total, "operations") == {"spamreports.get or unsubscribes.get": 1}
    assert values(total, "http_statuses") == {"none": 1}
    path.write_text("[]")
    assert values(take_census([path]).total, "operations") == {
        "invalidemails.get or bounces.get or blocks.get or …": 1
    }
    named = take_census([path], operation="blocks.get").total
    assert values(named, "operations") == {"blocks.get": 1}


def test_every_file_has_its_figures_and_all_add_up(tmp_path: Path) -> None:
    tmp_path.joinpath("a.json").write_text('[{"email":"a","reason":"b"}]')
    tmp_path.joinpath("b.jsonl").write_bytes(
        lines(*({"url": URL, "status": 200, "body": "[]"} for _ in range(3))).getvalue()
    )
    tmp_path.joinpath("cut.har").write_text('{"log":{"entries":[')
    census = take_census([tmp_path])
    rows = [(Path(f.file).name, f.exchanges, f.records, f.unread is None) for f in census.files]
    assert rows == [("a.json", 1, 1, True), ("b.jsonl", 3, 0, True), ("cut.har", 0, 0, False)]
    assert (census.total.exchanges, census.total.records, census.unread) == (4, 1, 1)
    assert census.files[2].unread == "expected a value, found the end of the file"
    for question in QUESTIONS:
        parts = sum(figures.tallies[question].total for figures in census.files)
        assert census.total.tallies[question].total == parts


def test_missing_files_are_unread(tmp_path: Path) -> None:
    census = take_census([tmp_path / "nowhere"])
    assert (census.unread, census.total.exchanges) == (1, 0)
    assert census.files[0].unread == "no such file or folder"


def test_an_unknown_operation_is_an_argument_error() -> None:
    with pytest.raises(ArgumentError):
        take_census([], operation="x")
    with pytest.raises(ArgumentError):
        take_census([io.BytesIO(b"[]")], kind="csv")


# Bounds.


def rows_of(*reasons: str) -> io.BytesIO:
    """A capture with a record for each reason."""
    records = [{"email": "a", "reason": reason} for reason in reasons]
    return lines({"url": URL, "status": 200, "body": json.dumps(records)})


def test_the_rarest_values_are_counted_as_others() -> None:
    reasons = ["often"] * 3 + ["twice"] * 2 + ["b", "a"]
    tally = take_census([rows_of(*reasons)], most=3).total.tallies["reasons"]
    assert tally == Tally((("often", 3), ("twice", 2), ("a", 1)), 1)
    assert tally.total == 7


def test_the_number_of_values_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census_module, "DISTINCT", 3)
    words = [f"word {chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(100)]
    tally = take_census([rows_of("often", "often", *words, "often")]).total.tallies["reasons"]
    assert tally.counts[0] == ("often", 3)
    assert len(tally.counts) <= 6
    assert tally.total == 103


def test_a_limited_number_of_files_has_separate_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(census_module, "FILES", 2)
    for name in ("a.json", "b.json", "c.json"):
        tmp_path.joinpath(name).write_text("[]")
    census = take_census([tmp_path])
    assert [Path(figures.file).name for figures in census.files] == ["a.json", "b.json"]
    assert (census.unlisted, census.total.exchanges) == (1, 3)
    assert census.to_dict()["summary"] == {"files": 3, "unlisted": 1, "unread": 0}


# Texts.


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("550 5.1.1 <Isaac.N@hotmail.comm>... User  unknown", "550 5.1.1 <…@…>... User unknown"),
        ("host [10.0.0.255] said", "host […] said"),
        ("id 20090610 of q5-Ab3xYz0123456789", "id … of …"),
        ("api_key=hunter22 in it", "api_key=*** in it"),
        ("a\r\n\tb ", "a b"),
        ("1.2.3", "1.2.3"),
        ("", ""),
        ("abc " * 60, "abc " * 29 + "abc…"),
    ],
)
def test_a_text_is_counted_without_its_variable_parts(text: str, shown: str) -> None:
    assert normal(text) == shown


def test_a_plain_text_is_clipped_and_holds_no_secret() -> None:
    assert plain("x" * 200) == "x" * 119 + "…"
    assert plain("a  b\nAuthorization: Basic abc") == "a b Authorization: Basic ***"


def test_a_secret_that_an_answer_repeats_is_hidden() -> None:
    url = URL.replace("hunter22", "Correct-Horse")
    body = json.dumps([{"email": "a", "reason": "not Correct-Horse", "Correct-Horse": "x"}])
    census = take_census([lines({"url": url, "status": 200, "body": body})])
    assert values(census.total, "reasons") == {"not ***": 1}
    assert values(census.total, "fields") == {"***": 1, "email": 1, "reason": 1}
    assert "Correct-Horse" not in json.dumps(census.to_dict()) + census_html(census)


@given(st.one_of(payloads().map(lambda w: w[1]), mutated(payloads()), hostile(many=300)))
def test_any_answer_can_be_observed(data: bytes) -> None:
    for request in (None, Request.parse(URL)):
        observed = observe(Exchange(request, 200, None, data, Source("x")))
        assert {question for question, _ in observed.answers} <= QUESTIONS.keys()
        assert len(observed.created) + observed.undated == observed.records
        assert all(len(answer) <= 120 for _, answer in observed.answers)


# Forms.


@pytest.fixture
def census() -> Census:
    """A census of three exchanges."""
    return take_census(
        [
            lines(
                {"url": URL, "status": 200, "body": '[{"email":"a@b.example","reason":"x"}]'},
                {"url": URL, "status": 200, "body": "[]"},
                {"url": "https://h.example/x", "status": 200, "body": "x"},
            )
        ],
        most=1,
    )


def test_the_json_format_has_everything(census: Census) -> None:
    data = json.loads(json.dumps(census.to_dict()))
    assert data["summary"] == {"files": 1, "unlisted": 0, "unread": 0}
    assert data["total"]["file"] is None
    assert data["files"][0]["file"] == "<stream>"
    assert {key: data["total"][key] for key in ("exchanges", "read", "skipped", "records")} == {
        "exchanges": 3,
        "read": 2,
        "skipped": 1,
        "records": 1,
    }
    assert data["total"]["fields"] == {"counts": [{"value": "email", "count": 1}], "others": 1}
    assert data["total"]["created"] == {"count": 0, "earliest": None, "latest": None}
    assert set(QUESTIONS) < set(data["total"])


def test_the_spans_of_the_json_form_are_texts() -> None:
    data = of(V3, "https://api.sendgrid.com/v3/suppression/invalid_emails")
    moment = "2010-01-01 00:00:00+00:00"
    assert Census(data).to_dict()["total"]["created_utc"] == {
        "count": 1,
        "earliest": moment,
        "latest": moment,
    }
    assert str(data.created_utc) == f"{moment} – {moment}"


def test_the_table_has_a_row_for_each_value(census: Census) -> None:
    rows = [row for row in census.rows() if row["question"] in ("fields", "operations", "created")]
    assert rows == [
        {"file": file, "question": question, "value": value, "count": count}
        for file in ("", "<stream>")
        for question, value, count in (
            ("operations", "invalidemails.get", 2),
            ("fields", "email", 1),
            ("fields", "(others)", 1),
            ("created", "(none)", 1),
        )
    ]


def test_the_page_shows_the_figures_and_makes_no_request(census: Census) -> None:
    page = census_html(census)
    assert page.startswith("<!DOCTYPE html>")
    assert "<h1>1 record</h1>" in page
    assert "3 exchanges in 1 file: 2 read, 1 skipped." in page
    assert re.search(r"<bdi>invalidemails.get</bdi>.*?<td>2</td>", page, re.DOTALL)
    assert page.count('<tr class="others">') == 2
    assert "default-src 'none'" in page
    assert re.findall(r"""(?:src|href|action)=["']?([^"'\s>]+)""", page) == ["data:,"]
    assert "<script" not in page


def page_of(text: str) -> str:
    """A page with this text in every field of the capture."""
    figures = Figures(text, tallies=dict.fromkeys(QUESTIONS, Tally(((text, 1),))), unread=text)
    return census_html(Census(figures, (figures,), 0, 1))


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_a_capture_never_becomes_markup(text: str) -> None:
    page = page_of(text)
    assert re.findall(r"</?[a-z]+", page) == re.findall(r"</?[a-z]+", page_of("x"))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)
