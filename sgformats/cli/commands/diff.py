"""`sgformats diff`: compare two payloads, or two captures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click
import msgspec

from sgformats._compare import Difference
from sgformats.captures.opening import Unpacking
from sgformats.cli import captureoptions, options
from sgformats.cli.captures import is_capture
from sgformats.cli.job import REFUSED, TROUBLE, Job, PayloadSource, Trouble
from sgformats.cli.options import ReadingChoices
from sgformats.cli.output import Output, open_output
from sgformats.cli.reports import REPORT, ReportTarget, open_reports
from sgformats.contract.differing import DriftOptions, shared_operation
from sgformats.contract.drift import compare_captures
from sgformats.contract.outcome import CheckSummary
from sgformats.contract.showing import clip, escaper
from sgformats.errors import Location, SgformatsError
from sgformats.secrets import without_secrets


@click.command("diff", short_help="Compare two payloads, or two captures call by call.")
@options.file("a")
@options.file("b")
@options.to("text", "jsonl", help="Payloads: text, or one JSON object for each difference.")
@REPORT
@captureoptions.KIND
@captureoptions.FIELD
@captureoptions.unpacking()
@options.reading(format=False)
def command(
    a: str,
    b: str,
    to: str | None,
    report: tuple[ReportTarget, ...],
    kind: str | None,
    field: tuple[tuple[str, str], ...],
    unpacking: Unpacking,
    reading: ReadingChoices,
) -> int:
    """Compare two payloads field by field, whatever their formats, or two captures call by call.

    A and B are payloads; one of them may be - for standard input. The order of fields, layout and
    encoding do not matter. If A or B is a folder or a capture, or with --report, equal calls are
    compared in order: the first in A with the first in B. XML matches JSON, and a redacted call
    matches the original. Answers without a call are matched by file name and order.

    \b
    Examples:
      sgformats diff answers/bounces.xml answers/bounces.json
      sgformats diff answers/bounces.xml - < answers/bounces.json
      sgformats diff answers/bounces.xml answers/bounces.json --to jsonl
      sgformats diff answers answers --report text --report html=drift.html

    \b
    JSON of payloads: path, kind (changed, missing in B, extra in B), a, b (the
    values as text or null), location_a, location_b (path, native, line, column,
    offset). JSON of captures: the report json, with the rules differs (located in
    B), missing-exchange and extra-exchange.

    Exit codes: 0 they are equal, 1 they differ, 2 one of them could not be read.
    """
    fields = dict(field)
    if report or kind or fields or is_capture(a, fields) or is_capture(b, fields):
        if to is not None:
            raise Trouble("expected --to with two payloads; for captures use --report json")
        if "-" in (a, b):
            raise Trouble("expected two files or folders to compare captures, found -")
        return _compare_captures(a, b, reading, kind, fields, unpacking, report)
    job = Job(reading.max_bytes)
    if a == b == "-":
        raise Trouble("expected - once: standard input can be read only once")
    sources = [PayloadSource.of(a), PayloadSource.of(b)]
    payloads = []
    for source in sources:
        try:
            payloads.append(job.read(source))
        except SgformatsError as error:
            job.failed(source, error)
    if job.code:
        return TROUBLE
    if reading.operation is None:
        one, other = payloads
        reading = reading._replace(operation=shared_operation(one, other, reading.max_bytes))
    try:
        found = reading.compare(*payloads)
    except SgformatsError as error:
        _report_invalid(job, sources, payloads, reading)
        if not job.code:
            job.trouble(str(error))
        return TROUBLE
    with open_output() as out:
        for difference in found:
            if to == "jsonl":
                out.json(_row(difference))
            else:
                _write_text(out, sources, difference)
        if to != "jsonl":
            noun = "difference" if len(found) == 1 else "differences"
            out.line(f"{len(found)} {noun}" if found else "no differences")
    return REFUSED if found else 0


def _compare_captures(
    a: str,
    b: str,
    reading: ReadingChoices,
    kind: str | None,
    fields: Mapping[str, str],
    unpacking: Unpacking,
    targets: Sequence[ReportTarget],
) -> int:
    """Report how B differs from A; return the exit code."""
    job, summary = Job(reading.max_bytes), CheckSummary()
    with open_reports(targets) as reports:
        options = DriftOptions(
            operation=None if reading.operation is None else reading.operation.name,
            mode=reading.mode,
            zone=reading.zone,
            fold=reading.fold,
            kind=kind,
            fields=fields,
            max_bytes=reading.max_bytes,
            unpacking=unpacking,
            width=reports.width,
        )
        for outcome in compare_captures(a, b, options, summary):
            reports.add(outcome)
            if outcome.unread and not reports.shows_text:
                job.trouble(f"{outcome.source}: {outcome.findings[0].problem.message}")
        reports.finish(summary)
    if summary.unread:
        return TROUBLE
    return REFUSED if summary.errors else 0


def _report_invalid(
    job: Job, sources: list[PayloadSource], payloads: list[bytes], reading: ReadingChoices
) -> None:
    for source, data in zip(sources, payloads, strict=True):
        try:
            reading.parse(data)
        except SgformatsError as error:
            job.failed(source, error)


def _write_text(out: Output, sources: list[PayloadSource], difference: Difference) -> None:
    path = out.visible(without_secrets(difference.path)) or "the reply"
    out.line(f"{out.style(path, bold=True)}: {_KINDS[difference.kind]}")
    values = (difference.a, difference.b)
    texts = [None if value is None else without_secrets(value) for value in values]
    at = _first_difference(*texts)
    cells = []
    for side, source, location, text in zip(
        "AB", sources, (difference.location_a, difference.location_b), texts, strict=True
    ):
        out.line(out.visible(f"  {side} {source.name}:{location.line}:{location.column}"))
        if text is None:
            out.line("    (nothing)")
            continue
        shown, cell = clip(text, at, out.width - 6, escaper(out.encoding))
        quoted = f'"{shown}"'
        out.line(f"    {out.style(quoted, 'red' if side == 'A' else 'green')}")
        cells.append(cell)
    if difference.path and len(cells) == 2 and cells[0] == cells[1]:
        out.line(" " * (5 + cells[0]) + "^")
    out.line()


_KINDS = {"changed": "changed", "missing": "missing in B", "extra": "extra in B"}


def _first_difference(a: str | None, b: str | None) -> int:
    if a is None or b is None:
        return 0
    pairs = enumerate(zip(a, b, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(a), len(b)))


def _row(difference: Difference) -> dict[str, Any]:
    def hidden(value: str | None) -> str | None:
        return None if value is None else without_secrets(value)

    def place(location: Location) -> dict[str, Any]:
        return msgspec.structs.asdict(location)

    return {
        "path": without_secrets(difference.path),
        "kind": difference.kind,
        "a": hidden(difference.a),
        "b": hidden(difference.b),
        "location_a": place(difference.location_a),
        "location_b": place(difference.location_b),
    }
