"""What docs/spark.md shows is what it does, and its table is its own arithmetic."""

from __future__ import annotations

import contextlib
import io
import itertools
import math
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "spark.md").read_text("utf-8")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROW = re.compile(r"^\| (\d+) ([GT])B \| (.*) \|$", re.MULTILINE)
_SECONDS = {"min": 60, "h": 3600}


def test_the_page_prints_what_it_says(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    shown = 0
    for (language, code), (following, text) in itertools.pairwise(_BLOCK.findall(PAGE)):
        if language == "python":
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, names)
            assert (following, printed.getvalue()) == ("text", text)
            shown += 1
    assert shown == 3


def test_the_table_follows_from_the_rate() -> None:
    (rate,) = map(int, re.findall(r"^At (\d+) MB/s a core:$", PAGE, re.MULTILINE))
    rows = _ROW.findall(PAGE)
    assert len(rows) == 4
    for number, unit, cells in rows:
        size = int(number) * (1e9 if unit == "G" else 1e12)
        *times, needed = cells.split(" | ")
        for cores, time in zip((4, 16, 64), times, strict=True):
            amount, name = time.split()
            seconds = size / (rate * 1e6 * cores)
            exact = seconds / _SECONDS[name]
            assert amount == (f"{exact:.1f}" if exact < 10 else f"{exact:.0f}")
        needs = math.ceil(size / (rate * 1e6 * 3600))
        assert needed == f"{needs} core{'s' if needs > 1 else ''}"
