"""docs/design.md is true of the project, and its promises are tested."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import sgformats
from tests.docs.pagekit import ROOT

PACKAGE = Path(sgformats.__file__).parent  # It may be installed somewhere else.
PAGE = (ROOT / "docs" / "design.md").read_text("utf-8")
SOURCES = [path for name in ("tests", "benchmarks", "docs") for path in (ROOT / name).rglob("*.py")]
SOURCES += PACKAGE.rglob("*.py")
_PROMISE = re.compile(r"^(\d+)\. (\*\*.*?)(?=^\d+\. |\Z)", re.MULTILINE | re.DOTALL)
_QUOTATION = re.compile(r'docs/design\.md(?:, promise (\d+))?: "([^"]+)"')
_FENCED = re.compile(r"^(```+).*?^\1$", re.MULTILINE | re.DOTALL)
_PAGE_NAME = re.compile(r"[\w./-]*\w\.md\b")


def prose_of(path: Path) -> Iterator[str]:
    """The docstrings and comments of a module that names a page, each as one line."""
    text = path.read_text("utf-8")
    if ".md" not in text:  # It names no page.
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield one_line(ast.get_docstring(node) or "")
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    comments = {token.start[0]: token for token in tokens if token.type == tokenize.COMMENT}
    block = ""
    for line, token in comments.items():
        block += token.string.lstrip("#")
        if line + 1 not in comments:
            yield one_line(block)
            block = ""


def one_line(text: str) -> str:
    return " ".join(text.split())


PROMISES = {int(number): one_line(text) for number, text in _PROMISE.findall(PAGE)}
PROSE = [(path, text) for path in sorted(SOURCES) for text in prose_of(path)]
QUOTATIONS = [(path, *found) for path, text in PROSE for found in _QUOTATION.findall(text)]


def test_the_promises_are_numbered_from_one() -> None:
    assert list(PROMISES) == list(range(1, 10))


@pytest.mark.parametrize("number", PROMISES)
def test_every_promise_is_quoted_by_a_test(number: int) -> None:
    quoting = [path for path, promise, _ in QUOTATIONS if promise == str(number)]
    assert any(path.name.startswith("test_") for path in quoting)


@pytest.mark.parametrize(("path", "promise", "sentence"), QUOTATIONS)
def test_every_quotation_is_on_the_page(path: Path, promise: str, sentence: str) -> None:
    assert sentence in (PROMISES[int(promise)] if promise else one_line(PAGE))


def test_every_page_that_is_named_is_in_the_repository() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    pages += [
        page for name in ("docs", "schemas", "corpus") for page in (ROOT / name).rglob("*.md")
    ]
    texts = [(page, _FENCED.sub("", page.read_text("utf-8"))) for page in pages]
    named = {(path, name) for path, text in PROSE + texts for name in _PAGE_NAME.findall(text)}
    assert {name for _, name in named} > {"docs/design.md", "rules.md"}
    for path, name in named:
        assert (ROOT / name).is_file() or (path.parent / name).is_file(), f"{path}: {name}"


def test_every_path_on_the_page_is_in_the_repository() -> None:
    paths = [name for name in re.findall(r"`([\w./-]+)`", PAGE) if re.search(r"/|\.py$", name)]
    assert len(paths) > 20
    known = [name for name in paths if any((at / name).exists() for at in (ROOT, PACKAGE.parent))]
    assert paths == known
