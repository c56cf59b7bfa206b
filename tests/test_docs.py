"""What the pages show is what the library does today."""

from __future__ import annotations

import contextlib
import io
import itertools
import re
import sys
from pathlib import Path

import pytest

import sgformats
from sgformats.rules import RULES, Rule

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    + [path for folder in ("docs", "schemas", "corpus") for path in (ROOT / folder).rglob("*.md")]
)
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> dict[Path, str]:
    monkeypatch.syspath_prepend(ROOT / "docs")
    monkeypatch.delitem(sys.modules, "generate", raising=False)
    import generate

    written: dict[Path, str] = generate.pages()
    return written


def test_no_generated_page_is_stale_or_left_over(generated: dict[Path, str]) -> None:
    found = {path: path.read_text("utf-8") for path in (ROOT / "docs").rglob("*.md")}
    assert found.keys() == generated.keys()
    for path, text in generated.items():
        assert found[path] == text, f"stale: run python docs/generate.py for {path.name}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_within_the_project_leads_somewhere(path: Path) -> None:
    for link in _LINK.findall(path.read_text("utf-8")):
        assert link.startswith("https://") or (path.parent / link).exists(), link


def test_the_readme_prints_what_it_says() -> None:
    blocks = _BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
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
    assert shown == sum(language == "python" for language, _ in blocks) >= 4


def test_the_readme_begins_with_how_to_run_and_how_to_test() -> None:
    blocks = _BLOCK.findall((ROOT / "README.md").read_text("utf-8"))
    first, second = (code for language, code in blocks if language == "sh")
    assert "sgformats parse corpus/seed/list-xml.xml" in first
    assert "pytest" in second


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_the_example_of_a_rule_breaks_it_first(rule: Rule) -> None:
    if rule.stage == "request":
        problems = sgformats.Request.parse(rule.example).problems()
    else:
        problems = sgformats.validate(rule.example.encode(), rule.operation, zone=rule.zone)
    assert problems[0].rule == rule.name
