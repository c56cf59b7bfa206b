"""A whole run: its result does not depend on the number of workers or the size of shards."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from sgformats.errors import ArgumentError, ExtractError, MissingPackageError
from sgformats.extract import Options, Progress, extract
from sgformats.workers import pool
from sgformats.workers.pool import DiedError, Done, Progressed, run_all
from tests.extract.runkit import SPLIT, strays, write_log

BODY = '[{"email":"%s","reason":"r","created":"2009-06-10 12:40:30"}]'


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def before() -> set[threading.Thread]:
    """The threads before a run; other tests may have left some."""
    return set(threading.enumerate())


def new_threads(before: set[threading.Thread]) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread not in before]


def answer(path: str, name: str) -> None:
    """Write a bare payload."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(BODY % name)


def emails(path: str) -> list[str]:
    return [json.loads(line)["email"] for line in Path(path).read_text().splitlines()]


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["out.jsonl", "out.csv"])
def test_workers_and_splits_change_no_byte(name: str) -> None:
    write_log(Path("logs.jsonl"), 800)
    extract("logs.jsonl", name, workers=1)
    whole = [Path(name).read_bytes(), Path(f"{name}.rejects.jsonl").read_bytes()]
    for workers, split in ((1, SPLIT), (2, SPLIT), (3, 5_000)):
        done = extract("logs.jsonl", name, workers=workers, split=split)
        assert done.parts > 15
        assert (done.workers, done.reused) == (workers, 0)
        assert [Path(name).read_bytes(), Path(f"{name}.rejects.jsonl").read_bytes()] == whole
        assert done.counts.add_up()
        assert (done.counts.records, done.counts.salvaged) == (2408, 67)
        assert done.counts.exchanges == done.counts.lines == 800
    assert sorted(os.listdir()) == ["logs.jsonl", name, f"{name}.rejects.jsonl"]


def test_a_summary_names_the_output_files() -> None:
    answer("a.json", "x")
    done = extract(Path("a.json"), Path("out.csv"), options=Options(operation="invalidemails.get"))
    assert (done.out, done.rejects, done.parts, done.reused) == (
        "out.csv",
        "out.csv.rejects.jsonl",
        1,
        0,
    )
    assert done.counts.replies == {"invalidemails.get": {"list": 1}}
    assert Path("out.csv.rejects.jsonl").read_bytes() == b""
    os.mkdir("bad")
    Path("b.json").write_text("[]")  # Its call is unknown.
    done = extract(["a.json", "b.json"], "out.csv", rejects=Path("bad/r.jsonl"))
    assert done.rejects == "bad/r.jsonl"
    (line,) = Path("bad/r.jsonl").read_text().splitlines()
    assert json.loads(line)["rule"] == "ambiguous-operation"


@pytest.mark.parametrize(
    "limit",
    [1, *(pytest.param(limit, marks=pytest.mark.thorough) for limit in (399, 2407)), 2408, 2409],
)
def test_a_limit_gives_the_first_records_and_the_rejects_before_them(limit: int) -> None:
    write_log(Path("logs.jsonl"), 800)
    extract("logs.jsonl", "all.jsonl", workers=1)
    expected = Path("all.jsonl").read_bytes().splitlines()[:limit]
    known = []
    for workers, split in ((1, 1 << 20), (2, SPLIT), (2, 3_000)):
        done = extract("logs.jsonl", "out.jsonl", workers=workers, limit=limit, split=split)
        assert Path("out.jsonl").read_bytes().splitlines() == expected
        assert done.counts.records == len(expected)
        known.append(Path("out.jsonl.rejects.jsonl").read_bytes())
    assert known == [known[0]] * 3
    every = Path("all.jsonl.rejects.jsonl").read_bytes()
    assert every.startswith(known[0])
    assert (known[0] == every) == (limit > 2000)


