"""The fuzzer finds nothing in its first inputs, and reports what is broken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO

import pytest

import sgformats
from tests import fuzz


def test_the_first_inputs_keep_all_promises() -> None:
    assert list(fuzz.fuzz(1, 0, 600)) == []


def test_an_undocumented_error_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(sgformats, "classify", fail)
    found = [(number, kind, fault) for number, kind, _, fault in fuzz.fuzz(1, 0, 6)]
    assert found == [(number, "payload", "KeyError: 'x'") for number in range(4)]


def test_a_call_that_disagrees_with_another_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sgformats, "validate", lambda *_: [])
    faults = [fault for *_, fault in fuzz.fuzz(1, 0, 6)]
    assert "strict parse raises, but validate finds no reason" in faults


def test_a_shown_key_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def copy(data: BinaryIO, _name: str, write: Callable[[bytes], Any]) -> None:
        write(data.read())

    monkeypatch.setattr(fuzz, "redact_stream", copy)
    faults = [fault for *_, fault in fuzz.fuzz(1, 5, 1)]
    assert len(faults) == 1
    assert faults[0].endswith("are shown")
