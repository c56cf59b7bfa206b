"""Cells that a spreadsheet would run as a formula, and the apostrophe that keeps it from that.

A spreadsheet takes text that begins with `=`, `+`, `-` or `@` for a formula, in full width too, and it
may drop white space, control characters and quotes before them. So every text is changed that, behind
any number of those, begins with one of the signs; and every one with a tab or the end of a line before
its first other character. Nothing else is.
"""

from __future__ import annotations

import re

_IGNORED = r"""[\s\x00-\x1f\x7f-\x9f"'`\u2018-\u201f\u200b-\u200f\u2060\ufeff]"""
_RUN = re.compile(rf"{_IGNORED}*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n]")


def inert(text: str) -> str:
    """The text behind an apostrophe if a spreadsheet would run it, else as it is.

    >>> inert("=1+1"), inert("550 no = sign"), inert("'=1+1")
    ("'=1+1", '550 no = sign', "''=1+1")
    """
    return f"'{text}" if _RUN.match(text) else text


def as_it_was(cell: str) -> str:
    """The text that `inert` was given: no two texts become the same cell.

    >>> as_it_was("'=1+1"), as_it_was("'tis")
    ('=1+1', "'tis")
    """
    return cell[1:] if cell.startswith("'") and _RUN.match(cell, 1) else cell
