"""`sgformats check`: check recorded calls and their answers against the contract."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
from msgspec.structs import replace

from sgformats._options import Mode
from sgformats._text.payload import MAX_BYTES
from sgformats.cli import captureoptions, options
from sgformats.cli.captures import Meter, find_paths, open_captures, sizes_of, workers_for
from sgformats.cli.job import REFUSED, TROUBLE, Job
from sgformats.cli.progress import ProgressLine
from sgformats.cli.reports import REPORT, ReportName, ReportTarget, open_reports
from sgformats.contract.baseline import Entry, entries_of, write_baseline
from sgformats.contract.configuration import Config, find_config
from sgformats.contract.outcome import CheckSummary
from sgformats.contract.run import CheckOptions, check_captures
from sgformats.contract.showing import many
from sgformats.errors import Severity

_PLAIN = ("severity", "mode", "kind", "baseline", "max-bytes", "max-ratio", "max-unpacked")
_MAX_RATIO, _MAX_UNPACKED = captureoptions.unpacking_options(default=False)


class _Settings(NamedTuple):
    """The settings of the command line and of `pyproject.toml`."""

    paths: tuple[str, ...]
    report: tuple[ReportTarget, ...]
    options: CheckOptions
    max_problems: int | None


@click.command("check", short_help="Check recorded calls and their answers against the contract.")
@click.argument("paths", metavar="PATH...", nargs=-1, type=options.PATH)
@REPORT
@captureoptions.rules("--select", help="Report only these rules (comma-separated).")
@captureoptions.rules("--ignore", help="Do not report these rules.")
@click.option(
    "--severity",
    type=click.Choice(get_args(Severity)),
    help="Minimum severity to report. [default: warning]",
)
@click.option(
    "--mode",
    type=click.Choice(get_args(Mode)),
    help="lax tolerates what breaks the contract but still has one certain meaning. "
    "[default: strict]",
)
@captureoptions.OPERATION
@captureoptions.KIND
@captureoptions.FIELD
@click.option(
    "--max-problems",
    type=click.IntRange(min=1),
    metavar="N",
    help="Show at most N problems of each exchange; all are counted.",
)
@click.option(
    "--max-bytes",
    type=options.ByteCount(min=1),
    metavar="N",
    help=f"Refuse larger answers without reading them. [default: {MAX_BYTES}]",
)
@_MAX_RATIO
@_MAX_UNPACKED
@click.option(
    "--baseline",
    type=options.PATH,
    metavar="FILE",
    help="Do not count the problems in this file: they are known.",
)
@click.option(
    "--write-baseline",
    "new_baseline",
    type=options.PATH,
    metavar="FILE",
    help="Write the problems found to this file as a baseline, and do not count them.",
)
@captureoptions.workers("one for each core, if there is enough to share")
@click.option("--allow-empty", is_flag=True, help="Exit with 0 if there is nothing to check.")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    new_baseline: str | None,
    workers: int | None,
    allow_empty: bool,
    **given: Any,
) -> int:
    """Check recorded calls and their answers against the contract: each answer by itself, and
    whether it matches its request.

    PATH is a capture, a folder of them, a pattern in quotes, or - for standard input: HAR, VCR
    cassettes (YAML, JSON), WARC, JSON lines, text logs and bare payloads, also as .gz, .bz2, .xz or
    .zst. Exchanges that do not call this API are counted as skipped.

    \b
    Examples:
      sgformats check answers
      sgformats check answers --report text --report junit=check.xml
      sgformats check answers --write-baseline known.json
      sgformats check answers --ignore secret-in-url,unexpected-created
      sgformats check - --report json < answers/bounces.json

    \b
    Settings in pyproject.toml, in the working directory or above it; command-line
    options override them:
      [tool.sgformats]
      paths = ["answers"]
      report = ["text", "junit=check.xml"]
      ignore = ["secret-in-url"]
      field = {url = "request.target"}
    and severity, mode, operation, kind, select, max-problems, max-bytes, baseline

    Under GitHub Actions, annotations and the step summary are written automatically.

    Exit codes: 0 clean, 1 problems of severity error that are neither known nor tolerated, 2 the
    job could not be done: a path, a capture or an option cannot be read, or nothing was checked.
    """
    job = Job(0)
    settings = _settings(ctx, given)
    paths = find_paths(job, settings.paths)
    meter, summary = Meter(), CheckSummary()
    entries: list[Entry] = []
    hidden = 0
    with (
        ProgressLine(sizes_of(paths)) as progress,
        open_reports(settings.report, before=progress.hide) as reports,
    ):
        number = workers_for(paths, workers)
        found = check_captures(
            open_captures(paths, meter, number),
            replace(settings.options, width=reports.width),
            summary,
            workers=number,
            tell=meter.add,
        )
        for outcome in found:
            progress.show(meter.read, many(summary.exchanges, "exchange"))
            if new_baseline is not None:
                entries += entries_of(outcome, Path(new_baseline).absolute().parent)
            shown = replace(outcome, findings=outcome.findings[: settings.max_problems])
            hidden += len(outcome.findings) - len(shown.findings)
            reports.add(shown)
            if outcome.unread and not reports.shows_text:
                job.trouble(f"{outcome.source}: {outcome.findings[0].problem.message}")
        progress.hide()
        reports.finish(summary)
        if hidden:
            reports.note(f"{many(hidden, 'more problem')} not shown: see --max-problems")
        if summary.unread:
            job.code = TROUBLE
        elif not summary.checked and not allow_empty:
            job.trouble(
                f"nothing was checked: expected a call of this API, found none in "
                f"{many(summary.exchanges, 'exchange')}; --allow-empty accepts that"
            )
        if new_baseline is not None:
            _write_baseline(job, new_baseline, entries)
        elif summary.errors:
            job.code = max(job.code, REFUSED)
    return job.code


def _settings(ctx: click.Context, given: dict[str, Any]) -> _Settings:
    """The values of the command line, or else those of `pyproject.toml`."""
    config = find_config(Path.cwd())
    configured = [_report(config, text) for text in config.values.get("report", ())]
    options = config.options(
        {
            "operation": given["operation"] and given["operation"].name,
            "field": dict(given["field"]),
            "select": [name for group in given["select"] for name in group],
            "ignore": [name for group in given["ignore"] for name in group],
            **{name: given[name.replace("-", "_")] for name in _PLAIN},
        }
    )
    paths = given["paths"] or tuple(map(config.path, config.values.get("paths", ())))
    if not paths:
        raise click.UsageError("Missing argument 'PATH...'.", ctx)
    most = given["max_problems"] or config.values.get("max-problems")
    reports = given["report"] or tuple(
        target._replace(file=target.file and config.path_to_write("report", target.file))
        for target in configured
    )
    return _Settings(paths, reports, options, most)


def _report(config: Config, text: str) -> ReportTarget:
    """A report of `pyproject.toml`."""
    try:
        return ReportName().convert(text, None, None)
    except click.BadParameter as error:
        raise config.refused("report", " ".join(error.message.split())) from None


def _write_baseline(job: Job, path: str, entries: list[Entry]) -> None:
    if job.code == TROUBLE:
        job.trouble(f"{path} was not written: not everything could be read")
    else:
        write_baseline(path, entries)
