"""`sgformats diff` of two captures: calls matched by parameters, differences as problems."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sgformats import convert
from sgformats.contract.drift import DriftOptions, compare_captures
from sgformats.contract.outcome import CheckSummary
from tests.cli.clikit import BOUNCES_JSON, BOUNCES_XML, SAMPLES, on_terminal, run

LIST = '[{"email":"isaac","status":"550","reason":"gone"}]'
OTHER = LIST.replace("gone", "full")
SECRET = "s3cret-passw0rd"


def line(url: str, body: str | None, **more: object) -> str:
    path = url if url.startswith("/") else f"/api/{url}"
    return json.dumps({"url": f"https://sendgrid.com{path}", "body": body, **more}) + "\n"


def write(name: str, *lines: str) -> str:
    Path(name).write_text("".join(lines), "utf-8")
    return name


def found(a: str, b: str, **options: Any) -> list[tuple[str, str, int | None]]:
    """The rule, file and entry of every finding."""
    return [
        (one.problem.rule, outcome.source.file, outcome.source.entry)
        for outcome in compare_captures(a, b, DriftOptions(**options))
        for one in outcome.findings
    ]


def messages(a: str, b: str, **options: Any) -> list[str]:
    outcomes = compare_captures(a, b, DriftOptions(**options))
    return [one.problem.message for outcome in outcomes for one in outcome.findings]


def test_differences_come_with_both_places() -> None:
    write("a.jsonl", line("bounces.get.json?date=1", LIST), line("blocks.get.json", "[]"))
    xml = convert(OTHER.encode(), "xml", "bounces.get", indent=True).decode()
    write("b.jsonl", line("bounces.get.xml?date=1", xml), line("blocks.get.json?days=2", "[]"))
    ended = run("diff", "a.jsonl", "b.jsonl")
    assert ended.out.decode() == (
        'b.jsonl:1: differs: expected "gone", found "full" (a.jsonl:1, line 1, column 43 '
        "([0].reason))\n"
        "  entry 0, [0].reason, line 6, column 15 of the answer to GET /api/bounces.get.xml\n"
        "   6 |       <reason>full</reason>\n"
        "     |               ^ [0].reason\n"
        "\n"
        'b.jsonl:2: extra-exchange: unexpected call GET /api/blocks.get.json with "days=2"\n'
        "  entry 1, the call GET /api/blocks.get.json\n"
        "\n"
        "a.jsonl:2: missing-exchange: missing call GET /api/blocks.get.json in b.jsonl\n"
        "  entry 1, the call GET /api/blocks.get.json\n"
        "\n"
        "1 differs\n"
        "1 extra-exchange\n"
        "1 missing-exchange\n"
        "3 exchanges in 2 files: 3 checked, 0 skipped\n"
        "3 errors, 0 warnings\n"
    )
    assert (ended.code, ended.err) == (1, b"")


def test_equal_captures_are_code_0() -> None:
    write("a.jsonl", line("bounces.get.json", LIST), line("logo.png", "x"))
    xml = convert(LIST.encode(), "xml", "bounces.get").decode()
    write("b.jsonl", line("logo.png", "y"), line("bounces.get.xml", xml))
    ended = run("diff", "a.jsonl", "b.jsonl")
    assert ended == (
        0,
        b"3 exchanges in 2 files: 1 checked, 2 skipped\n0 errors, 0 warnings\n",
        b"",
    )


def test_the_reports_are_those_of_check() -> None:
    write("a.jsonl", line("bounces.get.json", LIST))
    write("b.jsonl", line("bounces.get.json", OTHER))
    ended = run("diff", "a.jsonl", "b.jsonl", "--report", "json")
    said = json.loads(ended.out)
    (problem,) = said["problems"]
    assert problem == {
        "rule": "differs",
        "severity": "error",
        "message": 'expected "gone", found "full" (a.jsonl:1, line 1, column 43 ([0].reason))',
        "expected": '"gone"',
        "found": '"full"',
        "source": {"file": "b.jsonl", "entry": 0, "line": 1, "offset": 0},
        "location": {
            "path": "[0].reason",
            "native": "/0/reason",
            "line": 1,
            "column": 43,
            "offset": 42,
        },
        "about": "payload",
        "call": "GET /api/bounces.get.json",
        "operation": "bounces.get",
        "format": "json",
        "status": None,
        "tolerable": False,
        "tolerated": False,
        "known": False,
    }
    reports = ("junit", "sarif", "github", "markdown", "html")
    ended = run("diff", "a.jsonl", "b.jsonl", *(f"--report={r}=out.{r}" for r in reports))
    assert ended == (1, b"", b"")
    assert all(b"differs" in Path(f"out.{name}").read_bytes() for name in reports)
    # With a report, payloads are compared in the same way.
    ended = run("diff", "answers/bounces.xml", "answers/bounces.json", "--report", "json")
    rows = [(p["rule"], p["location"]["path"]) for p in json.loads(ended.out)["problems"]]
    assert (ended.code, rows) == (1, [("differs", "[0].reason"), ("differs", "[0].created")])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bounces.get.json?api_user=u&api_key=k", "bounces.get.xml?api_key=***"),
        ("bounces.get.json?days=3&date=1", "bounces.get.json?date=1&days=3"),
        ("bounces.get.json", "/apiv2/customer.bounces.json?task=get"),
        ("bounces.get.json", "/v3/suppression/bounces"),
        ("bounces.get.json?email=a%40b.c", "bounces.get.json?email=a@b.c"),
        ("bounces.get.json?password=x", "bounces.get.json?password=y"),
    ],
)
def test_calls_match_by_operation_and_parameters(one: str, other: str) -> None:
    assert found(write("a.jsonl", line(one, "[]")), write("b.jsonl", line(other, "[]"))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("bounces.get.json", "blocks.get.json"),
        ("bounces.get.json?days=3", "bounces.get.json?days=4"),
        ("bounces.get.json", "bounces.get.json?date=1"),
        ("bounces.get.json?type=soft&type=hard", "bounces.get.json?type=hard&type=soft"),
    ],
)
def test_calls_with_other_parameters_do_not_match(one: str, other: str) -> None:
    a, b = write("a.jsonl", line(one, "[]")), write("b.jsonl", line(other, "[]"))
    assert found(a, b) == [("extra-exchange", b, 0), ("missing-exchange", a, 0)]


def test_a_form_matches_a_query() -> None:
    a = write("a.jsonl", line("bounces.get.json?days=3", "[]"))
    b = write("b.jsonl", line("bounces.get.json", "[]", request_body="days=3&api_key=k"))
    assert found(a, b) == []


def test_repeated_calls_match_in_order() -> None:
    a = write("a.jsonl", *(line("bounces.count.json", f'{{"count":{n}}}') for n in (1, 2, 3)))
    b = write("b.jsonl", *(line("bounces.count.json", f'{{"count":{n}}}') for n in (1, 5)))
    assert found(a, b) == [("differs", b, 1), ("missing-exchange", a, 2)]
    assert found(b, a) == [("differs", a, 1), ("extra-exchange", a, 2)]


def test_other_differences_are_reported() -> None:
    def said(one: str | None, other: str | None, **more: object) -> list[str]:
        a = write("a.jsonl", line("bounces.get.json", one, status=200))
        b = write("b.jsonl", line("bounces.get.json", other, **{"status": 200, **more}))
        return messages(a, b)

    assert said("[]", "[]", status=500) == ["expected status 200, found 500 (a.jsonl:1)"]
    assert said("[]", None) == ["missing answer (a.jsonl:1)"]
    assert said(None, "[]") == ["unexpected answer (a.jsonl:1)"]
    assert said(None, None) == said(None, "") == []
    page = "<html>a</html>"
    broken = "an answer with not-an-answer (expected an XML or JSON answer of the API, found an HTML page)"
    assert said(page, page) == []
    assert said("[]", page) == [f"expected an answer without a fault, found {broken} (a.jsonl:1)"]
    assert said(page, "[]") == [f"expected {broken}, found an answer without a fault (a.jsonl:1)"]
    assert said(page, page + " ") == [f"expected {broken}, found {broken} (a.jsonl:1)"]
    assert said("[]", '{"message":"no"}') == [
        'expected "a list of bounces", found "a failure" (a.jsonl:1, line 1, column 1)'
    ]


def test_an_answer_missing_from_the_capture_is_a_problem() -> None:
    a = write("a.jsonl", line("bounces.get.json", "[]"))
    url = "https://sendgrid.com/api/bounces.get.json"
    b = write("b.jsonl", json.dumps({"url": url, "body_base64": "W10*"}))
    assert found(a, b) == [("unreadable-body", b, 0)]
    assert found(b, a) == [("differs", a, 0)]


def test_folders_of_payloads_match_by_name() -> None:
    for name, files in {
        "a": {"x.xml": BOUNCES_XML, "deep/y.json": b"[]", "z.json": b"[]"},
        "b": {"x.json": BOUNCES_JSON, "deep/y.xml": b"<bounces/>", "z2.json": b"[]"},
    }.items():
        for file, data in files.items():
            Path(name, file).parent.mkdir(parents=True, exist_ok=True)
            Path(name, file).write_bytes(data)
    assert found("a", "b") == [
        ("differs", "b/x.json", None),
        ("differs", "b/x.json", None),
        ("extra-exchange", "b/z2.json", None),
        ("missing-exchange", "a/z.json", None),
    ]
    ended = run("diff", "a", "b")
    assert ended.code == 1
    assert ended.out.decode().splitlines()[0].startswith("b/x.json:1:58: differs: expected ")


def test_timestamps_of_v3_need_a_zone() -> None:
    old = LIST.replace("}", ',"created":"2009-06-10 05:40:30"}')
    new = '[{"created":1244637630,"email":"isaac","reason":"gone","status":"550"}]'
    a = write("a.jsonl", line("bounces.get.json", old))
    b = write("b.jsonl", line("/v3/suppression/bounces", new))
    assert len(messages(a, b)) == 1
    assert messages(a, b, zone="America/Los_Angeles") == []
    assert run("diff", a, b, "--zone", "America/Los_Angeles").code == 0


def test_a_truncated_capture_is_code_2_and_its_rest_is_not_a_difference() -> None:
    lines = [line(f"bounces.get.json?days={n + 1}", "[]") for n in range(40)]
    write("a.jsonl", *lines)
    Path("b.jsonl.gz").write_bytes(gzip.compress("".join(lines).encode())[:-40])
    for pair in (("a.jsonl", "b.jsonl.gz"), ("b.jsonl.gz", "a.jsonl")):
        assert found(*pair)[-1][0] == "damaged-capture"
        assert {rule for rule, *_ in found(*pair)} == {"damaged-capture"}
        ended = run("diff", *pair)
        assert (ended.code, ended.err) == (2, b"")
        ended = run("diff", *pair, "--report", "json=out.json")
        assert (ended.code, ended.out) == (2, b"")
        assert ended.err.startswith(b"sgformats: b.jsonl.gz:")


def test_no_secret_is_shown() -> None:
    key = f"api_key={SECRET}"
    a = write("a.jsonl", line(f"bounces.get.json?{key}", '{"message":"ok"}'))
    b = write("b.jsonl", line(f"bounces.get.json?{key}", f'{{"message":"no {SECRET}"}}'))
    write("c.jsonl", line(f"blocks.get.json?{key}&email=api_key%3D{SECRET}", "[]"))
    write("e.jsonl", line(f"blocks.get.json?apXkey={SECRET}&days=2", "[]"))
    for pair in ((a, b), (b, a), (a, "c.jsonl"), ("c.jsonl", a), ("c.jsonl", "e.jsonl")):
        for report in ("text", "json", "html"):
            ended = run("diff", *pair, "--report", report)
            assert ended.code == 1
            assert SECRET.encode() not in ended.out + ended.err


def test_the_summary_counts_each_pair_once() -> None:
    a = write("a.jsonl", line("bounces.get.json", "[]"), line("x", "y"))
    summary = CheckSummary()
    for number, _ in enumerate(compare_captures(a, a, None, summary)):
        assert summary.exchanges == number + 1
    assert summary == CheckSummary(1, 3, 1, 2, compared=(a, a))


def test_many_answers_wait_in_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sgformats.contract.pairing._IN_MEMORY", 10)
    bodies = [json.dumps([{"email": f"a{n}", "reason": "x" * n}]) for n in range(50)]
    a = write(
        "a.jsonl", *(line(f"invalidemails.get.json?days={n + 1}", b) for n, b in enumerate(bodies))
    )
    lines = [line(f"invalidemails.get.json?days={n + 1}", b) for n, b in enumerate(bodies)]
    b = write("b.jsonl", *reversed(lines))
    assert found(a, b) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["a.jsonl", "a.jsonl", "--to", "jsonl"],
            "expected --to with two payloads; for captures use --report json",
        ),
        (["a.jsonl", "-"], "expected two files or folders to compare captures, found -"),
        (["a.jsonl", "none.har"], None),
    ],
)
def test_an_impossible_job_is_code_2(arguments: list[str], message: str | None) -> None:
    write("a.jsonl", line("bounces.get.json", "[]"))
    ended = run("diff", *arguments)
    assert ended.code == 2
    if message is None:
        assert ended.out.startswith(b"none.har: damaged-capture: no such file or folder")
    else:
        assert ended == (2, b"", f"sgformats: {message}\n".encode())


def test_two_payloads_are_compared_as_payloads_whatever_their_names() -> None:
    for name, data in (("a.log", BOUNCES_XML), ("b.har", BOUNCES_JSON)):
        Path(name).write_bytes(data)
    expected = run("diff", "answers/bounces.xml", "answers/bounces.json")
    ended = run("diff", "a.log", "b.har")
    assert ended.code == expected.code == 1
    shown = ended.out.replace(b"a.log", b"answers/bounces.xml")
    assert shown.replace(b"b.har", b"answers/bounces.json") == expected.out
    for data in SAMPLES.values():
        Path("a.log").write_bytes(data)
        assert b"exchange" not in run("diff", "a.log", "a.log").out


def test_a_terminal_gets_colors_and_lines_that_fit() -> None:
    write("a.jsonl", line("bounces.get.json", LIST))
    write("b.jsonl", line("bounces.get.json", OTHER))
    code, shown = on_terminal("diff", "a.jsonl", "b.jsonl", columns=50)
    assert code == 1
    assert shown.startswith("\x1b[1mb.jsonl:1\x1b[0m: \x1b[31mdiffers\x1b[0m: expected")
    frame = [one for one in shown.splitlines() if " | " in one]
    assert all(len(one) <= 50 + len("\x1b[31m\x1b[0m") for one in frame)


@pytest.mark.parametrize("report", ["html", "markdown", "json"])
def test_a_report_names_both_captures(report: str) -> None:
    a, b = write("first.jsonl", line("bounces.get.json", LIST)), write("second.jsonl", "")
    ended = run("diff", a, b, "--report", f"{report}=out")
    assert ended.code == 1
    said = Path("out").read_text("utf-8")
    wanted = {
        "html": "<b>second.jsonl</b> compared with <b>first.jsonl</b>",
        "markdown": "`second.jsonl` compared with `first.jsonl`",
        "json": '"compared":["first.jsonl","second.jsonl"]',
    }
    assert wanted[report] in said
