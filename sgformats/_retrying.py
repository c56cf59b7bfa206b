"""Whether to send a call again, judged by its answer alone.

Yes if the answer is not from the API, or is a temporary failure: a code 429 or 5xx, or words such
as "too many requests". No if an answer of the API is inside something else, such as a JSONP call, a
CSV table, or text after a warning: the next answer would look the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sgformats._model.node import Node
from sgformats._text.signs import has_answer, is_foreign, is_page

_LATER = re.compile(
    r"too many requests|rate.?limit|slow ?down|(?:try|retry) again|temporarily|"
    r"service (?:is )?(?:currently )?unavailable|bad gateway|internal server error|"
    r"time-?d? ?out|over (?:capacity|quota)|throttl",
    re.IGNORECASE,
)
_CODE = re.compile(r"429|5[0-9][0-9]")
_MOST = 200  # Nodes of a failure to examine.
_STATUS_LINE = re.compile(r"HTTP/[0-9.]{1,4} ([0-9]{3})")
_BLANK_LINE = re.compile(r"\r?\n\r?\n")
_CALL = re.compile(r"(?:/\*\*/)?[ \t\r\n]*[A-Za-z_$][A-Za-z0-9_$.]{0,100}\(")
_CELLS = re.compile(r"[,;\t|]")


def may_retry_tree(root: Node, chars: str) -> bool:
    """Whether to send a call again whose answer is a well-formed document."""
    if root.kind == "array" or any(node.name == "email" for node in root.nodes):
        return False
    nodes = list(_failure_nodes(root))
    if any(_is_temporary(node) for node in nodes):
        return True
    if root.kind in ("object", "element"):
        return is_foreign(chars) and not has_answer(chars)
    return not has_answer(root.text)


def may_retry_text(chars: str) -> bool:
    """Whether to send a call again whose answer is a web page or other text."""
    text = chars.strip()
    is_jsonp = _CALL.match(text) is not None and text.rstrip("; \t\r\n").endswith(")")
    return not (is_jsonp or _is_table(text) or (has_answer(text) and not is_page(text)))


def split_response(chars: str) -> tuple[int, str] | None:
    """The status and the body of a recorded response that begins with its status line."""
    text = chars.lstrip()
    status = _STATUS_LINE.match(text)
    if status is None:
        return None
    while True:
        blank = _BLANK_LINE.search(text)
        text = text[blank.end() :] if blank else ""
        following = _STATUS_LINE.match(text)
        if following is None:
            return int(status[1]), text
        status = following


def is_later(status: int) -> bool:
    """Whether an HTTP status means that the call may succeed later."""
    return _CODE.fullmatch(str(status)) is not None


def _failure_nodes(root: Node) -> Iterator[Node]:
    waiting = [root]
    for _ in range(_MOST):
        if not waiting:
            return
        node = waiting.pop()
        yield node
        waiting.extend(node.nodes[:_MOST])


def _is_temporary(node: Node) -> bool:
    if node.kind not in ("string", "number", "element"):
        return False
    name = node.name.lower()
    is_mail_status = name == "status" and node.kind == "string"
    is_code = ("code" in name or "status" in name) and not is_mail_status
    if is_code and _CODE.fullmatch(node.text.strip()):
        return True
    return node.kind != "number" and _LATER.search(node.text[:1_000]) is not None


def _is_table(text: str) -> bool:
    """Whether the first line is CSV with an address or the column `email`."""
    cells = [cell.strip(" \"'\r") for cell in _CELLS.split(text[:1_000].partition("\n")[0])]
    return len(cells) > 1 and any(
        cell.lower() == "email" or ("@" in cell and " " not in cell) for cell in cells
    )
