"""Finds the values of secret names that do not directly follow their names.

A name may itself be a value, as in `{"key":"api_key","value":"k3y"}`, in either order, in an HTML
tag, or in YAML. The value of a name may be an object or a list, as in
`{"api_key":{"equalTo":"k3y"}}`. All searches look at no more than 1,000 characters on
either side of the name.
"""

from __future__ import annotations

import re
from itertools import islice

_FAR = 1000
_MOST_BRACES = 16
_MOST_DEPTH = 5
_IS_VALUE = re.compile(
    r"""\b(?:name|id|key|header|field|param)\\{0,4}["']?\s{0,8}[:=]\s{0,8}\\{0,4}["']?\Z"""
)
_VALUE = r"""\bvalues?\\{0,4}["']?\s{0,8}[:=]\s{0,8}"""
_IN_OBJECT = re.compile(_VALUE)
_NEXT = re.compile(rf"""\\{{0,4}}["']?[,;&]?\s{{0,40}}(?:-\ )?\\{{0,4}}["']?{_VALUE}""")
_BRACES = re.compile("[{}]")
_TEXTS = re.compile(r"""\[\s{0,40}\\{0,4}["']""")
_NESTED = re.compile(r"""[{\[][\s{\[]{0,40}(?:\\{0,4}["']|[\w.-]{1,40}:\s)""")
_TOKEN = re.compile(
    r"""(?P<sign>[{}\[\]])
    | (?: (?P<quote>\\{0,4}["']) (?P<text>(?:(?!(?P=quote)).){0,400}) (?P=quote)
          | (?P<bare>[^\s"'{}\[\],:=>]{1,400}) )
      (?P<colon>\s{0,8}(?::|=>))?""",
    re.VERBOSE | re.DOTALL,
)
_NO_TEXT = ("null", "true", "false")


def index_of_value(low: str, start: int, stop: int) -> int | None:
    """The index of the value that belongs to a name which is a value itself; None if it is not.

    `low` is the text in lower case, and the name is between `start` and `stop`.
    """
    if _IS_VALUE.search(low, max(0, start - 32), start) is None:
        return None
    begin = low.rfind("<", max(0, start - _FAR), start)
    if begin >= 0 and low.find(">", begin, start) < 0:
        end = low.find(">", stop, stop + _FAR)
        found = _IN_OBJECT.search(low, begin, stop + _FAR if end < 0 else end)
        if found is not None:
            return found.end()
    begin, end = _object_around(low, start, stop)
    depth, at = 0, begin
    for found in _IN_OBJECT.finditer(low, begin, end):
        depth += low.count("{", at, found.start()) - low.count("}", at, found.start())
        at = found.start()
        if depth == 1:
            return found.end()
    following = _NEXT.match(low, stop)
    return None if following is None else following.end()


def _object_around(low: str, start: int, stop: int) -> tuple[int, int]:
    """The part of the text that is in the same braces; empty if there are none before it."""
    first, begin, depth = max(0, start - _FAR), start, 1
    for _ in range(_MOST_BRACES):
        opening = low.rfind("{", first, begin)
        closing = low.rfind("}", max(opening, first), begin)
        begin = max(opening, closing)
        depth += 1 if closing > opening else -1
        if depth == 0 or begin < 0:
            break
    if depth or begin < 0:
        return stop, stop
    depth = 1
    for brace in islice(_BRACES.finditer(low, stop, stop + _FAR), _MOST_BRACES):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return begin, brace.start()
    return begin, stop + _FAR


def values_inside(text: str, at: int, *, objects: bool) -> list[tuple[int, int]]:
    """The spans of all texts in the list or, if `objects`, also in the object at `at`.

    Keys are left out.
    """
    found: list[tuple[int, int]] = []
    if (_NESTED if objects else _TEXTS).match(text, at) is None:
        return found
    depth = 0
    for token in _TOKEN.finditer(text, at, at + _FAR):
        if token["sign"]:
            depth += 1 if token["sign"] in "{[" else -1
            if depth == 0 or depth > _MOST_DEPTH:
                break
        elif not token["colon"] and token["bare"] not in _NO_TEXT:
            found.append(token.span("bare" if token["bare"] else "text"))
    return found
