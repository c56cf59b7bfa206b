"""Signs that a text is an answer of the API, a web page, or something else.

A fragment of HTML is recognised by its first element, an answer by the API's names.
"""

from __future__ import annotations

import re

from sgformats.operations import METHODS

_SPACE = re.compile(r"[ \t\r\n]*")
_PAGE_NAMES = "html|head|body|title|frameset|iframe"
_ELEMENTS = (
    "abbr|base|basefont|big|blink|blockquote|br|button|center|code|dd|div|dl|dt|em|embed|fieldset|font|"
    "footer|form|frame|h[1-6]|header|hr|img|input|kbd|li|link|main|marquee|meta|nav|nobr|noframes|"
    "noscript|ol|pre|samp|script|section|select|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|"
    "tfoot|th|thead|tr|tt|ul|xmp"
)
# A cut answer of the API may begin with these letters.
_SHORT = "a(?=[ \t\r\n]+href)|b|i|p|q|s|u"
_HTML = re.compile(
    rf"<(?:!doctype[ \t\r\n]+html|{_PAGE_NAMES}|{_ELEMENTS}|(?:{_SHORT})(?!\Z))(?=[ \t\r\n>/]|\Z)",
    re.IGNORECASE,
)
_PAGE = re.compile(rf"<(?:!doctype[ \t\r\n]+html|{_PAGE_NAMES})(?=[ \t\r\n>/]|\Z)", re.IGNORECASE)
_DECLARATION = re.compile(r"<\?xml[ \t\r\n]")
_HIDING = re.compile(r"<!--|<(script|style|SCRIPT|STYLE)(?=[ \t\r\n>])")
_NAMES = tuple(name for method in METHODS for name in (method.root, method.item))
_LIST_TAG = re.compile(rf"</?(?:{'|'.join(_NAMES)})(?=[ \t\r\n/>]|\Z)")
_TAG = re.compile(r"</?([A-Za-z_][A-Za-z0-9_:.-]{0,63})")
_KEYS = frozenset(
    ("message", "errors", "error", "count", *(name for method in METHODS for name in method.names))
)
_KEY = re.compile(r'"([A-Za-z_]{1,40})"[ \t\r\n]{0,8}:')
_FIRST_KEY = re.compile(r'\{[ \t\r\n]{0,64}"([a-z_]{1,40})"[ \t\r\n]{0,8}:')


def is_html(chars: str, i: int = 0) -> bool:
    """Whether a web page or a fragment of HTML begins at an index, after any comments."""
    return _HTML.match(chars, _skip_layout(chars, i, "<!--", "<?")) is not None


def is_not_xml(chars: str, i: int) -> bool:
    """Whether the markup at an index is a web page, or stands before something that is not XML.

    A fragment of HTML can be well-formed XML, but not with text after it or after comments.
    """
    start = _skip_layout(chars, i, "<!--", "<?")
    following = chars[start : start + 1]
    if following != "<":
        return start > i and (following in ("{", "[") or not chars.startswith("<?xml", i))
    if _PAGE.match(chars, start):
        return True
    return _HTML.match(chars, start) is not None and not chars.rstrip(" \t\r\n").endswith(">")


def is_page(chars: str) -> bool:
    """Whether a web page begins in a text and does not end."""
    return _PAGE.search(chars[chars.lower().rfind("</html>") + 1 :]) is not None


def find_late_declaration(chars: str) -> int:
    """The index of an XML declaration after white space or comments, or -1."""
    i = _skip_layout(chars, 0, "<!--")
    return i if i > 0 and _DECLARATION.match(chars, i) else -1


def without_hidden(chars: str) -> str:
    """The text with `(` for each `{` and `<` in comments and scripts, so no item is found there."""
    parts: list[str] = []
    at = 0
    while (begin := _HIDING.search(chars, at)) is not None:
        close = "-->" if begin[0] == "<!--" else f"</{begin[1]}"
        end = chars.find(close, begin.end())
        end = len(chars) if end < 0 else end
        hidden = chars[begin.end() : end].replace("{", "(").replace("<", "(")
        parts += (chars[at : begin.end()], hidden)
        at = end
    return "".join((*parts, chars[at:]))


def has_answer(chars: str) -> bool:
    """Whether a text contains a list, an item or a result of the API, or the start of one."""
    if any(found[1] in _KEYS for found in _FIRST_KEY.finditer(chars)):
        return True
    end = chars.rstrip(" \t\r\n);")
    if end.endswith("]") and end[:-1].rstrip(" \t\r\n").endswith("["):
        return True
    return "<result>" in chars or "</result>" in chars or _LIST_TAG.search(chars) is not None


def ends_as_answer(chars: str) -> bool:
    """Whether a text ends with the end tag of an element that is not HTML."""
    _, opening, name = chars.rstrip(" \t\r\n").rpartition("</")
    name = name.rstrip(">")
    return bool(opening) and name.isalnum() and _HTML.match(f"<{name}>") is None


def is_foreign(chars: str) -> bool:
    """Whether a text is XML or JSON with names, none of them of the API."""
    if not _SPACE.sub("", chars[:64]).startswith("<"):
        names = {found[1] for found in _KEY.finditer(chars)}
        return bool(names) and not names & _KEYS
    first = _TAG.search(without_hidden(chars))
    if first is None or first[1] == "result" or _LIST_TAG.search(chars) is not None:
        return False
    cut = first.end() == len(chars)
    return not (cut and any(name.startswith(first[1]) for name in ("result", *_NAMES)))


def _skip_layout(chars: str, i: int, *kinds: str) -> int:
    """The index after white space and after comments or instructions that begin with `kinds`."""
    while True:
        space = _SPACE.match(chars, i)
        i = space.end() if space else i
        kind = next((kind for kind in kinds if chars.startswith(kind, i)), None)
        if kind is None:
            return i
        close = "-->" if kind == "<!--" else "?>"
        end = chars.find(close, i + len(kind))
        if end < 0:
            return i
        i = end + len(close)
