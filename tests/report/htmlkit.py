"""Outcomes with a chosen text in every field, for tests of the HTML page."""

from __future__ import annotations

from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Any, cast

from lxml import html

from sgformats.captures.exchange import Source
from sgformats.contract.frame import Frame
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.errors import Location, Problem
from tests.report.reportkit import written

# Each tries to be more than text where it lands: markup, the end of an attribute, of a script, of
# a comment, a link, a direction, a character that steers or cannot be written.
HOSTILE = (
    "<script>document.title='owned'</script>",
    "</script><script>document.title='owned'</script>",
    "</style><script>document.title='owned'</script>",
    "</title></textarea></select><img src=x onerror=document.title='owned'>",
    "\"><svg onload=document.title='owned'>",
    "' onmouseover=document.title='owned' autofocus onfocus='document.title=1' x='",
    '" style="background:url(https://example.com/x)" x="',
    "javascript:document.title='owned'",
    "]]><script>document.title='owned'</script>-->",
    "<!--<script>",
    "&lt;script&gt;&#60;b&#62;&amp;",
    "{{ 7*7 }}{% raw %}{# x #}${7*7}",
    "a\u2028document.title='owned'\u2029",
    "\u202egnp.exe\u2066\u200f",
    "\x00\x01\x1b[31m\x7f\x85",
    "half \ud800 and \udfff, byte \udce9",
    "<base href=https://example.com/><meta http-equiv=refresh content='0;url=https://example.com/'>",
    "=1+1|`cmd`\\\r\n\t",
)


def every_field(texts: Iterable[str]) -> tuple[list[Outcome], CheckSummary]:
    """Two outcomes for each text, with the text in every field that takes one."""
    outcomes: list[Outcome] = []
    texts = list(texts)
    for at, text in enumerate(texts):
        problem = Problem(text, "error", text, Location(text, text, 1, 1, 0))
        known = Problem(text, "warning", text, Location(text, text, 1, 1, 0))
        findings = (
            Finding(problem, Frame(text, text, text)),
            Finding(known, None, known=True),
        )
        source = Source(text, at, 1, 0)
        outcomes.append(Outcome(source, text, text, text, 200, findings=findings))
        outcomes.append(Outcome(source, text, skipped=text))
    count = len(texts)
    return outcomes, CheckSummary(
        files=count,
        exchanges=2 * count,
        checked=count,
        skipped=count,
        errors=count,
        known=count,
        vanished=tuple(texts),
    )


def page_of(texts: Iterable[str]) -> str:
    """The page of these outcomes."""
    return written("html", *every_field(texts))


def harmless(text: str) -> str:
    """A different word for each text."""
    return f"word{HOSTILE.index(text)}"


PAGE = written("html")
PROBLEM = "//li[@data-kind]"


def nodes(written: str, path: str) -> list[Any]:
    """The nodes of a page that match."""
    return list(cast("list[Any]", html.fromstring(written).xpath(path)))


class Tags(HTMLParser):
    """Every tag of a page with its attribute names, and with values that may load or run."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.seen: list[tuple[str, ...]] = []
        self.links: set[str] = set()
        self.ids: list[str] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, *(name for name, _ in attrs)))
        for name, value in attrs:
            if name in {"href", "src", "action", "srcset", "data", "xlink:href"}:
                self.links.add(str(value))
            if name == "id":
                self.ids.append(str(value))

    def handle_comment(self, data: str) -> None:
        self.seen.append(("<!--", data))
