"""Measurements in fresh processes."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import pytest

import sgformats
from benchmarks import fresh
from benchmarks.contender import OURS
from benchmarks.tasks import tasks


def test_a_peak_includes_memory_that_was_freed() -> None:
    before = fresh._begin()
    taken = bytearray(60_000_000)
    taken[::4096] = b"x" * len(taken[::4096])
    del taken
    assert 55_000_000 < fresh._most() - before < 75_000_000


def test_an_earlier_peak_does_not_count() -> None:
    taken = bytearray(60_000_000)
    taken[::4096] = b"x" * len(taken[::4096])
    del taken
    before = fresh._begin()
    assert fresh._most() - before < 5_000_000


def test_the_size_of_records_counts_each_value_once() -> None:
    when = datetime(2009, 6, 10)
    reason = "Bad Syntax"
    records = tuple(sgformats.InvalidEmail(email, reason, when) for email in ("a@b.c", "d@e.f"))
    assert fresh.size_of(records) == sum(
        map(sys.getsizeof, (records, *records, "a@b.c", "d@e.f", reason, when))
    )


def test_the_memory_of_all_parsers_and_of_two_sizes_of_problems_is_measured() -> None:
    found = {
        task.name: [(part.name, part.size) for part in task.parts]
        for task in tasks((3, 10, 200))
        if task.kind == "memory"
    }
    assert sum(map(len, found.values())) == 16
    assert ("xsdata", 200) in found["memory/parse/xml/200"]
    assert found["memory/validate/json/20"] == [(OURS, 20)]
    assert found["memory/validate/json/200"] == [(OURS, 200)]


def test_a_fresh_process_measures_the_memory_of_a_contender(tmp_path: Path) -> None:
    (task,) = (task for task in tasks((3, 20_000)) if task.name == "memory/parse/json/20000")
    steps: list[None] = []
    found = fresh.peak(task.parts[1], 2, tmp_path, lambda: steps.append(None))
    assert len(found.values) == len(steps) == 2
    assert all(2_000_000 < value < 50_000_000 for value in found.values)
    assert (found.name, found.records) == (OURS, 20_000)


def test_imports_are_timed_in_fresh_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fresh, "IMPORTS", ("lxml.etree", "sgformats"))
    found = fresh.import_times(2, tmp_path)
    assert [(one.name, len(one.values)) for one in found] == [("lxml.etree", 2), ("sgformats", 2)]
    assert all(0.0001 < value < 60 for one in found for value in one.values)
