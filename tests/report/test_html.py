"""The HTML page: its content, its links and its limits."""

from __future__ import annotations

import re
import sys
import tracemalloc
from itertools import pairwise
from typing import Any

import pytest

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.errors import MissingPackageError
from sgformats.report import html as report
from sgformats.rules import RULES
from tests.report.htmlkit import PAGE, PROBLEM, Tags, nodes
from tests.report.reportkit import SUMMARY, problem, written


def words(node: Any) -> str:
    """A node's text on one line."""
    return " ".join(node.text_content().split())


def texts(written: str, path: str) -> list[str]:
    """The texts of the nodes that match, each on one line."""
    return [words(node) for node in nodes(written, path)]


def one(rule: str, file: str = "a.har", entry: int = 0, message: str = "x") -> Outcome:
    """An exchange with one problem."""
    return Outcome(Source(file, entry, entry + 1, 0), findings=(Finding(problem(rule, message)),))


# Content
def test_the_page_shows_the_result_and_the_figures() -> None:
    assert texts(PAGE, "//head/title") == ["4 errors and 1 warning · sgformats"]
    assert texts(PAGE, "//h1") == ["4 errors and 1 warning"]
    assert texts(PAGE, "//p[@class='lede']") == [
        "4 exchanges in 3 files: 3 checked, 1 skipped. 1 capture could not be read to the end."
    ]
    figures = zip(texts(PAGE, "//dt"), texts(PAGE, "//dd"), strict=True)
    assert list(figures) == [
        ("Files", "3"),
        ("Exchanges", "4"),
        ("Checked", "3"),
        ("Skipped", "1"),
        ("Damaged", "1"),
        ("Errors", "4"),
        ("Warnings", "1"),
        ("Known", "1"),
        ("Tolerated", "1"),
        ("Vanished", "1"),
    ]
    assert texts(PAGE, "//figure//li") == [
        "1 clean",
        "1 skipped",
        "2 with errors",
        "1 damaged",
    ]


@pytest.mark.parametrize(
    ("summary", "verdict", "tone"),
    [
        (CheckSummary(checked=1), "No problems", "clean"),
        (CheckSummary(checked=1, known=1), "No new problems", "clean"),
        (CheckSummary(checked=1, tolerated=1), "No new problems", "clean"),
        (CheckSummary(exchanges=1, skipped=1), "Nothing was checked", "warning"),
        (CheckSummary(checked=1, unread=1), "Not everything could be read", "error"),
        (CheckSummary(checked=1, warnings=1), "1 warning", "warning"),
        (CheckSummary(checked=1, errors=1200), "1,200 errors", "error"),
    ],
)
def test_the_verdict_matches_the_figures(summary: CheckSummary, verdict: str, tone: str) -> None:
    written_page = written("html", [], summary)
    assert texts(written_page, f"//h1[@class='{tone}']") == [verdict]
    assert texts(written_page, "//head/title") == [f"{verdict} · sgformats"]


def test_rules_are_listed_worst_first_with_meaning_and_figures() -> None:
    assert texts(PAGE, "//section[@id='rules']//h3") == [
        "invalid-timestamp",
        "damaged-capture",
        "invalid-parameter",
        "secret-in-url",
        "unknown-field",
    ]
    assert texts(PAGE, "//section[@id='rules']//ul") == [
        "2 errors 1 known",
        "1 error",
        "1 error",
        "1 warning",
        "1 tolerated",
    ]
    meanings = texts(PAGE, "//section[@id='rules']//p[@class='meaning']")
    assert meanings[0] == " ".join(RULES["invalid-timestamp"].meaning.replace("`", "").split())
    code = "//section[@id='rules']//p[@class='meaning']/code"
    assert texts(PAGE, code)[0] == "YYYY-MM-DD HH:MM:SS"


def test_the_chart_of_rules_stacks_all_kinds_of_problems() -> None:
    rows = nodes(PAGE, "//*[@class='bar']")
    drawn = [[(r.get("class"), r.get("x"), r.get("width")) for r in row] for row in rows]
    assert drawn == [
        [("k-error", "0.0", "66.67"), ("k-known", "66.67", "33.33")],
        [("k-error", "0.0", "33.33")],
        [("k-error", "0.0", "33.33")],
        [("k-warning", "0.0", "33.33")],
        [("k-tolerated", "0.0", "33.33")],
    ]


def test_files_skipped_and_vanished_are_listed() -> None:
    assert texts(PAGE, "//section[@id='files']/ol/li") == [
        "./captures/a b.har 2 errors 1 warning 1 known 1 tolerated 1 with errors",
        "answers/damaged.json 1 error 1 with errors",
        "captures/cut.har 1 error 1 damaged",
        "captures/a b.har no problems",
    ]
    labels = nodes(PAGE, "//*[@class='strip']/@aria-label")
    assert labels == [
        "Exchanges: 1 with errors",
        "Exchanges: 1 with errors",
        "Exchanges: 1 damaged",
        "Exchanges: 1 clean, 1 skipped",
    ]
    assert texts(PAGE, "//section[@id='skipped']/ol/li") == [
        "1 expected a call of this API, found /favicon.ico at captures/a b.har:170"
    ]
    assert texts(PAGE, "//section[@id='vanished']/ol/li") == [
        "old.har: missing-field: GET /api/bounces.get.xml"
    ]


