"""Running the command in the process of a test is equivalent, and has no side effects."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable

import pytest
import rich

from tests.cli.clikit import (
    BOUNCES_JSON,
    BOUNCES_XML,
    on_terminal,
    process_on_terminal,
    run,
    run_process,
)

pytestmark = pytest.mark.usefixtures("calls")


@pytest.mark.parametrize(
    ("arguments", "input", "changes", "code"),
    [
        ((), b"", {}, 0),
        (("--version",), b"", {}, 0),
        (("nothing",), b"", {}, 2),
        (("parse", "answers"), b"", {}, 2),
        (("parse", "-", "--to", "csv"), BOUNCES_JSON, {}, 2),
        (("parse", b"\xff\xe9.xml"), b"", {}, 2),
        (("validate", "answers", "--max-problems", "1"), b"", {}, 1),
        (("check", "calls.jsonl", "--severity", "warning"), b"", {"GITHUB_ACTIONS": "true"}, 1),
        (("convert", "-", "--to", "json-v3", "--zone", "UTC"), BOUNCES_XML, {}, 0),
        (("diff", "answers/bounces.xml", "answers/bounces.json"), b"", {}, 1),
        (("extract", "calls.jsonl", "-o", "out.csv", "-q"), b"", {"CI": "true"}, 0),
        (("redact", "calls.jsonl", "-o", "-"), b"", {}, 0),
        (("operations",), b"", {"NO_COLOR": "1"}, 0),
    ],
)
def test_a_run_in_this_process_equals_one_in_a_new_process(
    arguments: tuple[str | bytes, ...], input: bytes, changes: dict[str, str], code: int
) -> None:
    ended = run(*arguments, input=input, **changes)
    assert ended == run_process(*arguments, input=input, **changes)
    assert ended.code == code


def test_a_terminal_in_this_process_equals_one_of_a_new_process() -> None:
    shown = on_terminal("check", "calls.jsonl", columns=60)
    assert shown == process_on_terminal("check", "calls.jsonl", columns=60)
    assert "\x1b[" in shown[1]


@pytest.mark.parametrize(
    "change",
    [
        lambda: os.environ.update(LEAK="1"),
        lambda: os.chdir("answers"),
        lambda: signal.signal(signal.SIGTERM, signal.SIG_IGN),
        lambda: logging.getLogger().addHandler(logging.NullHandler()),
        lambda: sys.path.append("leak"),
        lambda: setattr(sys, "stderr", sys.stdout),
        rich.get_console,
    ],
)
def test_a_run_that_changes_the_process_is_detected(
    change: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.cli.clikit.main", lambda arguments: change() and 0)
    monkeypatch.setattr("rich._console", None)
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(logging.root, "handlers", logging.root.handlers[:])
    handler = signal.getsignal(signal.SIGTERM)
    with pytest.raises(AssertionError):
        run()
    signal.signal(signal.SIGTERM, handler)
