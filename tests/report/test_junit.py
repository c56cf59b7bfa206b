"""The report `junit`: a testcase for each exchange."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from junitparser import JUnitXml

from sgformats.captures.exchange import Source
from sgformats.contract.outcome import Outcome
from tests.report.reportkit import (
    BARE,
    CALL,
    CAPTURED,
    CLEAN,
    OUTCOMES,
    QUIET,
    SKIPPED,
    UNREAD,
    written,
)

FOUND = 'expected YYYY-MM-DD HH:MM:SS, found "2009-02-29 12:40:30"'
FRAME = (
    '   1 | …email":"brandon","reason":"Bad Syntax","created":"2009-02-29 12:40:30"}]\n'
    "     |                                                   ^ [0].created"
)


def suite(text: str) -> ElementTree.Element:
    (only,) = ElementTree.fromstring(text.encode())
    return only


def test_the_suite_counts_its_testcases() -> None:
    found = suite(written("junit"))
    assert found.attrib == {
        "name": "sgformats",
        "time": "0",
        "tests": "5",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    assert [child.tag for child in found] == ["testcase"] * 5 + ["system-out"]
    assert found[-1].text == (
        "4 exchanges in 3 files: 3 checked, 1 skipped\n"
        "4 errors, 1 warning, 1 known, 1 tolerated\n"
        "1 capture could not be read to the end\n"
        "1 problem of the baseline no longer found:\n"
        "- old.har: missing-field: GET /api/bounces.get.xml"
    )


def test_a_testcase_is_named_by_its_call_and_entry() -> None:
    cases = suite(written("junit"))[:-1]
    assert [case.attrib for case in cases] == [
        {
            "name": "invalidemails.get",
            "classname": "answers/damaged.json",
            "time": "0.0",
            "file": "answers/damaged.json",
        },
        {
            "name": f"{CALL} [3]",
            "classname": "./captures/a b.har",
            "time": "0.0",
            "file": "./captures/a b.har",
            "line": "120",
        },
        {
            "name": f"{CALL} [4]",
            "classname": "captures/a b.har",
            "time": "0.0",
            "file": "captures/a b.har",
            "line": "150",
        },
        {
            "name": "GET /favicon.ico [5]",
            "classname": "captures/a b.har",
            "time": "0.0",
            "file": "captures/a b.har",
            "line": "170",
        },
        {
            "name": "capture",
            "classname": "captures/cut.har",
            "time": "0.0",
            "file": "captures/cut.har",
            "line": "7",
        },
    ]
    assert suite(written("junit", [Outcome(Source("a"))]))[0].get("name") == "payload"


def test_errors_fail_with_their_frame_and_the_rest_is_reported() -> None:
    case = suite(written("junit", [CAPTURED]))[0]
    assert [(child.tag, child.get("type"), child.get("message")) for child in case] == [
        ("failure", "invalid-timestamp", FOUND),
        ("failure", "invalid-parameter", 'expected a number above 0, found "0"'),
        ("system-out", None, None),
    ]
    assert case[0].text == (
        f"./captures/a b.har:120: invalid-timestamp: {FOUND}\n"
        f"  entry 3, [0].created, line 1, column 53 of the answer to {CALL}\n{FRAME}"
    )
    assert case[2].text == (
        "./captures/a b.har:120: secret-in-url: unexpected api_key in a URL (warning)\n"
        f"  entry 3, api_key of the call {CALL}\n\n"
        f"./captures/a b.har:120: invalid-timestamp: {FOUND} (known)\n"
        f"  entry 3, [0].created, line 1, column 53 of the answer to {CALL}\n{FRAME}\n\n"
        "./captures/a b.har:120: unknown-field: unexpected field (tolerated)\n"
        f"  entry 3, [0].x, line 1, column 1 of the answer to {CALL}"
    )


def test_unchecked_exchanges_are_skipped_and_damaged_captures_are_errors() -> None:
    skipped, unread = suite(written("junit", [SKIPPED, UNREAD]))[:-1]
    assert [(child.tag, child.attrib) for child in (*skipped, *unread)] == [
        ("skipped", {"message": "expected a call of this API, found /favicon.ico"}),
        ("error", {"type": "damaged-capture", "message": "expected ] or , found the end"}),
    ]
    assert unread[0].text == "captures/cut.har:7: damaged-capture: expected ] or , found the end"


def test_a_testcase_that_passes_is_empty() -> None:
    found = suite(written("junit", [CLEAN], QUIET))
    assert (found.get("failures"), len(found[0]), found[0].text) == ("0", 0, None)


def test_a_run_of_nothing_is_an_empty_suite() -> None:
    assert written("junit", [], QUIET) == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        "<testsuites>\n"
        '<testsuite name="sgformats" time="0" tests="0" failures="0" errors="0" skipped="0">\n'
        "<system-out>1 exchange in 1 file: 1 checked, 0 skipped\n"
        "0 errors, 0 warnings</system-out>\n"
        "</testsuite>\n"
        "</testsuites>\n"
    )


def test_junitparser_reads_it_back() -> None:
    (read,) = JUnitXml.fromstring(written("junit").encode())
    results = [[type(result).__name__ for result in case.result] for case in read]
    assert results == [["Failure"], ["Failure", "Failure"], [], ["Skipped"], ["Error"]]


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\x00", "\\x00"),
        ("\x01", "\\x01"),
        ("\ud800", "\\ud800"),
        ("\ufffe", "\\ufffe"),
        ("\x85", "\\x85"),
        ("\u2028", "\\u2028"),
        ("]]>", "]]>"),
        ("<a&b>", "<a&b>"),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_characters_that_xml_forbids_are_escaped_everywhere(character: str, shown: str) -> None:
    (finding,) = BARE.findings
    hostile = Outcome(Source(f"a{character}.json"), f"GET /{character}", findings=(finding,))
    skipped = Outcome(Source("b"), skipped=f"c{character}")
    first, second = suite(written("junit", [hostile, skipped]))[:-1]
    assert first.get("name") == f"GET /{shown}"
    assert (first.get("file"), first.get("classname")) == (f"a{shown}.json", f"a{shown}.json")
    assert second[0].get("message") == f"c{shown}"


def test_more_than_fits_in_memory_keeps_its_order() -> None:
    outcomes = [Outcome(Source("a.har", number), "GET /" + "x" * 200) for number in range(6000)]
    text = written("junit", outcomes)
    assert len(text) > 1_500_000
    assert [case.get("name", "").rpartition(" ")[2] for case in suite(text)[:-1]] == [
        f"[{number}]" for number in range(6000)
    ]


def test_every_outcome_is_a_testcase() -> None:
    assert written("junit").count("<testcase ") == len(OUTCOMES)