@pytest.mark.parametrize("workers", [1, 2])
def test_the_calling_process_reads_standard_input(workers: int) -> None:
    for number in range(4):
        answer(f"{number}.json", str(number))
    options = Options(operation="invalidemails.get")
    done = extract(
        ["0.json", "1.json", "-", "2.json", "3.json"],
        "out.jsonl",
        workers=workers,
        split=1,
        stdin=io.BytesIO((BODY % "in").encode()),
        options=options,
    )
    assert emails("out.jsonl") == ["0", "1", "in", "2", "3"]
    assert (done.parts, done.counts.files) == (5, 5)
    third = Path("out.jsonl").read_text().splitlines()[2]
    assert json.loads(third)["source_file"] == "<stdin>"
    packed = io.BytesIO(gzip.compress((BODY % "packed").encode()))
    extract(["-", "3.json"], "out.jsonl", stdin=packed, options=options, limit=1, workers=workers)
    assert emails("out.jsonl") == ["packed"]
    code = "from sgformats.extract import *; extract('-', 'out.jsonl')"
    body = (BODY % "own").encode()
    subprocess.run([sys.executable, "-c", code], input=body, check=True)
    assert emails("out.jsonl") == ["own"]


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_is_reported_in_the_calling_thread(workers: int) -> None:
    write_log(Path("logs.jsonl"), 300)
    reported: list[Progress] = []
    here = threading.get_ident()

    def tell(progress: Progress) -> None:
        assert threading.get_ident() == here
        reported.append(progress)

    done = extract("logs.jsonl", "out.csv", workers=workers, split=SPLIT, tell=tell)
    counts = done.counts
    assert reported[-1] == (
        counts.bytes,
        counts.records,
        sum(counts.rejects.values()),
        done.parts,
    )
    assert counts.bytes == Path("logs.jsonl").stat().st_size
    # A slow machine also reports progress within a part.
    assert {progress.parts for progress in reported} - {0} == set(range(1, done.parts + 1))
    assert reported == sorted(reported)


def test_progress_is_reported_within_a_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sgformats.extract.write.parts._PAUSE", 0)
    monkeypatch.setattr("sgformats.extract.read.rows._MOST_ROWS", 50)
    write_log(Path("logs.jsonl"), 300)
    reported: list[Progress] = []
    done = extract("logs.jsonl", "out.csv", workers=1, tell=reported.append)
    assert done.parts == 1
    assert len(reported) > 10
    assert [progress.parts for progress in reported] == [0] * (len(reported) - 1) + [1]
    assert [progress.records for progress in reported] == sorted(p.records for p in reported)


def test_an_error_in_the_progress_callback_ends_the_run(before: set[threading.Thread]) -> None:
    write_log(Path("logs.jsonl"), 300)
    for workers in (1, 2):
        with pytest.raises(ZeroDivisionError):
            extract("logs.jsonl", "out.csv", workers=workers, split=SPLIT, tell=lambda _: 1 // 0)
        assert new_threads(before) == []
        assert "out.csv" not in os.listdir()


def test_a_run_does_not_read_its_own_output() -> None:
    answer("logs/a.json", "x")
    options = Options(operation="invalidemails.get")
    for rejects in (None, "logs/bad.jsonl"):
        for _ in range(2):
            done = extract("logs", "logs/out.jsonl", rejects=rejects, options=options, workers=2)
            assert emails("logs/out.jsonl") == ["x"]
            assert done.counts.files == 1
        os.unlink(done.rejects or "")


def test_invalid_arguments_raise_an_argument_error() -> None:
    answer("a.json", "x")
    Path("link.csv").symlink_to("a.json")
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"workers": 0}, "expected a number of at least 1 as workers"),
        ({"limit": 0}, "expected a number of at least 1 as limit"),
        ({"split": "8"}, "expected a number of at least 1 as split"),
        ({"paths": ["-", "a.json", "-"]}, "expected - once: standard input can be read only once"),
        ({"paths": [1]}, "expected a path as str, found int"),
        ({"out": None}, "expected a path as str, found NoneType"),
        ({"out": "a.json", "to": "csv"}, "expected a file to write, found one to read: a.json"),
        ({"out": "link.csv"}, "expected a file to write, found one to read: a.json"),
        ({"rejects": "a.json"}, "expected a file to write, found one to read: a.json"),
        ({"rejects": "./o.csv"}, "expected two files, found o.csv for records and rejects"),
    ]
    for arguments, text in wrong:
        with pytest.raises(ArgumentError) as caught:
            extract(**{"paths": "a.json", "out": "o.csv"} | arguments)
        assert str(caught.value) == text
    assert sorted(os.listdir()) == ["a.json", "link.csv"]


