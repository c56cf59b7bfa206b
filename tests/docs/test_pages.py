"""The pages are complete, their links work, and their examples show what the library does."""

from __future__ import annotations

import contextlib
import datetime
import io
import itertools
import re
import sys
from io import BytesIO
from pathlib import Path

import pytest

import sgformats
from sgformats.captures import Exchange, Source, read_capture
from sgformats.contract import check, check_captures
from sgformats.contract.drift import compare_captures
from sgformats.extract.read.options import Options
from sgformats.extract.read.outcome import read_exchange
from sgformats.request import Request
from sgformats.rules import RULES, Rule
from tests.docs.pagekit import ROOT, blocks_of

PAGES = sorted(
    [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
    + [path for folder in ("docs", "schemas", "corpus") for path in (ROOT / folder).rglob("*.md")]
)
_FENCED = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)")
RUNNABLE = [
    ROOT / "README.md",
    *(ROOT / "docs" / f"{name}.md" for name in ("archives", "clients", "reading")),
]
OPERATION_PAGES = sorted((ROOT / "docs" / "operations").glob("*.md"))


def links_of(path: Path) -> list[tuple[Path, str]]:
    """The targets of a page's links within the project: a file, and a heading in it."""
    found = _LINK.findall(_FENCED.sub("", path.read_text("utf-8")))
    inside = [pair for pair in found if not pair[0].startswith("https://")]
    return [((path.parent / file).resolve() if file else path, part) for file, part in inside]


def anchors_of(path: Path) -> set[str]:
    """The anchors of a page's headings."""
    prose = _FENCED.sub("", path.read_text("utf-8"))
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.delitem(sys.modules, "generate", raising=False)
    import generate
    import reference

    assert reference.documented() == set(sgformats.__all__)

    written: dict[Path, str] = generate.pages()
    return written


def test_no_generated_page_is_stale(generated: dict[Path, str]) -> None:
    for path, text in generated.items():
        assert path.is_file(), f"missing: run python docs/generate.py for {path.name}"
        assert path.read_text("utf-8") == text, (
            f"stale: run python docs/generate.py for {path.name}"
        )


def test_the_index_leads_to_every_page_and_to_no_other() -> None:
    index = ROOT / "docs" / "README.md"
    pages = set((ROOT / "docs").rglob("*.md")) - {index}
    assert {path for path, _ in links_of(index)} == pages


def test_every_operation_has_its_page() -> None:
    assert [page.stem for page in OPERATION_PAGES] == sorted(sgformats.OPERATIONS)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for file, part in links_of(path):
        assert file.exists(), file
        assert not part or part in anchors_of(file), part


@pytest.mark.parametrize("path", RUNNABLE, ids=lambda path: path.name)
def test_the_examples_of_a_page_print_what_it_shows(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    blocks = blocks_of(path)
    names: dict[str, object] = {}
    shown = 0
    for (language, code), (following, text) in itertools.pairwise(blocks):
        if language != "python":
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(code, names)
        assert following == "text"
        lines = [line.rstrip() for line in printed.getvalue().rstrip().splitlines()]
        assert lines == text.rstrip().splitlines()
        shown += 1
    assert shown == sum(language == "python" for language, _ in blocks) >= 3


@pytest.mark.parametrize("path", OPERATION_PAGES, ids=lambda path: path.stem)
def test_the_examples_of_an_operation_show_what_parse_returns(path: Path) -> None:
    blocks = blocks_of(path)
    names = {"datetime": datetime, **vars(sgformats)}
    forms = set()
    for (language, payload), (following, shown) in itertools.pairwise(blocks):
        if following == "python":
            assert sgformats.parse(payload.encode(), sgformats.OPERATIONS[path.stem]) == eval(
                shown, names
            )
            forms.add(language)
    assert forms == {"xml", "json"}


@pytest.mark.parametrize("path", OPERATION_PAGES, ids=lambda path: path.stem)
def test_the_requests_of_an_operation_are_valid_calls_of_it(path: Path) -> None:
    blocks = blocks_of(path)
    calls = [sgformats.Request.parse(line) for language, line in blocks if language == "text"]
    surfaces = re.findall(r"^### ([\w-]+)$", path.read_text("utf-8"), re.MULTILINE)
    assert [(call.operation, call.surface) for call in calls] == [
        (path.stem, surface) for surface in surfaces
    ]
    assert all(call.problems() == [] and call == call.redacted() for call in calls)


def test_the_readme_begins_with_how_to_run_and_how_to_test() -> None:
    blocks = blocks_of(ROOT / "README.md")
    first, second = (code for language, code in blocks if language == "sh")
    assert "sgformats parse corpus/seed/list-xml.xml" in first
    assert "pytest" in second


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_example_of_a_rule_breaks_it_first(rule: Rule, tmp_path: Path) -> None:
    if rule.stage == "request":
        problems = Request.parse(rule.example).problems()
    elif rule.stage == "exchange":
        source = Source("example")
        call, body = Request.parse(rule.call), rule.example.encode()
        problems = check(Exchange(call, rule.status, None, body, source, url=rule.call))
        assert (rule.file, len(problems)) == ("", 1)
    elif rule.stage in ("capture", "drift"):
        then, now = tmp_path / "then.jsonl", tmp_path / (rule.file or "now.jsonl")
        then.write_bytes(rule.against.encode())
        now.write_bytes(rule.example.encode())
        drift = rule.stage == "drift"
        outcomes = compare_captures(str(then), str(now)) if drift else check_captures([now])
        problems = [finding.problem for outcome in outcomes for finding in outcome.findings]
    elif rule.stage == "extract":
        (exchange,) = read_capture(BytesIO(rule.example.encode()), kind="jsonl")
        problem = read_exchange(exchange, Options()).problem
        assert problem is not None
        problems = [problem]
    else:
        problems = sgformats.validate(rule.example.encode(), rule.operation, zone=rule.zone)
    assert problems[0].rule == rule.name
    assert problems[0].severity == rule.severity
