"""No regular expression of the package takes more than linear time, whatever the text.

A pattern that is only matched at one index may begin with a loop. One that searches may not, unless it
cannot fail. `ALLOWED` lists exceptions that the automaton cannot prove, with reasons.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

import sgformats
from tests.patternkit import Automaton

# These need an extra, or run when they are imported.
SKIPPED = {"sgformats.__main__", "sgformats.extract.spark"}
ALLOWED: Mapping[str, str] = {
    "sgformats.captures.logbodies._STAMPED": "Nothing has to follow a repetition, so it never fails.",
    "sgformats.captures.toolfiles._SIGNS": "It reads the first 4,096 bytes of a file.",
    "sgformats.census.observing._ADDRESS": "It reads at most 64 characters at each index.",
    "sgformats.redact.hider._MEMBER": "It reads at most 64 characters and 400 blanks at each quote.",
    "sgformats.redact.hider._PAIR": "Its second loop reads at most 80 characters.",
    "sgformats.extract.run.partsfolder._UNFINISHED": "It reads names of files, which are short.",
    "sgformats.extract.run.partsfolder._OURS": "It reads names of files, which are short.",
    "sgformats.schemafiles._FRAME": "It reads only the package's own schemas.",
    "sgformats.schemafiles._INCLUDE": "It reads only the package's own schemas.",
    "sgformats.secrets.torn._NAME_OF_VALUE": "It reads at most 240 characters.",
    "sgformats.secrets.users._CURL_USER": "It reads at most 128 characters before the last loop.",
    "sgformats.secrets.users._ESCAPED_USERINFO": "Its loop ends before the next possible beginning.",
}


class _Uses(ast.NodeVisitor):
    """The names that are used for anything but a match at one index."""

    def __init__(self) -> None:
        self.searched: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in ("match", "fullmatch", "pattern", "flags"):
            return
        self.searched.add(node.attr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self.searched.add(node.id)


def patterns() -> Iterator[tuple[str, re.Pattern[Any], bool]]:
    """Every pattern of a module or a class, and whether it searches."""
    for found in pkgutil.walk_packages(sgformats.__path__, "sgformats."):
        if found.name in SKIPPED:
            continue
        module = importlib.import_module(found.name)
        uses = _Uses()
        uses.visit(ast.parse(inspect.getsource(module)))
        owners = [("", module)] + [
            (f"{name}.", value)
            for name, value in vars(module).items()
            if inspect.isclass(value) and value.__module__ == found.name
        ]
        for owner, values in owners:
            for name, value in vars(values).items():
                if isinstance(value, re.Pattern):
                    yield f"{found.name}.{owner}{name}", value, name in uses.searched


PATTERNS = list(patterns())


def defects(pattern: re.Pattern[Any], searched: bool) -> list[str]:
    automaton = Automaton(pattern)
    found = ["starts again"] if searched and automaton.starts_again() else []
    return found + ["reads twice"] * automaton.reads_twice()


@pytest.mark.parametrize(
    ("pattern", "searched", "expected"),
    [
        (r"a*b", True, ["starts again"]),
        (r"a*b", False, []),
        (r"a*", True, []),
        (r"(?<!a)a*b", True, []),
        (r"\w+=", True, ["starts again"]),
        (r'"[^"]*"x', True, []),
        (r"curl .*?http", True, ["starts again"]),
        (r"<!--.*?-->", True, ["starts again"]),
        (r"(?s)<!--.*?(?:-->|\Z)", True, []),
        (r"<(?=a*b)", True, []),
        (r"(?=a*b)", True, ["starts again"]),
        (r"\Aa*b", True, []),
        (r"a*a*b", False, ["reads twice"]),
        (r"\s*:?\s*x", False, ["reads twice"]),
        (r"(a*)*b", False, ["reads twice"]),
        (r"(?:a|ab|b)*c", False, ["reads twice"]),
        (r"(?:[^\"\\]|\\.)*\"", False, []),
        (r"[^\"\\]*(?:\\.[^\"\\]*)*\"", False, []),
        (r"a{0,400}b", True, ["starts again"]),
        (r"a{0,8}b", True, []),
    ],
)
def test_the_automaton_finds_slow_patterns(
    pattern: str, searched: bool, expected: list[str]
) -> None:
    assert defects(re.compile(pattern), searched) == expected


@pytest.mark.parametrize(
    ("name", "pattern", "searched"), PATTERNS, ids=[row[0] for row in PATTERNS]
)
def test_a_pattern_takes_linear_time(name: str, pattern: re.Pattern[Any], searched: bool) -> None:
    assert bool(defects(pattern, searched)) == (name in ALLOWED)


def test_every_allowed_pattern_exists() -> None:
    assert set(ALLOWED) <= {name for name, _, _ in PATTERNS}
