"""The HTML page: its template and the data for it, its style, script and security policy."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from sgformats.contract.frame import Frame
from sgformats.contract.outcome import CheckSummary, Finding, Outcome
from sgformats.contract.showing import cell_len, visible
from sgformats.errors import MissingPackageError
from sgformats.report.charts import Cell, account, bar, strip
from sgformats.report.fitting import about
from sgformats.report.gathered import KINDS, STATES, Gathered
from sgformats.rules import RULES

if TYPE_CHECKING:
    import jinja2

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


def page_template() -> jinja2.Template:
    """The page's template. Raises `MissingPackageError` without Jinja2."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise MissingPackageError("the HTML report", "Jinja2", "reports") from error
    return _compiled()


@cache
def _compiled() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visibly,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        account=account,
        at_caret=_at_caret,
        bar=bar,
        state_counts=_state_counts,
        cell_title=_cell_title,
        count="{:,}".format,
        facts=lambda outcome: list(_facts(outcome)),
        meaning=lambda rule: RULES[rule].meaning if rule in RULES else "",
        of=count_of,
        location_text=_location_text,
        strip=strip,
        ticks=_ticks,
    )
    environment.globals.update(
        figures=_figures, kinds=KINDS, states=[(name, _WORDS[name]) for name in STATES]
    )
    return environment.from_string(part("report.html.j2"))


def rendered(template: jinja2.Template, found: Gathered, summary: CheckSummary) -> Iterator[str]:
    """The page in pieces."""
    style, script = part("report.css"), part("report.js")
    tone, verdict = _verdict(summary)
    pieces = template.generate(
        summary=summary,
        found=found,
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
        yield text


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


def visibly(value: Any) -> Any:
    """A value of the template, with its text made visible.

    Markup stays as it is: it comes from the page, or from text that was made visible.
    """
    return visible(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def count_of(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _ticks(text: str) -> list[tuple[bool, str]]:
    """A sentence in pieces: whether each was between backticks, and its text."""
    return [(bool(at % 2), piece) for at, piece in enumerate(text.split("`"))]


def part(name: str, package: str = "sgformats.report") -> str:
    """A file of a package, as text."""
    return (files(package) / name).read_text("utf-8")


def hash_of(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
