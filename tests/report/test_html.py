"""The HTML page: what stands in it, that nothing in it acts or loads, and what bounds it."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
import tracemalloc
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame
from sgformats.contract.outcome import Finding, Outcome, Summary
from sgformats.contract.reports import html as report
from sgformats.contract.reports import page
from sgformats.contract.reports.fitting import fit_text
from sgformats.contract.showing import name_of, visible
from sgformats.errors import MissingPackageError, without_secrets
from sgformats.rules import RULES
from tests.report.htmlkit import HOSTILE as TEXTS
from tests.report.htmlkit import harmless, page_of
from tests.report.reportkit import SECRET, SUMMARY, problem, written
from tests.report.test_hostile import HOSTILE, outcomes

PAGE = written("html")
PROBLEM = "//li[@data-kind]"


def words(node: Any) -> str:
    """A node's text on one line."""
    return " ".join(node.text_content().split())


def nodes(written: str, path: str) -> list[Any]:
    """Some nodes of a page."""
    return list(cast("list[Any]", html.fromstring(written).xpath(path)))


def texts(written: str, path: str) -> list[str]:
    """The texts of some nodes of a page, each on one line."""
    return [words(node) for node in nodes(written, path)]


class Tags(HTMLParser):
    """Every tag of a page with the names of its attributes, and the values that may load or run."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(name for name, _ in attrs)))
        for name, value in attrs:
            if name in {"href", "src", "action", "srcset", "data", "xlink:href"}:
                self.links.add(str(value))
            if name == "id":
                self.ids.append(str(value))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("<!--", data))


def one(rule: str, file: str = "a.har", entry: int = 0, message: str = "x") -> Outcome:
    """An exchange with one problem."""
    return Outcome(Source(file, entry, entry + 1, 0), findings=(Finding(problem(rule, message)),))


# What it says


def test_the_page_says_how_it_came_out_and_what_was_checked() -> None:
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
        ("Broken off", "1"),
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
        "1 broken off",
    ]


@pytest.mark.parametrize(
    ("summary", "verdict", "tone"),
    [
        (Summary(checked=1), "No problems", "clean"),
        (Summary(checked=1, known=1), "No new problems", "clean"),
        (Summary(checked=1, tolerated=1), "No new problems", "clean"),
        (Summary(exchanges=1, skipped=1), "Nothing was checked", "warning"),
        (Summary(checked=1, unread=1), "Not everything could be read", "error"),
        (Summary(checked=1, warnings=1), "1 warning", "warning"),
        (Summary(checked=1, errors=1200), "1,200 errors", "error"),
    ],
)
def test_the_verdict_does_not_flatter(summary: Summary, verdict: str, tone: str) -> None:
    written_page = written("html", [], summary)
    assert texts(written_page, f"//h1[@class='{tone}']") == [verdict]
    assert texts(written_page, "//head/title") == [f"{verdict} · sgformats"]


def test_rules_stand_worst_first_with_their_meaning_and_their_figures() -> None:
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


def test_the_chart_of_rules_stacks_what_counts_and_what_does_not() -> None:
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
        "captures/cut.har 1 error 1 broken off",
        "captures/a b.har no problems",
    ]
    labels = nodes(PAGE, "//*[@class='strip']/@aria-label")
    assert labels == [
        "Exchanges: 1 with errors",
        "Exchanges: 1 with errors",
        "Exchanges: 1 broken off",
        "Exchanges: 1 clean, 1 skipped",
    ]
    assert texts(PAGE, "//section[@id='skipped']/ol/li") == [
        "1 expected a call of this API, found /favicon.ico at captures/a b.har:170"
    ]
    assert texts(PAGE, "//section[@id='vanished']/ol/li") == [
        "old.har: missing-field: GET /api/bounces.get.xml"
    ]


def test_each_problem_stands_with_its_exchange_its_place_and_its_frame() -> None:
    assert texts(PAGE, "//section[@class='file']/h3") == [
        "answers/damaged.json",
        "./captures/a b.har",
        "captures/cut.har",
    ]
    assert texts(PAGE, "//article/h4") == [
        "Payload",
        "GET /api/invalidemails.get.json?api_user=***&api_key=***&days=0",
        "End of what could be read",
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


def test_what_was_not_read_or_found_gets_no_section() -> None:
    text = written("html", [Outcome(Source("a"))], Summary(files=1, exchanges=1, checked=1))
    assert texts(text, "//h2") == ["Files", "Problems"]
    assert texts(text, "//section[@id='problems']/p") == ["None were found."]
    assert texts(written("html", [], Summary()), "//h2") == ["Problems"]
    assert texts(written("html", [], Summary()), "//section/p") == ["None were looked for."]


# Where one can go, and what one can filter by


def test_every_link_leads_to_a_place_of_the_page_and_every_place_is_there_once() -> None:
    tags = Tags(PAGE)
    assert tags.links - {"data:,"} == {
        "#problems",
        *(f"#problem-{number}" for number in range(1, 8)),
        *(f"#rule-{number}" for number in range(1, 6)),
        *(f"#file-{number}" for number in (1, 2, 4)),
    }
    assert {link[1:] for link in tags.links if link[0] == "#"} <= set(tags.ids)
    assert len(set(tags.ids)) == len(tags.ids)


def test_the_filter_offers_what_there_is_with_its_count_and_waits_for_the_script() -> None:
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


# Nothing acts, nothing loads


def test_the_policy_allows_the_page_its_own_style_and_script_and_nothing_else() -> None:
    (policy,) = nodes(PAGE, "//meta[@http-equiv]/@content")

    def of(tag: str) -> str:
        (inside,) = re.findall(f"(?s)<{tag}>(.*?)</{tag}>", PAGE)
        return base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{of('style')}'; script-src 'sha256-{of('script')}';"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    first = PAGE.index("Content-Security-Policy")
    assert all(first < PAGE.index(f"<{tag}") for tag in ("style", "script", "link", "svg"))


def test_the_page_names_no_other_place() -> None:
    assert "://" not in PAGE
    assert not re.search(r"url\(|@import|\bfetch\b|XMLHttp|innerHTML|\beval\b|sendBeacon", PAGE)
    attributes = {name for tag in Tags(PAGE).seen for name in tag[1:]}
    assert not {name for name in attributes if name.startswith("on")}
    assert not attributes & {"style", "src", "srcset", "action", "formaction", "target", "ping"}


def test_nothing_hostile_becomes_markup() -> None:
    hostile, plain = Tags(page_of(TEXTS)), Tags(page_of(map(harmless, TEXTS)))
    assert len(plain.seen) > 1000
    assert hostile.seen == plain.seen
    assert hostile.links == plain.links
    assert sorted(hostile.ids) == sorted(plain.ids)


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_hostile_stands_there_as_text_in_every_field(text: str) -> None:
    shown, name = visible(fit_text(text)), visible(without_secrets(name_of(text)))
    written_page = page_of([text])

    def at(path: str) -> list[str]:
        found = nodes(written_page, path)
        return [node if isinstance(node, str) else node.text_content() for node in found]

    assert at("//section[@id='rules']//h3") == [shown]
    assert at("//section[@id='vanished']//li/span") == [shown]
    assert at("//section[@id='skipped']//li/span[2]/text()") == [f"{shown} "]
    assert at("//article/h4") == [shown]
    assert at("//article/ul/li")[:2] == [shown, shown]
    assert at("//p[@class='message']") == [shown, shown]
    assert at("//p[@class='place']/code") == [shown] * 4
    assert at("//a[@class='rule']") == [shown, shown]
    assert at("//li/@data-rule") == [shown, shown]
    assert at("//a/@data-only") == [shown]
    assert at("//select[@name='rule']/option/@value") == ["", shown]
    assert at("//section[@class='file']/@data-file") == [name]
    assert at("//select[@name='file']/option/@value") == ["", name]
    assert at("//pre") == [f"{shown}\n{shown}^{shown}"]


@given(
    given=st.lists(outcomes(), max_size=3),
    vanished=st.lists(HOSTILE, max_size=2).map(tuple),
)
def test_whatever_is_in_the_outcomes_it_is_shown_and_keeps_secrets(
    given: list[Outcome], vanished: tuple[str, ...]
) -> None:
    text = written("html", given, Summary(vanished=vanished))
    assert SECRET not in text
    assert all(character.isprintable() for character in text.replace("\n", ""))
    found = [finding for outcome in given for finding in outcome.findings]
    rules = nodes(text, f"{PROBLEM}/@data-rule")
    assert Counter(rules) == Counter(finding.problem.rule for finding in found)


@pytest.mark.parametrize("text", [f"api_key={SECRET}", f"https://u:{SECRET}@a.invalid/"])
def test_no_field_is_forgotten_when_secrets_are_hidden(text: str) -> None:
    shown, plain = page_of([text]), page_of(["word0"])
    assert SECRET not in shown
    assert shown.count("***") == plain.count("word0")
    assert plain.count("word0") > 25


# What bounds it


def test_past_the_limit_problems_are_counted_but_of_each_rule_some_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "LIMIT", 3)
    monkeypatch.setattr(report, "OF_EACH_RULE", 2)
    rules = ["truncated"] * 5 + ["unknown-field"] * 3 + ["missing-field"]
    many = [one(rule, entry=entry) for entry, rule in enumerate(rules)]
    two = Outcome(Source("b.har", 0, 1, 0), findings=(many[0].findings[0], many[5].findings[0]))
    text = written("html", [*many, two], Summary(errors=11, checked=10))
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
        "6 of 11 problems are on this page; how many more there are of each rule stands above."
    ]
    assert texts(text, "//section[@id='rules']//ul") == ["6 errors", "4 errors", "1 error"]
    assert texts(text, "//section[@class='file']/h3") == ["a.har"]
    # A file none of whose problems is shown leads nowhere.
    assert nodes(text, "//section[@id='files']//h3/a/@href") == ["#file-1"]


def test_an_exchange_says_how_many_of_its_problems_are_not_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "LIMIT", 1)
    monkeypatch.setattr(report, "OF_EACH_RULE", 0)
    outcome = Outcome(Source("a"), findings=3 * one("truncated").findings)
    text = written("html", [outcome, outcome], Summary(errors=6))
    assert texts(text, "//article/p") == ["2 more problems of this exchange, not shown"]
    assert len(nodes(text, PROBLEM)) == 1


def test_more_files_reasons_and_vanished_entries_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page, "FILES", 2)
    monkeypatch.setattr(page, "LINES", 1)
    outcomes = [
        Outcome(Source("0.har", 0), skipped="b"),
        Outcome(Source("0.har", 1), skipped="c"),
        *(one("truncated", f"{number}.har") for number in range(1, 4)),
        one("truncated", "3.har", 1),
        *(Outcome(Source("3.har", number), skipped="a") for number in (2, 3)),
    ]
    text = written("html", outcomes, Summary(vanished=("x", "y", "z")))
    assert texts(text, "//section[@id='files']//h3") == ["3.har", "1.har"]
    assert texts(text, "//section[@id='files']/p")[1:] == ["2 more files, with 1 problem"]
    assert texts(text, "//section[@id='skipped']/ol/li") == ["2 a first at 3.har[2]"]
    assert texts(text, "//section[@id='skipped']/p")[1:] == ["2 more for other reasons"]
    assert texts(text, "//section[@id='vanished']/ol/li") == ["x"]
    assert texts(text, "//section[@id='vanished']/p")[1:] == ["2 more"]


def test_reasons_that_are_all_different_take_no_more_memory_than_a_thousand() -> None:
    outcomes = (Outcome(Source("a", at), skipped=f"reason {at}") for at in range(1500))
    text = written("html", outcomes, Summary())
    assert texts(text, "//section[@id='skipped']/p")[1:] == ["1,300 more for other reasons"]


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


def test_without_its_package_the_report_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(MissingPackageError) as caught:
        report.HtmlReport(lambda data: None)
    assert str(caught.value) == ('the HTML report needs Jinja2: pip install "sgformats[reports]"')
