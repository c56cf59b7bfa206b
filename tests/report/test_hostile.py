"""Every report of hostile outcomes: readable, without control characters and secrets."""

from __future__ import annotations

import json
import re
import tracemalloc
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame, Frames
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.errors import Location, Problem
from sgformats.report import REPORTS
from sgformats.rules import RULES
from tests.report.reportkit import OUTCOMES, SECRET, SUMMARY, problem, written

NAMES = [name for name in REPORTS if name != "html"]
SIGNS = "\x00\x01\x07\x1b[31m\x7f\x85\x9b\r\n\t\u2028\u202e\u200b\ud800\udce9\udfff\ufffe\ufeff"
TEXTS = st.text(st.sampled_from(SIGNS + "<>&\"'`|\\:,%#;=]*_é漢 ")) | st.text().filter(
    lambda text: SECRET not in text
)
SECRETS = st.sampled_from(
    [
        f"api_key={SECRET}",
        f"https://a.invalid/x?api_user=u&api_key={SECRET}",
        f"https://u:{SECRET}@a.invalid/",
        f'{{"api_key":"{SECRET}"}}',
        f"Authorization: Bearer {SECRET}",
        f"%61pi_key%3D{SECRET}",
        f"<api_key>{SECRET}",
    ]
)
HOSTILE = st.one_of(TEXTS, SECRETS, st.tuples(TEXTS, SECRETS).map(" ".join))


def locations() -> st.SearchStrategy[Location]:
    places = st.integers(1, 9)
    return st.builds(Location, HOSTILE, HOSTILE, places, places, st.integers(0, 9))


def findings() -> st.SearchStrategy[Finding]:
    problems = st.builds(
        Problem,
        st.sampled_from(list(RULES)),
        st.sampled_from(["error", "warning"]),
        HOSTILE,
        locations(),
        st.booleans(),
    )
    frames = st.none() | st.builds(Frame, HOSTILE, HOSTILE, HOSTILE)
    return st.builds(Finding, problems, frames, st.booleans(), st.booleans())


def outcomes() -> st.SearchStrategy[Outcome]:
    numbers = st.none() | st.integers(0, 9)
    sources = st.builds(Source, HOSTILE, numbers, st.none() | st.integers(1, 9), numbers)
    return st.builds(
        Outcome,
        sources,
        HOSTILE,
        st.none() | st.just("bounces.get"),
        st.none() | st.just("json"),
        st.none() | st.integers(100, 599),
        st.none() | HOSTILE,
        st.booleans(),
        st.lists(findings(), max_size=3).map(tuple),
    )


def json_items(text: str) -> int:
    return len(json.loads(text)["problems"])


def junit_items(text: str) -> int:
    (suite,) = ElementTree.fromstring(text)
    cases = suite.findall("testcase")
    return int(suite.get("tests", "")) if len(cases) == int(suite.get("tests", "")) else -1


def sarif_items(text: str) -> int:
    return len(json.loads(text)["runs"][0]["results"])


def github_items(text: str) -> int:
    command = re.compile(r"::(error|warning) file=[^:,]*,line=\d+,col=\d+,title=[a-z-]+::.*")
    return sum(bool(command.fullmatch(line)) for line in text.split("\n"))


def markdown_items(text: str) -> int:
    """The problems in the second table, that of rules."""
    return sum(int(number) for number in re.findall(r"(?m)^\| `[a-z-]+` \| \w+ \| (\d+) \|$", text))


def text_items(text: str) -> int:
    """The lines that name a rule."""
    return len(re.findall(rf": (?:{'|'.join(RULES)}): ", text))


def all_of(given: list[Outcome]) -> Iterator[Finding]:
    return (finding for outcome in given for finding in outcome.findings)


COUNTS: dict[str, tuple[Callable[[str], int], Callable[[list[Outcome]], int]]] = {
    "text": (text_items, lambda given: sum(not finding.known for finding in all_of(given))),
    "json": (json_items, lambda given: len(list(all_of(given)))),
    "junit": (junit_items, len),
    "sarif": (sarif_items, lambda given: len(list(all_of(given)))),
    "github": (github_items, lambda given: sum(finding.counts for finding in all_of(given))),
    "markdown": (markdown_items, lambda given: sum(found.counts for found in all_of(given))),
}


def test_every_report_is_tested() -> None:
    assert list(COUNTS) == NAMES


@pytest.mark.parametrize("name", NAMES)
@given(given=st.lists(outcomes(), max_size=3), vanished=st.lists(HOSTILE, max_size=2).map(tuple))
def test_a_report_is_whole_plain_and_keeps_secrets(
    name: str, given: list[Outcome], vanished: tuple[str, ...]
) -> None:
    text = written(name, given, CheckSummary(vanished=vanished))
    assert SECRET not in text
    assert all(character.isprintable() for character in text.replace("\n", ""))
    count, expected = COUNTS[name]
    assert count(text) == expected(given)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Source(f"api_key={SECRET}")),
        Outcome(Source("a"), f"GET /?api_key={SECRET}"),
        Outcome(Source("a"), skipped=f"api_key={SECRET}"),
        Outcome(Source("a"), operation=f"api_key={SECRET}"),
    ],
)
def test_no_field_is_forgotten(name: str, outcome: Outcome) -> None:
    hidden = Finding(
        Problem(
            "unknown-field",
            "error",
            f"api_key={SECRET}",
            Location(f"api_key={SECRET}", f"api_key={SECRET}", 1, 1, 0),
        ),
        Frame(f"api_key={SECRET}", f"api_key={SECRET}", f"api_key={SECRET}"),
    )
    other = Outcome(outcome.source, outcome.call, outcome.operation, findings=(hidden,))
    summary = CheckSummary(vanished=(f"api_key={SECRET}",))
    text = written(name, [outcome, other], summary)
    assert SECRET not in text
    assert ("***" in text) or ("%2A%2A%2A" in text)


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_memory_does_not_grow_with_the_exchanges(name: str) -> None:
    frames = Frames(b"[]")
    shown = Finding(problem("unknown-field", "x" * 100), frames.draw(Location("", "", 1, 1, 0)))

    def peak(number: int) -> int:
        report = REPORTS[name](lambda data: None)
        tracemalloc.start()
        for entry in range(number):
            report.add(Outcome(Source("a.har", entry, entry + 1, entry), findings=(shown,)))
        report.finish(SUMMARY)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(10)
    assert peak(4000) < 2_500_000


@pytest.mark.thorough
@pytest.mark.parametrize("name", NAMES)
def test_an_abandoned_report_leaves_no_open_file(name: str) -> None:
    chunks: list[bytes] = []
    report = REPORTS[name](chunks.append)
    for outcome in OUTCOMES * 4000 if name == "json" else OUTCOMES:
        report.add(outcome)
    del report
    assert bool(chunks) == (name in {"text", "sarif", "github"})