def test_unwritable_paths_raise_an_extract_error() -> None:
    answer("a.json", "x")
    os.mkdir("out.csv")
    os.mkdir("folder")
    # Root has permission to write there, but the system refuses.
    root = os.geteuid() == 0
    refusal = "No such file or directory" if root else "its folder is not writable"
    wrong = [
        ("out.csv", None, "out.csv: expected a file to write, found a folder"),
        ("none/o.csv", None, "none/o.csv: cannot be written: its folder does not exist"),
        ("a.json/o.csv", None, "a.json/o.csv: cannot be written: its folder does not exist"),
        ("o.csv", "folder", "folder: expected a file to write, found a folder"),
        ("o.csv", "none/r", "none/r: cannot be written: its folder does not exist"),
        ("/proc/o.csv", None, f"/proc/o.csv: cannot be written: {refusal}"),
        (f"{'o' * 300}.csv", "r", f"{'o' * 300}.csv: cannot be written: File name too long"),
    ]
    for out, rejects, text in wrong:
        with pytest.raises(ExtractError) as caught:
            extract("a.json", out, rejects=rejects)
        assert str(caught.value) == text
    assert sorted(os.listdir()) == ["a.json", "folder", "out.csv"]


def test_a_missing_path_is_reported_and_nothing_is_written() -> None:
    for name in "abc":
        answer(f"logs/{name}.json", name)
    Path("logs/broken.json").symlink_to("nowhere")
    Path("out.csv").write_text("old")
    options = Options(operation="invalidemails.get", strict_files=True)
    for workers in (1, 2):
        with pytest.raises(ExtractError) as caught:
            extract(
                ["none", "logs", "nothing"], "out.csv", workers=workers, split=1, options=options
            )
        assert str(caught.value) == (
            "none: no such file or folder; finished parts are kept in "
            f"{os.getcwd()}/.out.csv.parts: run the same command again to resume"
        )
        assert Path("out.csv").read_text() == "old"
        assert sorted(os.listdir()) == [".out.csv.parts", "logs", "out.csv"]
    os.unlink("logs/broken.json")
    done = extract("logs", "out.csv", workers=1, split=1, options=options)
    assert (done.parts, done.reused) == (3, 3)
    assert list(strays(Path())) == []
    with pytest.raises(ExtractError) as caught:
        extract("none", "new.csv", workers=1)
    assert str(caught.value) == (
        "none: no such file or folder; run the same command again once this is fixed"
    )
    assert list(strays(Path())) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_that_cannot_be_read_is_rejected(workers: int) -> None:
    for name in "abc":
        answer(f"logs/{name}.json", name)
    Path("logs/broken.json").symlink_to("nowhere")
    os.mkfifo("logs/pipe.json")
    options = Options(operation="invalidemails.get")
    done = extract("logs", "out.csv", workers=workers, options=options)
    assert (done.counts.files, done.counts.records, done.counts.damaged) == (5, 3, 2)
    rejects = [json.loads(line) for line in Path("out.csv.rejects.jsonl").read_text().splitlines()]
    assert [(each["source_file"], each["rule"], each["message"]) for each in rejects] == [
        ("logs/broken.json", "damaged-capture", "cannot be read: No such file or directory"),
        ("logs/pipe.json", "damaged-capture", "cannot read it: it is a pipe or a device"),
    ]


def test_a_missing_path_before_the_limit_is_reported() -> None:
    answer("a.json", "a")
    answer("b.json", "b")
    options = Options(operation="invalidemails.get")
    assert extract(["a.json", "none"], "out.csv", limit=1, options=options).counts.records == 1
    with pytest.raises(ExtractError) as caught:
        extract(["a.json", "none"], "out.csv", limit=2, options=options)
    assert caught.value.subject == "none"


