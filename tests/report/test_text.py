"""The report `text`, line by line."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sgformats.captures.exchange import Source
from sgformats.contract.outcome import Outcome
from sgformats.report.text import Look, TextReport
from tests.report.reportkit import BARE, CAPTURED, OUTCOMES, QUIET, SUMMARY, written

FOUND = 'invalid-timestamp: expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"'
FRAME = """\
   1 | …email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]
     |                                                   ^ [0].created
"""
CALL = "GET /api/invalidemails.get.json?api_user=***&api_key=***&days=0"


def test_each_problem_has_its_place_and_frame_and_the_figures_add_up() -> None:
    assert written("text") == (
        f"answers/damaged.json:1:53: {FOUND}\n"
        f"{FRAME}"
        "\n"
        f"./captures/a b.har:120: {FOUND}\n"
        f"  entry 3, [0].created, line 1, column 53 of the answer to {CALL}\n"
        f"{FRAME}"
        "\n"
        './captures/a b.har:120: invalid-parameter: expected a number above 0, found "0"\n'
        f"  entry 3, days of the call {CALL}\n"
        "\n"
        "./captures/a b.har:120: secret-in-url: unexpected api_key in a URL (warning)\n"
        f"  entry 3, api_key of the call {CALL}\n"
        "\n"
        "./captures/a b.har:120: unknown-field: unexpected field (tolerated)\n"
        f"  entry 3, [0].x, line 1, column 1 of the answer to {CALL}\n"
        "\n"
        "captures/cut.har:7: damaged-capture: expected ] or , found the end\n"
        "\n"
        "2 invalid-timestamp\n"
        "1 damaged-capture\n"
        "1 invalid-parameter\n"
        "1 secret-in-url\n"
        "1 unknown-field\n"
        "4 exchanges in 3 files: 3 checked, 1 skipped\n"
        "4 errors, 1 warning, 1 known, 1 tolerated\n"
        "1 capture could not be read to the end\n"
        "1 problem of the baseline no longer found:\n"
        "- old.har: missing-field: GET /api/bounces.get.xml\n"
    )


def test_a_clean_capture_is_two_lines() -> None:
    assert written("text", [], QUIET) == (
        "1 exchange in 1 file: 1 checked, 0 skipped\n0 errors, 0 warnings\n"
    )


def styled(text: str, color: str | None = None, *, bold: bool = False) -> str:
    return f"<{color or 'bold'}>{text}</>"


@pytest.mark.parametrize(
    ("number", "start"),
    [
        (0, "<bold>./captures/a b.har:120</>: <red>invalid-timestamp</>: "),
        (2, "<bold>./captures/a b.har:120</>: <yellow>secret-in-url</>: "),
        (4, "<bold>./captures/a b.har:120</>: <yellow>unknown-field</>: "),
    ],
)
def test_a_terminal_gets_styles_errors_in_red(number: int, start: str) -> None:
    chunks: list[bytes] = []
    findings = (CAPTURED.findings[number],)
    one = Outcome(CAPTURED.source, CAPTURED.call, findings=findings)
    TextReport(chunks.append, Look(style=styled)).add(one)
    lines = b"".join(chunks).decode().splitlines()
    assert lines[0].startswith(start)
    assert (number == 0) == any("<red>^</>" in line for line in lines)


def test_characters_that_an_encoding_lacks_are_escaped() -> None:
    chunks: list[bytes] = []
    report = TextReport(chunks.append, Look("ascii"))
    report.add(Outcome(Source("é.json"), findings=BARE.findings))
    report.finish(SUMMARY)
    lines = b"".join(chunks).decode("ascii").splitlines()
    assert lines[0] == f"\\xe9.json:1:53: {FOUND}"
    assert lines[1].startswith("   1 | \\u2026email")


def test_it_is_written_incrementally() -> None:
    chunks: list[bytes] = []
    report = TextReport(chunks.append)
    ends = []
    for outcome in OUTCOMES:
        report.add(outcome)
        ends.append(len(b"".join(chunks).splitlines()))
    assert ends == [4, 18, 18, 18, 20]


def test_an_entry_without_a_line_is_named_by_its_number() -> None:
    text = written("text", [Outcome(Source("a.yaml", 2), findings=BARE.findings)])
    assert text.startswith(
        f"a.yaml[2]: {FOUND}\n  entry 2, [0].created, line 1, column 53 of the payload\n"
    )


def test_a_problem_of_every_call_of_a_file_is_shown_once() -> None:
    outcomes = [
        replace(CAPTURED, source=Source(name, entry, entry + 1, 0))
        for name in ("a.har", "b.har")
        for entry in range(3)
    ]
    text = written("text", outcomes, QUIET)
    assert text.count("secret-in-url: ") == 2
    assert text.count("invalid-parameter: ") == 6
    assert "\n6 secret-in-url\n6 unknown-field\n" in text