def test_each_problem_has_its_exchange_its_place_and_its_frame() -> None:
    assert texts(PAGE, "//section[@class='file']/h3") == [
        "answers/damaged.json",
        "./captures/a b.har",
        "captures/cut.har",
    ]
    assert texts(PAGE, "//article/h4") == [
        "Payload",
        "GET /api/invalidemails.get.json?api_user=***&api_key=***&days=0",
        "End of the readable part",
    ]
    assert texts(PAGE, "//article/ul") == [
        "invalidemails.get json",
        "invalidemails.get json status 200 entry 3 line 120 byte 4,711",
        "line 7 byte 99",
    ]
    assert texts(PAGE, "//p[@class='head']") == [
        "error invalid-timestamp #1",
        "error invalid-timestamp #2",
        "error invalid-parameter #3",
        "warning secret-in-url #4",
        "error known invalid-timestamp #5",
        "error tolerated unknown-field #6",
        "error damaged-capture #7",
    ]
    assert texts(PAGE, "//p[@class='place']") == [
        "[0].created line 1, column 53, byte 52 /0/created",
        "[0].created line 1, column 53, byte 52 /0/created",
        "days in the call",
        "api_key in the call",
        "[0].created line 1, column 53, byte 52 /0/created",
        "[0].x line 1, column 1, byte 0",
        "line 1, column 1, byte 0 of the capture",
    ]
    assert texts(PAGE, "//p[@class='message']")[2:4] == [
        'expected a number above 0, found "0"',
        "unexpected api_key in a URL",
    ]
    frames = [frame.text_content() for frame in nodes(PAGE, "//pre")]
    assert frames[0] == (
        '   1 | …email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]\n'
        "     |                                                   ^ [0].created"
    )
    assert len(frames) == 3


@pytest.mark.parametrize(
    ("frame", "marked"),
    [
        (Frame("   1 | abc", "     |  ", ""), "b"),
        (Frame("   1 | 例b", "     |   ", ""), "b"),
        (Frame("   1 | e\u0301b", "     |  ", ""), "b"),
        (Frame("   1 | ae\u0301\u0302b", "     |  ", ""), "e\u0301\u0302"),
        (Frame("   1 | abc", "     |    ", ""), ""),
        (Frame("abc", "", ""), "a"),
    ],
)
def test_the_character_over_the_caret_is_marked(frame: Frame, marked: str) -> None:
    outcome = Outcome(Source("a"), findings=(Finding(problem("truncated", "x"), frame),))
    text = written("html", [outcome])
    assert [mark.text or "" for mark in nodes(text, "//mark")] == [marked]
    (shown,) = nodes(text, "//pre")
    assert shown.text_content() == str(frame)


def test_empty_sections_are_omitted() -> None:
    text = written("html", [Outcome(Source("a"))], CheckSummary(files=1, exchanges=1, checked=1))
    assert texts(text, "//h2") == ["Files", "Problems"]
    assert texts(text, "//section[@id='problems']/p") == ["None were found."]
    assert texts(written("html", [], CheckSummary()), "//h2") == ["Problems"]
    assert texts(written("html", [], CheckSummary()), "//section/p") == ["Nothing was checked."]


# Links and filters
def test_every_link_has_one_target_on_the_page() -> None:
    tags = Tags(PAGE)
    assert tags.links - {"data:,"} == {
        "#problems",
        *(f"#problem-{number}" for number in range(1, 8)),
        *(f"#rule-{number}" for number in range(1, 6)),
        *(f"#file-{number}" for number in (1, 2, 4)),
    }
    assert {link[1:] for link in tags.links if link[0] == "#"} <= set(tags.ids)
    assert len(set(tags.ids)) == len(tags.ids)


def test_the_filter_lists_values_with_counts_and_needs_the_script() -> None:
    (form,) = nodes(PAGE, "//form")
    assert form.get("hidden") is not None
    assert nodes(PAGE, "//*[@hidden]/@id") == ["filter", "nothing"]
    assert texts(PAGE, "//select[@name='rule']/option") == [
        "All rules",
        "invalid-timestamp (3)",
        "damaged-capture (1)",
        "invalid-parameter (1)",
        "secret-in-url (1)",
        "unknown-field (1)",
    ]
    assert texts(PAGE, "//select[@name='file']/option") == [
        "All files",
        "answers/damaged.json (1)",
        "./captures/a b.har (5)",
        "captures/cut.har (1)",
    ]
    assert texts(PAGE, "//fieldset/label") == ["Errors 4", "Warnings 1", "Known 1", "Tolerated 1"]
    (count,) = nodes(PAGE, "//*[@id='count']")
    assert (count.get("role"), count.get("aria-live")) == ("status", "polite")


