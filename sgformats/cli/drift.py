"""Compare two captures, for `sgformats diff`."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence

from sgformats.captures.kinds import HEAD, find_kind
from sgformats.captures.opening import Opened, Unpacking, open_path
from sgformats.captures.unpacking import find_packing
from sgformats.cli.job import REFUSED, TROUBLE, Job
from sgformats.cli.reading import ReadingChoices
from sgformats.cli.reports import ReportTarget, open_reports
from sgformats.contract.differing import DriftOptions
from sgformats.contract.drift import compare_captures
from sgformats.contract.outcome import CheckSummary
from sgformats.errors import CaptureError


def is_capture(path: str, fields: Mapping[str, str]) -> bool:
    """Whether a path is a folder, or a file whose content is a capture and not a bare payload."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return os.path.isdir(path)
        with open_path(path) as file:
            packed = find_packing(file.read(HEAD), path) is not None
            file.seek(0)
            # By content alone: the name does not make a payload a capture.
            return packed or find_kind(Opened(file, path).peek(HEAD), "", fields).name != "payload"
    except (OSError, ValueError, CaptureError):
        return False  # Reading it later reports the error.


def compare(
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
