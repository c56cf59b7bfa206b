"""What stands in a text that may be no answer: signs of the API, of a web page, of an XML declaration.

A fragment of HTML is told by its first element, an answer of the API by the names that only the API has.
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
# A cut answer of the API may begin with these names.
_SHORT = "a(?=[ \t\r\n]+href)|b|i|p|q|s|u"
_HTML = re.compile(
    rf"<(?:!doctype[ \t\r\n]+html|{_PAGE_NAMES}|{_ELEMENTS}|(?:{_SHORT})(?!\Z))(?=[ \t\r\n>/]|\Z)",
    re.IGNORECASE,
)
_PAGE = re.compile(rf"<(?:!doctype[ \t\r\n]+html|{_PAGE_NAMES})(?=[ \t\r\n>/]|\Z)", re.IGNORECASE)
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
    """Whether a web page or a fragment of one begins at an index, comments before it aside."""
    return _HTML.match(chars, _pass_layout(chars, i, "<!--", "<?")) is not None


def is_no_xml(chars: str, i: int) -> bool:
    """Whether what begins with markup at an index is a web page, or markup before something else.

    A fragment of HTML can be well-formed XML; text behind it, or behind comments, cannot.
    """
    behind = _pass_layout(chars, i, "<!--", "<?")
    following = chars[behind : behind + 1]
    if following != "<":
        return behind > i and (following in ("{", "[") or not chars.startswith("<?xml", i))
    if _PAGE.match(chars, behind):
        return True
    return _HTML.match(chars, behind) is not None and not chars.rstrip(" \t\r\n").endswith(">")


def is_page(chars: str) -> bool:
    """Whether a text begins a whole web page and does not end it."""
    return _PAGE.search(chars[chars.lower().rfind("</html>") + 1 :]) is not None


def find_late_declaration(chars: str) -> int:
    """The index of an XML declaration that stands behind white space or comments; -1 for none."""
    i = _pass_layout(chars, 0, "<!--")
    late = (
        i > 0 and chars.startswith("<?xml", i) and chars[i + 5 : i + 6] in (" ", "\t", "\r", "\n")
    )
    return i if late else -1


def without_hidden(chars: str) -> str:
    """The text, as long, without the brackets in comments and scripts: nothing in them is an item."""
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


def shows_answer(chars: str) -> bool:
    """Whether a text holds a list, an item or a result of the API, or the beginning of one."""
    if any(found[1] in _KEYS for found in _FIRST_KEY.finditer(chars)):
        return True
    end = chars.rstrip(" \t\r\n);")
    if end.endswith("]") and end[:-1].rstrip(" \t\r\n").endswith("["):
        return True
    return "<result>" in chars or "</result>" in chars or _LIST_TAG.search(chars) is not None


def ends_as_answer(chars: str) -> bool:
    """Whether a text whose first `<` is lost still closes an element, and none of HTML."""
    _, opening, name = chars.rstrip(" \t\r\n").rpartition("</")
    name = name.rstrip(">")
    return bool(opening) and name.isalnum() and _HTML.match(f"<{name}>") is None


def is_foreign(chars: str) -> bool:
    """Whether the names in a text that begins as XML or JSON are all others than the API's."""
    if not _SPACE.sub("", chars[:64]).startswith("<"):
        names = {found[1] for found in _KEY.finditer(chars)}
        return bool(names) and not names & _KEYS
    first = _TAG.search(without_hidden(chars))
    if first is None or first[1] == "result" or _LIST_TAG.search(chars) is not None:
        return False
    cut = first.end() == len(chars)
    return not (cut and any(name.startswith(first[1]) for name in ("result", *_NAMES)))


def _pass_layout(chars: str, i: int, *kinds: str) -> int:
    """The index behind white space, and behind comments and instructions of some kinds."""
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