def test_headings_go_down_one_level_at_a_time() -> None:
    levels = [int(tag[0][1]) for tag in Tags(PAGE).seen if re.fullmatch("h[1-6]", tag[0])]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(low - high <= 1 for high, low in pairwise(levels))


def test_every_control_has_a_label() -> None:
    controls = nodes(PAGE, "//form//*[self::input or self::select]")
    assert len(controls) == 7
    assert all(control.xpath("ancestor::label") for control in controls)


# Limits
def test_past_the_limit_problems_are_counted_but_of_each_rule_some_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "LIMIT", 3)
    monkeypatch.setattr(report, "OF_EACH_RULE", 2)
    rules = ["truncated"] * 5 + ["unknown-field"] * 3 + ["missing-field"]
    many = [one(rule, entry=entry) for entry, rule in enumerate(rules)]
    two = Outcome(Source("b.har", 0, 1, 0), findings=(many[0].findings[0], many[5].findings[0]))
    text = written("html", [*many, two], CheckSummary(errors=11, checked=10))
    assert nodes(text, f"{PROBLEM}/@data-rule") == [
        *["truncated"] * 3,
        *["unknown-field"] * 2,
        "missing-field",
    ]
    assert texts(text, "//section[@id='rules']/ol/li/div[1]/*[not(@class='meaning')]") == [
        "truncated",
        "3 more, not shown below",
        "unknown-field",
        "2 more, not shown below",
        "missing-field",
    ]
    assert texts(text, "//section[@id='problems']/p[1]") == [
        "6 of 11 problems are on this page; the counts by rule include the others."
    ]
    assert texts(text, "//section[@id='rules']//ul") == ["6 errors", "4 errors", "1 error"]
    assert texts(text, "//section[@class='file']/h3") == ["a.har"]
    # A file without a shown problem has no link.
    assert nodes(text, "//section[@id='files']//h3/a/@href") == ["#file-1"]


def test_an_exchange_gives_the_number_of_hidden_problems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "LIMIT", 1)
    monkeypatch.setattr(report, "OF_EACH_RULE", 0)
    outcome = Outcome(Source("a"), findings=3 * one("truncated").findings)
    text = written("html", [outcome, outcome], CheckSummary(errors=6))
    assert texts(text, "//article/p") == ["2 more problems of this exchange, not shown"]
    assert len(nodes(text, PROBLEM)) == 1


def test_more_files_reasons_and_vanished_entries_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "FILES", 2)
    monkeypatch.setattr(report, "LINES", 1)
    outcomes = [
        Outcome(Source("0.har", 0), skipped="b"),
        Outcome(Source("0.har", 1), skipped="c"),
        *(one("truncated", f"{number}.har") for number in range(1, 4)),
        one("truncated", "3.har", 1),
        *(Outcome(Source("3.har", number), skipped="a") for number in (2, 3)),
    ]
    text = written("html", outcomes, CheckSummary(vanished=("x", "y", "z")))
    assert texts(text, "//section[@id='files']//h3") == ["3.har", "1.har"]
    assert texts(text, "//section[@id='files']/p")[1:] == ["2 more files, with 1 problem"]
    assert texts(text, "//section[@id='skipped']/ol/li") == ["2 a first at 3.har[2]"]
    assert texts(text, "//section[@id='skipped']/p")[1:] == ["2 more for other reasons"]
    assert texts(text, "//section[@id='vanished']/ol/li") == ["x"]
    assert texts(text, "//section[@id='vanished']/p")[1:] == ["2 more"]


def test_distinct_reasons_are_bounded_at_a_thousand() -> None:
    outcomes = (Outcome(Source("a", at), skipped=f"reason {at}") for at in range(1500))
    text = written("html", outcomes, CheckSummary())
    assert texts(text, "//section[@id='skipped']/p")[1:] == ["1,300 more for other reasons"]


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_exchanges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "LIMIT", 10)
    monkeypatch.setattr(report, "OF_EACH_RULE", 10)

    def peak(number: int) -> int:
        page = report.HtmlReport(lambda data: None)
        tracemalloc.start()
        for entry in range(number):
            page.add(one("truncated", entry=entry, message="x" * 500))
        page.finish(SUMMARY)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(8000) < peak(1000) + 1_000_000  # The messages alone would be four million.


def test_without_its_package_the_report_names_the_command_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingPackageError) as caught:
        report.HtmlReport(lambda data: None)
    assert str(caught.value) == ('the HTML report needs Jinja2: pip install "sgformats[reports]"')
