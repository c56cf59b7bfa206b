"""The report as one self-contained HTML page, which makes no request.

`HtmlReport` counts every outcome and keeps the problems that the page shows: the first `LIMIT`, and
always the first `OF_EACH_RULE` of each rule. The content security policy allows only the page's own
style and script, by their hashes. All values in the template are made visible and escaped
(`visibly`, autoescape).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

from sgformats.contract.frame import Frame
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import cell_len
from sgformats.report.charts import Cell, account, bar, strip
from sgformats.report.fitting import about, fit, fit_summary
from sgformats.report.gathered import KINDS, STATES, Gathered
from sgformats.report.page import count_of, hash_of, page_template, part
from sgformats.rules import RULES

LIMIT = 5_000
"""The number of problems that the page shows; later ones are only counted."""
OF_EACH_RULE = 100
"""The number of problems of each rule that are shown even beyond `LIMIT`."""


FILES = 100
"""The number of files in the overview, the worst first."""
LINES = 200
"""The number of skip reasons, and of vanished baseline entries, that are listed."""

# The number of pieces of the template's output that are written at once.
_AT_ONCE = 2_000
_WORDS = {
    "clean": "clean",
    "skipped": "skipped",
    "quiet": "with known or tolerated problems only",
    "warning": "with warnings",
    "error": "with errors",
    "unread": "damaged",
}


class HtmlReport:
    """Writes the page through `write`, all of it when the report is finished."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._template = page_template(part("report.html.j2"), "the HTML report", _FILTERS)
        self._found = Gathered(LIMIT, OF_EACH_RULE)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome, and keep what the page shows of it."""
        self._found.add(fit(outcome))

    def finish(self, summary: CheckSummary) -> None:
        """Write the page."""
        summary = fit_summary(summary)
        style, script = part("report.css"), part("report.js")
        tone, verdict = _verdict(summary)
        pieces = self._template.generate(
            summary=summary,
            found=self._found,
            figures=_figures(summary),
            kinds=KINDS,
            states=[(name, _WORDS[name]) for name in STATES],
            tone=tone,
            verdict=verdict,
            files_listed=FILES,
            lines_listed=LINES,
            style=style,
            script=script,
            style_hash=hash_of(style),
            script_hash=hash_of(script),
        )
        while text := "".join(islice(pieces, _AT_ONCE)):
            self._write(text.encode())


def _verdict(summary: CheckSummary) -> tuple[str, str]:
    """The result, as a style name and as a sentence."""
    counted = ((summary.errors, "error"), (summary.warnings, "warning"))
    present = [(count, noun) for count, noun in counted if count]
    if present:
        return present[0][1], " and ".join(count_of(count, noun) for count, noun in present)
    if summary.unread:
        return "error", "Not everything could be read"
    if not summary.checked:
        return "warning", "Nothing was checked"
    return "clean", "No new problems" if summary.known or summary.tolerated else "No problems"


def _figures(summary: CheckSummary) -> list[tuple[str, int, str]]:
    return [
        ("files", summary.files, "Files"),
        ("exchanges", summary.exchanges, "Exchanges"),
        ("checked", summary.checked, "Checked"),
        ("skipped", summary.skipped, "Skipped"),
        ("unread", summary.unread, "Damaged"),
        ("errors", summary.errors, "Errors"),
        ("warnings", summary.warnings, "Warnings"),
        ("known", summary.known, "Known"),
        ("tolerated", summary.tolerated, "Tolerated"),
        ("vanished", len(summary.vanished), "Vanished"),
    ]


def _facts(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """The facts about an exchange, and its place in the capture."""
    source = outcome.source
    if outcome.operation is not None:
        yield "", outcome.operation
    if outcome.format is not None:
        yield "", outcome.format
    if outcome.status is not None:
        yield "status", str(outcome.status)
    if source.entry is not None:
        yield "entry", f"{source.entry:,}"
    if source.line is not None:
        yield "line", f"{source.line:,}"
    if source.offset is not None:
        yield "byte", f"{source.offset:,}"


def _location_text(outcome: Outcome, finding: Finding) -> str:
    """The location of a problem, in the text that its line and column refer to."""
    place = finding.problem.location
    text = f"line {place.line:,}, column {place.column:,}, byte {place.offset:,}"
    match about(outcome, finding):
        case "payload":
            return text
        case "call":
            return "in the call"
        case "capture":
            return f"{text} of the capture"


def _state_counts(states: bytes) -> str:
    counts = ((states.count(number), _WORDS[name]) for number, name in enumerate(STATES))
    return ", ".join(f"{count:,} {words}" for count, words in counts if count)


def _cell_title(cell: Cell) -> str:
    pieces = (piece for piece in cell.pieces if piece.name not in ("clean", "skipped"))
    words = ", ".join(f"{piece.count:,} {_WORDS[piece.name]}" for piece in pieces)
    several = cell.last - cell.first + 1
    return words if several == 1 else f"{words}, of {several:,} exchanges"


def _at_caret(frame: Frame) -> tuple[str, str, str]:
    """The line of a frame in three parts: before, at and after the caret."""
    line, cells = frame.line, cell_len(frame.before)
    widths = [cell_len(character) for character in line]
    start = 0
    while start < len(line) and (cells > 0 or not widths[start]):
        cells -= widths[start]
        start += 1
    end = start + 1
    while end < len(line) and not widths[end]:  # Combining characters belong to it.
        end += 1
    return line[:start], line[start:end], line[end:]


def _ticks(text: str) -> list[tuple[bool, str]]:
    """A sentence in pieces: whether each was between backticks, and its text."""
    return [(bool(at % 2), piece) for at, piece in enumerate(text.split("`"))]


_FILTERS: Mapping[str, Callable[..., Any]] = {
    "account": account,
    "at_caret": _at_caret,
    "bar": bar,
    "state_counts": _state_counts,
    "cell_title": _cell_title,
    "facts": lambda outcome: list(_facts(outcome)),
    "meaning": lambda rule: RULES[rule].meaning if rule in RULES else "",
    "location_text": _location_text,
    "strip": strip,
    "ticks": _ticks,
}
