"""All ways to read a capture find the same exchanges."""

from __future__ import annotations

from pathlib import Path

import pytest

from sgformats.captures import read_capture
from sgformats.census import take_census
from sgformats.contract import CheckSummary, check_captures
from sgformats.contract.run import CheckOptions
from sgformats.errors import CaptureError
from sgformats.extract import Options, extract
from sgformats.redact import redact_capture
from sgformats.testing.captures import CaptureCase, load_capture_cases

CASES = load_capture_cases()


def count(path: Path, fields: dict[str, str]) -> int:
    """The number of exchanges in a capture, up to the damage."""
    number = 0
    try:
        for _ in read_capture(path, fields=fields):
            number += 1
    except CaptureError:
        pass
    return number


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_all_commands_see_the_same_exchanges(case: CaptureCase, tmp_path: Path) -> None:
    expected = len(case.exchanges)
    assert count(case.path, case.fields) == expected

    summary = CheckSummary()
    for _ in check_captures([case.path], CheckOptions(fields=case.fields), summary):
        pass
    assert summary.exchanges == summary.checked + summary.skipped == expected

    (figures,) = take_census([case.path], fields=case.fields).files
    assert figures.exchanges == expected

    done = extract(
        case.path, tmp_path / "out.jsonl", workers=1, options=Options(fields=case.fields)
    )
    assert done.counts.exchanges == expected

    redacted = tmp_path / case.name
    try:
        redact_capture(case.path, redacted)
    except CaptureError:
        assert case.damage is not None
    else:
        assert count(redacted, case.fields) == expected
