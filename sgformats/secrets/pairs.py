"""Finds the values of secret names that do not directly follow their names.

A name may itself be a value, as in `{"key":"api_key","value":"k3y"}`, in either order, in an HTML
tag, or in YAML. The value of a name may be an object or a list, as in
`{"api_key":{"equalTo":"k3y"}}`. All searches look only at the surroundings of the name.
"""

from __future__ import annotations

import re

_FAR = 400
_IS_VALUE = re.compile(
    r"""\b(?:name|id|key|header|field|param)\\{0,4}["']?\s{0,8}[:=]\s{0,8}\\{0,4}["']?\Z"""
)
_VALUE = r"""\bvalues?\\{0,4}["']?\s{0,8}[:=]\s{0,8}(?:\[\s{0,8}(?=\\*["']))?"""
_IN_OBJECT = re.compile(_VALUE)
_NEXT = re.compile(rf"""\\{{0,4}}["']?[,;&]?\s{{0,40}}(?:-\ )?\\{{0,4}}["']?{_VALUE}""")
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
    for opening, closing in ("{}", "<>"):
        begin = low.rfind(opening, max(0, start - _FAR), start)
        if begin < 0 or low.find(closing, begin, start) >= 0:
            continue
        end = low.find(closing, stop, stop + _FAR)
        found = _IN_OBJECT.search(low, begin, stop + _FAR if end < 0 else end)
        if found is not None:
            return found.end()
    following = _NEXT.match(low, stop)
    return None if following is None else following.end()


def values_inside(text: str, at: int) -> list[tuple[int, int]]:
    """The spans of all texts in the object or list at `at`, except the keys."""
    found: list[tuple[int, int]] = []
    if _NESTED.match(text, at) is None:
        return found
    depth = 0
    for token in _TOKEN.finditer(text, at, at + _FAR):
        if token["sign"]:
            depth += 1 if token["sign"] in "{[" else -1
            if depth == 0:
                break
        elif not token["colon"] and token["bare"] not in _NO_TEXT:
            found.append(token.span("bare" if token["bare"] else "text"))
    return found
