"""Nothing in the HTML page acts or loads, whatever text it shows."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.contract.outcome import CheckSummary, Outcome
from sgformats.contract.showing import name_of, visible
from sgformats.report.fitting import fit_text
from sgformats.secrets import without_secrets
from tests.report.htmlkit import HOSTILE as TEXTS
from tests.report.htmlkit import PAGE, PROBLEM, Tags, harmless, nodes, page_of
from tests.report.reportkit import SECRET, written
from tests.report.test_hostile import HOSTILE, outcomes


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


def test_hostile_text_never_becomes_markup() -> None:
    hostile, plain = Tags(page_of(TEXTS)), Tags(page_of(map(harmless, TEXTS)))
    assert len(plain.seen) > 1000
    assert hostile.seen == plain.seen
    assert hostile.links == plain.links
    assert sorted(hostile.ids) == sorted(plain.ids)


@pytest.mark.parametrize("text", TEXTS)
def test_hostile_text_is_shown_as_text_in_every_field(text: str) -> None:
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
def test_any_outcome_can_be_reported_without_secrets(
    given: list[Outcome], vanished: tuple[str, ...]
) -> None:
    text = written("html", given, CheckSummary(vanished=vanished))
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