def test_one_shard_needs_no_worker_process(
    monkeypatch: pytest.MonkeyPatch, before: set[threading.Thread]
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("sgformats.workers.pool.subprocess.Popen", refuse)
    write_log(Path("logs.jsonl"), 100)
    assert extract("logs.jsonl", "out.csv", workers=4).counts.records == 292
    with pytest.raises(ExtractError) as caught:
        extract("logs.jsonl", "out.csv", workers=4, split=5_000)
    assert caught.value.reason == (
        "no process can be started for it: Resource temporarily unavailable"
    )
    assert caught.value.advice == "try again with one worker"
    assert new_threads(before) == []


@pytest.mark.thorough
def test_workers_do_not_run_the_main_script_again() -> None:
    write_log(Path("logs.jsonl"), 100)
    # Workers do not import from the current folder either.
    Path("pickle.py").write_text("raise SystemExit('not this one')")
    Path("script.py").write_text(
        "import sys; sys.path.pop(0)\n"
        "from sgformats.extract import extract\n"
        "print(extract('logs.jsonl', 'out.csv', workers=2, split=5_000).counts.records)\n"
    )
    for command, text in ((["script.py"], None), (["-"], Path("script.py").read_bytes())):
        done = subprocess.run(
            [sys.executable, *command], input=text, capture_output=True, check=True
        )
        assert (done.stdout, done.stderr) == (b"292\n", b"")


@pytest.mark.thorough
def test_no_output_holds_a_secret() -> None:
    write_log(Path("logs.jsonl"), 400)
    for name in ("out.csv", "out.jsonl", "out.arrow", "out.duckdb"):
        extract("logs.jsonl", name, rejects=f"{name}.bad", workers=2, split=SPLIT)
    for path in Path().glob("out.*"):
        assert b"s3cret-passw0rd" not in path.read_bytes(), path
        assert b"rejects" not in path.name.encode()


def _double(task: int, send: pool.Send) -> int:
    send(task)
    if task == 3:
        raise MissingPackageError("three", "three", "three")
    if task == 4:
        raise KeyError("four")
    if task == 5:
        os._exit(5)
    if task == 6:
        raise OSError(28, "No room")
    return task * 2


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_errors_are_reported(
    workers: int, before: set[threading.Thread]
) -> None:
    events: list[Done[int, int] | Progressed[int]] = []
    tasks = [0, 1, 2, 3, 4, 6, 7] if workers == 1 else list(range(8))
    results = list(run_all(_double, iter(tasks), workers, events.append))
    assert results == [0, 2, 4, 14]
    messages = [event.message for event in events if isinstance(event, Progressed)]
    assert sorted(messages) == tasks
    errors = {
        event.task: event.error
        for event in events
        if isinstance(event, Done) and event.error is not None
    }
    assert {task: (type(error), error.args) for task, error in errors.items()} == {
        3: (MissingPackageError, ("three", "three", "three")),
        4: (ExtractError, ("4", "unexpected KeyError: 'four'", "")),
        6: (OSError, (28, "No room")),
    } | ({5: (DiedError, (5,))} if workers > 1 else {})
    assert new_threads(before) == []


def test_a_limit_reuses_only_the_parts_before_it() -> None:
    write_log(Path("logs.jsonl"), 800)
    for limit in (399, 5_000):
        with pytest.raises(ExtractError):  # This leaves the parts of the log.
            extract(["logs.jsonl", "none"], "out.jsonl", workers=1, split=SPLIT)
        done = extract("logs.jsonl", "out.jsonl", limit=limit, split=SPLIT)
        assert done.counts.records == min(limit, 2408)
        assert done.reused == {399: 3, 5_000: 20}[limit]
    # No other run reuses a part that a limit has cut.
    with pytest.raises(ExtractError):
        extract(["logs.jsonl", "none"], "out.jsonl", workers=1, split=SPLIT)
    assert extract("logs.jsonl", "out.jsonl", workers=1, split=SPLIT).counts.records == 2408


def test_no_process_is_left_if_the_output_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, before: set[threading.Thread]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    write_log(Path("logs.jsonl"), 800)
    monkeypatch.setattr("sgformats.extract.write.sinks.copy_rows", fail)
    with pytest.raises(ExtractError) as caught:
        extract("logs.jsonl", "out.csv", workers=2, split=SPLIT)
    # The traceback of the error still holds its frames.
    assert new_threads(before) == []
    assert caught.value.reason == "cannot be written: No space left on device"
