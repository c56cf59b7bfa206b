"""Adds an apostrophe to cells that a spreadsheet would run as a formula.

A spreadsheet treats text that begins with `=`, `+`, `-` or `@` (in full width too) as a formula,
and may drop white space, control characters and quotes before it. So a text changes if, after any
of these, it begins with one of the signs, or if these include a tab or a line end. No other text
does.
"""

from __future__ import annotations

import re

_IGNORED = r"""[\s\x00-\x1f\x7f-\x9f"'`\u2018-\u201f\u200b-\u200f\u2060\ufeff]"""
_RUN = re.compile(rf"{_IGNORED}*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")


def inert(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would run it, otherwise unchanged.

    >>> inert("=1+1"), inert("550 no = sign"), inert("'=1+1")
    ("'=1+1", '550 no = sign', "''=1+1")
    """
    return f"'{text}" if _RUN.match(text) else text


def as_it_was(cell: str) -> str:
    """The text that `inert` was called with; it never returns the same cell for two texts.

    >>> as_it_was("'=1+1"), as_it_was("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _RUN.match(cell, 1) else cell
