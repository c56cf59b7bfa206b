"""Extraction is timed as users run it, after its records are checked."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from benchmarks import extraction, watched
from benchmarks.contender import OURS
from benchmarks.extraction import (
    ALONE,
    DAMAGED,
    DUCKDB,
    GOOD,
    GOOD_SCRIPT,
    JSON,
    QUARTER,
    SCRIPT,
    SCRIPTED,
    WAYS,
    extract,
)
from benchmarks.fresh import run_python
from benchmarks.logs import write_log
from benchmarks.peers import script
from benchmarks.tasks import DisagreementError


def test_every_way_is_measured_on_a_log_and_one_on_a_quarter_of_it(tmp_path: Path) -> None:
    steps: list[None] = []
    found = extract(40, 2, tmp_path, lambda: steps.append(None))
    assert len(steps) == 2 * len(WAYS)
    assert list(found.taken) == list(WAYS)
    log = write_log(tmp_path / "again.jsonl", 40)
    assert (found.lines, found.bytes, found.records) == (log.lines, log.bytes, log.records)
    for way, one in found.taken.items():
        assert len(one.timed.values) == len(one.peaks.values) == 2
        assert all(0.01 < seconds < 60 for seconds in one.timed.values)
        assert all(5_000_000 < peak < 500_000_000 for peak in one.peaks.values)
        assert (one.timed.records < log.bytes / 2) is (way.log == "quarter")
        assert one.cpu > 0.01
    assert found.taken[ALONE].records >= found.records
    assert found.taken[QUARTER].records < found.records
    assert found.taken[DAMAGED].damaged_rows > found.taken[ALONE].damaged_rows


def test_a_way_has_a_unique_name() -> None:
    names = [way.name for way in WAYS]
    assert len(set(names)) == len(names)
    assert names[:4] == [SCRIPT, GOOD, f"{OURS}, CSV, 1 worker", f"{OURS}, CSV, 2 workers"]
    assert f"{OURS}, `check`, 1 worker, a quarter of it" in names
    assert f"{DUCKDB}, only JSON" in names


def test_a_way_that_loses_a_record_is_detected(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", 20)
    for way in (SCRIPTED, GOOD_SCRIPT, ALONE):
        extraction._run(way, log, tmp_path)
        out = extraction._out(way, tmp_path)
        assert extraction._rows(way, log, tmp_path) >= log.records
        out.write_bytes(b"".join(out.read_bytes().splitlines(keepends=True)[:-1]))
        with pytest.raises(
            DisagreementError, match=rf"^{way.name} gives \d+ records where the log "
        ):
            extraction._rows(way, log._replace(records=log.records + 100), tmp_path)


def test_tools_for_json_give_the_records_of_a_json_log(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log.jsonl", 200, formats=("json",))
    tables = set()
    for way in JSON:
        extraction._run(way, log, tmp_path)
        assert extraction._rows(way, log, tmp_path) >= log.records
        out = extraction._out(way, tmp_path)
        with out.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row.get("salvaged") != "true"]
        tables.add(tuple((row["email"], row["reason"]) for row in rows[:50]))
    assert len(tables) == 1


def test_the_script_skips_unreadable_lines(tmp_path: Path) -> None:
    log, out = tmp_path / "log.jsonl", tmp_path / "out.csv"
    log.write_text(
        '{"url":"u","body":"[{\\"email\\":\\"a\\",\\"reason\\":\\"x\\"}]"}\n'
        '{"url":"v","body":"[{\\"email\\":\\"b\\""}\n'
        "nonsense\n"
        '{"url":"w","body":"<bounces><bounce><email>c</email><status>5</status></bounce></bounces>"}\n'
        '{"url":"w","body":"<bounces><bounce><email>d</email></bounce><bounce/></bounces>"}\n'
        '{"url":"w","body":"<bounces/>"}\n',
        "utf-8",
    )
    script.main(str(log), str(out))
    assert out.read_text("utf-8").splitlines() == [
        "email,reason,status,ip,created,url",
        "a,x,,,,u",
        "c,,5,,,w",
    ]


def test_all_processes_of_a_command_are_measured(tmp_path: Path) -> None:
    taking = "import subprocess, sys; x = b'x' * {}; subprocess.run([sys.executable, '-c', {!r}])"
    inside = "x = b'x' * 90_000_000"
    text = run_python(
        ["-m", "benchmarks.watched", sys.executable, "-c", taking.format(1, inside)], tmp_path
    )
    seconds, peak, cpu = map(float, text.strip("[]\n").split(","))
    assert 0.01 < cpu < 60
    assert 0.01 < seconds < 60
    assert 90_000_000 < peak < 130_000_000


def test_a_failing_command_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert watched.main([sys.executable, "-c", "raise SystemExit(3)"]) == 3
    assert capsys.readouterr().out.startswith("[")
