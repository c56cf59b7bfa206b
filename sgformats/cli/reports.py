"""Open the reports of a run, and add the output for GitHub Actions.

A report is requested as FORMAT or FORMAT=FILE. A file is written whole or not at all, and at most
one report goes to standard output. Under GitHub Actions, annotations and the step summary are
written automatically.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from sgformats.cli.job import Trouble
from sgformats.cli.output import Output, open_output
from sgformats.contract.outcome import CheckSummary, Outcome, Report
from sgformats.contract.showing import name_of
from sgformats.report import REPORTS
from sgformats.report.spool import Spool
from sgformats.report.text import Look, TextReport

_WIDTH = 100


class ReportTarget(NamedTuple):
    """A requested report; without a file it goes to standard output."""

    format: str
    file: str | None


class ReportName(click.ParamType):  # type: ignore[type-arg]  # not generic in older releases
    """FORMAT or FORMAT=FILE, with shell completion."""

    name = "report"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> ReportTarget:
        if isinstance(value, ReportTarget):
            return value
        format, equals, file = str(value).partition("=")
        if format not in REPORTS:
            self.fail(f"expected one of {', '.join(REPORTS)}, found {format!r}.", param, ctx)
        if equals and not file:
            self.fail(f"expected a file after {value!r}.", param, ctx)
        return ReportTarget(format, file if file not in ("", "-") else None)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(name) for name in REPORTS if name.startswith(incomplete)]


REPORT = click.option(
    "--report",
    type=ReportName(),
    metavar="FORMAT[=FILE]",
    multiple=True,
    help="Write this report to FILE or to standard output; may be repeated. "
    f"{', '.join(REPORTS)}. [default: text]",
)


class Reports:
    """All reports of a run as one: `add` for each outcome in order, then `finish` once.

    `shows_text`: whether text goes to standard output. `width`: the width of its lines.
    """

    def __init__(self, text: Output | None) -> None:
        self.width = _WIDTH if text is None else text.width
        self.shows_text = text is not None
        self._text = text
        self._reports: list[Report] = []

    def join(self, report: Report) -> None:
        """Add a report."""
        self._reports.append(report)

    def add(self, outcome: Outcome) -> None:
        """Pass an outcome to every report."""
        for report in self._reports:
            report.add(outcome)

    def finish(self, summary: CheckSummary) -> None:
        """Write the end of every report."""
        for report in self._reports:
            report.finish(summary)

    def note(self, line: str) -> None:
        """Write a line to the text report on standard output, if there is one."""
        if self._text is not None:
            self._text.line(line)


@contextmanager
def open_reports(
    targets: Sequence[ReportTarget], before: Callable[[], object] = lambda: None
) -> Iterator[Reports]:
    """Open the requested reports, or text on standard output if there are none.

    `before` is called before anything is written to standard output. Raises `Trouble` if two
    reports have the same destination.
    """
    targets = targets or (ReportTarget("text", None),)
    _check_places(targets)
    with ExitStack() as stack:
        outs = [stack.enter_context(open_output(target.file)) for target in targets]
        standard = {t.format: out for t, out in zip(targets, outs, strict=True) if not t.file}
        text = standard.get("text")
        reports = Reports(text)
        for out, target in zip(outs, targets, strict=True):
            reports.join(_report(out, target, before))
        if os.environ.get("GITHUB_ACTIONS") == "true":
            if all(target.format != "github" for target in targets):
                # GitHub reads both streams: annotations go to standard error if standard
                # output holds a report for programs.
                place = None if standard else stack.enter_context(open_output())
                reports.join(_Spooled("github", partial(_annotate, text or place)))
            summary = os.environ.get("GITHUB_STEP_SUMMARY")
            if summary:
                reports.join(_Spooled("markdown", partial(_append, summary)))
        yield reports


def _check_places(targets: Sequence[ReportTarget]) -> None:
    standard = [target.format for target in targets if target.file is None]
    if len(standard) > 1:
        raise Trouble(
            f"expected one report on standard output, found {' and '.join(standard)}: "
            f"write the others to files, such as --report {standard[-1]}=FILE"
        )
    seen: dict[str, str] = {}
    for format, file in targets:
        if file is None:
            continue
        place = os.path.realpath(file)
        if place in seen:
            raise Trouble(f"expected a different file for each report, found {name_of(file)} twice")
        seen[place] = format


def _report(out: Output, target: ReportTarget, before: Callable[[], object]) -> Report:
    def write(data: bytes) -> None:
        if target.file is None:
            before()
        try:
            if target.format == "text":
                out.raw(data)
            else:
                out.data(data)
        except BrokenPipeError:
            raise
        except OSError as error:
            where = "standard output" if target.file is None else name_of(target.file)
            raise Trouble(f"cannot write {where}: {error.strerror or error}") from None

    if target.format == "text":
        return TextReport(write, Look(out.encoding, out.style))
    return REPORTS[target.format](write)


class _Spooled:
    """A report that is passed to `write` as a whole at the end."""

    def __init__(self, format: str, write: Callable[[Spool], object]) -> None:
        self._lines = Spool()
        self._report = REPORTS[format](self._lines.add)
        self._write = write

    def add(self, outcome: Outcome) -> None:
        self._report.add(outcome)

    def finish(self, summary: CheckSummary) -> None:
        self._report.finish(summary)
        self._write(self._lines)


def _annotate(out: Output | None, lines: Spool) -> None:
    """Write GitHub annotations, to standard error if `out` is None."""
    if out is not None:
        lines.write_to(out.raw)
    elif sys.stderr is not None:
        lines.write_to(sys.stderr.buffer.write)
        sys.stderr.buffer.flush()


def _append(path: str, text: Spool) -> None:
    """Append to the file that GitHub shows as the step summary."""
    try:
        with open(path, "ab") as file:  # Keep what other steps wrote.
            text.write_to(file.write)
    except OSError as error:
        raise Trouble(f"cannot write {name_of(path)}: {error.strerror or error}") from None
