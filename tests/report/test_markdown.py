"""The report `markdown`: its text, and its result in a Markdown reader."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sgformats.captures.exchange import Source
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import visible
from sgformats.report.markdown import code
from sgformats.rules import RULES
from tests.report.reportkit import BARE, CALL, OUTCOMES, QUIET, in_payload, problem, written

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def test_the_figures_come_first_and_the_problems_by_rule_follow() -> None:
    cell = '`expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"`'
    inside = f"`entry 3, [0].created, line 1, column 53 of the answer to {CALL}`"
    assert (
        written("markdown")
        == f"""\
## sgformats: 4 errors, 1 warning

| files | exchanges | checked | skipped | unread | errors | warnings | known | tolerated | vanished |
| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |
| 3 | 4 | 3 | 1 | 1 | 4 | 1 | 1 | 1 | 1 |

| rule | severity | problems |
| --- | --- | --: |
| `invalid-timestamp` | error | 2 |
| `invalid-parameter` | error | 1 |
| `secret-in-url` | warning | 1 |
| `damaged-capture` | error | 1 |

### `invalid-timestamp`

{RULES["invalid-timestamp"].meaning}

| where | inside | problem |
| --- | --- | --- |
| `answers/damaged.json:1:53` | `[0].created, line 1, column 53 of the payload` | {cell} |
| `./captures/a b.har:120:1` | {inside} | {cell} |

### `invalid-parameter`

{RULES["invalid-parameter"].meaning}

| where | inside | problem |
| --- | --- | --- |
| `./captures/a b.har:120:1` | `entry 3, days of the call {CALL}` | \
`expected a number above 0, found "0"` |

### `secret-in-url`

{RULES["secret-in-url"].meaning}

| where | inside | problem |
| --- | --- | --- |
| `./captures/a b.har:120:1` | `entry 3, api_key of the call {CALL}` | \
`unexpected api_key in a URL` |

### `damaged-capture`

{RULES["damaged-capture"].meaning}

| where | inside | problem |
| --- | --- | --- |
| `captures/cut.har:7:1` |  | `expected ] or , found the end` |

### No longer found: 1 problem of the baseline

- `old.har: missing-field: GET /api/bounces.get.xml`
"""
    )


def test_no_problems_give_only_the_figures() -> None:
    assert written("markdown", OUTCOMES[2:4], QUIET) == (
        "## sgformats: 0 errors, 0 warnings\n\n"
        "| files | exchanges | checked | skipped | unread | errors | warnings | known | tolerated "
        "| vanished |\n"
        "| --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n"
        "| 1 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n"
    )


def test_twenty_problems_of_a_rule_are_listed_and_the_others_counted() -> None:
    outcomes = [BARE] * 23 + [Outcome(Source("z"), findings=(Finding(problem("truncated", "x")),))]
    text = written("markdown", outcomes, CheckSummary(vanished=tuple(map(str, range(22)))))
    assert text.count("| `answers/damaged.json:1:53` |") == 20
    assert "\n\n3 more problems of this rule.\n\n### `truncated`\n" in text
    assert "| `invalid-timestamp` | error | 23 |\n| `truncated` | error | 1 |\n" in text
    assert text.endswith("- `18`\n- `19`\n- and 2 more\n")


@pytest.mark.thorough
@pytest.mark.parametrize("filling", ["|", "\U0010ffff", "漢", "&", "\\", "\ud800"])
def test_a_step_summary_takes_the_longest(filling: str) -> None:
    long = filling * 500
    outcomes = [
        Outcome(Source(long), long, findings=(Finding(problem(rule, long, long)),))
        for rule in [*RULES, *map(str, range(40))]
        for _ in range(21)
    ]
    text = written("markdown", outcomes, QUIET)
    assert 500_000 < len(text.encode()) < 900_000
    hidden = sum(map(int, re.findall(r"^(\d+) more problems? of this rule\.$", text, re.MULTILINE)))
    listed = len(re.findall(r"^\| .*….* \|$", text, re.MULTILINE))
    assert listed + hidden == len(outcomes)


HOSTILE = st.text(st.sampled_from("`|\\<>&*_[]()#!~ab \n\r\t\x1b\ud800:/@$-.ö漢\"'")) | st.text()


@given(HOSTILE)
@example("\\|")
@example("`|`")
@example("a``b")
@example(" ` ")
@example("http://evil.invalid/<script>")
@example("www.evil.invalid a@b.invalid")
@example("![x](http://evil.invalid)")
@example("&lt;&#124;")
@example("-->")
@example(" a")
def test_a_cell_shows_the_text_and_stays_a_cell(text: str) -> None:
    page = f"| {code(text)} | b |\n| --- | --- |\n| c | {code(text)} |\n"
    html = GITHUB.render(page)
    table = ElementTree.fromstring(html)
    assert table.tag == "table"
    cells = [cell for row in table.iter("tr") for cell in row]
    shown = visible(text)
    expected = shown if len(shown) <= 120 else f"{shown[:119]}…"
    assert ["".join(cell.itertext()) for cell in cells] == [expected, "b", "c", expected]
    inner = {element.tag for cell in cells for element in cell.iter()} - {"th", "td"}
    assert inner == ({"code"} if expected else set())


def test_the_meaning_of_every_rule_is_plain_prose() -> None:
    for rule in RULES.values():
        (paragraph,) = ElementTree.fromstring(f"<x>{GITHUB.render(rule.meaning)}</x>")
        assert {element.tag for element in paragraph.iter()} <= {"p", "code"}, rule.name


def test_a_finding_without_a_place_inside_has_an_empty_cell() -> None:
    outcome = Outcome(Source("a.gz"), findings=(Finding(problem("unreadable-body", "x")),))
    assert "\n| `a.gz` |  | `x` |\n" in written("markdown", [outcome])
    assert "\n| `a.yaml` | `entry 0, " in written(
        "markdown", [Outcome(Source("a.yaml", 0), findings=(in_payload(),))]
    )
