"""SECURITY.md has the limits of the code."""

from __future__ import annotations

import re

from sgformats._text.payload import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from sgformats.captures.archives import _MAX_DIRECTORY
from sgformats.captures.opening import _HARMLESS, MAX_RATIO, MAX_UNPACKED
from sgformats.captures.reading import _MAX_ARCHIVES
from sgformats.captures.yamlvalues import MAX_LEVELS
from sgformats.errors import MAX_PROBLEMS
from sgformats.extract.read.options import CLIP
from tests.docs.pagekit import ROOT

PAGE = ROOT / "SECURITY.md"
UNITS = {"MiB": 1 << 20, "TiB": 1 << 40}


def quantity(text: str) -> int:
    """The first number of a text, with its unit."""
    found = re.search(r"([0-9][0-9,]*)(?: (MiB|TiB))?", text)
    assert found is not None, text
    return int(found[1].replace(",", "")) * UNITS.get(found[2], 1)


def test_every_limit_in_the_table_is_that_of_the_code() -> None:
    rows = [
        line.split("|")[1:-1] for line in PAGE.read_text("utf-8").splitlines() if line[:2] == "| "
    ]
    limits = {row[0].strip(): quantity(row[1]) for row in rows[1:]}
    ratio = next(name for name in limits if name.startswith("bytes from one byte"))
    assert quantity(ratio) == _HARMLESS
    assert limits == {
        "a payload, an answer in a capture, a line": MAX_BYTES,
        "values of an item, or of an answer that is not a list": MAX_VALUES,
        "nesting of a payload": MAX_DEPTH,
        "nesting of a YAML capture": MAX_LEVELS,
        "problems of one payload that are kept; all are counted": MAX_PROBLEMS,
        ratio: MAX_RATIO,
        "bytes of one uncompressed capture": MAX_UNPACKED,
        "depth of nested archives": _MAX_ARCHIVES,
        "the directory of a zip archive, which is copied to a temporary file first": _MAX_DIRECTORY,
        "text of a reject": CLIP,
    }


def test_the_files_and_pages_that_it_names_exist() -> None:
    text = PAGE.read_text("utf-8")
    named = [*re.findall(r"`(tests/[^`]+)`", text), *re.findall(r"\]\(([^)#]+)", text)]
    assert len(named) > 4
    assert [name for name in named if not (PAGE.parent / name).exists()] == []
    assert len(text.splitlines()) <= 80
