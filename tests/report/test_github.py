"""The report `github`: workflow commands, escaped as its toolkit does."""

from __future__ import annotations

import pytest

from sgformats.captures.exchange import Source
from sgformats.contract.outcome import Finding, Outcome
from tests.report.reportkit import BARE, OUTCOMES, SUMMARY, in_payload, problem, written

FOUND = 'expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"'
CALL = "GET /api/invalidemails.get.json?api_user=***&api_key=***&days=0"
IN_HAR = "file=captures/a b.har,line=120,col=1"


def test_every_problem_that_counts_is_a_command() -> None:
    assert written("github").splitlines() == [
        f"::error file=answers/damaged.json,line=1,col=53,title=invalid-timestamp::{FOUND}"
        "%0A[0].created, line 1, column 53 of the payload",
        f"::error {IN_HAR},title=invalid-timestamp::{FOUND}"
        f"%0Aentry 3, [0].created, line 1, column 53 of the answer to {CALL}",
        f'::error {IN_HAR},title=invalid-parameter::expected a number above 0, found "0"'
        f"%0Aentry 3, days of the call {CALL}",
        f"::warning {IN_HAR},title=secret-in-url::unexpected api_key in a URL"
        f"%0Aentry 3, api_key of the call {CALL}",
        "::error file=captures/cut.har,line=7,col=1,title=damaged-capture::"
        "expected ] or , found the end",
    ]


def test_problems_that_do_not_count_write_nothing() -> None:
    assert written("github", OUTCOMES[2:4], SUMMARY) == ""


@pytest.mark.parametrize(
    ("file", "shown"),
    [
        ("a,b:c%d.json", "a%2Cb%3Ac%25d.json"),
        ("././/a.json", "a.json"),
        ("../a.json", "../a.json"),
        ("/tmp/a.json", "/tmp/a.json"),
        ("a\r\n::stop::.json", "a\\r\\n%3A%3Astop%3A%3A.json"),
        ("caf\udce9.json", "caf\\xe9.json"),
        ("\ud800.json", "\\ud800.json"),
        ("./", "./"),
    ],
)
def test_a_file_name_is_a_property(file: str, shown: str) -> None:
    text = written("github", [Outcome(Source(file), findings=BARE.findings)])
    assert text.startswith(f"::error file={shown},line=1,col=53,title=")
    assert text.count("\n") == 1


def test_a_message_escapes_less_than_a_property() -> None:
    hostile = Finding(problem("unknown-field", "a%0A::error::b\r\n::c, d: e\x1b[2J"))
    text = written("github", [Outcome(Source("a.json"), findings=(hostile,))])
    assert text == (
        "::error file=a.json,line=1,col=1,title=unknown-field::"
        "a%250A::error::b\\r\\n::c, d: e\\x1b[2J%0Aline 1, column 1 of the payload\n"
    )


def test_an_entry_without_a_line_is_at_the_first() -> None:
    text = written("github", [Outcome(Source("a.yaml", 2), findings=(in_payload(),))])
    assert text.startswith("::error file=a.yaml,line=1,col=1,title=invalid-timestamp::")
    assert text.endswith("%0Aentry 2, [0].created, line 1, column 53 of the payload\n")
